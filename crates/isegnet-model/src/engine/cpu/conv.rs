//! A convolution block on the CPU: convolution, batch norm, ReLU, dropout, pooling.

mod backward;

use super::convolver::{Convolver, Sample};
use super::norm::Norm;
use super::padded::Padded;
use super::{Convolving, Mode, Number, Work};
use crate::config::{DropoutAfter, Pooling};
use crate::plan::ConvBlock;
use crate::weights::{Layout, Weights};
use isegnet_ops::{
    Buffer, ConvScratch, ScaleOffsetRelu, bit_words, dropout_in_place, max_pool_forward_into,
    moments_add, relu_avg_pool_into, scale_offset_relu_avg_pool_into, scale_offset_relu_into,
};
use rayon::prelude::*;
use std::ops::Range;

pub(super) struct ConvState<T> {
    block: ConvBlock,
    pub input: Convolver<T>,
    kernel: Range<usize>,
    bias: Option<Range<usize>>,
    norm: Norm<T>,
    /// The convolution's output, in training.
    z: Buffer<T>,
    /// Dropout's bits, then the gate: where the gradient passes.
    keep: Vec<u64>,
    gate: Vec<u64>,
    /// Where each max pool found its value.
    places: Vec<u8>,
    /// The kernel with batch norm's scale, outside training.
    folded: Vec<T>,
    folded_bias: Vec<T>,
    /// Dropout's factor in this step, if there is dropout.
    factor: Option<T>,
}

impl<T: Number> ConvState<T> {
    pub fn new(block: &ConvBlock, layout: &Layout) -> Self {
        Self {
            kernel: super::range(layout, &block.name, "kernel"),
            bias: block.bias.then(|| super::range(layout, &block.name, "bias")),
            norm: Norm::new(block.bn.as_deref(), layout, block.outputs),
            input: Convolver::new(block),
            z: Buffer::default(),
            keep: Vec::new(),
            gate: Vec::new(),
            places: Vec::new(),
            folded: Vec::new(),
            folded_bias: vec![T::ZERO; block.outputs],
            factor: None,
            block: block.clone(),
        }
    }

    /// Elements of a sample at the convolution's output.
    fn each(&self) -> usize {
        self.input.shape().output_len()
    }

    fn words(&self) -> usize {
        bit_words(self.each())
    }

    fn is_max(&self) -> bool {
        matches!(self.block.pool, Some((Pooling::Max, _)))
    }

    fn reserve(&mut self, n: usize) {
        let (each, words, pooled) = (self.each(), self.words(), self.out_len());
        self.z.grow(n * each);
        grow(&mut self.gate, n * words);
        if self.is_max() {
            grow(&mut self.places, n * pooled);
        }
    }

    /// Makes room in one thread's memory.
    pub fn reserve_thread(&self, scratch: &mut Convolving<T>) {
        self.input.reserve(&mut scratch.conv);
        scratch.z.grow(self.input.shape().padded_gradient_len());
        if self.is_max() {
            grow(&mut scratch.places, self.out_len());
        }
    }

    /// Runs the block on the samples of its input in training mode; the result goes
    /// inside `out`.
    pub fn forward(
        &mut self,
        n: usize,
        weights: &Weights<T>,
        mode: Mode,
        work: &mut Work<T>,
        out: &mut Padded<T>,
    ) {
        self.reserve(n);
        let kernel = &weights.values()[self.kernel.clone()];
        work.threads.with(|scratch| self.input.prepare(kernel, &mut scratch.conv));
        work.sums.clear();
        work.sums.resize(n * 2 * self.norm.channels(), 0.0);
        self.convolve(n, weights, work);
        self.norm.take_batch(weights, n * self.input.shape().out_rows(), &work.sums);
        self.draw_dropout(n, mode);
        self.activate(n, work, out);
        self.drop_pooled(n, out);
    }

    /// Convolves, and adds up each sample's moments.
    fn convolve(&mut self, n: usize, weights: &Weights<T>, work: &mut Work<T>) {
        let (each, channels) = (self.each(), self.norm.channels());
        let bias = self.bias.clone().map(|range| &weights.values()[range]);
        let shift = self.norm.shift(weights);
        let (input, threads) = (&self.input, &work.threads);
        let samples = self.z[..n * each].par_chunks_mut(each);
        samples.zip(work.sums.par_chunks_mut(2 * channels)).enumerate().for_each(
            |(sample, (z, sums))| {
                threads.with(|scratch| input.forward(sample, bias, &mut scratch.conv, z));
                let (sum, squares) = sums.split_at_mut(channels);
                if let Some(shift) = shift {
                    moments_add(channels, z, shift, sum, squares);
                }
            },
        );
    }

    /// Makes the kernel ready for [`infer`](Self::infer), batch norm's moving
    /// statistics folded into it.
    pub fn prepare_inference(&mut self, weights: &Weights<T>, scratch: &mut ConvScratch<T>) {
        self.norm.take_moving(weights);
        let (scale, offset) = (&self.norm.scale, &self.norm.offset);
        let kernel = &weights.values()[self.kernel.clone()];
        self.folded.clear();
        for row in kernel.chunks_exact(scale.len()) {
            self.folded.extend(row.iter().zip(scale).map(|(&w, &s)| w * s));
        }
        self.folded_bias.copy_from_slice(offset);
        if let Some(range) = self.bias.clone() {
            let bias = weights.values()[range].iter().zip(scale);
            self.folded_bias.iter_mut().zip(bias).for_each(|(to, (&b, &s))| *to += b * s);
        }
        self.input.prepare(&self.folded, scratch);
    }

    /// Runs the block on one sample outside training; the result goes into `y`.
    pub fn infer(&self, x: Sample<'_, T>, scratch: &mut Convolving<T>, y: &mut [T]) {
        let Convolving { conv, z, places } = scratch;
        let (channels, z) = (self.norm.channels(), z.at_least(self.each()));
        self.input.convolve(x, Some(&self.folded_bias), conv, z);
        match self.block.pool {
            None => relu_avg_pool_into(channels, 1, z, y),
            Some((Pooling::Average, window)) => relu_avg_pool_into(channels, window, z, y),
            Some((Pooling::Max, window)) => {
                grow(places, y.len());
                max_pool_forward_into(channels, window, z, y, &mut places[..y.len()]);
                // NaN passes.
                y.iter_mut().for_each(|v| *v = if *v <= T::ZERO { T::ZERO } else { *v });
            }
        }
    }

    /// Elements of a sample at the block's output.
    pub fn out_len(&self) -> usize {
        self.block.out_rows() * self.block.outputs
    }

    /// Draws what dropout keeps.
    fn draw_dropout(&mut self, n: usize, mode: Mode) {
        let bits = mode.keep_bits(&self.block.name, self.block.dropout);
        self.factor = bits.as_ref().map(|bits| T::from_f64(bits.factor()));
        let Some(bits) = bits else { return };
        let each = match self.block.dropout_after {
            DropoutAfter::Relu => self.each(),
            DropoutAfter::Pool => self.out_len(),
        };
        let words = bit_words(each);
        grow(&mut self.keep, n * words);
        let rows = self.keep[..n * words].par_chunks_mut(words).enumerate();
        rows.for_each(|(row, keep)| bits.fill(row, each, keep));
    }

    /// Dropout's factor in this step, if that is where values are dropped.
    fn factor_after(&self, place: DropoutAfter) -> Option<T> {
        self.factor.filter(|_| self.block.dropout_after == place)
    }

    /// Drops out what was pooled, or the gradient there.
    fn drop_pooled(&self, n: usize, pooled: &mut Padded<T>) {
        let Some(factor) = self.factor_after(DropoutAfter::Pool) else { return };
        let (geometry, words) = (pooled.geometry(), bit_words(self.out_len()));
        let keep = self.keep[..n * words].par_chunks(words);
        let samples = pooled.samples_mut(n).par_chunks_mut(geometry.sample());
        samples.zip(keep).for_each(|(sample, keep)| {
            dropout_in_place(keep, factor, &mut sample[geometry.interior()]);
        });
    }

    fn activate(&mut self, n: usize, work: &mut Work<T>, out: &mut Padded<T>) {
        let geometry = out.reserve(n);
        let (each, words, channels) = (self.each(), self.words(), self.norm.channels());
        let factor = self.factor_after(DropoutAfter::Relu);
        let (norm, keep, pool) = (&self.norm, &self.keep, self.block.pool);
        let activation = |row: usize| ScaleOffsetRelu {
            scale: &norm.scale,
            offset: &norm.offset,
            relu: true,
            keep: factor.map(|factor| (&keep[row * words..][..words], factor)),
        };
        let samples = self.z[..n * each]
            .par_chunks(each)
            .zip(self.gate[..n * words].par_chunks_mut(words))
            .zip(out.samples_mut(n).par_chunks_mut(geometry.sample()))
            .enumerate();
        match pool {
            None => samples.for_each(|(row, ((z, gate), y))| {
                scale_offset_relu_into(&activation(row), z, &mut y[geometry.interior()], gate);
            }),
            Some((Pooling::Average, window)) => samples.for_each(|(row, ((z, gate), y))| {
                let y = &mut y[geometry.interior()];
                scale_offset_relu_avg_pool_into(&activation(row), window, z, y, gate);
            }),
            Some((Pooling::Max, window)) => {
                work.unpooled.grow(n * each);
                let pooled = self.block.out_rows() * channels;
                let places = self.places[..n * pooled].par_chunks_mut(pooled);
                let unpooled = work.unpooled[..n * each].par_chunks_mut(each);
                samples.zip(places).zip(unpooled).for_each(
                    |(((row, ((z, gate), y)), places), unpooled)| {
                        scale_offset_relu_into(&activation(row), z, unpooled, gate);
                        let y = &mut y[geometry.interior()];
                        max_pool_forward_into(channels, window, unpooled, y, places);
                    },
                );
            }
        }
    }

    pub fn write_statistics(&self, n: usize, to: &mut Weights<T>) {
        self.norm.write_statistics(n * self.input.shape().out_rows(), true, to);
    }
}

/// Makes a buffer at least `len` long.
pub(super) fn grow<V: Clone + Default>(buffer: &mut Vec<V>, len: usize) {
    if buffer.len() < len {
        buffer.resize(len, V::default());
    }
}
