//! One file a command: its arguments, and a short chain of library calls.

pub mod completions;
pub mod init;
