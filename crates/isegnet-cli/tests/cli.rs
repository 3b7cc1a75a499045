//! Runs the `isegnet` binary as a user does.

#![allow(clippy::unwrap_used)]

mod cli {
    mod compare;
    mod explain;
    mod inputs;
    pub mod setup;
    mod study;
    mod usage;
}
