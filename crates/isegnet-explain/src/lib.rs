#![doc = include_str!("../README.md")]

mod baseline;
mod completeness;
mod error;
mod evaluate;
mod gradient;
mod integrated;
mod quadrature;
mod shuffle;
mod steps;

pub use baseline::{Baseline, DnaBaseline, MixedBaseline, TrackBaseline};
pub use completeness::Completeness;
pub use error::ExplainError;
pub use gradient::{Gradient, centre_bases, gradient, gradient_times_input};
pub use integrated::{Attribution, IntegratedGradients};
pub use quadrature::{Quadrature, Rule};
pub use shuffle::dinucleotide_shuffle;
pub use steps::Steps;
