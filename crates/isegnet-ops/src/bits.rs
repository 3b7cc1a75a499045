//! Masks with one bit an element, row-major: element e is bit e % 64 of word e / 64.

/// Words that hold one bit for each of `elements` elements.
pub fn bit_words(elements: usize) -> usize {
    elements.div_ceil(64)
}

/// Digits of `keep` that [`fill_keep_bits`] compares at most.
const DIGITS: u32 = 32;

/// Blocks of random bits that [`fill_keep_bits`] may ask for, for each word.
pub const RANDOM_BLOCKS_PER_WORD: u64 = DIGITS as u64 / 2;

/// Draws dropout's mask: each of `elements` bits is 1 with probability `keep`.
///
/// `random` gives 128 random bits for a block number, always the same for the
/// same number, so that a mask depends neither on threads nor on order; word w
/// asks for blocks from `w *` [`RANDOM_BLOCKS_PER_WORD`] on. The probability is exact to 2^-32;
/// bits after the last element are 0.
///
/// Each bit compares the binary digits of a uniform number with those of
/// `keep`, 64 elements at a time, until every comparison is decided: one
/// 64-bit draw for `keep` = 1/2, about eight otherwise.
///
/// # Panics
/// `words` is not [`bit_words`]`(elements)` long.
pub fn fill_keep_bits(
    keep: f64,
    elements: usize,
    random: impl Fn(u64) -> [u32; 4],
    words: &mut [u64],
) {
    assert_eq!(words.len(), bit_words(elements), "a mask of another length");
    let threshold = (keep.clamp(0.0, 1.0) * f64::from(DIGITS).exp2()).round() as u64;
    for (w, word) in (0u64..).zip(words.iter_mut()) {
        *word = keep_word(threshold, |block| random(w * RANDOM_BLOCKS_PER_WORD + block));
    }
    let used = elements % 64;
    if used > 0
        && let Some(last) = words.last_mut()
    {
        *last &= (1 << used) - 1;
    }
}

/// 64 bits that are 1 with probability `threshold` / 2^32 each.
fn keep_word(threshold: u64, random: impl Fn(u64) -> [u32; 4]) -> u64 {
    if threshold >> DIGITS != 0 {
        return u64::MAX;
    }
    let (mut kept, mut undecided) = (0, u64::MAX);
    let mut rest = threshold << (64 - DIGITS);
    let mut block = 0;
    while rest != 0 && undecided != 0 {
        let b = random(block);
        for pair in [[b[0], b[1]], [b[2], b[3]]] {
            let draw = u64::from(pair[0]) | u64::from(pair[1]) << 32;
            if rest >> 63 == 1 {
                kept |= undecided & !draw;
                undecided &= draw;
            } else {
                undecided &= !draw;
            }
            rest <<= 1;
        }
        block += 1;
    }
    kept
}

/// The up to 64 bits from element `at` on; bits beyond the last word are 0.
#[inline(always)]
pub(crate) fn bits_at(words: &[u64], at: usize) -> u64 {
    let (word, shift) = (at / 64, (at % 64) as u32);
    let low = words.get(word).copied().unwrap_or(0);
    let high = words.get(word + 1).copied().unwrap_or(0);
    low >> shift | (high << 1) << (63 - shift)
}

/// Fills a mask from its first bit on.
pub(crate) struct BitWriter<'a> {
    words: std::slice::IterMut<'a, u64>,
    pending: u64,
    filled: u32,
}

impl<'a> BitWriter<'a> {
    #[inline(always)]
    pub fn new(words: &'a mut [u64]) -> Self {
        Self { words: words.iter_mut(), pending: 0, filled: 0 }
    }

    /// Appends the lowest `width` (1 to 63) bits of `bits`; the others are 0.
    #[inline(always)]
    pub fn push(&mut self, bits: u64, width: u32) {
        self.pending |= bits << self.filled;
        let filled = self.filled + width;
        if filled >= 64 {
            if let Some(word) = self.words.next() {
                *word = self.pending;
            }
            // Shifting in two steps: the shift is 64 where nothing is left over.
            self.pending = (bits >> 1) >> (63 - self.filled);
        }
        self.filled = filled % 64;
    }

    /// Writes what is pending, and 0 into the words that were not reached.
    #[inline(always)]
    pub fn finish(mut self) {
        if self.filled > 0
            && let Some(word) = self.words.next()
        {
            *word = self.pending;
        }
        for word in self.words {
            *word = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draws(seed: u64) -> impl Fn(u64) -> [u32; 4] {
        move |block| {
            let mix = |z: u64| {
                let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^ (z >> 31)
            };
            let a = mix(seed.wrapping_add(block.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
            let b = mix(!a);
            [a as u32, (a >> 32) as u32, b as u32, (b >> 32) as u32]
        }
    }

    #[test]
    fn masks_keep_as_many_as_asked() {
        let n = 64_000;
        for keep in [0.0, 0.1, 0.25, 0.5, 0.7, 0.9, 1.0] {
            let mut words = vec![0; bit_words(n)];
            fill_keep_bits(keep, n, draws(3), &mut words);
            let kept: u32 = words.iter().map(|w| w.count_ones()).sum();
            let deviation = (keep * (1.0 - keep) * n as f64).sqrt();
            assert!((f64::from(kept) - keep * n as f64).abs() <= 4.0 * deviation, "{keep} {kept}");
        }
    }

    #[test]
    fn bits_beyond_the_last_element_are_zero() {
        let mut words = [u64::MAX; 2];
        fill_keep_bits(1.0, 70, draws(1), &mut words);
        assert_eq!(words, [u64::MAX, (1 << 6) - 1]);
    }

    #[test]
    fn a_mask_asks_for_its_own_blocks_only() {
        let mut words = [0; 3];
        let mut long = [0; 5];
        fill_keep_bits(0.7, 192, draws(9), &mut words);
        fill_keep_bits(0.7, 320, draws(9), &mut long);
        assert_eq!(words, long[..3]);
        fill_keep_bits(0.7, 192, |block| draws(9)(block + 2 * RANDOM_BLOCKS_PER_WORD), &mut words);
        assert_eq!(words, long[2..]);
    }

    proptest! {
        #[test]
        fn what_is_pushed_is_read_again(
            pieces in prop::collection::vec((any::<u64>(), 1u32..33), 0..40)
        ) {
            let elements: u32 = pieces.iter().map(|p| p.1).sum();
            let mut words = vec![u64::MAX; bit_words(elements as usize) + 1];
            let mut writer = BitWriter::new(&mut words);
            for &(bits, width) in &pieces {
                writer.push(bits & ((1 << width) - 1), width);
            }
            writer.finish();
            let mut at = 0;
            for &(bits, width) in &pieces {
                let mask = (1 << width) - 1;
                prop_assert_eq!(bits_at(&words, at) & mask, bits & mask);
                at += width as usize;
            }
            prop_assert_eq!(bits_at(&words, at), 0);
        }
    }
}
