#![doc = include_str!("../README.md")]

mod classification;
mod correlation;
mod regression;
mod undefined;

pub use classification::{accuracy, auroc};
pub use correlation::{mid_ranks, pearson, spearman};
pub use regression::{mse, r2};
pub use undefined::Undefined;
