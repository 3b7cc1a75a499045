//! The bits that say which values dropout keeps.

use super::Dropout;
use isegnet_core::Random;
use isegnet_ops::{RANDOM_BLOCKS_PER_WORD, fill_keep_bits};

/// The keep bits of one layer at one step, a pure function of
/// (seed, layer, step, row of the batch, element).
pub(crate) struct KeepBits {
    random: Random,
    step: u64,
    keep: f64,
}

impl KeepBits {
    pub(crate) fn new(dropout: Dropout, layer: &str, rate: f32) -> Self {
        let random = Random::new(dropout.seed, &format!("dropout/{layer}"));
        // The rate as it was written: 0.1f32 stands for 0.1.
        let rate = (f64::from(rate) * 1e6).round() / 1e6;
        Self { random, step: dropout.step, keep: 1.0 - rate }
    }

    /// What a kept value is multiplied by, so that the expected value stays.
    pub(crate) fn factor(&self) -> f64 {
        self.keep.recip()
    }

    /// Fills the bits of one row of the batch, row-major.
    pub(crate) fn fill(&self, row: usize, elements: usize, words: &mut [u64]) {
        let first = (row * words.len()) as u64 * RANDOM_BLOCKS_PER_WORD;
        let block = |i: u64| self.random.block(self.step, first + i);
        fill_keep_bits(self.keep, elements, block, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_kept_is_one_minus_the_rate_and_rows_differ() {
        for rate in [0.1f32, 0.3, 0.5] {
            let keep = KeepBits::new(Dropout { seed: 3, step: 5 }, "epi.conv1", rate);
            let (mut a, mut b) = (vec![0u64; 4000], vec![0u64; 4000]);
            keep.fill(0, 64 * 4000, &mut a);
            keep.fill(1, 64 * 4000, &mut b);
            assert_ne!(a, b);
            let ones: u32 = a.iter().map(|w| w.count_ones()).sum();
            let share = f64::from(ones) / (64.0 * 4000.0);
            assert!((share - f64::from(1.0 - rate)).abs() < 0.005, "{rate}: {share}");
            assert!((keep.factor() - 1.0 / f64::from(1.0 - rate)).abs() < 1e-4);
        }
    }
}
