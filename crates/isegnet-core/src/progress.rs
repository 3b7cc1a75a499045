use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where long work says how far it is.
pub trait Progress: Sync {
    /// A task of `total` steps begins; one that was running ends.
    fn start(&self, task: &str, total: u64);
    /// `steps` more are done.
    fn advance(&self, steps: u64);
    /// The task ends.
    fn finish(&self);
    /// A line for the person watching, kept on screen.
    fn line(&self, text: &str);
}

/// Progress that nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
    fn line(&self, _: &str) {}
}

/// A flag that asks long work to stop at its next safe place.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Tells whether the work was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
