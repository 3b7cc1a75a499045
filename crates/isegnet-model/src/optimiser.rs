//! Adam, the penalty on kernels, gradient clipping, and the moving statistics.

use crate::BN_MOMENTUM;
use crate::weights::{Layout, Role, Weights};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What keeps kernels small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Penalty {
    /// lambda times the sum of squares of all kernels: the authors' script.
    Squares,
    /// lambda times the sum over kernels of their (unsquared) L2 norm: the paper's words.
    Norms,
}

impl Penalty {
    /// Adds the penalty's gradient to `gradient`, and returns the penalty.
    pub fn add_gradient(self, lambda: f64, weights: &Weights, gradient: &mut Weights) -> f64 {
        let layout = Arc::clone(weights.layout());
        let kernels = layout.parameters().iter().filter(|p| p.role == Role::Kernel);
        let mut total = 0.0;
        for p in kernels {
            let kernel = &weights.values()[p.range.clone()];
            let squares: f64 = kernel.iter().map(|&w| f64::from(w).powi(2)).sum();
            let (value, factor) = match self {
                Self::Squares => (squares, 2.0),
                Self::Norms if squares > 0.0 => (squares.sqrt(), squares.sqrt().recip()),
                Self::Norms => (0.0, 0.0),
            };
            total += lambda * value;
            let factor = (lambda * factor) as f32;
            for (g, &w) in gradient.values_mut()[p.range.clone()].iter_mut().zip(kernel) {
                *g += factor * w;
            }
        }
        total
    }
}

/// Scales the trained part of a gradient down to a norm of at most `limit`.
pub fn clip_norm(gradient: &mut Weights, limit: f64) {
    let layout = Arc::clone(gradient.layout());
    let trained = || layout.parameters().iter().filter(|p| p.role.is_trained());
    let squares: f64 = trained()
        .flat_map(|p| &gradient.values()[p.range.clone()])
        .map(|&g| f64::from(g).powi(2))
        .sum();
    if squares.sqrt() > limit {
        let factor = (limit / squares.sqrt()) as f32;
        for p in trained() {
            gradient.values_mut()[p.range.clone()].iter_mut().for_each(|g| *g *= factor);
        }
    }
}

/// Moves the moving statistics towards what a batch measured.
pub fn move_statistics(weights: &mut Weights, measured: &Weights) {
    let layout = Arc::clone(weights.layout());
    for p in layout.parameters().iter().filter(|p| !p.role.is_trained()) {
        let new = &measured.values()[p.range.clone()];
        for (old, &new) in weights.values_mut()[p.range.clone()].iter_mut().zip(new) {
            *old += (new - *old) * (1.0 - BN_MOMENTUM);
        }
    }
}

/// Adam (Kingma & Ba 2015) in the form Keras computes it, with a state that can be saved.
#[derive(Clone, Debug)]
pub struct Adam {
    /// Steps taken.
    pub steps: u64,
    /// Moving mean of the gradient.
    pub first: Weights,
    /// Moving mean of its square.
    pub second: Weights,
}

impl Adam {
    const BETA1: f32 = 0.9;
    const BETA2: f32 = 0.999;
    const EPSILON: f32 = 1e-7;

    /// Makes the state before the first step.
    pub fn new(layout: &Arc<Layout>) -> Self {
        Self { steps: 0, first: Weights::zeros(layout), second: Weights::zeros(layout) }
    }

    /// Takes one step along the gradient.
    pub fn step(&mut self, weights: &mut Weights, gradient: &Weights, rate: f64) {
        self.steps += 1;
        let t = self.steps as f64;
        let correction =
            (1.0 - f64::from(Self::BETA2).powf(t)).sqrt() / (1.0 - f64::from(Self::BETA1).powf(t));
        let rate = (rate * correction) as f32;
        let layout = Arc::clone(weights.layout());
        for p in layout.parameters().iter().filter(|p| p.role.is_trained()) {
            let range = p.range.clone();
            let moments = self.first.values_mut()[range.clone()]
                .iter_mut()
                .zip(&mut self.second.values_mut()[range.clone()]);
            let values = weights.values_mut()[range.clone()].iter_mut();
            for ((w, &g), (m, v)) in values.zip(&gradient.values()[range]).zip(moments) {
                *m += (g - *m) * (1.0 - Self::BETA1);
                *v += (g * g - *v) * (1.0 - Self::BETA2);
                *w -= rate * *m / (v.sqrt() + Self::EPSILON);
            }
        }
    }
}
