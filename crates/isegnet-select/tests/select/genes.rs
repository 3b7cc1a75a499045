//! Replicates, and genes that two models predict alike.

use crate::study::{Descent, Quiet, Study, arcs, descent, plan};
use isegnet_core::{Batch, Examples, InputShape, Random, SourceError};
use isegnet_select::{
    Alike, Candidate, Comparison, Division, Folds, InputSet, Plan, Replicates, Rows, SameGene,
    SelectError, Settings,
};
use isegnet_stats::{Alternative, Method, kolmogorov_smirnov, r2};

const GENES: usize = 80;
const SAMPLES: usize = 6;

/// Genes in samples: expression is the gene's own, and some noise; inputs say nothing.
struct Patients(InputShape);

impl Examples for Patients {
    fn len(&self) -> usize {
        GENES * SAMPLES
    }

    fn shape(&self) -> &InputShape {
        &self.0
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        let targets = self.targets()?;
        batch.reshape(rows, &self.0);
        batch.target.iter_mut().zip(rows).for_each(|(target, &row)| *target = targets[row]);
        Ok(())
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        let random = Random::new(1, "patients");
        let of = |row: usize| {
            random.normal(0, (row % GENES) as u64) + 0.5 * random.normal(1, row as u64)
        };
        Ok((0..self.len()).map(|row| of(row) as f32).collect())
    }
}

fn patients() -> (Patients, Rows) {
    let names = |of: fn(usize) -> usize, letter: &str| -> Vec<String> {
        (0..GENES * SAMPLES).map(|row| format!("{letter}{}", of(row))).collect()
    };
    let rows = Rows::new(&names(|row| row % GENES, "G"), &names(|row| row / GENES, "S")).unwrap();
    (Patients(InputShape { positions: 0, tracks: Vec::new(), dna: false }), rows)
}

fn mean_r2(comparison: &Comparison, start: &str) -> f64 {
    let of = |e: &&isegnet_select::Entry| e.division.starts_with(start);
    let r2: Vec<f64> = comparison
        .entries()
        .iter()
        .filter(of)
        .map(|e| r2(&e.measured, &e.predicted).unwrap())
        .collect();
    r2.iter().sum::<f64>() / r2.len() as f64
}

#[test]
fn more_samples_help_the_trivial_model_only_where_genes_straddle() {
    let (patients, rows) = patients();
    let base = Folds::kfold(&rows, 5).unwrap().tested_and_validated(&rows).unwrap().remove(0);
    let replicates = Replicates { counts: vec![1, 2, 6], repeats: 3, seed: 4 };
    let apart = replicates.genes_apart(&rows, &base).unwrap();
    let straddling = replicates.straddling(&rows).unwrap();
    assert_eq!((apart.len(), straddling.len()), (9, 9));
    let inputs = InputSet::whole("nothing", Settings::new(), &patients);
    let open = |divisions: Vec<Division>| {
        let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
        let model = Candidate::new("same gene", Settings::new(), SameGene::new(&rows));
        let plan = plan(vec![model], std::slice::from_ref(&inputs), &arcs(divisions), &[1]);
        quiet.runner(folder.path(), 2).run(&plan).unwrap().open(&rows).unwrap()
    };
    let (apart, straddling) = (open(apart), open(straddling));
    for samples in ["1 sample,", "2 samples", "6 samples"] {
        let r2 = mean_r2(&apart, samples);
        assert!((-0.2..0.0).contains(&r2), "{samples}: {r2}");
    }
    // The gene explains four fifths of the variance: 1 of 1.25.
    let [one, two, six] = ["1 sample,", "2 samples", "6 samples"].map(|s| mean_r2(&straddling, s));
    assert!(
        one < 0.0 && (0.1..0.6).contains(&two) && (0.6..0.8).contains(&six),
        "{one} {two} {six}"
    );
    assert!(
        straddling
            .entries()
            .iter()
            .all(|e| (e.straddling_genes > 0) != e.division.starts_with("1 sample,"))
    );
}

#[test]
fn replicates_are_drawn_beside_the_same_ones_and_tested_on_the_same_rows() {
    let (_, rows) = patients();
    let base = Folds::kfold(&rows, 5).unwrap().tested_and_validated(&rows).unwrap().remove(2);
    let replicates = Replicates { counts: vec![1, 3, 6], repeats: 2, seed: 4 };
    let divisions = replicates.genes_apart(&rows, &base).unwrap();
    for draw in divisions.chunks(3) {
        for (division, samples) in draw.iter().zip([1, 3, 6]) {
            assert_eq!(division.test(), base.test());
            assert_eq!(division.train().len(), base.train().len() / SAMPLES * samples);
            assert_eq!(division.validation().len(), base.validation().len() / SAMPLES * samples);
        }
        let inside = |few: &Division, many: &Division| {
            few.train().iter().all(|row| many.train().contains(row))
        };
        assert!(inside(&draw[0], &draw[1]) && inside(&draw[1], &draw[2]));
    }
    assert_ne!(divisions[0].train(), divisions[3].train());
    assert_eq!(divisions[0].name(), "1 sample, draw 1");
    assert_eq!(replicates.genes_apart(&rows, &base).unwrap(), divisions);
    let parts = replicates.straddling(&rows).unwrap();
    let sizes = [parts[2].train().len(), parts[2].validation().len(), parts[2].test().len()];
    assert_eq!(sizes, [288, 96, 96]);
    let few = Rows::new(&["A", "B", "C", "D"], &["S"; 4]).unwrap();
    let one = Replicates { counts: vec![1], repeats: 1, seed: 1 };
    assert!(matches!(one.straddling(&few), Err(SelectError::Empty { part: "test", .. })));
    for counts in [vec![0], vec![7]] {
        let none = Replicates { counts, repeats: 1, seed: 1 };
        assert!(matches!(none.straddling(&rows), Err(SelectError::Setting { .. })));
    }
}

fn alike(share: f64) -> (Result<Alike, SelectError>, Comparison) {
    let study = Study::new(90, 3, 8);
    let rows = study.genes();
    let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
    let divisions = arcs(Folds::kfold(&rows, 3).unwrap().tested(&rows).unwrap());
    let settings = Settings::new().with("track", 0);
    let first = Descent { track: Some(0), ..Descent::default() };
    let candidates = vec![Candidate::new("first", settings, first), descent(40)];
    let plan: Plan<'_> = plan(candidates, &[study.inputs()], &divisions, &[1]);
    let comparison = quiet.runner(folder.path(), 1).run(&plan).unwrap().open(&rows).unwrap();
    let lines: Vec<_> = comparison.lines().into_iter().cloned().collect();
    (Alike::between(&comparison, &lines[0], &lines[1], share), comparison)
}

#[test]
fn the_genes_that_are_predicted_alike_are_the_tenth_that_differs_least() {
    let (found, comparison) = alike(0.1);
    let found = found.unwrap();
    let predicted = |line| -> Vec<f32> {
        comparison.of(line).flat_map(|entry| entry.predicted.clone()).collect()
    };
    let [a, b] = [0, 1].map(|i| predicted(comparison.lines()[i]));
    let difference = |gene: usize| (f64::from(a[gene]) - f64::from(b[gene])).abs();
    let mut order: Vec<usize> = (0..90).collect();
    order.sort_by(|&x, &y| difference(x).total_cmp(&difference(y)));
    let mut nine = order[..9].to_vec();
    nine.sort_unstable();
    assert_eq!(found.alike(), nine);
    assert_eq!(found.rest().len(), 81);
    assert_eq!(found.differences()[7], Some(difference(7)));
    let [list, rest] = found.lists(comparison.rows());
    assert_eq!(list.lines().next().unwrap(), format!("G{}", nine[0]));
    assert_eq!((list.lines().count(), rest.lines().count()), (9, 81));

    // A signal that is higher on them, missing for one gene of the rest.
    let mut signal: Vec<f64> = (0..90).map(|gene| (gene % 7) as f64).collect();
    nine.iter().for_each(|&gene| signal[gene] += 5.0);
    signal[found.rest()[0]] = f64::NAN;
    let test = found.signal_test(&signal, Alternative::TwoSided).unwrap();
    let of = |genes: &[usize]| genes.iter().map(|&g| signal[g]).collect::<Vec<f64>>();
    let by_hand = kolmogorov_smirnov(
        &of(&nine),
        &of(&found.rest()[1..]),
        Alternative::TwoSided,
        Method::Auto,
    );
    assert_eq!(test, by_hand.unwrap());
    assert!(test.p.p() < 0.05);
    assert!(matches!(
        found.signal_test(&signal[1..], Alternative::Less),
        Err(SelectError::Count { .. })
    ));
    for share in [0.0, 1.0, f64::NAN] {
        assert!(matches!(alike(share).0, Err(SelectError::Setting { .. })));
    }
}

#[test]
fn a_gene_counts_with_all_its_rows() {
    let (patients, rows) = patients();
    let inputs = InputSet::whole("nothing", Settings::new(), &patients);
    let divisions = arcs(Folds::kfold(&rows, 4).unwrap().tested(&rows).unwrap());
    let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
    let model = |name| Candidate::new(name, Settings::new(), SameGene::new(&rows));
    let plan = plan(vec![model("one"), model("two")], &[inputs], &divisions, &[1]);
    let comparison = quiet.runner(folder.path(), 1).run(&plan).unwrap().open(&rows).unwrap();
    let lines = comparison.lines();
    // All differences are 0: the earlier genes are taken.
    let found = Alike::between(&comparison, lines[0], lines[1], 0.05).unwrap();
    assert_eq!(found.alike(), [0, 1, 2, 3]);
    assert_eq!(found.rest().len(), GENES - 4);
}
