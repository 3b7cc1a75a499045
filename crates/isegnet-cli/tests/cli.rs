//! Runs the `isegnet` binary as a user does.

mod cli {
    pub mod setup;
    mod usage;
}
