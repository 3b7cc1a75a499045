#![doc = include_str!("../README.md")]

pub mod atomic;
pub mod bedgraph;
pub mod bedmethyl;
pub mod bigwig;
mod error;
pub mod expression;
pub mod fasta;
pub mod genes;
pub mod gmt;
pub mod grid;
mod intervals;
pub mod names;
pub mod peaks;
pub mod regions;
pub mod signal;
pub mod sniff;
mod text;

pub use error::Error;
