//! The same numbers at any number of threads and in any order.

use crate::study::{Descent, Quiet, Study, arcs, descent, keys, plan};
use isegnet_core::{Examples, FitContext, LearnError, Learner, Predictor};
use isegnet_select::{
    Candidate, Cost, Folds, InputSet, Plan, Resampling, SelectError, Settings, Threads, Trial,
};
use std::collections::BTreeMap;

fn everything<'a>(study: &'a Study) -> Plan<'a> {
    let rows = study.genes();
    let divisions = arcs(Folds::kfold(&rows, 3).unwrap().tested_and_validated(&rows).unwrap());
    let candidates = vec![descent(3), descent(30).on(Threads::All), descent(100)];
    plan(candidates, &[study.inputs(), study.inputs().shuffled(1)], &divisions, &[1, 2])
}

#[test]
fn neither_threads_nor_order_change_a_bit() {
    let study = Study::new(60, 3, 2);
    let (quiet, rows) = (Quiet::new(), study.genes());
    let tables = |plan: &Plan<'_>, threads: usize| {
        let folder = tempfile::tempdir().unwrap();
        let results = quiet.runner(folder.path(), threads).run(plan).unwrap();
        let of_key: BTreeMap<String, Vec<u32>> = results
            .finished()
            .iter()
            .map(|f| (f.trial().key().unwrap(), f.test_predictions()))
            .map(|(key, predicted)| (key, predicted.iter().map(|p| p.to_bits()).collect()))
            .collect();
        let few = Resampling { repeats: 20, ..Resampling::default() };
        let validation = results.validation_table().tsv();
        (validation + &results.open(&rows).unwrap().table(&few).tsv(), of_key)
    };
    let plan = everything(&study);
    let (table, predicted) = tables(&plan, 1);
    assert_eq!(predicted.len(), 36);
    for threads in [2, 5] {
        assert_eq!(tables(&plan, threads), (table.clone(), predicted.clone()));
    }
    let backwards: Vec<Trial<'_>> = plan.trials().iter().rev().cloned().collect();
    assert_eq!(tables(&Plan::new(backwards), 3).1, predicted);
}

#[test]
fn whatever_a_trial_follows_from_makes_it_another() {
    let study = Study::new(60, 3, 2);
    let rows = study.genes();
    let divisions = arcs(Folds::kfold(&rows, 3).unwrap().tested(&rows).unwrap());
    let of = |candidate: Candidate<'static>, inputs: InputSet<'_>, division: usize, seed| {
        let plan = plan(vec![candidate], &[inputs], &divisions[division..][..1], &[seed]);
        keys(plan.trials()).pop().unwrap()
    };
    let first = of(descent(3), study.inputs(), 0, 1);
    let named = Candidate::new("other", Settings::new().with("steps", 3), Descent::default());
    let wider = InputSet::whole("signals", Settings::new().with("data", "wider"), &study);
    let others = [
        of(descent(4), study.inputs(), 0, 1),
        of(named, study.inputs(), 0, 1),
        of(descent(3), wider, 0, 1),
        of(descent(3), study.inputs().shuffled(1), 0, 1),
        of(descent(3), study.inputs().shuffled(2), 0, 1),
        of(descent(3), study.inputs(), 1, 1),
        of(descent(3), study.inputs(), 0, 2),
    ];
    let mut all = [&others[..], std::slice::from_ref(&first)].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 8);
    // What only says how it is run or called does not.
    let cost = Cost { seconds: 3.0, basis: "guessed".into() };
    let same = descent(3).labelled("three steps").on(Threads::All).costing(cost);
    assert_eq!(of(same, study.inputs(), 0, 1), first);
}

#[test]
fn a_sweep_is_a_grid_of_input_sets() {
    let study = Study::new(30, 3, 2);
    let rows = study.genes();
    let windows = isegnet_select::Space::new().among("up", [500, 1000]).among("down", [0, 500]);
    let sets = InputSet::swept(
        &Settings::new().with("data", "made up"),
        &windows.grid().unwrap(),
        |settings, _| {
            assert!(settings.get("up").is_some());
            Ok(Box::new(study.clone()))
        },
    );
    let names: Vec<&str> = sets.iter().map(InputSet::name).collect();
    assert_eq!(names, ["up=500 down=0", "up=500 down=500", "up=1000 down=0", "up=1000 down=500"]);
    assert_eq!(sets[3].from().to_string(), "data=made up up=1000 down=500");
    let divisions = arcs(Folds::kfold(&rows, 3).unwrap().tested(&rows).unwrap());
    let plan = plan(vec![descent(3)], &sets, &divisions, &[1]);
    let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
    let comparison = quiet.runner(folder.path(), 2).run(&plan).unwrap().open(&rows).unwrap();
    assert_eq!(comparison.lines().len(), 4);
}

/// Predicts what is no number for one row.
struct Wrong;

impl Learner for Wrong {
    fn name(&self) -> &str {
        "wrong"
    }

    fn fit(
        &self,
        _: &dyn Examples,
        _: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<Box<dyn Predictor>, LearnError> {
        let message = format!("seed {} does not suit", context.seed);
        Err(LearnError::Unsuitable { learner: "wrong".into(), message })
    }
}

#[test]
fn a_trial_that_fails_leaves_the_others_finished() {
    let study = Study::new(30, 3, 2);
    let rows = study.genes();
    let divisions = arcs(Folds::kfold(&rows, 3).unwrap().tested(&rows).unwrap());
    let diverging = Descent { rate: 1e9, steps: 200, ..Descent::default() };
    let candidates = vec![
        descent(3),
        Candidate::new("wrong", Settings::new(), Wrong),
        Candidate::new("diverging", Settings::new(), diverging),
    ];
    let plan = plan(candidates, &[study.inputs()], &divisions[..1], &[1]);
    let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
    let runner = quiet.runner(folder.path(), 2);
    let Err(SelectError::Failed { trials: 3, failed }) = runner.run(&plan) else {
        panic!("two of three fail")
    };
    assert_eq!(failed.len(), 2);
    assert_eq!(failed[0].0, "wrong / signals / fold 1 / seed 1");
    assert!(failed[0].1.contains("seed 1 does not suit"), "{failed:?}");
    assert!(failed[1].1.contains("predicted NaN for row 0"), "{failed:?}");
    assert_eq!(runner.forecast(&plan).unwrap().left(), 2);
}

#[test]
fn the_cost_is_said_by_what_is_known() {
    let study = Study::new(30, 3, 2);
    let rows = study.genes();
    let divisions = arcs(Folds::kfold(&rows, 3).unwrap().tested(&rows).unwrap());
    let cost = |seconds| Cost { seconds, basis: "timed".into() };
    let candidates = vec![
        descent(1).costing(cost(100.0)),
        descent(2).costing(cost(10.0)).on(Threads::All),
        descent(3),
    ];
    let all = plan(candidates, &[study.inputs()], &divisions, &[1]);
    let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
    let runner = quiet.runner(folder.path(), 2);
    let forecast = runner.forecast(&all).unwrap();
    assert_eq!((forecast.trials(), forecast.left()), (9, 9));
    assert_eq!(forecast.seconds(), (3.0 * 100.0 / 2.0 + 3.0 * 10.0, 3));
    assert_eq!(
        forecast.to_string(),
        "descent steps=1 / signals: 3 of 3 to do, 2 minutes each (timed)\n\
         descent steps=2 / signals: 3 of 3 to do, 10.0 s each (timed)\n\
         descent steps=3 / signals: 3 of 3 to do, cost not known until one is finished\n\
         9 of 9 trials to do: 3 minutes on 2 threads; the cost of 3 is not known"
    );
    // Finished ones are known better than what was said.
    let one = plan(vec![descent(1)], &[study.inputs()], &divisions[..1], &[1]);
    let took = runner.run(&one).unwrap().finished()[0].seconds();
    let forecast = runner.forecast(&all).unwrap();
    assert_eq!((forecast.left(), forecast.seconds()), (8, (2.0 * took / 2.0 + 30.0, 3)));
    assert!(forecast.lines()[0].ends_with("each (median of 1 finished)"), "{forecast}");
    // A trial that a plan names twice is run once.
    let twice = one.clone().and(one);
    assert_eq!(runner.run(&twice).unwrap().finished().len(), 2);
    assert_eq!(runner.forecast(&twice).unwrap().trials(), 1);
}
