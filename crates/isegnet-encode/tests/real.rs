//! Real files: what their documentation says of them holds here too.
#![allow(clippy::unwrap_used)]

use isegnet_core::testdata::real_data;
use isegnet_core::{Batch, Cancel, Examples, Silent};
use isegnet_encode::{
    DatasetBuilder, LeakageReport, SampleInput, Scale, ScaledView, Scaler, ScalerConfig, Split,
    SplitConfig, Target, TargetTransform, TrackScaling, TrackSpec, ViewConfig, Windows,
};
use isegnet_io::expression::{self, Columns};
use isegnet_io::genes::{self, Anchor};
use isegnet_io::{fasta, regions, signal};
use std::time::Instant;

fn joined(genes: &[isegnet_core::Gene], path: &std::path::Path, value: &str) -> Vec<Option<f64>> {
    let table = expression::read(path, &Columns::new("gene_id", value)).unwrap();
    let join = expression::join(genes.iter().map(|gene| gene.id.as_str()), &table).unwrap();
    let mut values = vec![None; genes.len()];
    for (gene, value) in join.pairs {
        values[gene] = Some(value);
    }
    values
}

#[test]
fn plasmodium_becomes_rows() {
    let Some(data) = real_data("pf3d7") else { return };
    let genes = genes::read(data.join("genes.gtf.gz"), Anchor::Gene).unwrap();
    let count = genes.len();
    let mut sample = SampleInput {
        name: "LR".into(),
        condition: None,
        group: None,
        expression: Some(joined(&genes, &data.join("expression.LR.tsv"), "value")),
        tracks: vec![],
    };
    let mut builder = DatasetBuilder::new(Windows::default(), genes)
        .sequence(fasta::open(data.join("genome.fa.gz")).unwrap());
    let mut config = ScalerConfig::default();
    let mut files: Vec<_> = std::fs::read_dir(data.join("tracks")).unwrap().flatten().collect();
    files.sort_by_key(|file| file.file_name());
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        if name.contains("Ring") {
            sample.tracks.push((name.clone(), signal::open(file.path()).unwrap()));
            let minmax = TrackScaling { scale: Scale::Minmax, ..TrackScaling::default() };
            config.tracks.insert(name.clone(), minmax);
            builder = builder.track(TrackSpec::signal(name));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let dataset = builder
        .sample(sample)
        .write(&folder.path().join("set"), &Silent, &Cancel::default())
        .unwrap();
    println!("prepared in {:?}: {}", start.elapsed(), dataset.manifest().counts);
    let counts = dataset.manifest().counts;
    assert_eq!((counts.annotation, counts.with_expression), (count, count));
    assert_eq!(counts.short, 813);
    let bytes = total_bytes(&folder.path().join("set"));
    println!("{bytes} bytes, {} a gene and track", bytes / count as u64 / 8);

    let view = dataset.view(&ViewConfig::default()).unwrap();
    let rows: Vec<usize> = (0..dataset.rows().len()).collect();
    let folds =
        SplitConfig::File { path: data.join("folds.tsv"), test: 1.into(), validation: 2.into() };
    let split = Split::make(&folds, &view, &rows, 0).unwrap();
    assert_eq!(split.train.len().div_ceil(100), 32);
    let report = LeakageReport::new(&view, &split);
    println!("{report}");
    assert!(report.is_clean());
    let start = Instant::now();
    let scaler = Scaler::fit(&view, &split.train, &config).unwrap();
    println!("scaler fitted in {:?}", start.elapsed());
    println!("{:?}", scaler.outside(&view, &split.test).unwrap());
    let target = Target::fit(TargetTransform::Ln1p, &dataset, &split.train).unwrap();
    let train = ScaledView::new(view, scaler, &target, split.train).unwrap();
    let mut batch = Batch::default();
    for _ in 0..4 {
        let start = Instant::now();
        train.fill(&(0..100).collect::<Vec<_>>(), &mut batch).unwrap();
        println!("a batch of {:?} filled in {:?}", batch.tracks.dim(), start.elapsed());
    }
    assert!(batch.tracks.iter().all(|value| value.is_finite()));
}

#[test]
fn the_pilot_regions_hold_the_350_genes_listed() {
    let Some(data) = real_data("roadmap-pilot-hg19") else { return };
    let genes = genes::read(data.join("gencode_10_genes.gtf.gz"), Anchor::Gene).unwrap();
    let mut builder = DatasetBuilder::new(Windows::default(), genes.clone())
        .include(regions::read(data.join("pilot.bed")).unwrap());
    let mut sample = SampleInput {
        name: "E116".into(),
        condition: None,
        group: None,
        expression: Some(joined(&genes, &data.join("expression.E116.tsv"), "RPKM")),
        tracks: vec![],
    };
    for mark in ["H3K4me3", "H3K36me3", "H3K27me3", "H3K4me1", "H3K9me3"] {
        let file = data.join(format!("E116.{mark}.pilot.pval.hg19.bigWig"));
        sample.tracks.push((mark.into(), signal::open(file).unwrap()));
        builder = builder.track(TrackSpec::signal(mark));
    }
    let folder = tempfile::tempdir().unwrap();
    let dataset = builder
        .sample(sample)
        .write(&folder.path().join("set"), &Silent, &Cancel::default())
        .unwrap();
    let listed = std::fs::read_to_string(data.join("genes_in_pilot.hg19.tsv")).unwrap();
    println!("{}", dataset.manifest().counts);
    assert_eq!(dataset.genes().len(), listed.lines().count() - 1);
}

fn total_bytes(folder: &std::path::Path) -> u64 {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let meta = entry.metadata().unwrap();
        bytes += if meta.is_dir() { total_bytes(&entry.path()) } else { meta.len() };
    }
    bytes
}
