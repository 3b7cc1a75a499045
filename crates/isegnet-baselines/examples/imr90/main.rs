//! Every baseline on IMR-90's 16,724 genes, five folds, beside scikit-learn:
//! `cargo run --release -p isegnet-baselines --example imr90`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod folds;

use folds::{MODELS, Part};
use isegnet_core::testdata::real_data;

fn main() {
    let Some(data) = real_data("imr90-tabular") else { return };
    let part = Part::read(&data, "whole");
    println!(
        "| model | R2 | scikit-learn's | largest difference of a fold | s a fold | scikit-learn's |"
    );
    println!("|---|---|---|---|---|---|");
    for (name, _) in MODELS.into_iter().filter(|(name, _)| part.has(name)) {
        let scores = part.scores(name);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let pairs = scores.ours.iter().zip(&scores.theirs);
        let off = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let (ours, theirs) = (mean(&scores.ours), mean(&scores.theirs));
        let [seconds, peers] = scores.seconds;
        println!("| {name} | {ours:.4} | {theirs:.4} | {off:.1e} | {seconds:.2} | {peers:.2} |");
    }
}
