//! Arrays for Python hold what the view holds.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Study, same};
use isegnet_core::{Batch, Cancel, Examples, Silent};
use isegnet_encode::export::{Export, ExportError, write_npz};
use isegnet_encode::{
    Missing, Scale, ScaledView, Scaler, ScalerConfig, Target, TargetTransform, TrackScaling,
    ViewConfig, Windows,
};
use ndarray::{Array1, Array3};
use ndarray_npy::NpzReader;
use std::fs::File;
use std::io::Read;

/// Reads an array of text by hand.
fn text(path: &std::path::Path, name: &str) -> Vec<String> {
    let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut bytes = Vec::new();
    zip.by_name(&format!("{name}.npy")).unwrap().read_to_end(&mut bytes).unwrap();
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8(bytes[10..10 + length].to_vec()).unwrap();
    let width: usize =
        header.split("<U").nth(1).unwrap().split('\'').next().unwrap().parse().unwrap();
    let characters =
        bytes[10 + length..].chunks(4).map(|c| u32::from_le_bytes(c.try_into().unwrap()));
    let characters: Vec<char> = characters.map(|c| char::from_u32(c).unwrap()).collect();
    characters.chunks(width).map(|t| t.iter().filter(|&&c| c != '\0').collect()).collect()
}

#[test]
fn raw_arrays_come_back_missing_as_missing() {
    for compress in [false, true] {
        let study = Study::new(31, Windows::new([-200, 100], [0, 150]).unwrap());
        let dataset = study.build().unwrap();
        let view = dataset.view(&ViewConfig::default()).unwrap();
        let rows: Vec<usize> = (0..dataset.rows().len()).rev().step_by(2).collect();
        let path = study.folder.path().join("arrays.npz");
        let export = Export { rows: &rows, seen: None, compress };
        write_npz(&view, &export, &path, &Silent, &Cancel::default()).unwrap();
        let mut npz = NpzReader::new(File::open(&path).unwrap()).unwrap();
        let epi: Array3<f32> = npz.by_name("epi").unwrap();
        let dna: Array3<u8> = npz.by_name("dna").unwrap();
        let target: Array1<f32> = npz.by_name("target").unwrap();
        assert_eq!(epi.dim(), (rows.len(), 4, 450));
        assert_eq!(dna.dim(), (rows.len(), 450, 4));
        for (i, &row) in rows.iter().enumerate() {
            assert_eq!(target[i], dataset.expression(row).unwrap() as f32);
            let mut codes = vec![0; 450];
            view.dna_into(row, &mut codes);
            for track in 0..4 {
                let mut values = vec![0.0; 450];
                view.values_into(row, track, &mut values);
                for (p, &value) in values.iter().enumerate() {
                    assert!(same(epi[[i, track, p]], value));
                    let hot = dna.slice(ndarray::s![i, p, ..]).to_vec();
                    let expected = (0..4).map(|base| u8::from(codes[p] == base));
                    assert_eq!(hot, expected.collect::<Vec<_>>());
                }
            }
        }
        let ids: Vec<_> = rows.iter().map(|&row| dataset.gene_of(row).id.clone()).collect();
        assert_eq!(text(&path, "gene_id"), ids);
        let samples: Vec<_> = rows.iter().map(|&row| dataset.sample_of(row).name.clone()).collect();
        assert_eq!(text(&path, "sample"), samples);
        assert_eq!(text(&path, "track"), ["binned", "single", "meth", "coarse"]);
    }
}

#[test]
fn what_a_model_saw_is_exported_track_by_track() {
    let study = Study::new(32, Windows::default());
    let dataset = study.build().unwrap();
    let view = dataset.view(&ViewConfig::default()).unwrap();
    let rows: Vec<usize> = (0..dataset.rows().len()).collect();
    let minmax =
        TrackScaling { scale: Scale::Minmax, missing: Missing::Mean, ..Default::default() };
    let tracks = [("coarse".to_owned(), minmax)].into();
    let scaler = Scaler::fit(&view, &rows, &ScalerConfig { tracks, clip: true }).unwrap();
    let target = Target::fit(TargetTransform::Ln1p, &dataset, &rows).unwrap();
    let path = study.folder.path().join("seen.npz");
    let export = Export { rows: &rows, seen: Some((&scaler, &target)), compress: false };
    write_npz(&view, &export, &path, &Silent, &Cancel::default()).unwrap();
    let examples = ScaledView::new(view, scaler, &target, rows.clone()).unwrap();
    let mut batch = Batch::default();
    examples.fill(&rows, &mut batch).unwrap();
    let mut npz = NpzReader::new(File::open(&path).unwrap()).unwrap();
    let epi: Array3<f32> = npz.by_name("epi").unwrap();
    assert_eq!(epi, batch.tracks.permuted_axes([0, 2, 1]));
    let targets: Array1<f32> = npz.by_name("target").unwrap();
    assert_eq!(targets.to_vec(), batch.target);
    assert_eq!(text(&path, "track")[3], "meth.measured");
}

#[test]
fn a_cancelled_or_wrong_export_leaves_nothing() {
    let study = Study::new(33, Windows::default());
    let dataset = study.build().unwrap();
    let view = dataset.view(&ViewConfig::default()).unwrap();
    let path = study.folder.path().join("arrays.npz");
    let cancel = Cancel::default();
    let wrong = Export { rows: &[1 << 40], seen: None, compress: false };
    assert!(write_npz(&view, &wrong, &path, &Silent, &cancel).is_err());
    cancel.cancel();
    let export = Export { rows: &[0], seen: None, compress: false };
    let error = write_npz(&view, &export, &path, &Silent, &cancel).unwrap_err();
    assert!(matches!(error, ExportError::Cancelled));
    assert_eq!(std::fs::read_dir(study.folder.path()).unwrap().count(), 1);
}
