//! Batch norm's numbers for one layer: statistics, and what they make of gamma and beta.
//! Where there is no batch norm, the scale is 1 and the offset 0.

use super::Number;
use crate::weights::{Layout, Weights};
use crate::{BN_EPSILON, moving_variance_factor};
use isegnet_ops::{Moments, Real, batch_norm_coefficients};
use std::ops::Range;

/// Where a batch norm lies in the weights.
struct Places {
    gamma: Range<usize>,
    beta: Range<usize>,
    moving_mean: Range<usize>,
    moving_variance: Range<usize>,
}

/// A layer's batch norm, if it has one, and its numbers of this step.
pub(super) struct Norm<T> {
    places: Option<Places>,
    moments: Vec<Moments>,
    mean: Vec<T>,
    pub scale: Vec<T>,
    pub offset: Vec<T>,
    of_gradient: Vec<T>,
    of_input: Vec<T>,
    constant: Vec<T>,
}

impl<T: Number> Norm<T> {
    pub fn new(name: Option<&str>, layout: &Layout, channels: usize) -> Self {
        let places = |name: &str| Places {
            gamma: super::range(layout, name, "gamma"),
            beta: super::range(layout, name, "beta"),
            moving_mean: super::range(layout, name, "moving_mean"),
            moving_variance: super::range(layout, name, "moving_variance"),
        };
        let [zeros, ones] = [T::ZERO, T::ONE].map(|value| vec![value; channels]);
        Self {
            places: name.map(places),
            moments: vec![Moments::default(); channels],
            mean: zeros.clone(),
            scale: ones.clone(),
            offset: zeros.clone(),
            of_gradient: ones,
            of_input: zeros.clone(),
            constant: zeros,
        }
    }

    pub fn channels(&self) -> usize {
        self.mean.len()
    }

    /// A value near each channel's mean, for batch norm to sum deviations from.
    pub fn shift<'a>(&self, weights: &'a Weights<T>) -> Option<&'a [T]> {
        let places = self.places.as_ref()?;
        Some(&weights.values()[places.moving_mean.clone()])
    }

    /// Each channel's mean, for batch norm's backward sums.
    pub fn center(&self) -> Option<&[T]> {
        self.places.as_ref().map(|_| &self.mean[..])
    }

    /// Takes the batch's statistics from sums of deviations and their squares,
    /// `(part, 2, channel)`, added up in the order of the parts.
    pub fn take_batch(&mut self, weights: &Weights<T>, rows: usize, sums: &[f64]) {
        let channels = self.channels();
        let Some(shift) = self.shift(weights) else { return };
        for (c, (moments, &shift)) in self.moments.iter_mut().zip(shift).enumerate() {
            let (sum, squares) = total(sums, channels, c);
            *moments = Moments::from_sums(rows, Real::to_f64(shift), sum, squares);
        }
        self.derive(weights);
    }

    /// Takes the moving statistics.
    pub fn take_moving(&mut self, weights: &Weights<T>) {
        let Some(places) = &self.places else { return };
        let mean = &weights.values()[places.moving_mean.clone()];
        let variance = &weights.values()[places.moving_variance.clone()];
        for (moments, (&m, &v)) in self.moments.iter_mut().zip(mean.iter().zip(variance)) {
            *moments = Moments { mean: Real::to_f64(m), variance: Real::to_f64(v) };
        }
        self.derive(weights);
    }

    fn derive(&mut self, weights: &Weights<T>) {
        let Some(places) = &self.places else { return };
        let gamma = &weights.values()[places.gamma.clone()];
        let beta = &weights.values()[places.beta.clone()];
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
        let Some(places) = &self.places else { return };
        let factor = moving_variance_factor(rows, convolution);
        for (c, moments) in self.moments.iter().enumerate() {
            to.values_mut()[places.moving_mean.start + c] = T::from_f64(moments.mean);
            to.values_mut()[places.moving_variance.start + c] =
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
        let Some(places) = &self.places else { return };
        let gamma = &weights.values()[places.gamma.clone()];
        for (c, &gamma) in gamma.iter().enumerate() {
            let of_gamma = (Real::to_f64(gamma), BN_EPSILON);
            let center = Real::to_f64(self.mean[c]);
            let sums = total(sums, channels, c);
            let g = batch_norm_coefficients(rows, self.moments[c], of_gamma, center, sums);
            gradient.values_mut()[places.gamma.start + c] = T::from_f64(g.gamma);
            gradient.values_mut()[places.beta.start + c] = T::from_f64(g.beta);
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
