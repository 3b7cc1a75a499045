//! Every baseline on real data, an eighth of IMR-90's genes, fold by fold against
//! scikit-learn (`tests/data/imr90.py`); `examples/imr90.rs` takes all of them.
#![allow(clippy::unwrap_used)]

#[path = "../examples/imr90/folds.rs"]
mod folds;

use folds::{MODELS, Part, Scores};
use isegnet_core::testdata::real_data;

#[test]
fn baselines_score_as_those_of_scikit_learn() {
    let Some(data) = real_data("imr90-tabular") else { return };
    let part = Part::read(&data, "small");
    for (name, allowed) in MODELS {
        assert!(part.has(name));
        let scores = part.scores(name);
        let Scores { ours, theirs, seconds } = scores;
        println!("{name}: {ours:.4?} in {seconds:.2?} s, theirs {theirs:.4?}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert!((ours - theirs).abs() <= allowed, "{name}: {ours}, scikit-learn {theirs}");
        }
    }
}
