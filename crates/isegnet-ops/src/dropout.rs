use crate::bits::bit_words;
use crate::isa::multiversion;

multiversion! {
    /// Drops values out, and multiplies those that are kept: `x[e] = factor * x[e]` where bit e
    /// of `keep`, [`bit_words`]`(x.len())` words, is 1, else 0.
    ///
    /// The gradient at the input follows from that at the output in the same way.
    ///
    /// # Panics
    /// A length does not fit.
    pub fn dropout_in_place<T: Real>(keep: &[u64], factor: T, x: &mut [T]) {
        assert_eq!(keep.len(), bit_words(x.len()), "a dropout mask of another length");
        for (&word, x) in keep.iter().zip(x.chunks_mut(64)) {
            for (j, v) in x.iter_mut().enumerate() {
                *v = if word >> j & 1 == 1 { *v * factor } else { T::ZERO };
            }
        }
    }
}
