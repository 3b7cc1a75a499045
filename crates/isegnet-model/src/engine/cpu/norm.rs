//! Batch norm's numbers for one layer: statistics, and what they make of gamma and beta.

use super::Number;
use crate::weights::{Layout, Weights};
use crate::{BN_EPSILON, moving_variance_factor};
use isegnet_ops::{Moments, Real, batch_norm_coefficients};
use std::ops::Range;

/// Where a layer's batch norm lies in the weights, and its numbers of this step.
pub(super) struct Norm<T> {
    gamma: Range<usize>,
    beta: Range<usize>,
    moving_mean: Range<usize>,
    moving_variance: Range<usize>,
    moments: Vec<Moments>,
    pub mean: Vec<T>,
    pub scale: Vec<T>,
    pub offset: Vec<T>,
    of_gradient: Vec<T>,
    of_input: Vec<T>,
    constant: Vec<T>,
}

impl<T: Number> Norm<T> {
    pub fn new(name: &str, layout: &Layout, channels: usize) -> Self {
        let range = |part: &str| super::range(layout, name, part);
        let zeros = || vec![T::ZERO; channels];
        Self {
            gamma: range("gamma"),
            beta: range("beta"),
            moving_mean: range("moving_mean"),
            moving_variance: range("moving_variance"),
            moments: vec![Moments::default(); channels],
            mean: zeros(),
            scale: zeros(),
            offset: zeros(),
            of_gradient: zeros(),
            of_input: zeros(),
            constant: zeros(),
        }
    }

    pub fn channels(&self) -> usize {
        self.mean.len()
    }

    /// A value near each channel's mean, to sum deviations from.
    pub fn shift<'a>(&self, weights: &'a Weights<T>) -> &'a [T] {
        &weights.values()[self.moving_mean.clone()]
    }

    /// Takes the batch's statistics from sums of deviations and their squares,
    /// `(part, 2, channel)`, added up in the order of the parts.
    pub fn take_batch(&mut self, weights: &Weights<T>, rows: usize, sums: &[f64]) {
        let channels = self.channels();
        let shift = &weights.values()[self.moving_mean.clone()];
        for (c, (moments, &shift)) in self.moments.iter_mut().zip(shift).enumerate() {
            let (sum, squares) = total(sums, channels, c);
            *moments = Moments::from_sums(rows, Real::to_f64(shift), sum, squares);
        }
        self.derive(weights);
    }

    /// Takes the moving statistics.
    pub fn take_moving(&mut self, weights: &Weights<T>) {
        let mean = &weights.values()[self.moving_mean.clone()];
        let variance = &weights.values()[self.moving_variance.clone()];
        for (moments, (&m, &v)) in self.moments.iter_mut().zip(mean.iter().zip(variance)) {
            *moments = Moments { mean: Real::to_f64(m), variance: Real::to_f64(v) };
        }
        self.derive(weights);
    }

    fn derive(&mut self, weights: &Weights<T>) {
        let gamma = &weights.values()[self.gamma.clone()];
        let beta = &weights.values()[self.beta.clone()];
        for (c, moments) in self.moments.iter().enumerate() {
            let (gamma, beta) = (Real::to_f64(gamma[c]), Real::to_f64(beta[c]));
            let (scale, offset) = moments.scale_and_offset(gamma, beta, BN_EPSILON);
            self.mean[c] = T::from_f64(moments.mean);
            self.scale[c] = T::from_f64(scale);
            self.offset[c] = T::from_f64(offset);
        }
    }

    /// Writes the batch's statistics, as the moving ones take them in.
    pub fn write_statistics(&self, rows: usize, convolution: bool, to: &mut Weights<T>) {
        let factor = moving_variance_factor(rows, convolution);
        for (c, moments) in self.moments.iter().enumerate() {
            to.values_mut()[self.moving_mean.start + c] = T::from_f64(moments.mean);
            to.values_mut()[self.moving_variance.start + c] =
                T::from_f64(moments.variance * factor);
        }
    }

    /// Takes the backward pass's sums, `(part, 2, channel)`: writes the
    /// gradients of gamma and beta, and keeps what the gradient at the input needs.
    pub fn backward(
        &mut self,
        weights: &Weights<T>,
        rows: usize,
        sums: &[f64],
        gradient: &mut Weights<T>,
    ) {
        let channels = self.channels();
        let gamma = &weights.values()[self.gamma.clone()];
        for (c, &gamma) in gamma.iter().enumerate() {
            let of_gamma = (Real::to_f64(gamma), BN_EPSILON);
            let center = Real::to_f64(self.mean[c]);
            let sums = total(sums, channels, c);
            let g = batch_norm_coefficients(rows, self.moments[c], of_gamma, center, sums);
            gradient.values_mut()[self.gamma.start + c] = T::from_f64(g.gamma);
            gradient.values_mut()[self.beta.start + c] = T::from_f64(g.beta);
            self.of_gradient[c] = T::from_f64(g.of_gradient);
            self.of_input[c] = T::from_f64(g.of_input);
            self.constant[c] = T::from_f64(g.constant);
        }
    }

    /// What [`isegnet_ops::batch_norm_backward_into`] takes.
    pub fn coefficients(&self) -> [&[T]; 3] {
        [&self.of_gradient, &self.of_input, &self.constant]
    }
}

/// Adds up one channel of `(part, 2, channel)`, in the order of the parts.
fn total(sums: &[f64], channels: usize, c: usize) -> (f64, f64) {
    sums.chunks_exact(2 * channels)
        .fold((0.0, 0.0), |(a, b), part| (a + part[c], b + part[channels + c]))
}
