//! A dense block with batch norm folded into its kernel.

use super::super::Number;
use super::super::norm::Norm;
use crate::plan::DenseBlock;
use crate::weights::Weights;
use isegnet_ops::{Buffer, Dense, PreparedKernel};

pub(super) struct FrozenDense<T> {
    layer: Dense,
    kernel: PreparedKernel<T>,
    bias: Vec<T>,
    /// Whether a ReLU follows.
    rectified: bool,
}

impl<T: Number> FrozenDense<T> {
    pub fn new(spec: &DenseBlock, weights: &Weights<T>) -> Self {
        let mut kernel = weights.get(&format!("{}.kernel", spec.name)).to_vec();
        let mut bias = weights.get(&format!("{}.bias", spec.name)).to_vec();
        if spec.activated {
            let mut norm = Norm::new(spec.bn.as_deref(), weights.layout(), spec.outputs);
            norm.take_moving(weights);
            for row in kernel.chunks_exact_mut(spec.outputs) {
                row.iter_mut().zip(&norm.scale).for_each(|(w, &s)| *w *= s);
            }
            for ((b, &s), &o) in bias.iter_mut().zip(&norm.scale).zip(&norm.offset) {
                *b = *b * s + o;
            }
        }
        let layer = Dense { inputs: spec.inputs, outputs: spec.outputs };
        let mut prepared = PreparedKernel::default();
        layer.prepare_forward(&kernel, &mut prepared);
        layer.prepare_adjoint(&kernel, &mut prepared);
        Self { layer, kernel: prepared, bias, rectified: spec.activated }
    }

    pub fn inputs(&self) -> usize {
        self.layer.inputs
    }

    /// Runs `n` samples, (sample, input), through the block.
    pub fn forward(&self, n: usize, x: &[T], y: &mut Buffer<T>) {
        let y = y.at_least(n * self.layer.outputs);
        self.layer.forward_into(x, &self.kernel, Some(&self.bias), y);
        if self.rectified {
            // NaN passes.
            y.iter_mut().for_each(|v| *v = if *v <= T::ZERO { T::ZERO } else { *v });
        }
    }

    /// Runs the gradient back, given the block's output; `dy` is changed.
    pub fn backward(&self, n: usize, y: &[T], dy: &mut [T], dx: &mut [T]) {
        let dy = &mut dy[..n * self.layer.outputs];
        if self.rectified {
            let shut = dy.iter_mut().zip(y).filter(|(_, y)| **y <= T::ZERO);
            shut.for_each(|(dy, _)| *dy = T::ZERO);
        }
        self.layer.input_gradient_into(dy, &self.kernel, &mut dx[..n * self.layer.inputs]);
    }
}
