//! Every kernel against an obvious reference, and every gradient against finite differences.

mod activation;
mod conv;
mod dense;
mod dropout;
mod finite_difference;
mod pool;
mod reference;
mod sums;
mod values;
