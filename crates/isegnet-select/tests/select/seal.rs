//! No test target is seen before the end.

use crate::study::{Descent, Quiet, Study, arcs, descent, filled, plan};
use isegnet_core::{Batch, Examples, FitContext, InputShape, LearnError, Learner, Predictor};
use isegnet_select::{
    Candidate, Family, Folds, InputSet, Resampling, Search, SelectError, Settings, Space, Table,
    Unit,
};
use std::sync::Arc;

/// The study whose test targets are NaN, whatever the division.
fn poisoned(study: &Study) -> InputSet<'_> {
    InputSet::new("signals", Settings::new().with("data", "made up"), move |division| {
        let mut poisoned = study.clone();
        division.test().iter().for_each(|&row| poisoned.targets[row] = f32::NAN);
        Ok(Box::new(poisoned))
    })
}

fn family<'a>() -> Family<'a> {
    Family::new("descent", |settings| {
        let steps = settings.value("steps", "a whole number")?;
        Ok(Arc::new(Descent { steps, ..Descent::default() }))
    })
}

/// Everything that can be known before the end, of a plain plan and of a nested search.
fn before_the_end(inputs: &InputSet<'_>, study: &Study) -> Vec<String> {
    let (folder, quiet, rows) = (tempfile::tempdir().unwrap(), Quiet::new(), study.genes());
    let runner = quiet.runner(folder.path(), 2);
    let folds = Folds::kfold(&rows, 4).unwrap();
    let divisions = arcs(folds.tested_and_validated(&rows).unwrap());
    let shuffled = inputs.shuffled(3);
    let both = plan(vec![descent(2), descent(20)], &[inputs.clone(), shuffled], &divisions, &[1]);
    let results = runner.run(&both).unwrap();
    let mut known = vec![results.validation_table().tsv()];
    known.extend(results.finished().iter().map(|f| format!("{:?}", f.test_predictions())));
    known.extend(results.finished().iter().map(|f| f.trial().key().unwrap()));

    let combinations = Space::new().among("steps", [1, 5, 25]).grid().unwrap();
    let inputs = inputs.clone();
    let search = Search { family: family(), inputs, combinations, halving: None, seed: 1 };
    let nested = search.nested(&divisions, |outer| outer.inner(&rows, &folds), &runner).unwrap();
    known.extend(nested.searches.iter().map(|board| board.table().tsv()));
    known.extend(nested.results.finished().iter().map(|f| format!("{:?}", f.test_predictions())));
    known
}

#[test]
fn poisoned_test_targets_change_nothing_until_the_end() {
    let study = Study::new(80, 3, 1);
    let (clean, poison) = (study.inputs(), poisoned(&study));
    assert_eq!(before_the_end(&clean, &study), before_the_end(&poison, &study));

    // At the end they do.
    let (folder, quiet, rows) = (tempfile::tempdir().unwrap(), Quiet::new(), study.genes());
    let divisions = arcs(Folds::kfold(&rows, 4).unwrap().tested(&rows).unwrap());
    let open = |inputs: &InputSet<'_>| {
        let both =
            plan(vec![descent(2), descent(20)], std::slice::from_ref(inputs), &divisions, &[1]);
        let comparison = quiet.runner(folder.path(), 1).run(&both).unwrap().open(&rows).unwrap();
        let lines: Vec<_> = comparison.lines().into_iter().cloned().collect();
        let few = Resampling { repeats: 5, ..Resampling::default() };
        let t = comparison.paired(&lines[0], &lines[1], Unit::Genes, &few).map(|paired| paired.t);
        let r2 = comparison.scores(&few)[0].score.r2;
        (r2, t.is_ok_and(|t| t.is_ok()))
    };
    assert!(matches!(open(&clean), (Some(_), true)));
    assert_eq!(open(&poison), (None, false));
}

/// Fits nothing, and looks wherever it can.
struct Spy;

struct SpyPredictor(InputShape);

impl Learner for Spy {
    fn name(&self) -> &str {
        "spy"
    }

    fn fit(
        &self,
        train: &dyn Examples,
        validation: &dyn Examples,
        _: &FitContext<'_>,
    ) -> Result<Box<dyn Predictor>, LearnError> {
        // Rows keep their numbers, and the part's targets are theirs.
        for (part, rows) in [(train, 4..12), (validation, 0..4)] {
            let batch = filled(part)?;
            assert_eq!(batch.rows, rows.collect::<Vec<_>>());
            assert_eq!(batch.target, part.targets()?);
            assert!(batch.target.iter().all(|target| target.is_finite()));
        }
        Ok(Box::new(SpyPredictor(train.shape().clone())))
    }
}

impl Predictor for SpyPredictor {
    fn shape(&self) -> &InputShape {
        &self.0
    }

    fn predict_into(&mut self, batch: &Batch, out: &mut [f32]) -> Result<(), LearnError> {
        // The last four rows are tested on.
        for (&row, target) in batch.rows.iter().zip(&batch.target) {
            assert_eq!(target.is_nan(), row >= 12, "row {row}");
        }
        out.fill(1.0);
        Ok(())
    }
}

#[test]
fn learners_see_their_rows_and_no_test_target() {
    let study = Study::new(16, 2, 1);
    let rows = study.genes();
    let folds = Folds::kfold(&rows, 4).unwrap();
    let last = folds.tested_and_validated(&rows).unwrap().pop().unwrap();
    assert_eq!((last.test(), last.validation()), (&[12, 13, 14, 15][..], &[0, 1, 2, 3][..]));
    let spies = plan(
        vec![Candidate::new("spy", Settings::new(), Spy)],
        &[study.inputs()],
        &[Arc::new(last)],
        &[1],
    );
    let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
    quiet.runner(folder.path(), 1).run(&spies).unwrap();
}

#[test]
fn a_choice_on_test_rows_is_refused() {
    let study = Study::new(40, 2, 1);
    let (folder, quiet, rows) = (tempfile::tempdir().unwrap(), Quiet::new(), study.genes());
    let folds = Folds::kfold(&rows, 4).unwrap();
    let combinations = vec![Settings::new().with("steps", 3)];
    let search =
        Search { family: family(), inputs: study.inputs(), combinations, halving: None, seed: 1 };
    let outer = arcs(folds.tested(&rows).unwrap());
    let runner = quiet.runner(folder.path(), 1);
    let peeks = search.nested(&outer, |_| folds.validated(&rows), &runner);
    assert!(matches!(peeks, Err(SelectError::Peeks { row: 0, .. })));
    // Nothing to choose by.
    assert!(matches!(search.run(&outer, &runner), Err(SelectError::Empty { .. })));
}

#[test]
fn targets_that_changed_under_the_same_settings_are_noticed() {
    let mut study = Study::new(40, 2, 1);
    let (folder, quiet, rows) = (tempfile::tempdir().unwrap(), Quiet::new(), study.genes());
    let divisions = arcs(Folds::kfold(&rows, 4).unwrap().tested(&rows).unwrap());
    let table = |study: &Study| -> Result<Table, SelectError> {
        let plan = plan(vec![descent(2)], &[study.inputs()], &divisions, &[1]);
        let results = quiet.runner(folder.path(), 1).run(&plan)?;
        Ok(results.open(&rows)?.summary())
    };
    let before = table(&study).unwrap().tsv();
    assert_eq!(table(&study).unwrap().tsv(), before);
    study.targets[39] += 1.0;
    assert!(matches!(table(&study), Err(SelectError::OtherTargets { .. })));
}
