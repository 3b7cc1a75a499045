#![doc = include_str!("../README.md")]

mod cause;
mod config;
mod design;
mod draw;
mod error;
mod expression;
mod files;
mod layout;
mod methylation;
mod motif;
mod planted;
mod sequence;
mod signal;
mod simulate;
mod truth;

pub use config::{Config, Scenario};
pub use error::Error;
pub use planted::{Planted, read_truth};
pub use simulate::{Summary, simulate};
