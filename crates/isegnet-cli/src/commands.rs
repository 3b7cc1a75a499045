//! One file a command: its arguments, and a short chain of library calls.

pub mod ablate;
pub mod check;
pub mod compare;
pub mod compare_models;
pub mod completions;
pub mod demo;
pub mod enrich;
pub mod evaluate;
pub mod explain;
pub mod export;
pub mod init;
pub mod motif;
pub mod overlap;
pub mod predict;
pub mod prepare;
pub mod simulate;
pub mod sweep;
pub mod train;
pub mod tune;
