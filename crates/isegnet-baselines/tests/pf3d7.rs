//! Ridge on real files, end to end, against scikit-learn's figures: genome,
//! tracks, genes and expression in, R2 of held-out chromosomes out.
#![allow(clippy::unwrap_used)]

use isegnet_baselines::{Subset, Tabular};
use isegnet_core::testdata::real_data;
use isegnet_core::{Batch, Cancel, Examples, FitContext, LearnError, Learner, Silent};
use isegnet_encode::{
    Dataset, DatasetBuilder, SampleInput, Scale, ScaledView, Scaler, ScalerConfig, Target,
    TargetTransform, TrackScaling, TrackSpec, ViewConfig, Windows,
};
use isegnet_io::expression::{self, Columns};
use isegnet_io::genes::{self, Anchor};
use isegnet_io::{fasta, signal};
use std::collections::HashMap;
use std::path::Path;

/// Measured with scikit-learn, trained on four folds and tested on the fifth:
/// R2 as the mean of five folds, and on fold 1.
const BOTH: [f64; 2] = [0.411, 0.385];
const TRACKS: [f64; 2] = [0.393, 0.366];
const DNA: [f64; 2] = [0.178, 0.193];
const LENGTH: [f64; 2] = [0.237, 0.181];

/// How far ours may lie from them.
const NEAR: f64 = 0.01;

/// Prepares the late ring: every ring track, the DNA, all genes.
fn prepare(data: &Path, out: &Path) -> Dataset {
    let genes = genes::read(data.join("genes.gtf.gz"), Anchor::Gene).unwrap();
    let table = expression::read(data.join("expression.LR.tsv"), &Columns::new("gene_id", "value"))
        .unwrap();
    let expression = genes.iter().map(|g| table.get(&g.id)).collect();
    let mut files: Vec<_> = std::fs::read_dir(data.join("tracks"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with("Ring.bw"))
        .collect();
    files.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    let mut builder = DatasetBuilder::new(Windows::default(), genes)
        .sequence(fasta::open(data.join("genome.fa.gz")).unwrap());
    for path in &files {
        builder = builder.track(TrackSpec::signal(name(path)));
    }
    let tracks = files.iter().map(|p| (name(p), signal::open(p).unwrap())).collect();
    builder
        .sample(SampleInput {
            name: "LR".into(),
            condition: None,
            group: None,
            expression: Some(expression),
            tracks,
        })
        .write(out, &Silent, &Cancel::default())
        .unwrap()
}

/// All rows with raw track values; standardising makes any scale the same.
fn examples(dataset: &Dataset, tracks: bool, dna: bool) -> ScaledView {
    let none = (!tracks).then(Vec::new);
    let view = dataset
        .view(&ViewConfig { tracks: none, dna: Some(dna), ..ViewConfig::default() })
        .unwrap();
    let rows: Vec<usize> = (0..dataset.rows().len()).collect();
    let raw = TrackScaling { scale: Scale::None, ..TrackScaling::default() };
    let names = dataset.manifest().tracks.iter().map(|t| t.name.clone());
    let named = names.filter(|_| tracks).map(|n| (n, raw)).collect();
    let config = ScalerConfig { tracks: named, ..ScalerConfig::default() };
    let scaler = Scaler::fit(&view, &rows, &config).unwrap();
    let target = Target::fit(TargetTransform::Ln1p, dataset, &rows).unwrap();
    ScaledView::new(view, scaler, &target, rows).unwrap()
}

fn folds(data: &Path) -> HashMap<String, usize> {
    let text = std::fs::read_to_string(data.join("folds.tsv")).unwrap();
    let rows = text.lines().skip(1).map(|l| l.split_once('\t').unwrap());
    rows.map(|(chrom, fold)| (chrom.to_owned(), fold.trim().parse().unwrap())).collect()
}

/// R2 and Pearson on the test rows, trained on the others.
fn score(
    learner: &dyn Learner,
    all: &dyn Examples,
    test: &[bool],
) -> Result<(f64, f64), LearnError> {
    let rows = |wanted: bool| (0..test.len()).filter(|&r| test[r] == wanted).collect::<Vec<_>>();
    let (train, held_out) = (Subset::new(all, rows(false)), Subset::new(all, rows(true)));
    let cancel = Cancel::default();
    let context = FitContext { seed: 1, progress: &Silent, cancel: &cancel, folder: None };
    let mut predictor = learner.fit(&train, &held_out, &context)?;
    let mut batch = Batch::default();
    let mut predicted = vec![0.0; held_out.len()];
    for (i, out) in predicted.chunks_mut(100).enumerate() {
        let rows: Vec<usize> = (i * 100..i * 100 + out.len()).collect();
        held_out.fill(&rows, &mut batch)?;
        predictor.predict_into(&batch, out)?;
    }
    let measured = held_out.targets()?;
    let r2 = isegnet_stats::r2(&measured, &predicted).unwrap();
    Ok((r2, isegnet_stats::pearson(&measured, &predicted).unwrap()))
}

#[test]
fn ridge_lands_on_the_floors_that_scikit_learn_measured() {
    let Some(data) = real_data("pf3d7") else { return };
    let folder = tempfile::tempdir().unwrap();
    let dataset = prepare(&data, &folder.path().join("dataset"));
    let fold_of = folds(&data);
    let rows = 0..dataset.rows().len();
    let fold: Vec<usize> = rows.clone().map(|r| fold_of[&dataset.gene_of(r).body.chrom]).collect();
    let lengths: Vec<f64> = rows.map(|r| dataset.body_bp(r) as f64).collect();
    let ridge: Box<dyn Learner> = Box::new(Tabular::ridge());
    let length: Box<dyn Learner> = Box::new(Tabular::gene_length(lengths.clone()));
    let with_length: Box<dyn Learner> = Box::new(Tabular::ridge_with_length(lengths));
    let both = examples(&dataset, true, true);
    let cases = [
        ("tracks and DNA", &ridge, both.clone(), Some(BOTH)),
        ("tracks", &ridge, examples(&dataset, true, false), Some(TRACKS)),
        ("DNA", &ridge, examples(&dataset, false, true), Some(DNA)),
        ("gene length", &length, examples(&dataset, false, true), Some(LENGTH)),
        ("tracks, DNA and length", &with_length, both, None),
    ];
    let mut far = Vec::new();
    for (name, learner, examples, expected) in cases {
        let scores: Vec<(f64, f64)> = (1..=5)
            .map(|k| {
                let test: Vec<bool> = fold.iter().map(|f| *f == k).collect();
                score(learner.as_ref(), &examples, &test).unwrap()
            })
            .collect();
        let mean = |of: fn(&(f64, f64)) -> f64| scores.iter().map(of).sum::<f64>() / 5.0;
        let found = [mean(|s| s.0), scores[0].0];
        println!(
            "{name}: R2 {:.4} (fold 1 {:.4}), Pearson {:.4} (fold 1 {:.4})",
            found[0],
            found[1],
            mean(|s| s.1),
            scores[0].1
        );
        let off = |e: [f64; 2]| (0..2).any(|i| (found[i] - e[i]).abs() > NEAR);
        if expected.is_some_and(off) {
            far.push(format!("{name}: {found:?}, expected {expected:?}"));
        }
    }
    assert!(far.is_empty(), "{far:#?}");
}
