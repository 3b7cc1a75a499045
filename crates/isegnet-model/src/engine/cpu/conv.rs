//! A convolution block on the CPU: convolution, batch norm, ReLU, dropout, pooling.

use super::norm::Norm;
use super::padded::{Geometry, Padded};
use super::{Mode, Number, Work};
use crate::config::Pooling;
use crate::plan::ConvBlock;
use crate::weights::{Layout, Weights};
use isegnet_ops::{
    ConvShape, GatedGradient, ScaleOffsetRelu, batch_norm_backward_into,
    batch_norm_backward_sums_add, bit_words, column_sums_add, conv_forward_into,
    conv_input_gradient_into, conv_kernel_gradient_add, flip_kernel_into, max_pool_backward_into,
    max_pool_forward_into, moments_add, scale_offset_relu_avg_pool_into, scale_offset_relu_into,
};
use rayon::prelude::*;
use std::ops::Range;

/// Groups of rows whose kernel gradients are summed apart, then in order.
const GROUPS: usize = 16;

pub(super) struct ConvState<T> {
    block: ConvBlock,
    shape: ConvShape,
    kernel: Range<usize>,
    bias: Option<Range<usize>>,
    norm: Norm<T>,
    /// The input, with the zero rows of the padding.
    pub x: Padded<T>,
    /// The convolution's output.
    z: Vec<T>,
    /// Dropout's bits, then the gate: where the gradient passes.
    keep: Vec<u64>,
    gate: Vec<u64>,
    /// Where each max pool found its value.
    places: Vec<u8>,
    flipped: Vec<T>,
    /// Dropout's factor in this step.
    factor: T,
}

impl<T: Number> ConvState<T> {
    pub fn new(block: &ConvBlock, layout: &Layout) -> Self {
        let (before, after) = block.pad;
        let geometry = Geometry { before, rows: block.rows, after, channels: block.inputs };
        let shape = ConvShape {
            rows: before + block.rows + after,
            taps: block.taps,
            inputs: block.inputs,
            outputs: block.outputs,
        };
        Self {
            kernel: super::range(layout, &block.name, "kernel"),
            bias: block.bias.then(|| super::range(layout, &block.name, "bias")),
            norm: Norm::new(&block.bn, layout, block.outputs),
            x: Padded::new(geometry),
            z: Vec::new(),
            keep: Vec::new(),
            gate: Vec::new(),
            places: Vec::new(),
            flipped: Vec::new(),
            factor: T::ONE,
            shape,
            block: block.clone(),
        }
    }

    /// Elements of a sample at the convolution's output.
    fn each(&self) -> usize {
        self.shape.output_len()
    }

    fn words(&self) -> usize {
        bit_words(self.each())
    }

    fn is_max(&self) -> bool {
        matches!(self.block.pool, Some((Pooling::Max, _)))
    }

    fn reserve(&mut self, n: usize) {
        let (each, words) = (self.each(), self.words());
        grow(&mut self.z, n * each);
        grow(&mut self.keep, n * words);
        grow(&mut self.gate, n * words);
        if self.is_max() {
            grow(&mut self.places, n * self.block.out_rows() * self.block.outputs);
        }
    }

    /// Runs the block on the samples in `x`; the result goes inside `out`.
    pub fn forward(
        &mut self,
        n: usize,
        weights: &Weights<T>,
        mode: Mode,
        work: &mut Work<T>,
        out: &mut Padded<T>,
    ) {
        self.reserve(n);
        match mode {
            Mode::Infer => {
                self.convolve(n, weights, None);
                self.norm.take_moving(weights);
            }
            Mode::Train(_) => {
                let channels = self.norm.channels();
                work.sums.clear();
                work.sums.resize(n * 2 * channels, 0.0);
                self.convolve(n, weights, Some(&mut work.sums));
                self.norm.take_batch(weights, n * self.shape.out_rows(), &work.sums);
            }
        }
        self.draw_dropout(n, mode);
        self.activate(n, mode, work, out);
    }

    /// Convolves; adds up each sample's moments where they are asked for.
    fn convolve(&mut self, n: usize, weights: &Weights<T>, sums: Option<&mut Vec<f64>>) {
        let (each, sample) = (self.each(), self.x.geometry().sample());
        let kernel = &weights.values()[self.kernel.clone()];
        let bias = self.bias.clone().map(|range| &weights.values()[range]);
        let (shape, channels) = (self.shape, self.norm.channels());
        let shift = self.norm.shift(weights);
        let samples = self.x.samples(n).par_chunks(sample);
        let pairs = samples.zip(self.z[..n * each].par_chunks_mut(each));
        match sums {
            None => pairs.for_each(|(x, z)| conv_forward_into(&shape, x, kernel, bias, z)),
            Some(sums) => {
                pairs.zip(sums.par_chunks_mut(2 * channels)).for_each(|((x, z), sums)| {
                    conv_forward_into(&shape, x, kernel, bias, z);
                    let (sum, squares) = sums.split_at_mut(channels);
                    moments_add(channels, z, shift, sum, squares);
                });
            }
        }
    }

    fn draw_dropout(&mut self, n: usize, mode: Mode) {
        self.factor = T::ONE;
        let (each, words) = (self.each(), self.words());
        if let Some(bits) = mode.keep_bits(&self.block.name, self.block.dropout) {
            self.factor = T::from_f64(bits.factor());
            let rows = self.keep[..n * words].par_chunks_mut(words).enumerate();
            rows.for_each(|(row, keep)| bits.fill(row, each, keep));
        }
    }

    fn activate(&mut self, n: usize, mode: Mode, work: &mut Work<T>, out: &mut Padded<T>) {
        let geometry = out.reserve(n);
        let (each, words, channels) = (self.each(), self.words(), self.norm.channels());
        let dropped = mode.keep_bits(&self.block.name, self.block.dropout).is_some();
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
                grow(&mut work.unpooled, n * each);
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
        self.kernel_gradient(n, gradient, work);
        if let Some(dx) = dx {
            self.input_gradient(n, weights, &work.dz, dx);
        }
    }

    fn unpool(&self, n: usize, dy: &Padded<T>, window: usize, unpooled: &mut Vec<T>) {
        let (each, channels) = (self.each(), self.norm.channels());
        let pooled = self.block.out_rows() * channels;
        grow(unpooled, n * each);
        let places = self.places[..n * pooled].par_chunks(pooled);
        unpooled[..n * each].par_chunks_mut(each).zip(places).enumerate().for_each(
            |(row, (unpooled, places))| {
                max_pool_backward_into(channels, window, places, dy.interior(row), unpooled);
            },
        );
    }

    /// From the gradient at the block's output to that at the convolution's, in `work.dz`.
    fn backward_norm(
        &mut self,
        n: usize,
        dy: &Padded<T>,
        weights: &Weights<T>,
        gradient: &mut Weights<T>,
        work: &mut Work<T>,
    ) {
        let (each, words, channels) = (self.each(), self.words(), self.norm.channels());
        let (gate, factor, pool) = (&self.gate, self.factor, self.block.pool);
        let Work { dz, unpooled, sums, .. } = work;
        let unpooled = &*unpooled;
        let gated = |row: usize| {
            let gate = &gate[row * words..][..words];
            match pool {
                Some((Pooling::Max, _)) => {
                    GatedGradient { dy: &unpooled[row * each..][..each], window: 1, gate, factor }
                }
                Some((Pooling::Average, window)) => {
                    GatedGradient { dy: dy.interior(row), window, gate, factor }
                }
                None => GatedGradient { dy: dy.interior(row), window: 1, gate, factor },
            }
        };
        sums.clear();
        sums.resize(n * 2 * channels, 0.0);
        let mean = &self.norm.mean;
        let z = &self.z[..n * each];
        z.par_chunks(each).zip(sums.par_chunks_mut(2 * channels)).enumerate().for_each(
            |(row, (z, sums))| {
                let (sum, centered) = sums.split_at_mut(channels);
                batch_norm_backward_sums_add(&gated(row), z, mean, sum, centered);
            },
        );
        self.norm.backward(weights, n * self.shape.out_rows(), sums, gradient);
        let edge = self.shape.taps - 1;
        let geometry =
            Geometry { before: edge, rows: self.shape.out_rows(), after: edge, channels };
        geometry.reshape(dz, n);
        let coefficients = self.norm.coefficients();
        dz.samples_mut(n)
            .par_chunks_mut(geometry.sample())
            .zip(z.par_chunks(each))
            .enumerate()
            .for_each(|(row, (dz, z))| {
                let inside = geometry.interior();
                dz[..inside.start].fill(T::ZERO);
                dz[inside.end..].fill(T::ZERO);
                batch_norm_backward_into(&gated(row), z, coefficients, &mut dz[inside]);
            });
    }

    /// Sums the kernel's and bias's gradients over groups of samples, then over groups.
    fn kernel_gradient(&self, n: usize, gradient: &mut Weights<T>, work: &mut Work<T>) {
        let (length, channels) = (self.kernel.len(), self.norm.channels());
        let group = n.div_ceil(GROUPS);
        let groups = n.div_ceil(group);
        let Work { dz, partials, sums, .. } = work;
        partials.clear();
        partials.resize(groups * length, T::ZERO);
        sums.clear();
        sums.resize(groups * channels, 0.0);
        let (x, inside) = (self.x.geometry().sample(), dz.geometry().interior());
        let dz_sample = dz.geometry().sample();
        let (shape, biased) = (self.shape, self.bias.is_some());
        self.x
            .samples(n)
            .par_chunks(group * x)
            .zip(dz.samples(n).par_chunks(group * dz_sample))
            .zip(partials.par_chunks_mut(length))
            .zip(sums.par_chunks_mut(channels))
            .for_each(|(((xs, dzs), kernel), bias)| {
                for (x, dz) in xs.chunks_exact(x).zip(dzs.chunks_exact(dz_sample)) {
                    let dz = &dz[inside.clone()];
                    conv_kernel_gradient_add(&shape, x, dz, kernel);
                    if biased {
                        column_sums_add(channels, dz, bias);
                    }
                }
            });
        let to = &mut gradient.values_mut()[self.kernel.clone()];
        to.fill(T::ZERO);
        for part in partials.chunks_exact(length) {
            to.iter_mut().zip(part).for_each(|(to, &g)| *to += g);
        }
        if let Some(range) = self.bias.clone() {
            for (c, to) in gradient.values_mut()[range].iter_mut().enumerate() {
                *to = T::from_f64(sums.iter().skip(c).step_by(channels).sum());
            }
        }
    }

    fn input_gradient(
        &mut self,
        n: usize,
        weights: &Weights<T>,
        dz: &Padded<T>,
        dx: &mut Padded<T>,
    ) {
        grow(&mut self.flipped, self.kernel.len());
        flip_kernel_into(&self.shape, &weights.values()[self.kernel.clone()], &mut self.flipped);
        let (geometry, shape, flipped) = (self.x.geometry(), self.shape, &self.flipped);
        geometry.reshape(dx, n);
        let dz = dz.samples(n).par_chunks(dz.geometry().sample());
        dx.samples_mut(n).par_chunks_mut(geometry.sample()).zip(dz).for_each(|(dx, dz)| {
            conv_input_gradient_into(&shape, dz, flipped, dx);
        });
    }

    pub fn write_statistics(&self, n: usize, to: &mut Weights<T>) {
        self.norm.write_statistics(n * self.shape.out_rows(), true, to);
    }
}

/// Makes a buffer at least `len` long.
pub(super) fn grow<V: Clone + Default>(buffer: &mut Vec<V>, len: usize) {
    if buffer.len() < len {
        buffer.resize(len, V::default());
    }
}
