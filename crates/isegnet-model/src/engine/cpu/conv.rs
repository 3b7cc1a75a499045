//! A convolution block on the CPU: convolution, batch norm, ReLU, dropout, pooling.

use super::convolver::{Convolver, Sample};
use super::norm::Norm;
use super::padded::Padded;
use super::{Convolving, Mode, Number, Work};
use crate::config::Pooling;
use crate::plan::ConvBlock;
use crate::weights::{Layout, Weights};
use isegnet_ops::{
    Buffer, ConvScratch, GatedGradient, ScaleOffsetRelu, batch_norm_backward_into,
    batch_norm_backward_sums_add, bit_words, column_sums_add, max_pool_backward_into,
    max_pool_forward_into, moments_add, relu_avg_pool_into, scale_offset_relu_avg_pool_into,
    scale_offset_relu_into,
};
use rayon::prelude::*;
use std::ops::Range;

/// Groups of rows whose kernel gradients are summed apart, then in order: as many threads
/// as can work on a backward convolution.
const GROUPS: usize = 16;

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
    /// Dropout's factor in this step.
    factor: T,
}

impl<T: Number> ConvState<T> {
    pub fn new(block: &ConvBlock, layout: &Layout) -> Self {
        Self {
            kernel: super::range(layout, &block.name, "kernel"),
            bias: block.bias.then(|| super::range(layout, &block.name, "bias")),
            norm: Norm::new(&block.bn, layout, block.outputs),
            input: Convolver::new(block),
            z: Buffer::default(),
            keep: Vec::new(),
            gate: Vec::new(),
            places: Vec::new(),
            folded: Vec::new(),
            folded_bias: vec![T::ZERO; block.outputs],
            factor: T::ONE,
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
        let dropped = self.draw_dropout(n, mode);
        self.activate(n, dropped, work, out);
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
                moments_add(channels, z, shift, sum, squares);
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

    /// Draws what dropout keeps, and tells whether there is dropout.
    fn draw_dropout(&mut self, n: usize, mode: Mode) -> bool {
        self.factor = T::ONE;
        let (each, words) = (self.each(), self.words());
        let Some(bits) = mode.keep_bits(&self.block.name, self.block.dropout) else { return false };
        self.factor = T::from_f64(bits.factor());
        grow(&mut self.keep, n * words);
        let rows = self.keep[..n * words].par_chunks_mut(words).enumerate();
        rows.for_each(|(row, keep)| bits.fill(row, each, keep));
        true
    }

    fn activate(&mut self, n: usize, dropped: bool, work: &mut Work<T>, out: &mut Padded<T>) {
        let geometry = out.reserve(n);
        let (each, words, channels) = (self.each(), self.words(), self.norm.channels());
        let (norm, factor, keep, pool) = (&self.norm, self.factor, &self.keep, self.block.pool);
        let activation = |row: usize| ScaleOffsetRelu {
            scale: &norm.scale,
            offset: &norm.offset,
            relu: true,
            keep: dropped.then(|| (&keep[row * words..][..words], factor)),
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

    /// Runs the gradient `dy` at the block's output back: writes the gradients of
    /// its parameters, and of its input if `dx` is given.
    pub fn backward(
        &mut self,
        n: usize,
        dy: &Padded<T>,
        weights: &Weights<T>,
        gradient: &mut Weights<T>,
        work: &mut Work<T>,
        dx: Option<&mut Padded<T>>,
    ) {
        if let Some((Pooling::Max, window)) = self.block.pool {
            self.unpool(n, dy, window, &mut work.unpooled);
        }
        self.backward_norm(n, dy, weights, gradient, work);
        if dx.is_some() {
            let kernel = &weights.values()[self.kernel.clone()];
            work.threads.with(|scratch| self.input.prepare_adjoint(kernel, &mut scratch.conv));
        }
        self.backward_convolution(n, dy, gradient, work, dx);
    }

    fn unpool(&self, n: usize, dy: &Padded<T>, window: usize, unpooled: &mut Buffer<T>) {
        let (each, channels) = (self.each(), self.norm.channels());
        let pooled = self.block.out_rows() * channels;
        unpooled.grow(n * each);
        let places = self.places[..n * pooled].par_chunks(pooled);
        unpooled[..n * each].par_chunks_mut(each).zip(places).enumerate().for_each(
            |(row, (unpooled, places))| {
                max_pool_backward_into(channels, window, places, dy.interior(row), unpooled);
            },
        );
    }

    /// The gradient that reaches a sample's batch norm.
    fn gated<'a>(
        &'a self,
        row: usize,
        dy: &'a Padded<T>,
        unpooled: &'a [T],
    ) -> GatedGradient<'a, T> {
        let (each, words) = (self.each(), self.words());
        let (gate, factor) = (&self.gate[row * words..][..words], self.factor);
        match self.block.pool {
            Some((Pooling::Max, _)) => {
                GatedGradient { dy: &unpooled[row * each..][..each], window: 1, gate, factor }
            }
            Some((Pooling::Average, window)) => {
                GatedGradient { dy: dy.interior(row), window, gate, factor }
            }
            None => GatedGradient { dy: dy.interior(row), window: 1, gate, factor },
        }
    }

    /// Adds up what batch norm's gradients need over all samples.
    fn backward_norm(
        &mut self,
        n: usize,
        dy: &Padded<T>,
        weights: &Weights<T>,
        gradient: &mut Weights<T>,
        work: &mut Work<T>,
    ) {
        let (each, channels) = (self.each(), self.norm.channels());
        let Work { unpooled, sums, .. } = work;
        sums.clear();
        sums.resize(n * 2 * channels, 0.0);
        let samples = self.z[..n * each].par_chunks(each).zip(sums.par_chunks_mut(2 * channels));
        samples.enumerate().for_each(|(row, (z, sums))| {
            let (sum, centered) = sums.split_at_mut(channels);
            let gated = self.gated(row, dy, unpooled);
            batch_norm_backward_sums_add(&gated, z, &self.norm.mean, sum, centered);
        });
        let rows = n * self.input.shape().out_rows();
        self.norm.backward(weights, rows, sums, gradient);
    }

    /// Through batch norm and convolution, sample by sample. The gradients of kernel and
    /// bias are summed over groups of samples, then over groups.
    fn backward_convolution(
        &self,
        n: usize,
        dy: &Padded<T>,
        gradient: &mut Weights<T>,
        work: &mut Work<T>,
        dx: Option<&mut Padded<T>>,
    ) {
        let (length, channels) = (self.input.sums_len(), self.norm.channels());
        let group = n.div_ceil(GROUPS);
        let groups = n.div_ceil(group);
        let Work { threads, unpooled, partials, sums } = work;
        let partials = partials.at_least(groups * length);
        sums.clear();
        sums.resize(groups * channels, 0.0);
        let one_group = |g: usize, kernel: &mut [T], bias: &mut [f64], dx: Option<&mut [T]>| {
            kernel.fill(T::ZERO);
            let mut dx = dx.map(|dx| dx.chunks_exact_mut(self.input.x.geometry().sample()));
            for row in g * group..n.min((g + 1) * group) {
                threads.with(|scratch| {
                    let gated = self.gated(row, dy, unpooled);
                    let dz = self.gradient_at_convolution(row, &gated, &mut scratch.z);
                    if self.bias.is_some() {
                        column_sums_add(channels, dz, bias);
                    }
                    let dx = dx.as_mut().and_then(Iterator::next);
                    self.input.backward_add(row, dz, &mut scratch.conv, kernel, dx);
                });
            }
        };
        let parts = partials.par_chunks_mut(length).zip(sums.par_chunks_mut(channels)).enumerate();
        match dx {
            None => parts.for_each(|(g, (kernel, bias))| one_group(g, kernel, bias, None)),
            Some(dx) => {
                let geometry = self.input.x.geometry();
                geometry.reshape(dx, n);
                let samples = dx.samples_mut(n).par_chunks_mut(group * geometry.sample());
                parts.zip(samples).for_each(|((g, (kernel, bias)), dx)| {
                    one_group(g, kernel, bias, Some(dx));
                });
            }
        }
        let total = add_up(partials, length);
        let to = &mut gradient.values_mut()[self.kernel.clone()];
        threads.with(|scratch| self.input.kernel_gradient(total, &mut scratch.conv, to));
        if let Some(range) = self.bias.clone() {
            for (c, to) in gradient.values_mut()[range].iter_mut().enumerate() {
                *to = T::from_f64(sums.iter().skip(c).step_by(channels).sum());
            }
        }
    }

    /// One sample's gradient at the convolution's output, with `taps - 1` zero rows
    /// before and after.
    fn gradient_at_convolution<'a>(
        &self,
        row: usize,
        gated: &GatedGradient<'_, T>,
        to: &'a mut Buffer<T>,
    ) -> &'a [T] {
        let each = self.each();
        let edge = (self.input.shape().taps - 1) * self.norm.channels();
        let dz = to.at_least(edge + each + edge);
        dz[..edge].fill(T::ZERO);
        dz[edge + each..].fill(T::ZERO);
        let z = &self.z[row * each..][..each];
        batch_norm_backward_into(gated, z, self.norm.coefficients(), &mut dz[edge..][..each]);
        dz
    }

    pub fn write_statistics(&self, n: usize, to: &mut Weights<T>) {
        self.norm.write_statistics(n * self.input.shape().out_rows(), true, to);
    }
}

/// Elements that one task adds up.
const STRETCH: usize = 4096;

/// Adds up parts of a length, in their order, into the first.
fn add_up<T: Number>(parts: &mut [T], length: usize) -> &[T] {
    let (total, rest) = parts.split_at_mut(length);
    total.par_chunks_mut(STRETCH).enumerate().for_each(|(i, total)| {
        for part in rest.chunks_exact(length) {
            let part = &part[i * STRETCH..][..total.len()];
            total.iter_mut().zip(part).for_each(|(to, &g)| *to += g);
        }
    });
    total
}

/// Makes a buffer at least `len` long.
pub(super) fn grow<V: Clone + Default>(buffer: &mut Vec<V>, len: usize) {
    if buffer.len() < len {
        buffer.resize(len, V::default());
    }
}
