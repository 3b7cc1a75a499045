//! Activations of a batch with zero rows before and after each sample.

use isegnet_ops::{Buffer, Real};
use std::ops::Range;

/// Sizes of one sample: zero rows, rows, zero rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Geometry {
    pub before: usize,
    pub rows: usize,
    pub after: usize,
    pub channels: usize,
}

impl Geometry {
    /// A sample without zero rows.
    pub fn plain(rows: usize, channels: usize) -> Self {
        Self { before: 0, rows, after: 0, channels }
    }

    /// Elements of a sample, zero rows included.
    pub fn sample(&self) -> usize {
        (self.before + self.rows + self.after) * self.channels
    }

    /// Where the rows proper lie in a sample; they are contiguous.
    pub fn interior(&self) -> Range<usize> {
        let start = self.before * self.channels;
        start..start + self.rows * self.channels
    }

    /// Sets a sample's zero rows and gives the rows proper.
    pub fn pad<T: Real>(self, sample: &mut [T]) -> &mut [T] {
        let inside = self.interior();
        sample[..inside.start].fill(T::ZERO);
        sample[inside.end..].fill(T::ZERO);
        &mut sample[inside]
    }

    /// Gives a buffer this geometry and room for `n` samples; contents are unspecified.
    pub fn reshape<T: Real>(self, buffer: &mut Padded<T>, n: usize) {
        buffer.geometry = self;
        buffer.data.grow(n * self.sample());
    }
}

/// Samples of one geometry, one after another.
#[derive(Default)]
pub(super) struct Padded<T> {
    geometry: Geometry,
    data: Buffer<T>,
}

impl<T: Real> Padded<T> {
    pub fn new(geometry: Geometry) -> Self {
        Self { geometry, data: Buffer::default() }
    }

    /// Makes room for `len` elements.
    pub fn grow(&mut self, len: usize) {
        self.data.grow(len);
    }

    pub fn geometry(&self) -> Geometry {
        self.geometry
    }

    /// Makes room for `n` samples; new memory is zero, and the zero rows stay so.
    pub fn reserve(&mut self, n: usize) -> Geometry {
        self.geometry.reshape(self, n);
        self.geometry
    }

    /// The first `n` samples.
    pub fn samples(&self, n: usize) -> &[T] {
        &self.data[..n * self.geometry.sample()]
    }

    /// The first `n` samples, to be changed.
    pub fn samples_mut(&mut self, n: usize) -> &mut [T] {
        &mut self.data[..n * self.geometry.sample()]
    }

    /// One sample, with its zero rows.
    pub fn sample(&self, sample: usize) -> &[T] {
        let each = self.geometry.sample();
        &self.data[sample * each..][..each]
    }

    /// The rows proper of one sample.
    pub fn interior(&self, sample: usize) -> &[T] {
        &self.data[sample * self.geometry.sample()..][self.geometry.interior()]
    }
}
