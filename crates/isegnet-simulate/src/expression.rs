//! Expression from causes and noise.

use crate::cause::Causes;
use crate::design::{Amounts, CAUSES, Design, MEAN, ORACLE_R2, SIGNS, SPREAD};
use crate::draw::Draw;
use isegnet_core::Random;

/// TPM of every gene in every sample, and how it came about.
pub(crate) struct Expression {
    /// By sample and gene.
    pub(crate) tpm: Vec<Vec<f64>>,
    /// ln(TPM + 1) without any cause and without noise.
    pub(crate) intercept: f64,
    /// Change of ln(TPM + 1) by one unit of each cause.
    pub(crate) effects: Amounts,
    /// R2 of predicting from the causes themselves, over all rows.
    pub(crate) oracle_r2: f64,
}

impl Expression {
    pub(crate) fn new(seed: u64, design: &Design, causes: &Causes) -> Self {
        let effects = effects(design, &causes.amounts[0]);
        let mean: f64 = (0..CAUSES).map(|k| effects[k] * mean_of(&causes.amounts[0], k)).sum();
        let intercept = MEAN - mean;
        let mut expected = Vec::new();
        let mut noise = Vec::new();
        for (s, sample) in design.samples.iter().enumerate() {
            for (gene, amounts) in causes.amounts[sample.condition].iter().enumerate() {
                let sum: f64 = effects.iter().zip(amounts).map(|(e, a)| e * a).sum();
                expected.push(intercept + sum);
                noise.push(noise_of(seed, s, gene, design.samples.len()));
            }
        }
        let scale = if design.acts { scale_of_noise(&expected, &noise) } else { SPREAD };
        let values = add(&expected, &noise, scale);
        let genes = causes.changed.len();
        Self {
            oracle_r2: r2(&values, &expected),
            tpm: values.chunks(genes).map(|s| s.iter().map(|v| v.exp_m1()).collect()).collect(),
            intercept,
            effects,
        }
    }
}

/// Gives the effect of one unit of each cause: its share of the variance over
/// its own spread among genes.
fn effects(design: &Design, amounts: &[Amounts]) -> Amounts {
    let mut effects = [0.0; CAUSES];
    if design.acts {
        for (k, effect) in effects.iter_mut().enumerate() {
            let mean = mean_of(amounts, k);
            let squares: f64 = amounts.iter().map(|a| (a[k] - mean).powi(2)).sum();
            let spread = (squares / amounts.len() as f64).sqrt();
            if spread > 0.0 {
                *effect = SIGNS[k] * SPREAD * (ORACLE_R2 * design.shares[k]).sqrt() / spread;
            }
        }
    }
    effects
}

fn mean_of(amounts: &[Amounts], k: usize) -> f64 {
    amounts.iter().map(|a| a[k]).sum::<f64>() / amounts.len().max(1) as f64
}

/// Standard normal noise; samples of a study share most of a gene's.
fn noise_of(seed: u64, sample: usize, gene: usize, samples: usize) -> f64 {
    let shared = Draw::new(Random::new(seed, "simulate/noise"), gene).normal();
    if samples == 1 {
        return shared;
    }
    let own = Random::new(seed, "simulate/replicate noise").part(sample as u64);
    0.75f64.sqrt() * shared + 0.5 * Draw::new(own, gene).normal()
}

/// Adds noise; expression does not go below 0.
fn add(expected: &[f64], noise: &[f64], scale: f64) -> Vec<f64> {
    expected.iter().zip(noise).map(|(e, n)| (e + scale * n).max(0.0)).collect()
}

/// Finds the noise at which the oracle's R2 is [`ORACLE_R2`].
fn scale_of_noise(expected: &[f64], noise: &[f64]) -> f64 {
    let (mut low, mut high) = (0.0, 10.0 * SPREAD);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if r2(&add(expected, noise, middle), expected) > ORACLE_R2 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// 1 - SSres / SStot; 0 where the prediction is one number and no better than the mean.
fn r2(measured: &[f64], predicted: &[f64]) -> f64 {
    let mean = measured.iter().sum::<f64>() / measured.len().max(1) as f64;
    let total: f64 = measured.iter().map(|m| (m - mean).powi(2)).sum();
    let residual: f64 = measured.iter().zip(predicted).map(|(m, p)| (m - p).powi(2)).sum();
    let constant = predicted.iter().all(|p| *p == predicted[0]);
    if constant || total == 0.0 { 0.0 } else { 1.0 - residual / total }
}
