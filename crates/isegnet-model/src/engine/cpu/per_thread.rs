//! Memory that each thread has to itself.

use std::sync::{Mutex, PoisonError, TryLockError};

/// One value for each of rayon's threads, used again by every task that runs there.
///
/// A task must not start others while it holds its thread's value: one of them
/// might come to run on the same thread.
pub(super) struct PerThread<W>(Vec<Mutex<W>>);

impl<W> Default for PerThread<W> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<W: Default> PerThread<W> {
    /// Makes values for all threads of the present pool, and lets each grow.
    pub fn reserve(&mut self, grow: impl Fn(&mut W)) {
        let threads = rayon::current_num_threads();
        if self.0.len() < threads {
            self.0.resize_with(threads, Mutex::default);
        }
        for slot in &mut self.0 {
            grow(slot.get_mut().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Lends the value of the thread that calls.
    ///
    /// # Panics
    /// It is lent already.
    pub fn with<R>(&self, work: impl FnOnce(&mut W) -> R) -> R {
        let slot = &self.0[rayon::current_thread_index().unwrap_or(0)];
        let mut value = match slot.try_lock() {
            Ok(value) => value,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => panic!("a thread's memory was lent twice"),
        };
        work(&mut value)
    }
}
