//! What goes into a data set comes out of it, base by base.

#![allow(clippy::unwrap_used)]

mod common;

use common::{MemorySignal, Study, gene, same};
use isegnet_core::{Cancel, Progress, SignalSource, Silent, Strand, base_code};
use isegnet_encode::{
    Dataset, DatasetBuilder, DatasetError, InputFile, RowFilter, SampleInput, TrackSpec,
    ViewConfig, Windows, dna,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

#[test]
fn every_value_is_the_slow_references() {
    let study = Study::new(1, Windows::default());
    let dataset = study.build().unwrap();
    let view = dataset.view(&ViewConfig::default()).unwrap();
    assert!(dataset.rows().len() > 50);
    let mut missing = 0;
    for (r, row) in dataset.rows().iter().enumerate() {
        let gene = &dataset.genes()[row.gene];
        let positions = study.positions(gene, &study.windows);
        let mut codes = vec![9; view.positions()];
        view.dna_into(r, &mut codes);
        for (&p, &code) in positions.iter().zip(&codes) {
            let mut expected = [base_code(study.genome.at(&gene.body.chrom, p))];
            dna::orient(&mut expected, gene.strand);
            assert_eq!(code, expected[0]);
        }
        for track in 0..study.specs.len() {
            let mut values = vec![0.0; view.positions()];
            view.values_into(r, track, &mut values);
            for (&p, &value) in positions.iter().zip(&values) {
                let expected = study.value(row.sample, track, &gene.body.chrom, p);
                assert!(same(value, expected), "{} {track} {p}: {value} {expected}", gene.id);
                missing += usize::from(value.is_nan());
            }
        }
    }
    assert!(missing > 1000);
}

#[test]
fn rows_are_genes_with_expression_in_a_sample() {
    let study = Study::new(2, Windows::default());
    let dataset = study.build().unwrap();
    let kept: Vec<_> = dataset.genes().iter().map(|g| g.id.clone()).collect();
    let expected = study
        .genes
        .iter()
        .enumerate()
        .filter(|(i, _)| study.expression.iter().any(|sample| sample[*i].is_some()));
    assert_eq!(kept, expected.map(|(_, g)| g.id.clone()).collect::<Vec<_>>());
    for (r, row) in dataset.rows().iter().enumerate() {
        let i = study.genes.iter().position(|g| g.id == dataset.gene_of(r).id).unwrap();
        assert_eq!(dataset.expression(r), study.expression[row.sample][i]);
    }
    let all = dataset.select(&RowFilter::default()).unwrap();
    assert_eq!(all.len(), dataset.rows().len());
    let dropped = dataset.select(&RowFilter { zero_expression: false, samples: None }).unwrap();
    let zero: usize = dataset.manifest().samples.iter().map(|s| s.zero_expression).sum();
    assert!(zero > 0);
    assert_eq!(dropped.len() + zero, all.len());
    let one = RowFilter { samples: Some(vec!["s1".into()]), ..RowFilter::default() };
    assert_eq!(dataset.select(&one).unwrap().len(), dataset.manifest().samples[1].rows);
    let none = RowFilter { samples: Some(vec!["s2".into()]), ..RowFilter::default() };
    assert!(dataset.select(&none).unwrap_err().to_string().contains("[s0, s1]"));
}

#[test]
fn the_same_inputs_give_the_same_bytes_and_a_folder_is_replaced_whole() {
    let study = Study::new(3, Windows::default());
    let first = study.build().unwrap();
    let fingerprint = first.fingerprint().to_owned();
    drop(first);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let again = threads.install(|| study.build()).unwrap();
    assert_eq!(again.fingerprint(), fingerprint);
    again.verify().unwrap();
    let left: Vec<_> = std::fs::read_dir(study.folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn what_is_not_a_data_set_is_not_replaced() {
    let study = Study::new(4, Windows::default());
    let place = study.folder.path().join("thesis");
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("thesis.tex"), "x").unwrap();
    let error = study.builder().write(&place, &Silent, &Cancel::default()).unwrap_err();
    assert!(matches!(error, DatasetError::Exists { .. }));
    assert!(place.join("thesis.tex").exists());
}

#[test]
fn a_folder_with_more_than_a_data_set_is_not_replaced() {
    let study = Study::new(4, Windows::default());
    let place = study.folder.path().join("set");
    let refused = || {
        let error = study.build().unwrap_err();
        assert!(matches!(error, DatasetError::Exists { .. }), "{error}");
    };
    // The manifest of something else.
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("manifest.json"), "{\"name\": \"an extension\"}").unwrap();
    refused();
    std::fs::remove_dir_all(&place).unwrap();
    study.build().unwrap();
    study.build().unwrap();
    // A data set, and work beside it.
    std::fs::write(place.join("notes.txt"), "x").unwrap();
    refused();
    std::fs::remove_file(place.join("notes.txt")).unwrap();
    // A data set of another version.
    std::fs::write(place.join("manifest.json"), "{\"format_version\": 0}").unwrap();
    study.build().unwrap();
}

/// Cancels when all bases are read.
struct CancelAtTheEnd {
    left: AtomicU64,
    cancel: Cancel,
}

impl Progress for CancelAtTheEnd {
    fn start(&self, _: &str, total: u64) {
        self.left.store(total, Ordering::SeqCst);
    }

    fn advance(&self, by: u64) {
        if self.left.fetch_sub(by, Ordering::SeqCst) == by {
            self.cancel.cancel();
        }
    }

    fn finish(&self) {}
    fn line(&self, _: &str) {}
}

#[test]
fn work_can_be_cancelled_until_the_folder_is_in_its_place() {
    let study = Study::new(5, Windows::default());
    let watch = CancelAtTheEnd { left: AtomicU64::new(0), cancel: Cancel::default() };
    let place = study.folder.path().join("set");
    let error = study.builder().write(&place, &watch, &watch.cancel).unwrap_err();
    assert!(matches!(error, DatasetError::Cancelled));
    assert_eq!(std::fs::read_dir(study.folder.path()).unwrap().count(), 0);
}

#[test]
fn cancelled_or_failed_work_leaves_nothing() {
    let study = Study::new(5, Windows::default());
    let cancel = Cancel::default();
    cancel.cancel();
    let place = study.folder.path().join("set");
    let error = study.builder().write(&place, &Silent, &cancel).unwrap_err();
    assert!(matches!(error, DatasetError::Cancelled));
    assert_eq!(std::fs::read_dir(study.folder.path()).unwrap().count(), 0);
}

/// A study of one gene and one track, each made as asked.
fn one(body: (i64, i64), values: Vec<f32>, length: usize) -> Result<Dataset, DatasetError> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = HashMap::from([("c".to_owned(), values)]);
    all.entry("c".into()).or_default().resize(length, f32::NAN);
    let source: Box<dyn SignalSource> = Box::new(MemorySignal::new(all));
    let sample = SampleInput {
        name: "s".into(),
        condition: None,
        group: None,
        expression: None,
        tracks: vec![("t".into(), source)],
    };
    DatasetBuilder::new(Windows::default(), vec![gene("g", "c", Strand::Forward, body.0, body.1)])
        .track(TrackSpec::signal("t"))
        .sample(sample)
        .write(&folder.path().join("set"), &Silent, &Cancel::default())
}

#[test]
fn a_track_without_data_in_any_window_is_an_error() {
    assert!(one((5000, 7000), vec![1.0; 5000], 20_000).is_ok());
    let error = one((5000, 7000), vec![1.0; 3000], 20_000).unwrap_err();
    assert!(matches!(error, DatasetError::NoData { .. }), "{error}");
    assert!(error.to_string().contains("track \"t\" of sample \"s\""));
    let error = one((5000, 7000), vec![f32::INFINITY; 5000], 20_000).unwrap_err();
    assert!(matches!(error, DatasetError::NotFinite { .. }), "{error}");
}

#[test]
fn infinities_of_both_signs_are_not_missing_data() {
    let mut values = vec![1.0; 5000];
    (values[4990], values[4991]) = (f32::INFINITY, f32::NEG_INFINITY);
    let error = one((5000, 7000), values, 20_000).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, DatasetError::NotFinite { .. }), "{text}");
    assert!(text.contains("inf in c:4980-5000"), "{text}");
}

#[test]
fn tracks_of_different_assemblies_are_refused() {
    let sample = |name: &str, length: usize| {
        let all = HashMap::from([("c".to_owned(), vec![1.0; length])]);
        let source: Box<dyn SignalSource> = Box::new(MemorySignal::new(all));
        let tracks = vec![("t".into(), source)];
        SampleInput { name: name.into(), condition: None, group: None, expression: None, tracks }
    };
    let write = |second| {
        let folder = tempfile::tempdir().unwrap();
        DatasetBuilder::new(Windows::default(), vec![gene("g", "c", Strand::Forward, 5000, 7000)])
            .track(TrackSpec::signal("t"))
            .sample(sample("a", 20_000))
            .sample(sample("b", second))
            .write(&folder.path().join("set"), &Silent, &Cancel::default())
            .map(|_| ())
    };
    assert!(write(20_000).is_ok());
    let text = write(20_001).unwrap_err().to_string();
    assert!(text.contains("20000 bases in track \"t\" of sample \"a\""), "{text}");
    assert!(text.contains("20001 in track \"t\" of sample \"b\""), "{text}");
}

#[test]
fn a_gene_off_its_chromosome_is_an_error_that_names_both() {
    let error = one((50_000, 60_000), vec![1.0; 100], 20_000).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("c:50000-60000") && text.contains("20000 bases"), "{text}");
    assert!(one((19_000, 20_000), vec![1.0; 20_000], 20_000).is_ok());
}

#[test]
fn regions_filter_genes_and_the_manifest_counts_them() {
    let study = Study::new(6, Windows::default());
    let at = |start, end| isegnet_core::Interval::new("chr1", start, end);
    let include = vec![at(-2000, 10_000), at(10_000, 40_000)];
    let dataset = study
        .builder()
        .include(include)
        .blacklist(vec![at(0, 5000)])
        .configuration(&HashMap::from([("anchor", "gene")]))
        .unwrap()
        .write(&study.folder.path().join("set"), &Silent, &Cancel::default())
        .unwrap();
    let counts = dataset.manifest().counts;
    assert_eq!((counts.annotation, counts.known_chromosome), (40, 40));
    let on_chr1 = study.genes.iter().filter(|g| g.body.chrom == "chr1");
    assert_eq!(counts.included, on_chr1.clone().count());
    let clear = on_chr1
        .filter(|g| study.windows.intervals(g).iter().all(|w| w.shared_bases(&at(0, 5000)) == 0));
    assert_eq!(counts.not_blacklisted, clear.count());
    assert_eq!(counts.with_expression, dataset.genes().len());
    let kept: HashMap<String, String> = dataset.manifest().configuration().unwrap();
    assert_eq!(kept["anchor"], "gene");
}

#[test]
fn contradictions_are_named() {
    let study = Study::new(7, Windows::default());
    let place = study.folder.path().join("set");
    let write = |builder: DatasetBuilder| {
        builder.write(&place, &Silent, &Cancel::default()).unwrap_err().to_string()
    };
    assert!(write(DatasetBuilder::new(study.windows, vec![])).contains("neither a genome nor"));
    let text = write(study.builder().track(TrackSpec::signal("extra")));
    assert!(text.contains("[binned, coarse, extra, meth, single]"), "{text}");
    let text = write(study.builder().track(TrackSpec::signal("binned")));
    assert!(text.contains("track \"binned\" is there twice"), "{text}");
    let mut twice = Study::new(7, Windows::default());
    twice.genes[3].id = twice.genes[2].id.clone();
    assert!(write(twice.builder()).contains("is there twice"));
    let mut negative = Study::new(7, Windows::default());
    negative.expression[1][5] = Some(-1.0);
    let text = write(negative.builder());
    assert!(text.contains("\"g5\"") && text.contains("-1"), "{text}");
    let mut elsewhere = Study::new(7, Windows::default());
    for gene in &mut elsewhere.genes {
        gene.body.chrom = "1".into();
    }
    let text = write(elsewhere.builder());
    assert!(text.contains("40 genes in the annotation, 0 on known chromosomes"), "{text}");
}

#[test]
fn input_files_are_measured_and_hashed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("abc");
    std::fs::write(&path, "abc").unwrap();
    let file = InputFile::of("genome", &path).unwrap();
    assert_eq!(file.bytes, 3);
    // The example of FIPS 180-4.
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(file.sha256, hash);
}
