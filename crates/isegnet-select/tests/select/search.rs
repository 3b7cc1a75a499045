//! Searches find what is best, and the nested number is honest.

use crate::study::{Descent, Quiet, Study, arcs, message};
use isegnet_core::LearnError;
use isegnet_select::{
    Division, Family, Folds, Halving, InputSet, Leaderboard, Parts, Runner, Search, SelectError,
    Settings, Space, Values,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn family<'a>(fits: Arc<AtomicUsize>) -> Family<'a> {
    Family::new("descent", move |settings| {
        let or = |name: &str, default: &str| settings.get(name).unwrap_or(default).to_owned();
        let steps: usize = match settings.get("steps") {
            Some(_) => settings.value("steps", "a whole number of steps")?,
            None => 40,
        };
        let rate: f64 = or("rate", "0.2").parse().unwrap();
        let track = settings.get("track").map(|text| text.parse().unwrap());
        if rate < 0.0 {
            let (learner, message) = ("descent".to_owned(), "it would ascend".to_owned());
            return Err(LearnError::Unsuitable { learner, message }.into());
        }
        Ok(Arc::new(Descent { steps, rate, track, fits: fits.clone() }))
    })
}

fn search<'a>(inputs: InputSet<'a>, combinations: Vec<Settings>) -> Search<'a> {
    let family = family(Arc::default());
    Search { family, inputs, combinations, halving: None, seed: 1 }
}

#[test]
fn a_grid_search_ranks_by_the_mean_of_the_validation_rows() {
    let study = Study::new(90, 3, 1);
    let (folder, quiet, rows) = (tempfile::tempdir().unwrap(), Quiet::new(), study.genes());
    let folds = arcs(Folds::kfold(&rows, 3).unwrap().validated(&rows).unwrap());
    let grid = Space::new().among("track", [1, 0, 2]).among("steps", [1, 50]).grid().unwrap();
    let search = search(study.inputs(), grid);
    let runner = quiet.runner(folder.path(), 2);
    let board = search.run(&folds, &runner).unwrap();
    assert_eq!(board.best().unwrap().to_string(), "track=0 steps=50");
    // Against the trials themselves.
    let results = runner.run(&search.plan(&folds).unwrap()).unwrap();
    let r2: Vec<f64> =
        results.finished().iter().map(|f| f.validation().unwrap().r2.unwrap()).collect();
    for (ranked, of) in board.ranked().iter().zip(r2.chunks(3)) {
        let mean = (of[0] + of[1] + of[2]) / 3.0;
        let deviation = (of.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / 3.0).sqrt();
        let (m, d) = ranked.moments.unwrap();
        assert!((m - mean).abs() < 1e-12 && (d - deviation).abs() < 1e-12);
    }
    let table = board.table().tsv();
    let header = "rank\tround\ttrack\tsteps\tR2 of fold 1\tR2 of fold 2\tR2 of fold 3\tmean R2\t\
                  deviation of R2\tproblem\n";
    assert!(table.starts_with(header), "{table}");
    assert!(table.lines().nth(4).unwrap().starts_with("1\t1\t0\t50\t0.9"), "{table}");
}

#[test]
fn a_combination_that_fails_has_no_rank_and_says_why() {
    let study = Study::new(60, 3, 1);
    let (folder, quiet, rows) = (tempfile::tempdir().unwrap(), Quiet::new(), study.genes());
    let folds = arcs(Folds::kfold(&rows, 3).unwrap().validated(&rows).unwrap());
    let runner = quiet.runner(folder.path(), 2);
    let run = |rates: &[&str]| {
        search(study.inputs(), Space::new().among("rate", rates).grid().unwrap())
            .run(&folds, &runner)
    };
    let board = run(&["1e9", "0.01", "0.2"]).unwrap();
    let first = &board.ranked()[0];
    assert!(first.problem.as_ref().unwrap().contains("predicted"), "{:?}", first.problem);
    assert_eq!(first.moments, None);
    assert!(board.table().tsv().lines().nth(1).unwrap().starts_with("NA\t1\t1e9\tNA"));
    assert_eq!(board.best().unwrap().to_string(), "rate=0.2");
    assert_eq!(run(&["1e9"]).unwrap().best(), None);
    assert!(matches!(run(&["-1", "0.1"]), Err(SelectError::Learn(_))));
    let nothing = search(study.inputs(), Vec::new()).run(&folds, &runner);
    assert!(matches!(nothing, Err(SelectError::Nothing { what: "combinations" })));
    let all_fail = search(study.inputs(), vec![Settings::new().with("rate", "1e9")]);
    let outer = arcs(Folds::kfold(&rows, 3).unwrap().tested(&rows).unwrap());
    let nested = all_fail.nested(&outer, inner(&rows), &runner);
    assert!(matches!(nested, Err(SelectError::Failed { .. })));
}

/// One validation row has no R2: whoever sees no rank sees why.
#[test]
fn a_fold_without_an_r2_is_named() {
    let study = Study::new(6, 3, 1);
    let (folder, quiet, rows) = (tempfile::tempdir().unwrap(), Quiet::new(), study.genes());
    let folds = arcs(Folds::kfold(&rows, 5).unwrap().validated(&rows).unwrap());
    let search = search(study.inputs(), Space::new().among("rate", ["0.1"]).grid().unwrap());
    let board = search.run(&folds, &quiet.runner(folder.path(), 1)).unwrap();
    let only = &board.ranked()[0];
    assert!(only.scores[0].is_some() && only.scores[1..].iter().all(Option::is_none));
    let message = message(board.chosen().cloned());
    assert!(message.contains("fold 2 validates on one row"), "{message}");
}

fn inner(
    rows: &isegnet_select::Rows,
) -> impl Fn(&Division) -> Result<Vec<Division>, SelectError> + '_ {
    |outer| outer.inner(rows, &Folds::kfold_among(rows, &outer.development(), 3)?)
}

#[test]
fn halving_spends_on_the_better_ones() {
    let study = Study::new(60, 9, 1);
    let (folder, quiet, rows) = (tempfile::tempdir().unwrap(), Quiet::new(), study.genes());
    let folds = arcs(Folds::kfold(&rows, 3).unwrap().validated(&rows).unwrap());
    let fits = Arc::new(AtomicUsize::new(0));
    let halving = Halving { budget: "steps".into(), least: 2, most: 18, factor: 3 };
    let search = Search {
        family: family(fits.clone()),
        halving: Some(halving),
        ..search(study.inputs(), Space::new().among("track", 0..9).grid().unwrap())
    };
    let runner = quiet.runner(folder.path(), 2);
    assert_eq!(search.plan(&folds).unwrap().trials().len(), 27);
    let board: Leaderboard = search.run(&folds, &runner).unwrap();
    assert_eq!(board.best().unwrap().to_string(), "track=0 steps=18");
    let rounds: Vec<usize> = board.ranked().iter().map(|r| r.round).collect();
    assert_eq!(rounds, [[1; 9].as_slice(), &[2; 3], &[3; 1]].concat());
    // Nine, three and one combination of three folds each.
    assert_eq!(fits.load(Ordering::SeqCst), 39);
    search.run(&folds, &runner).unwrap();
    assert_eq!(fits.load(Ordering::SeqCst), 39);
    // The three that were kept are the best of their round.
    let mut first: Vec<_> = board.ranked()[..9].iter().collect();
    first.sort_by(|a, b| b.moments.unwrap().0.total_cmp(&a.moments.unwrap().0));
    for (kept, best) in board.ranked()[9..12].iter().zip(first) {
        assert_eq!(kept.settings.get("track"), best.settings.get("track"));
    }
}

#[test]
fn a_random_search_draws_what_was_asked_for() {
    let space = Space::new()
        .with("C", Values::LogUniform(1e-2, 1e2))
        .with("share", Values::Uniform(-1.0, 1.0))
        .with("depth", Values::Whole(3, 5))
        .among("kernel", ["rbf", "linear"]);
    let drawn = space.random(400, 1).unwrap();
    let numbers = |name: &str| -> Vec<f64> {
        drawn.iter().map(|settings| settings.value(name, "a number").unwrap()).collect()
    };
    let below = |name, limit| numbers(name).iter().filter(|v| **v < limit).count();
    // Half of the draws, up to four deviations of 10.
    for (name, middle) in [("C", 1.0), ("share", 0.0)] {
        assert!((160..240).contains(&below(name, middle)), "{name}");
    }
    assert!(numbers("C").iter().all(|c| (1e-2..=1e2).contains(c)));
    let mut depths = numbers("depth");
    depths.sort_by(f64::total_cmp);
    depths.dedup();
    assert_eq!(depths, [3.0, 4.0, 5.0]);
    assert_ne!(space.random(5, 2).unwrap(), drawn[..5]);
    assert_eq!(space.random(5, 1).unwrap(), drawn[..5]);
    // No more than there are, each once.
    let few = Space::new().with("depth", Values::Whole(3, 5));
    assert_eq!(few.random(10, 1).unwrap().len(), 3);
    assert!(space.grid().is_err());
    assert!(Space::new().with("C", Values::LogUniform(0.0, 1.0)).random(1, 1).is_err());
    assert!(Space::new().among::<&str>("kernel", []).grid().is_err());
    assert!(space.random(1_000_000_000, 1).is_err());
    let vast = (0..12).fold(Space::new(), |space, i| space.among(format!("s{i}"), 0..10));
    assert!(message(vast.grid()).contains("100000 are the most"));
    assert_eq!(vast.random(3, 1).unwrap().len(), 3);
    // None of the values is lost without a word.
    let twice = Space::new().among("depth", [1, 2]).among("C", [1]).among("depth", [3, 4]);
    for refused in [twice.grid(), twice.random(2, 1)] {
        assert!(message(refused).contains("depth"));
    }
}

/// Of twenty useless signals the one that does best on the rows it is chosen by seems to
/// be of use; on rows that did not choose it is of none.
#[test]
fn the_nested_number_is_honest_where_the_best_one_flatters() {
    let study = Study::new(90, 20, 4);
    let (quiet, rows) = (Quiet::new(), study.genes());
    let inputs = study.inputs().shuffled(9);
    let tracks = Space::new().among("track", 0..20).grid().unwrap();
    let search = search(inputs, tracks);
    let folder = tempfile::tempdir().unwrap();
    let runner: Runner<'_> = quiet.runner(folder.path(), 2);
    let folds = Folds::kfold(&rows, 3).unwrap();
    let outer = arcs(folds.tested(&rows).unwrap());
    let nested = search.nested(&outer, inner(&rows), &runner).unwrap();
    let best = |board: &Leaderboard| {
        let all = board.ranked().iter().filter_map(|r| r.moments);
        all.map(|m| m.0).fold(f64::NEG_INFINITY, f64::max)
    };
    let flattering = nested.searches.iter().map(best).sum::<f64>() / 3.0;
    let comparison = nested.results.open(&rows).unwrap();
    // What was chosen differs, and the line is one.
    assert_eq!(comparison.lines().len(), 1);
    assert_eq!(comparison.lines()[0].model, "descent, chosen inside");
    let honest: Vec<f64> = comparison
        .entries()
        .iter()
        .map(|e| isegnet_select::Score::new(&e.measured, &e.predicted).r2.unwrap())
        .collect();
    let honest = honest.iter().sum::<f64>() / 3.0;
    assert!(flattering > 0.0, "{flattering}");
    assert!(honest < 0.0, "{honest}");
}

#[test]
fn one_outer_division_is_a_search_with_a_test() {
    let study = Study::new(90, 3, 1);
    let (folder, quiet, rows) = (tempfile::tempdir().unwrap(), Quiet::new(), study.genes());
    let parts = Parts {
        train: (0..50).collect(),
        validation: (50..70).collect(),
        test: (70..90).collect(),
    };
    let outer = arcs(vec![Division::new(&rows, "split", parts).unwrap()]);
    let grid = Space::new().among("track", 0..3).grid().unwrap();
    let runner = quiet.runner(folder.path(), 2);
    let nested = search(study.inputs(), grid).nested(&outer, inner(&rows), &runner).unwrap();
    assert_eq!(nested.searches[0].best().unwrap().to_string(), "track=0");
    let comparison = nested.results.open(&rows).unwrap();
    assert_eq!(comparison.entries()[0].rows, (70..90).collect::<Vec<_>>());
}
