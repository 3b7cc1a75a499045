//! A dense block on the CPU: dense layer, and, but for the last, batch norm, ReLU, dropout.

use super::conv::grow;
use super::norm::Norm;
use super::{Mode, Number};
use crate::plan::DenseBlock;
use crate::weights::{Layout, Weights};
use isegnet_ops::{
    Dense, GatedGradient, PreparedKernel, ScaleOffsetRelu, batch_norm_backward_into,
    batch_norm_backward_sums_add, bit_words, column_sums_add, moments_add, scale_offset_relu_into,
};
use std::ops::Range;

pub(super) struct DenseState<T> {
    block: DenseBlock,
    layer: Dense,
    prepared: PreparedKernel<T>,
    kernel: Range<usize>,
    bias: Range<usize>,
    norm: Option<Norm<T>>,
    /// The layer's output, and what is made of it.
    z: Vec<T>,
    y: Vec<T>,
    /// Dropout's bits of one row, and the gates of all.
    keep: Vec<u64>,
    gate: Vec<u64>,
    /// Gradients at the layer's output and at its input.
    dz: Vec<T>,
    dx: Vec<T>,
    factor: T,
    /// Sums down the rows.
    sums: Vec<f64>,
}

impl<T: Number> DenseState<T> {
    pub fn new(block: &DenseBlock, layout: &Layout) -> Self {
        let norm = block.activated.then(|| Norm::new(block.bn.as_deref(), layout, block.outputs));
        Self {
            kernel: super::range(layout, &block.name, "kernel"),
            bias: super::range(layout, &block.name, "bias"),
            norm,
            layer: Dense { inputs: block.inputs, outputs: block.outputs },
            prepared: PreparedKernel::default(),
            sums: vec![0.0; 2 * block.outputs],
            z: Vec::new(),
            y: Vec::new(),
            keep: Vec::new(),
            gate: Vec::new(),
            dz: Vec::new(),
            dx: Vec::new(),
            factor: T::ONE,
            block: block.clone(),
        }
    }

    fn words(&self) -> usize {
        bit_words(self.block.outputs)
    }

    fn reserve(&mut self, n: usize) {
        let words = self.words();
        for buffer in [&mut self.z, &mut self.y, &mut self.dz] {
            grow(buffer, n * self.block.outputs);
        }
        grow(&mut self.dx, n * self.block.inputs);
        grow(&mut self.keep, words);
        grow(&mut self.gate, n * words);
    }

    /// The block's output.
    pub fn y(&self, n: usize) -> &[T] {
        let all = if self.norm.is_some() { &self.y } else { &self.z };
        &all[..n * self.block.outputs]
    }

    /// The gradient at the block's input, after a backward pass.
    pub fn dx(&self, n: usize) -> &[T] {
        &self.dx[..n * self.block.inputs]
    }

    /// Makes the kernel ready for [`forward`](Self::forward).
    pub fn prepare(&mut self, weights: &Weights<T>) {
        self.layer.prepare_forward(&weights.values()[self.kernel.clone()], &mut self.prepared);
    }

    /// Runs the block; without a mode, outside training.
    pub fn forward(&mut self, n: usize, x: &[T], weights: &Weights<T>, mode: Option<Mode>) -> &[T] {
        self.reserve(n);
        let outputs = self.block.outputs;
        let bias = &weights.values()[self.bias.clone()];
        let z = &mut self.z[..n * outputs];
        self.layer.forward_into(x, &self.prepared, Some(bias), z);
        if let Some(norm) = &mut self.norm {
            match mode {
                None => norm.take_moving(weights),
                Some(_) => {
                    self.sums.fill(0.0);
                    let (sum, squares) = self.sums.split_at_mut(outputs);
                    if let Some(shift) = norm.shift(weights) {
                        moments_add(outputs, z, shift, sum, squares);
                    }
                    norm.take_batch(weights, n, &self.sums);
                }
            }
            self.activate(n, mode);
        }
        self.y(n)
    }

    fn activate(&mut self, n: usize, mode: Option<Mode>) {
        let (outputs, words) = (self.block.outputs, self.words());
        let Some(norm) = &self.norm else { return };
        let bits = mode.and_then(|mode| mode.keep_bits(&self.block.name, self.block.dropout));
        self.factor = bits.as_ref().map_or(T::ONE, |bits| T::from_f64(bits.factor()));
        for row in 0..n {
            if let Some(bits) = &bits {
                bits.fill(row, outputs, &mut self.keep[..words]);
            }
            let activation = ScaleOffsetRelu {
                scale: &norm.scale,
                offset: &norm.offset,
                relu: true,
                keep: bits.is_some().then(|| (&self.keep[..words], self.factor)),
            };
            let at = row * outputs..(row + 1) * outputs;
            let gate = &mut self.gate[row * words..][..words];
            scale_offset_relu_into(&activation, &self.z[at.clone()], &mut self.y[at], gate);
        }
    }

    /// Runs the gradient `dy` at the block's output back, given its input `x`.
    pub fn backward(
        &mut self,
        n: usize,
        x: &[T],
        dy: &[T],
        weights: &Weights<T>,
        gradient: &mut Weights<T>,
    ) {
        let (inputs, outputs) = (self.block.inputs, self.block.outputs);
        self.backward_norm(n, dy, weights, gradient);
        let dz = &self.dz[..n * outputs];
        let to = &mut gradient.values_mut()[self.kernel.clone()];
        self.layer.kernel_gradient_into(x, dz, to);
        self.sums.fill(0.0);
        column_sums_add(outputs, dz, &mut self.sums[..outputs]);
        for (to, &sum) in gradient.values_mut()[self.bias.clone()].iter_mut().zip(&self.sums) {
            *to = T::from_f64(sum);
        }
        self.layer.prepare_adjoint(&weights.values()[self.kernel.clone()], &mut self.prepared);
        self.layer.input_gradient_into(dz, &self.prepared, &mut self.dx[..n * inputs]);
    }

    fn backward_norm(&mut self, n: usize, dy: &[T], weights: &Weights<T>, to: &mut Weights<T>) {
        let (outputs, words) = (self.block.outputs, self.words());
        let (gate, factor) = (&self.gate, self.factor);
        let Some(norm) = &mut self.norm else {
            self.dz[..dy.len()].copy_from_slice(dy);
            return;
        };
        let gated = |row: usize| GatedGradient {
            dy: &dy[row * outputs..][..outputs],
            window: 1,
            gate: &gate[row * words..][..words],
            factor,
        };
        if let Some(center) = norm.center() {
            self.sums.fill(0.0);
            let (sum, centered) = self.sums.split_at_mut(outputs);
            for row in 0..n {
                let z = &self.z[row * outputs..][..outputs];
                batch_norm_backward_sums_add(&gated(row), z, center, sum, centered);
            }
            norm.backward(weights, n, &self.sums, to);
        }
        for row in 0..n {
            let at = row * outputs..(row + 1) * outputs;
            let z = &self.z[at.clone()];
            batch_norm_backward_into(&gated(row), z, norm.coefficients(), &mut self.dz[at]);
        }
    }

    pub fn write_statistics(&self, n: usize, to: &mut Weights<T>) {
        if let Some(norm) = &self.norm {
            norm.write_statistics(n, false, to);
        }
    }
}
