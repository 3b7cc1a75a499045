//! Convolution over DNA, which is one of a few letters a position.
//!
//! A tap's weights for a letter are a row of the kernel, so a convolution adds up a row for
//! each tap; and the sum over a few neighbouring taps is one row of a table over all words
//! of that length. Its gradient goes the other way: rows of the output gradient are
//! added up by word, and from the words to the letters once, in the end.

use crate::Real;
use crate::buffer::Buffer;
use crate::conv::ConvShape;
use crate::isa::multiversion;
use crate::sums::for_each_stretch;

/// Letters: A, C, G, T and anything else, which weighs nothing.
const LETTERS: usize = 5;

/// Letters of the longest word; 5^4 words.
const LONGEST: usize = 4;

/// Numbers that the tables may take: they are read at random, so they have to stay in
/// the second cache.
const CACHED: usize = 1 << 18;

/// A convolution over codes 0..=3 for four input channels, and 4 for none of them.
#[derive(Clone, Debug)]
pub struct CodesConvolution {
    shape: ConvShape,
    letters: usize,
}

impl CodesConvolution {
    /// Lays out a convolution of one-hot codes.
    ///
    /// # Panics
    /// The shape does not have four inputs, or it has no tap or no output.
    pub fn new(shape: ConvShape) -> Self {
        shape.assert_possible();
        assert_eq!(shape.inputs, LETTERS - 1, "codes stand for four channels");
        assert!(shape.outputs > 0, "a convolution without outputs");
        let fits = |&letters: &usize| Self { shape, letters }.tables_len() <= CACHED;
        let letters = (2..=LONGEST.min(shape.taps)).rev().find(fits).unwrap_or(1);
        Self { shape, letters }
    }

    /// Its shape.
    pub fn shape(&self) -> &ConvShape {
        &self.shape
    }

    fn words(&self) -> usize {
        LETTERS.pow(self.letters as u32)
    }

    fn tables(&self) -> usize {
        self.shape.taps.div_ceil(self.letters)
    }

    /// Length of the tables, and of the sums of the kernel gradient.
    pub fn tables_len(&self) -> usize {
        self.tables() * self.words() * self.shape.outputs
    }

    /// Gives the number of the word that begins at each row, with `before` rows of padding before the
    /// codes and the rest after them.
    ///
    /// # Panics
    /// `words` are not as many as the shape has rows, or the codes do not fit in them.
    pub fn words_into(&self, before: usize, codes: &[u8], words: &mut [u16]) {
        assert_eq!(words.len(), self.shape.rows, "words of another length");
        assert!(before + codes.len() <= words.len(), "more codes than rows");
        let first = self.words() / LETTERS;
        // From the end on: a word is its first letter and the beginning of the next word.
        let mut word = self.words() - 1;
        for (row, to) in words.iter_mut().enumerate().rev() {
            let code = row.checked_sub(before).and_then(|i| codes.get(i));
            let letter = code.map_or(LETTERS - 1, |&code| usize::from(code).min(LETTERS - 1));
            word = letter * first + word / LETTERS;
            *to = word as u16;
        }
    }

    /// Makes the tables of a kernel, (taps, 4, outputs).
    ///
    /// # Panics
    /// `kernel` does not have the length that the shape gives it.
    pub fn prepare<T: Real>(&self, kernel: &[T], tables: &mut Buffer<T>) {
        assert_eq!(kernel.len(), self.shape.kernel_len(), "convolution kernel of another length");
        let outputs = self.shape.outputs;
        let tables = tables.at_least(self.tables_len());
        let kernels = kernel.chunks(self.letters * (LETTERS - 1) * outputs);
        for (kernel, table) in kernels.zip(tables.chunks_exact_mut(self.words() * outputs)) {
            for (word, row) in table.chunks_exact_mut(outputs).enumerate() {
                row.fill(T::ZERO);
                for (tap, kernel) in kernel.chunks_exact((LETTERS - 1) * outputs).enumerate() {
                    if let Some(weights) = kernel.chunks_exact(outputs).nth(self.letter(word, tap))
                    {
                        row.iter_mut().zip(weights).for_each(|(to, &w)| *to += w);
                    }
                }
            }
        }
    }

    /// The letter of a word at a place.
    fn letter(&self, word: usize, place: usize) -> usize {
        word / LETTERS.pow((self.letters - 1 - place) as u32) % LETTERS
    }

    /// Convolves one sample: words from [`words_into`](Self::words_into), tables from
    /// [`prepare`](Self::prepare), `y` (out_rows, outputs), overwritten.
    ///
    /// # Panics
    /// A slice does not have the length that the shape gives it.
    pub fn forward_into<T: Real>(
        &self,
        words: &[u16],
        tables: &Buffer<T>,
        bias: Option<&[T]>,
        y: &mut [T],
    ) {
        assert_eq!(words.len(), self.shape.rows, "words of another length");
        assert_eq!(y.len(), self.shape.output_len(), "convolution output of another length");
        if let Some(bias) = bias {
            assert_eq!(bias.len(), self.shape.outputs, "convolution bias of another length");
        }
        add_rows(self, words, &tables[..self.tables_len()], bias, y);
    }

    /// Adds one sample's output gradient, (out_rows, outputs), to the sums of the
    /// kernel gradient.
    ///
    /// # Panics
    /// A slice does not have the length that the shape gives it.
    pub fn kernel_gradient_add<T: Real>(&self, words: &[u16], dy: &[T], sums: &mut [T]) {
        assert_eq!(words.len(), self.shape.rows, "words of another length");
        assert_eq!(dy.len(), self.shape.output_len(), "output gradient of another length");
        assert_eq!(sums.len(), self.tables_len(), "sums of another length");
        add_by_word(self, words, dy, sums);
    }

    /// Computes the kernel gradient, (taps, 4, outputs), from its sums.
    ///
    /// # Panics
    /// A slice does not have the length that the shape gives it.
    pub fn kernel_gradient_into<T: Real>(&self, sums: &[T], dkernel: &mut [T]) {
        assert_eq!(sums.len(), self.tables_len(), "sums of another length");
        assert_eq!(dkernel.len(), self.shape.kernel_len(), "kernel gradient of another length");
        let outputs = self.shape.outputs;
        dkernel.fill(T::ZERO);
        let kernels = dkernel.chunks_mut(self.letters * (LETTERS - 1) * outputs);
        for (kernel, table) in kernels.zip(sums.chunks_exact(self.words() * outputs)) {
            for (tap, kernel) in kernel.chunks_exact_mut((LETTERS - 1) * outputs).enumerate() {
                for (word, row) in table.chunks_exact(outputs).enumerate() {
                    let letter = self.letter(word, tap);
                    if let Some(to) = kernel.chunks_exact_mut(outputs).nth(letter) {
                        to.iter_mut().zip(row).for_each(|(to, &g)| *to += g);
                    }
                }
            }
        }
    }
}

multiversion! {
    fn add_rows<T: Real>(
        c: &CodesConvolution,
        words: &[u16],
        tables: &[T],
        bias: Option<&[T]>,
        y: &mut [T],
    ) {
        let outputs = c.shape.outputs;
        for (r, y) in y.chunks_exact_mut(outputs).enumerate() {
            for_each_stretch!(outputs, |at, N| {
                row_stretch::<T, N>(c, (r, at), words, tables, bias, y)
            });
        }
    }
}

#[inline(always)]
fn row_stretch<T: Real, const N: usize>(
    c: &CodesConvolution,
    (r, at): (usize, usize),
    words: &[u16],
    tables: &[T],
    bias: Option<&[T]>,
    y: &mut [T],
) {
    let mut sum = [T::ZERO; N];
    if let Some(bias) = bias {
        sum.copy_from_slice(&bias[at..][..N]);
    }
    let table = c.words() * c.shape.outputs;
    let places = words[r..][..c.shape.taps].iter().step_by(c.letters);
    for (table, &word) in tables.chunks_exact(table).zip(places) {
        let row = &table[usize::from(word) * c.shape.outputs + at..][..N];
        for j in 0..N {
            sum[j] += row[j];
        }
    }
    y[at..][..N].copy_from_slice(&sum);
}

multiversion! {
    fn add_by_word<T: Real>(c: &CodesConvolution, words: &[u16], dy: &[T], sums: &mut [T]) {
        let outputs = c.shape.outputs;
        let table = c.words() * outputs;
        for (r, dy) in dy.chunks_exact(outputs).enumerate() {
            let places = words[r..][..c.shape.taps].iter().step_by(c.letters);
            for (table, &word) in sums.chunks_exact_mut(table).zip(places) {
                let row = &mut table[usize::from(word) * outputs..][..outputs];
                for (to, &g) in row.iter_mut().zip(dy) {
                    *to += g;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::direct::Direct;
    use proptest::prelude::*;

    fn numbers(n: usize, seed: u32) -> Vec<f64> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1 << 23) - 1.0
        };
        (0..n).map(|_| next()).collect()
    }

    proptest! {
        #[test]
        fn it_is_the_convolution_of_one_hot_rows(
            codes in prop::collection::vec(0u8..7, 30..120),
            taps in 1usize..25,
            outputs in 1usize..70,
            pad in 0usize..12,
        ) {
            let shape = ConvShape { rows: codes.len(), taps, inputs: 4, outputs };
            let (before, after) = (pad, pad / 2);
            let shape = ConvShape { rows: before + codes.len() + after, ..shape };
            let padding = vec![4; pad];
            let padded = [&padding, codes.as_slice(), &padding[..after]].concat();
            let one_hot: Vec<f64> = padded
                .iter()
                .flat_map(|&code| (0..4).map(move |base| f64::from(u8::from(code == base))))
                .collect();
            let kernel = numbers(shape.kernel_len(), 1);
            let bias = numbers(outputs, 2);
            let dy = numbers(shape.output_len(), 3);
            let by_codes = CodesConvolution::new(shape);
            let mut words = vec![0; shape.rows];
            by_codes.words_into(before, &codes, &mut words);
            let mut tables = Buffer::default();
            by_codes.prepare(&kernel, &mut tables);

            let (mut y, mut expected) = (dy.clone(), dy.clone());
            by_codes.forward_into(&words, &tables, Some(&bias), &mut y);
            let direct = Direct(shape);
            let mut panels = vec![0.0; direct.kernel_len(false)];
            direct.pack_kernel(&kernel, false, &mut panels);
            direct.forward(&one_hot, &panels, Some(&bias), &mut expected);
            for (y, e) in y.iter().zip(&expected) {
                prop_assert!((y - e).abs() < 1e-12);
            }

            let mut sums = vec![0.0; by_codes.tables_len()];
            by_codes.kernel_gradient_add(&words, &dy, &mut sums);
            let (mut dkernel, mut expected) = (kernel.clone(), vec![0.0; kernel.len()]);
            by_codes.kernel_gradient_into(&sums, &mut dkernel);
            direct.kernel_gradient_add(&one_hot, &dy, &mut expected);
            for (g, e) in dkernel.iter().zip(&expected) {
                prop_assert!((g - e).abs() < 1e-10);
            }
        }
    }
}
