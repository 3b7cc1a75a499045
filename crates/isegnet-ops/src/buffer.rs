use crate::Real;
use std::ops::{Deref, DerefMut};

/// Channels that spectra and tables are padded to: the lanes of the widest vector.
pub(crate) const LANES: usize = 16;

/// As much as one cache line holds, or two.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line<T>([T; LANES]);

/// Memory that begins with a cache line, grows and never shrinks; new memory is 0.
///
/// A vector that straddles two cache lines costs two reads, and the system's
/// allocator places large blocks so that every one of them would.
#[derive(Clone, Debug)]
pub struct Buffer<T> {
    lines: Vec<Line<T>>,
    len: usize,
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Self { lines: Vec::new(), len: 0 }
    }
}

impl<T: Real> Buffer<T> {
    /// Makes the buffer at least `len` long.
    pub fn grow(&mut self, len: usize) {
        if len > self.len {
            self.lines.resize(len.div_ceil(LANES), Line([T::ZERO; LANES]));
            self.len = len;
        }
    }

    /// Makes the buffer at least `len` long and gives that much of it; contents are unspecified.
    pub fn at_least(&mut self, len: usize) -> &mut [T] {
        self.grow(len);
        &mut self[..len]
    }
}

impl<T: Real> Deref for Buffer<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: a line is LANES numbers without padding (64 or 128 bytes), so the
        // lines are that many numbers in a row.
        let all = unsafe {
            std::slice::from_raw_parts(self.lines.as_ptr().cast::<T>(), self.lines.len() * LANES)
        };
        &all[..self.len]
    }
}

impl<T: Real> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        let len = self.len;
        // SAFETY: as above.
        let all = unsafe {
            std::slice::from_raw_parts_mut(
                self.lines.as_mut_ptr().cast::<T>(),
                self.lines.len() * LANES,
            )
        };
        &mut all[..len]
    }
}
