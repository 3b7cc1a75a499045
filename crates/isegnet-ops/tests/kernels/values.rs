//! Made-up numbers and their comparison.

use isegnet_ops::Real;

/// `n` numbers in [-1, 1), the same for the same seed.
pub fn values(seed: u64, n: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..8).for_each(|_| {
        next();
    });
    (0..n).map(|_| next()).collect()
}

/// `n` words of bits, about half of them set.
pub fn bits(seed: u64, n: usize) -> Vec<u64> {
    values(seed, n)
        .iter()
        .map(|v| v.to_bits().wrapping_mul(0xD6E8_FEB8_6659_FD93).reverse_bits())
        .collect()
}

pub fn bit(words: &[u64], at: usize) -> bool {
    words[at / 64] >> (at % 64) & 1 == 1
}

pub fn narrow<T: Real>(x: &[f64]) -> Vec<T> {
    x.iter().map(|&v| T::from_f64(v)).collect()
}

/// The two inputs of a test in both types must be the same numbers.
pub fn rounded(x: &[f64]) -> Vec<f64> {
    x.iter().map(|&v| f64::from(v as f32)).collect()
}

/// Asserts that `got` is `want` up to `tolerance` times the largest of 1 and |want|.
#[track_caller]
pub fn assert_close<T: Real>(got: &[T], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    let largest = want.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        let difference = (g.to_f64() - w).abs();
        assert!(difference <= tolerance * largest, "element {i}: {g:?} instead of {w}");
    }
}

/// Rounding allowed in f32 and f64.
pub const SINGLE: f64 = 3e-5;
pub const DOUBLE: f64 = 1e-12;
