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
mod sequence;
mod signal;
mod simulate;
mod truth;

pub use config::{Config, Scenario};
pub use error::Error;
pub use simulate::{Summary, simulate};
