//! What can be relied on: nothing is seen too early, nothing is run twice, and nothing
//! depends on threads or order.
#![allow(clippy::unwrap_used)]

mod compare;
mod divide;
mod genes;
mod repeat;
mod resume;
mod seal;
mod search;
mod study;
