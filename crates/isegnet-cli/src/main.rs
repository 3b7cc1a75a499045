//! The `isegnet` command.
fn main() {}
