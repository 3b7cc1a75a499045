//! The floors as learners of examples.
#![allow(clippy::unwrap_used)]

use isegnet_baselines::{
    FeatureSet, ForestParams, RidgeParams, Subset, SvrParams, Tabular, TabularPredictor, baselines,
    floors,
};
use isegnet_core::{
    Batch, Cancel, Examples, FitContext, InputShape, LearnError, Learner, Predictor, Random,
    Silent, SourceError,
};

/// 300 rows of 250 positions: the target follows the first track around
/// position 50, the C of the DNA, and the gene's length.
struct Made {
    shape: InputShape,
    random: Random,
}

impl Made {
    fn new() -> Self {
        let shape = InputShape { positions: 250, tracks: vec!["a".into(), "b".into()], dna: true };
        Self { shape, random: Random::new(1, "test") }
    }

    fn level(&self, row: usize) -> f64 {
        self.random.uniform(1, row as u64)
    }

    fn c_share(&self, row: usize) -> f64 {
        0.5 * self.random.uniform(2, row as u64)
    }

    fn length(&self, row: usize) -> f64 {
        (7.0 + self.random.normal(3, row as u64)).exp()
    }

    fn target(&self, row: usize) -> f64 {
        2.0 * self.level(row) + 2.0 * self.c_share(row) - 0.5 * self.length(row).ln()
    }
}

impl Examples for Made {
    fn len(&self) -> usize {
        300
    }

    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        batch.reshape(rows, &self.shape);
        for (i, &row) in rows.iter().enumerate() {
            for p in 0..250 {
                let noise = self.random.part(row as u64);
                batch.tracks[(i, p, 0)] = if p < 100 { self.level(row) as f32 } else { 0.0 };
                batch.tracks[(i, p, 1)] = noise.normal(0, p as u64) as f32;
                let is_c = noise.uniform(1, p as u64) < self.c_share(row);
                batch.dna[(i, p)] = if is_c { 1 } else { 0 };
            }
            batch.target[i] = self.target(row) as f32;
        }
        Ok(())
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        Ok((0..300).map(|r| self.target(r) as f32).collect())
    }
}

fn r2_of(learner: &dyn Learner, made: &Made) -> f64 {
    let train = Subset::new(made, (0..200).collect());
    let test = Subset::new(made, (200..300).collect());
    let cancel = Cancel::default();
    let context = FitContext { seed: 1, progress: &Silent, cancel: &cancel, folder: None };
    let mut predictor = learner.fit(&train, &test, &context).unwrap();
    assert_eq!(predictor.shape(), made.shape());
    let mut batch = Batch::default();
    let rows: Vec<usize> = (0..100).collect();
    test.fill(&rows, &mut batch).unwrap();
    let mut predicted = vec![0.0; 100];
    predictor.predict_into(&batch, &mut predicted).unwrap();
    isegnet_stats::r2(&test.targets().unwrap(), &predicted).unwrap()
}

#[test]
fn each_floor_explains_what_it_sees() {
    let made = Made::new();
    let lengths: Vec<f64> = (0..300).map(|r| made.length(r)).collect();
    let scores: Vec<(String, f64)> = floors(lengths, 100)
        .iter()
        .map(|learner| (learner.name().to_owned(), r2_of(learner.as_ref(), &made)))
        .collect();
    let names: Vec<&str> = scores.iter().map(|s| s.0.as_str()).collect();
    assert_eq!(names, ["mean", "gene length", "ridge", "ridge with length"]);
    let values: Vec<f64> = scores.iter().map(|s| s.1).collect();
    assert!(values[0] <= 0.0 && values[0] > -0.1, "{scores:?}");
    assert!((0.2..0.7).contains(&values[1]), "{scores:?}");
    assert!((0.2..0.8).contains(&values[2]), "{scores:?}");
    assert!(values[3] > 0.95, "{scores:?}");
}

#[test]
fn each_baseline_explains_what_it_sees() {
    let made = Made::new();
    let lengths: Vec<f64> = (0..300).map(|r| made.length(r)).collect();
    for learner in &baselines(lengths)[4..] {
        let score = r2_of(learner.as_ref(), &made);
        let least = if learner.name() == "GC" { 0.02 } else { 0.2 };
        assert!((least..0.8).contains(&score), "{}: {score}", learner.name());
    }
    let words = Tabular::new("words", FeatureSet::words(1), RidgeParams::default());
    assert!((0.02..0.5).contains(&r2_of(&words, &made)));
    let flat = Tabular::flattened("flat", SvrParams::nu(0.5), 1 << 30);
    assert!((0.1..0.8).contains(&r2_of(&flat, &made)));
}

#[test]
fn a_saved_learner_predicts_the_same_and_a_seed_repeats() {
    let made = Made::new();
    let folder = tempfile::tempdir().unwrap();
    let cancel = Cancel::default();
    let path = Some(folder.path());
    let context = FitContext { seed: 5, progress: &Silent, cancel: &cancel, folder: path };
    let lengths: Vec<f64> = (0..300).map(|r| made.length(r)).collect();
    let features = FeatureSet::bins(50).and(FeatureSet::words(2)).with_length(lengths);
    let learner = Tabular::new("forest", features, ForestParams::default().trees(10));
    let fitted = learner.fit_tabular(&made, &context).unwrap();
    learner.fit(&made, &made, &context).unwrap();
    let saved = TabularPredictor::load(folder.path().join("baseline.model")).unwrap();
    assert_eq!(saved, fitted);
    let other = learner.fit_tabular(&made, &FitContext { seed: 6, ..context }).unwrap();
    assert_ne!(other, fitted);
    let mut batch = Batch::default();
    made.fill(&[1, 2, 3], &mut batch).unwrap();
    let predict = |mut predictor: TabularPredictor| {
        let mut out = [0.0; 3];
        predictor.predict_into(&batch, &mut out).unwrap();
        out
    };
    assert_eq!(predict(saved), predict(fitted));
}

#[test]
fn flattened_inputs_are_refused_above_their_bound() {
    let made = Made::new();
    let cancel = Cancel::default();
    let context = FitContext { seed: 1, progress: &Silent, cancel: &cancel, folder: None };
    // 250 positions of two tracks and four bases, 24 bytes each.
    let bytes = 300 * 250 * 6 * 24;
    let of =
        |limit| Tabular::flattened("flat", SvrParams::nu(0.5), limit).fit(&made, &made, &context);
    assert!(of(bytes).is_ok());
    let message = of(bytes - 1).err().unwrap().to_string();
    assert!(message.contains("300 rows of 1500 features need 0.01 GB"), "{message}");
}

#[test]
fn what_does_not_fit_is_an_error() {
    let made = Made::new();
    let cancel = Cancel::default();
    let context = FitContext { seed: 1, progress: &Silent, cancel: &cancel, folder: None };
    let short = Tabular::gene_length(vec![1000.0; 299]).fit(&made, &made, &context);
    let message = short.err().unwrap().to_string();
    assert!(message.contains("row 299 has no length, there are 299"), "{message}");
    let mut ridge = Tabular::ridge().fit(&made, &made, &context).unwrap();
    let mut batch = Batch::default();
    batch.reshape(&[0], &InputShape { positions: 10, tracks: vec![], dna: false });
    let message = ridge.predict_into(&batch, &mut [0.0]).unwrap_err().to_string();
    assert!(message.contains("(1, 10, 0)") && message.contains("(1, 250, 2)"), "{message}");
    for learner in baselines(vec![1000.0; 300]) {
        let mut fitted = learner.fit(&made, &made, &context).unwrap();
        let message = fitted.predict_into(&batch, &mut [0.0]).unwrap_err().to_string();
        assert!(message.contains("(1, 250, 2)"), "{}: {message}", learner.name());
    }
    let mut batch = Batch::default();
    made.fill(&[4, 17], &mut batch).unwrap();
    batch.tracks[(1, 130, 1)] = f32::NAN;
    for learner in [Tabular::ridge(), Tabular::ridge_with_length(vec![1000.0; 300])] {
        let mut fitted = learner.fit(&made, &made, &context).unwrap();
        let message = fitted.predict_into(&batch, &mut [0.0; 2]).unwrap_err().to_string();
        assert!(message.contains("row 17: \"b 100-200\" is NaN"), "{message}");
    }
    let unknown = Tabular::gene_length(vec![f64::NAN; 300]).fit(&made, &made, &context);
    let message = unknown.err().unwrap().to_string();
    assert!(message.contains("row 0: \"ln length\" is NaN"), "{message}");
    cancel.cancel();
    let stopped = Tabular::ridge().fit(&made, &made, &context);
    assert!(matches!(stopped.err(), Some(LearnError::Cancelled)));
}
