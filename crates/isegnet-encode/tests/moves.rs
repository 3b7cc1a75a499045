//! Rows read elsewhere than where they lie, against the slow reference.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Study, same};
use isegnet_core::{Batch, Examples, Move, base_code};
use isegnet_encode::{
    Missing, Scale, ScaledView, Scaler, ScalerConfig, Target, TargetTransform, TrackScaling,
    ViewConfig, Windows, dna,
};

const WIDE: ([i64; 2], [i64; 2]) = ([-300, 220], [-190, 300]);

/// All rows of a view, scales left out; a missing value is 0.
fn examples(study: &Study, windows: Windows) -> ScaledView {
    let dataset = study.build().unwrap();
    let config = ViewConfig { windows: Some(windows), ..ViewConfig::default() };
    let view = dataset.view(&config).unwrap();
    let rows: Vec<usize> = (0..dataset.rows().len()).collect();
    let raw =
        TrackScaling { scale: Scale::None, missing: Missing::Zero, ..TrackScaling::default() };
    let tracks = study.specs.iter().map(|spec| (spec.name.clone(), raw)).collect();
    let scaler =
        Scaler::fit(&view, &rows, &ScalerConfig { tracks, ..ScalerConfig::default() }).unwrap();
    let target = Target::fit(TargetTransform::None, &dataset, &rows).unwrap();
    ScaledView::new(view, scaler, &target, rows).unwrap()
}

#[test]
fn moved_rows_are_the_slow_references() {
    let study = Study::new(11, Windows::new(WIDE.0, WIDE.1).unwrap());
    let windows = Windows::new([-200, 100], [-150, 200]).unwrap();
    let examples = examples(&study, windows);
    assert_eq!(examples.margin(), Some(40));
    let rows: Vec<usize> = (0..examples.len()).collect();
    let mut batch = Batch::default();
    for (shift, mirrored) in [(0, false), (-40, false), (40, true), (0, true), (17, false)] {
        examples
            .fill_moved(&rows, &vec![Move { shift, mirrored }; rows.len()], &mut batch)
            .unwrap();
        let lengths = windows.both().map(|window| window.len());
        for &row in &rows {
            let dataset = examples.view().dataset();
            let gene = dataset.gene_of(row);
            let [tss, tts] = windows.both().map(|w| [w.start() + shift, w.end() + shift]);
            let mut positions = study.positions(gene, &Windows::new(tss, tts).unwrap());
            if mirrored {
                positions[..lengths[0]].reverse();
                positions[lengths[0]..].reverse();
            }
            for (at, &p) in positions.iter().enumerate() {
                let mut expected = [base_code(study.genome.at(&gene.body.chrom, p))];
                dna::orient(&mut expected, gene.strand);
                if mirrored {
                    expected = expected.map(dna::complement);
                }
                assert_eq!(batch.dna[[row, at]], expected[0], "{} {at}", gene.id);
                let sample = dataset.rows()[row].sample;
                for track in 0..study.specs.len() {
                    let value = study.value(sample, track, &gene.body.chrom, p);
                    let image = |value: f32| examples.scaler().tracks()[track].image(value);
                    let value = if value.is_nan() { 0.0 } else { image(value) };
                    assert!(same(batch.tracks[[row, at, track]], value), "{} {at}", gene.id);
                }
            }
        }
    }
}

#[test]
fn a_row_is_moved_no_farther_than_the_prepared_windows() {
    let study = Study::new(12, Windows::new(WIDE.0, WIDE.1).unwrap());
    let examples = examples(&study, Windows::new([-200, 100], [0, 0]).unwrap());
    // The empty window is not in the way.
    assert_eq!(examples.margin(), Some(100));
    let mut batch = Batch::default();
    let by = |shift| [Move { shift, mirrored: false }];
    assert!(examples.fill_moved(&[0], &by(-100), &mut batch).is_ok());
    let error = examples.fill_moved(&[0], &by(101), &mut batch).unwrap_err().to_string();
    for part in ["[-200, 100)", "100 bases", "[-300, 220)", "prepare"] {
        assert!(error.contains(part), "{error}");
    }
}
