//! Sums down the rows of an activation.
//!
//! A tile of rows is summed in the activation's own type, in registers, and
//! tiles are added up in f64: as exact as a pairwise sum, as fast as reading.
//! The order is fixed, so the bits do not depend on threads or instructions.

use crate::Real;
use crate::isa::multiversion;

/// Rows that are summed before the sum is widened to f64.
pub(crate) const TILE: usize = 32;

/// Calls an `#[inline(always)]` function with a constant width for every
/// stretch of channels: as many of 32 as fit, then 16, 8, 4, 2 and 1.
///
/// A macro, because only what is inlined is compiled for the instruction set
/// of the caller (see `multiversion`), and a closure may not be.
macro_rules! for_each_stretch {
    ($channels:expr, |$at:ident, $width:ident| $body:expr) => {{
        let channels: usize = $channels;
        let mut $at = 0;
        while channels - $at >= 32 {
            const $width: usize = 32;
            $body;
            $at += $width;
        }
        $crate::sums::for_each_stretch!(@once channels, $at, $width, 16, $body);
        $crate::sums::for_each_stretch!(@once channels, $at, $width, 8, $body);
        $crate::sums::for_each_stretch!(@once channels, $at, $width, 4, $body);
        $crate::sums::for_each_stretch!(@once channels, $at, $width, 2, $body);
        $crate::sums::for_each_stretch!(@once channels, $at, $width, 1, $body);
        debug_assert_eq!($at, channels);
    }};
    (@once $channels:ident, $at:ident, $width:ident, $n:literal, $body:expr) => {
        if $channels - $at >= $n {
            const $width: usize = $n;
            $body;
            $at += $width;
        }
    };
}
pub(crate) use for_each_stretch;

/// Checks that `x` is whole rows of `channels`.
#[inline(always)]
pub(crate) fn assert_rows<T>(channels: usize, x: &[T]) {
    assert!(channels > 0, "an activation needs a channel");
    assert_eq!(x.len() % channels, 0, "an activation is no whole number of rows");
}

#[inline(always)]
pub(crate) fn widen_add<T: Real, const N: usize>(tile: &[T; N], sums: &mut [f64]) {
    for (sum, part) in sums.iter_mut().zip(tile) {
        *sum += part.to_f64();
    }
}

#[inline(always)]
fn sum_stretch<T: Real, const N: usize>(channels: usize, at: usize, tile: &[T], sums: &mut [f64]) {
    let mut sum = [T::ZERO; N];
    for row in tile.chunks_exact(channels) {
        let x = &row[at..][..N];
        for j in 0..N {
            sum[j] += x[j];
        }
    }
    widen_add(&sum, &mut sums[at..][..N]);
}

multiversion! {
    /// Adds up each channel: `sums[c] += sum over r of x[r, c]`.
    ///
    /// With an output gradient for `x` this is the gradient of a bias.
    ///
    /// # Panics
    /// `channels` is 0, or a length does not fit.
    pub fn column_sums_add<T: Real>(channels: usize, x: &[T], sums: &mut [f64]) {
        assert_rows(channels, x);
        assert_eq!(sums.len(), channels, "sums of another length");
        for tile in x.chunks(TILE * channels) {
            for_each_stretch!(channels, |at, N| sum_stretch::<T, N>(channels, at, tile, sums));
        }
    }
}

#[inline(always)]
fn moment_stretch<T: Real, const N: usize>(
    channels: usize,
    at: usize,
    tile: &[T],
    shift: &[T],
    (sum, sum_of_squares): (&mut [f64], &mut [f64]),
) {
    let (mut s, mut q) = ([T::ZERO; N], [T::ZERO; N]);
    let shift = &shift[at..][..N];
    for row in tile.chunks_exact(channels) {
        let x = &row[at..][..N];
        for j in 0..N {
            let d = x[j] - shift[j];
            s[j] += d;
            q[j] += d * d;
        }
    }
    widen_add(&s, &mut sum[at..][..N]);
    widen_add(&q, &mut sum_of_squares[at..][..N]);
}

multiversion! {
    /// Adds up what [`Moments::from_sums`](crate::Moments::from_sums) needs:
    /// `sum[c] += sum over r of d` and `sum_of_squares[c] += sum over r of d^2`,
    /// with `d = x[r, c] - shift[c]`.
    ///
    /// `shift` is any value near the mean, such as the moving mean or the first
    /// row; a variance computed about 0 would lose its digits where the mean is
    /// much larger than the deviation.
    ///
    /// # Panics
    /// `channels` is 0, or a length does not fit.
    pub fn moments_add<T: Real>(
        channels: usize,
        x: &[T],
        shift: &[T],
        sum: &mut [f64],
        sum_of_squares: &mut [f64],
    ) {
        assert_rows(channels, x);
        assert_eq!(shift.len(), channels, "shift of another length");
        assert_eq!(sum.len(), channels, "sums of another length");
        assert_eq!(sum_of_squares.len(), channels, "sums of squares of another length");
        for tile in x.chunks(TILE * channels) {
            for_each_stretch!(channels, |at, N| {
                moment_stretch::<T, N>(channels, at, tile, shift, (sum, sum_of_squares))
            });
        }
    }
}
