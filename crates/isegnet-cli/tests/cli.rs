//! Runs the `isegnet` binary as a user does.

#![allow(clippy::unwrap_used)]

mod cli {
    pub mod attributed;
    mod compare;
    mod enrich;
    mod explain;
    mod inputs;
    mod motif;
    mod overlap;
    pub mod setup;
    mod study;
    mod trials;
    mod usage;
}
