#![doc = include_str!("../README.md")]

pub mod atomic;
pub mod bigwig;
mod error;
pub mod sniff;
mod text;

pub use error::Error;
