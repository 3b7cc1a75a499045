//! Scores, intervals and tests against slow and plain ones.

use crate::study::{Quiet, Study, arcs, descent, message, plan};
use isegnet_core::Random;
use isegnet_select::{Comparison, Folds, InputSet, Resampling, Rows, Score, Unit, paired_table};
use isegnet_stats::{Alternative, Undefined, paired_t_test, pearson, r2, spearman};

/// A good and a bad line, three folds, two seeds, with or without shuffled labels.
fn compared(study: &Study, rows: &Rows, inputs: &[InputSet<'_>], seeds: &[u64]) -> Comparison {
    let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
    let divisions = arcs(Folds::kfold(rows, 3).unwrap().tested(rows).unwrap());
    let plan = plan(vec![descent(40), descent(2)], inputs, &divisions, seeds);
    assert_eq!(rows.len(), study.targets.len());
    quiet.runner(folder.path(), 2).run(&plan).unwrap().open(rows).unwrap()
}

/// Two rows a gene.
fn pairs_of_rows(rows: usize) -> Rows {
    let genes: Vec<String> = (0..rows).map(|row| format!("G{}", row / 2)).collect();
    let samples: Vec<String> = (0..rows).map(|row| format!("S{}", row % 2)).collect();
    Rows::new(&genes, &samples).unwrap()
}

const FEW: Resampling = Resampling { repeats: 200, level: 0.9, seed: 3 };

/// The draws, done one by one: genes of the entry by number, from 0.
fn slow_interval(
    genes: usize,
    rows_of: impl Fn(usize) -> Vec<usize>,
    of: impl Fn(&[usize]) -> f64,
) -> (f64, f64) {
    let random = Random::new(FEW.seed, "bootstrap over genes");
    let mut values: Vec<f64> = (0..FEW.repeats)
        .map(|repeat| {
            let draw = |i| random.below(repeat, i, genes as u64) as usize;
            let rows: Vec<usize> = (0..genes as u64).flat_map(|i| rows_of(draw(i))).collect();
            of(&rows)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let place = share * 199.0;
        let low = values[place as usize];
        low + (values[(place as usize + 1).min(199)] - low) * (place - place.floor())
    };
    (quantile(0.05), quantile(0.95))
}

#[test]
fn scores_and_intervals_are_those_of_the_slow_way() {
    let study = Study::new(60, 3, 6);
    let rows = pairs_of_rows(60);
    let comparison = compared(&study, &rows, &[study.inputs()], &[1]);
    assert_eq!(comparison.entries().len(), 6);
    for (entry, scored) in comparison.entries().iter().zip(comparison.scores(&FEW)) {
        let measured: Vec<f32> = entry.rows.iter().map(|&row| study.targets[row]).collect();
        assert_eq!(entry.measured, measured);
        assert_eq!(scored.score, Score::new(&measured, &entry.predicted));
        let take = |values: &[f32], rows: &[usize]| -> Vec<f32> {
            rows.iter().map(|&row| values[row]).collect()
        };
        type Measure = fn(&[f32], &[f32]) -> Result<f64, Undefined>;
        let measures: [Measure; 3] = [r2, pearson, spearman];
        for (measure, interval) in measures.into_iter().zip(scored.intervals) {
            let of = |rows: &[usize]| {
                measure(&take(&measured, rows), &take(&entry.predicted, rows)).unwrap()
            };
            let slow = slow_interval(10, |gene| vec![2 * gene, 2 * gene + 1], of);
            let interval = interval.unwrap();
            assert!((interval.low - slow.0).abs() < 1e-12);
            assert!((interval.high - slow.1).abs() < 1e-12);
            let all: Vec<usize> = (0..20).collect();
            assert!(interval.low < of(&all) && of(&all) < interval.high);
        }
    }
    let table = comparison.table(&FEW).tsv();
    assert_eq!(table.lines().count(), 7);
    let start = "descent steps=40\tsignals\t1\tfold 1\t0\t20\t0.9";
    assert!(table.lines().nth(1).unwrap().starts_with(start), "{table}");
    let summary = comparison.summary().markdown();
    let start = "| descent steps=40 | signals | 1 | 3 | 0 | 60 | 0.9";
    assert!(summary.lines().nth(2).unwrap().starts_with(start), "{summary}");
}

#[test]
fn a_constant_prediction_has_no_correlation_and_an_r2() {
    let study = Study::new(30, 3, 6);
    let rows = study.genes();
    let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
    let divisions = arcs(Folds::kfold(&rows, 3).unwrap().tested(&rows).unwrap());
    let nothing = crate::study::Descent { track: Some(9), ..Default::default() };
    let constant =
        isegnet_select::Candidate::new("constant", isegnet_select::Settings::new(), nothing);
    let plan = plan(vec![constant], &[study.inputs()], &divisions, &[1]);
    let comparison = quiet.runner(folder.path(), 1).run(&plan).unwrap().open(&rows).unwrap();
    for scored in comparison.scores(&FEW) {
        assert_eq!((scored.score.pearson, scored.intervals[1]), (None, None));
        assert!(scored.score.r2.unwrap() <= 0.0 && scored.intervals[0].is_some());
    }
    assert!(comparison.summary().tsv().contains("\tNA\tNA"));
}

#[test]
fn shuffled_labels_cannot_be_learnt() {
    let study = Study::new(600, 3, 6);
    let rows = study.genes();
    let comparison = compared(&study, &rows, &[study.inputs(), study.inputs().shuffled(5)], &[1]);
    let mean = |inputs: &str| {
        let line = comparison.line("descent steps=40", inputs).unwrap();
        let r2 = comparison.of(line).map(|e| r2(&e.measured, &e.predicted).unwrap());
        r2.sum::<f64>() / 3.0
    };
    let (real, shuffled) = (mean("signals"), mean("signals, labels shuffled"));
    assert!(real > 0.9, "{real}");
    assert!(shuffled.abs() < 0.03, "{shuffled}");
    // The same expression, among the same rows.
    let sorted = |inputs: &str| {
        let line = comparison.line("descent steps=40", inputs).unwrap();
        let of = |e: &isegnet_select::Entry| {
            let mut measured = e.measured.clone();
            measured.sort_by(f32::total_cmp);
            measured
        };
        comparison.of(line).map(of).collect::<Vec<_>>()
    };
    assert_eq!(sorted("signals"), sorted("signals, labels shuffled"));
    // Lines measured against other targets are not compared.
    assert_eq!(comparison.pairs(Unit::Genes, &FEW).unwrap().len(), 2);
    let line = |inputs| comparison.line("descent steps=40", inputs).unwrap();
    let paired =
        comparison.paired(line("signals"), line("signals, labels shuffled"), Unit::Genes, &FEW);
    assert!(message(paired).contains("of the same divisions and targets"));
    assert!(message(comparison.line("forest", "signals").cloned()).contains("descent steps=2"));
}

#[test]
fn paired_tests_are_those_of_the_errors_done_by_hand() {
    let study = Study::new(60, 3, 6);
    let rows = pairs_of_rows(60);
    let comparison = compared(&study, &rows, &[study.inputs()], &[1]);
    let good = comparison.line("descent steps=40", "signals").unwrap();
    let bad = comparison.line("descent steps=2", "signals").unwrap();
    let paired = comparison.paired(good, bad, Unit::Genes, &FEW).unwrap();
    // Rows 2 g and 2 g + 1 are gene g's, and folds are stretches of genes.
    let errors = |line| -> Vec<f64> {
        let rows: Vec<f64> = comparison
            .of(line)
            .flat_map(|e| e.measured.iter().zip(&e.predicted))
            .map(|(m, p)| (f64::from(*m) - f64::from(*p)).powi(2))
            .collect();
        rows.chunks(2).map(|two| (two[0] + two[1]) / 2.0).collect()
    };
    let (ours, theirs) = (errors(good), errors(bad));
    let t = paired_t_test(&theirs, &ours, Alternative::TwoSided).unwrap();
    assert_eq!((paired.pairs, paired.t.clone().unwrap()), (30, t));
    assert!(paired.mean_gain > 0.0 && t.p.p() < 1e-3);
    assert!(paired.wilcoxon.clone().unwrap().p.p() < 1e-3);
    // The smallest that 200 draws can give, twice for two sides.
    assert!((paired.sign_flip.clone().unwrap().p.p() - 2.0 / 201.0).abs() < 1e-12);
    let all = |line| -> (Vec<f32>, Vec<f32>) {
        let entries: Vec<_> = comparison.of(line).collect();
        let measured = entries.iter().flat_map(|e| e.measured.clone()).collect();
        (measured, entries.iter().flat_map(|e| e.predicted.clone()).collect())
    };
    let ((m, a), (_, b)) = (all(good), all(bad));
    let gain = r2(&m, &a).unwrap() - r2(&m, &b).unwrap();
    assert!((paired.r2_gain.unwrap() - gain).abs() < 1e-12);
    let take = |v: &[f32], rows: &[usize]| -> Vec<f32> { rows.iter().map(|&r| v[r]).collect() };
    let of = |rows: &[usize]| {
        let m = take(&m, rows);
        r2(&m, &take(&a, rows)).unwrap() - r2(&m, &take(&b, rows)).unwrap()
    };
    let slow = slow_interval(30, |gene| vec![2 * gene, 2 * gene + 1], of);
    let interval = paired.r2_interval.unwrap();
    assert!((interval.low - slow.0).abs() < 1e-12 && (interval.high - slow.1).abs() < 1e-12);

    // The other way round, and by divisions.
    let back = comparison.paired(bad, good, Unit::Genes, &FEW).unwrap();
    assert_eq!(back.mean_gain, -paired.mean_gain);
    assert_eq!(back.t.unwrap().p.p(), paired.t.clone().unwrap().p.p());
    let folds = comparison.paired(good, bad, Unit::Divisions, &FEW).unwrap();
    let r2s = |line| -> Vec<f64> {
        comparison.of(line).map(|e| r2(&e.measured, &e.predicted).unwrap()).collect()
    };
    let t = paired_t_test(&r2s(good), &r2s(bad), Alternative::TwoSided).unwrap();
    assert_eq!(folds.pairs, 3);
    assert!((folds.t.clone().unwrap().statistic - t.statistic).abs() < 1e-9);
    // The same line beside itself gains nothing, and tests say that they have no value.
    let none = comparison.paired(good, good, Unit::Genes, &FEW).unwrap();
    assert_eq!((none.mean_gain, none.t.is_err()), (0.0, true));
    let table = paired_table(&[paired, folds, none]).tsv();
    assert_eq!(table.lines().count(), 4);
    assert!(table.lines().nth(3).unwrap().contains("\tgenes\t30\t0\t0\t0\t0\tNA\tNA\tNA\tNA"));
}

#[test]
fn rows_that_the_examples_do_not_have_are_named() {
    let study = Study::new(30, 3, 6);
    let more = Study::new(36, 3, 6).genes();
    let divisions = arcs(Folds::kfold(&more, 3).unwrap().tested(&more).unwrap());
    for inputs in [study.inputs(), study.inputs().shuffled(1)] {
        let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
        let plan = plan(vec![descent(2)], &[inputs], &divisions, &[1]);
        let message = message(quiet.runner(folder.path(), 1).run(&plan));
        assert!(message.contains("row 30"), "{message}");
    }
}

#[test]
fn seeds_are_averaged_row_by_row() {
    let study = Study::new(30, 3, 6);
    let rows = study.genes();
    let comparison = compared(&study, &rows, &[study.inputs()], &[1, 2, 3]);
    assert_eq!((comparison.entries().len(), comparison.lines().len()), (18, 6));
    let means = comparison.seed_means();
    assert_eq!(means.entries().len(), 6);
    let mean = &means.entries()[0];
    assert_eq!(mean.line.to_string(), "descent steps=40 / signals / seed mean of 1, 2, 3");
    let three = &comparison.entries()[..3];
    assert!(three[0].predicted != three[1].predicted);
    for row in 0..10 {
        let sum: f64 = three.iter().map(|entry| f64::from(entry.predicted[row])).sum();
        assert_eq!(mean.predicted[row], (sum / 3.0) as f32);
    }
    let both = means.clone().and(comparison.clone()).and(means);
    assert_eq!(both.lines().len(), 8);
    assert_eq!(compared(&study, &rows, &[study.inputs()], &[1]).seed_means().lines()[0].seeds, [1]);
}
