#![doc = include_str!("../README.md")]

pub mod atomic;
pub mod bedgraph;
pub mod bedmethyl;
pub mod bigwig;
mod error;
pub mod expression;
pub mod fasta;
pub mod genes;
mod intervals;
mod names;
pub mod regions;
pub mod signal;
pub mod sniff;
mod text;

pub use error::Error;
