//! One file a command: its arguments, and a short chain of library calls.

pub mod check;
pub mod completions;
pub mod init;
pub mod prepare;
pub mod simulate;
