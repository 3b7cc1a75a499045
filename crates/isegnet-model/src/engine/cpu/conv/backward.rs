//! A convolution block's backward pass.

use super::ConvState;
use crate::config::{DropoutAfter, Pooling};
use crate::engine::cpu::padded::Padded;
use crate::engine::cpu::{Number, Work};
use crate::weights::Weights;
use isegnet_ops::{
    Buffer, GatedGradient, batch_norm_backward_into, batch_norm_backward_sums_add, column_sums_add,
    max_pool_backward_into,
};
use rayon::prelude::*;

/// Groups of rows whose kernel gradients are summed apart, then in order: as many threads
/// as can work on a backward convolution.
const GROUPS: usize = 16;

impl<T: Number> ConvState<T> {
    /// Runs the gradient `dy` at the block's output back: writes the gradients of
    /// its parameters, and of its input if `dx` is given. `dy` is changed.
    pub fn backward(
        &mut self,
        n: usize,
        dy: &mut Padded<T>,
        weights: &Weights<T>,
        gradient: &mut Weights<T>,
        work: &mut Work<T>,
        dx: Option<&mut Padded<T>>,
    ) {
        self.drop_pooled(n, dy);
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
        let gate = &self.gate[row * words..][..words];
        let factor = self.factor_after(DropoutAfter::Relu).unwrap_or(T::ONE);
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

    /// Adds up what batch norm's gradients need over all samples, if there is one.
    fn backward_norm(
        &mut self,
        n: usize,
        dy: &Padded<T>,
        weights: &Weights<T>,
        gradient: &mut Weights<T>,
        work: &mut Work<T>,
    ) {
        let Some(center) = self.norm.center() else { return };
        let (each, channels) = (self.each(), self.norm.channels());
        let Work { unpooled, sums, .. } = work;
        sums.clear();
        sums.resize(n * 2 * channels, 0.0);
        let samples = self.z[..n * each].par_chunks(each).zip(sums.par_chunks_mut(2 * channels));
        samples.enumerate().for_each(|(row, (z, sums))| {
            let (sum, centered) = sums.split_at_mut(channels);
            let gated = self.gated(row, dy, unpooled);
            batch_norm_backward_sums_add(&gated, z, center, sum, centered);
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
