//! A block's input and the convolution that reads it: values, or DNA as codes.

use super::Number;
use super::conv::grow;
use super::padded::{Geometry, Padded};
use crate::plan::ConvBlock;
use isegnet_ops::{Buffer, CodesConvolution, ConvScratch, ConvShape, Convolution, PreparedKernel};
use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

/// The convolution of a block with its input, sample by sample.
pub(super) struct Convolver<T> {
    conv: Convolution<T>,
    kernel: PreparedKernel<T>,
    /// The input, with the zero rows of the padding.
    pub x: Padded<T>,
    /// What reads DNA that comes as codes; `coded` tells whether it does now.
    codes: Option<Codes<T>>,
    coded: bool,
}

/// One sample as a convolution reads it.
#[derive(Clone, Copy)]
pub(super) enum Sample<'a, T> {
    /// Values, with the zero rows of the padding.
    Values(&'a [T]),
    /// DNA as words.
    Words(&'a [u16]),
}

struct Codes<T> {
    conv: CodesConvolution,
    tables: Buffer<T>,
    words: Vec<u16>,
}

impl<T: Number> Convolver<T> {
    pub fn new(block: &ConvBlock) -> Self {
        let (before, after) = block.pad;
        let shape = ConvShape {
            rows: before + block.rows + after,
            taps: block.taps,
            inputs: block.inputs,
            outputs: block.outputs,
        };
        let geometry = Geometry { before, rows: block.rows, after, channels: block.inputs };
        Self {
            conv: Convolution::new(shape),
            kernel: PreparedKernel::default(),
            x: Padded::new(geometry),
            codes: None,
            coded: false,
        }
    }

    /// Makes it one that also reads DNA as codes.
    pub fn read_codes(&mut self) {
        let conv = CodesConvolution::new(*self.conv.shape());
        self.codes = Some(Codes { conv, tables: Buffer::default(), words: Vec::new() });
    }

    /// Makes room in one thread's memory.
    pub fn reserve(&self, scratch: &mut ConvScratch<T>) {
        self.conv.reserve(scratch);
    }

    pub fn shape(&self) -> &ConvShape {
        self.conv.shape()
    }

    /// Makes room for `n` samples of values, and reads those from now on.
    pub fn reserve_values(&mut self, n: usize) -> Geometry {
        self.coded = false;
        self.x.reserve(n)
    }

    /// Takes DNA codes, (sample, position), and reads those from now on.
    ///
    /// # Panics
    /// This is no convolution over DNA.
    pub fn take_codes(&mut self, dna: ArrayView2<'_, u8>) {
        self.expect_codes(true);
        let (n, rows) = (dna.nrows(), self.conv.shape().rows);
        let before = self.x.geometry().before;
        let Some(Codes { conv, words, .. }) = &mut self.codes else {
            unreachable!("codes for a track branch")
        };
        grow(words, n * rows);
        words[..n * rows].par_chunks_mut(rows).enumerate().for_each(|(sample, words)| {
            words_into(conv, before, dna.row(sample), words);
        });
    }

    /// Says whether the DNA of the next samples comes as codes.
    pub fn expect_codes(&mut self, coded: bool) {
        self.coded = coded && self.codes.is_some();
    }

    /// What reads codes, where that is what it does now.
    fn reading_codes(&self) -> Option<&Codes<T>> {
        self.codes.as_ref().filter(|_| self.coded)
    }

    pub fn prepare(&mut self, kernel: &[T], scratch: &mut ConvScratch<T>) {
        match &mut self.codes {
            Some(codes) if self.coded => codes.conv.prepare(kernel, &mut codes.tables),
            _ => self.conv.prepare_forward(kernel, scratch, &mut self.kernel),
        }
    }

    pub fn prepare_adjoint(&mut self, kernel: &[T], scratch: &mut ConvScratch<T>) {
        self.conv.prepare_adjoint(kernel, scratch, &mut self.kernel);
    }

    /// Convolves one of the samples taken before.
    pub fn forward(
        &self,
        sample: usize,
        bias: Option<&[T]>,
        scratch: &mut ConvScratch<T>,
        z: &mut [T],
    ) {
        let sample = match self.reading_codes() {
            Some(codes) => Sample::Words(codes.words_of(sample)),
            None => Sample::Values(self.x.sample(sample)),
        };
        self.convolve(sample, bias, scratch, z);
    }

    /// Convolves a sample that lies anywhere.
    pub fn convolve(
        &self,
        sample: Sample<'_, T>,
        bias: Option<&[T]>,
        scratch: &mut ConvScratch<T>,
        z: &mut [T],
    ) {
        match (sample, &self.codes) {
            (Sample::Values(x), _) => self.conv.forward_into(x, &self.kernel, bias, scratch, z),
            (Sample::Words(words), Some(codes)) => {
                codes.conv.forward_into(words, &codes.tables, bias, z);
            }
            (Sample::Words(_), None) => unreachable!("words for a convolution over values"),
        }
    }

    /// Numbers the words of one sample's DNA; see [`take_codes`](Self::take_codes).
    pub fn words_into(&self, dna: ArrayView1<'_, u8>, words: &mut [u16]) {
        let Some(codes) = &self.codes else { unreachable!("codes for a track branch") };
        words_into(&codes.conv, self.x.geometry().before, dna, words);
    }

    /// Length of the sums that become the kernel gradient.
    pub fn sums_len(&self) -> usize {
        self.reading_codes().map_or(self.conv.sums_len(), |codes| codes.conv.tables_len())
    }

    /// Runs one sample's gradient at the convolution's output, with its zero rows, back;
    /// codes have no input gradient.
    pub fn backward_add(
        &self,
        sample: usize,
        dz: &[T],
        scratch: &mut ConvScratch<T>,
        sums: &mut [T],
        dx: Option<&mut [T]>,
    ) {
        match self.reading_codes() {
            Some(codes) => {
                debug_assert!(dx.is_none(), "codes have no gradient");
                let s = self.conv.shape();
                let inside = &dz[(s.taps - 1) * s.outputs..][..s.output_len()];
                codes.conv.kernel_gradient_add(codes.words_of(sample), inside, sums);
            }
            None => {
                let input = dx.map(|dx| (&self.kernel, dx));
                self.conv.backward_add(self.x.sample(sample), dz, scratch, sums, input);
            }
        }
    }

    /// Computes the kernel gradient from its sums.
    pub fn kernel_gradient(&self, sums: &[T], scratch: &mut ConvScratch<T>, dkernel: &mut [T]) {
        match self.reading_codes() {
            Some(codes) => codes.conv.kernel_gradient_into(sums, dkernel),
            None => self.conv.kernel_gradient_into(sums, scratch, dkernel),
        }
    }
}

fn words_into(conv: &CodesConvolution, before: usize, dna: ArrayView1<'_, u8>, words: &mut [u16]) {
    match dna.as_slice() {
        Some(dna) => conv.words_into(before, dna, words),
        None => conv.words_into(before, &dna.to_vec(), words),
    }
}

impl<T> Codes<T> {
    fn words_of(&self, sample: usize) -> &[u16] {
        let rows = self.conv.shape().rows;
        &self.words[sample * rows..][..rows]
    }
}
