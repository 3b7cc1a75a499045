//! A block's input and the convolution that reads it: values, or DNA as codes.

use super::Number;
use super::conv::grow;
use super::padded::{Geometry, Padded};
use crate::plan::ConvBlock;
use isegnet_ops::{Buffer, CodesConvolution, ConvScratch, ConvShape, Convolution, PreparedKernel};
use ndarray::ArrayView2;
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
        let Some(codes) = &mut self.codes else { unreachable!("codes for a track branch") };
        let (n, rows, before) = (dna.nrows(), codes.conv.shape().rows, self.x.geometry().before);
        grow(&mut codes.words, n * rows);
        let conv = &codes.conv;
        codes.words[..n * rows].par_chunks_mut(rows).enumerate().for_each(|(sample, words)| {
            match dna.row(sample).as_slice() {
                Some(dna) => conv.words_into(before, dna, words),
                None => conv.words_into(before, &dna.row(sample).to_vec(), words),
            }
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

    /// Convolves one sample.
    pub fn forward(
        &self,
        sample: usize,
        bias: Option<&[T]>,
        scratch: &mut ConvScratch<T>,
        z: &mut [T],
    ) {
        match self.reading_codes() {
            Some(codes) => {
                codes.conv.forward_into(codes.words_of(sample), &codes.tables, bias, z);
            }
            None => {
                self.conv.forward_into(self.x.sample(sample), &self.kernel, bias, scratch, z);
            }
        }
    }

    /// Length of the sums that become the kernel gradient.
    pub fn sums_len(&self) -> usize {
        self.reading_codes().map_or(self.conv.sums_len(), |codes| codes.conv.tables_len())
    }

    /// Runs one sample's gradient at the convolution's output, with its zero rows, back.
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

impl<T> Codes<T> {
    fn words_of(&self, sample: usize) -> &[u16] {
        let rows = self.conv.shape().rows;
        &self.words[sample * rows..][..rows]
    }
}
