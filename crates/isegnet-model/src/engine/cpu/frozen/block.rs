//! A convolution block with batch norm folded into its kernel.

use super::super::Number;
use super::super::norm::Norm;
use super::super::padded::Geometry;
use crate::config::Pooling;
use crate::plan::ConvBlock;
use crate::weights::Weights;
use isegnet_ops::{
    Buffer, ConvScratch, ConvShape, Convolution, GatedGradient, PreparedKernel, Real,
    ScaleOffsetRelu, bit_words, max_pool_backward_into, max_pool_forward_into, scale_backward_into,
    scale_offset_relu_avg_pool_into, scale_offset_relu_into,
};

pub(super) struct Block<T> {
    spec: ConvBlock,
    conv: Convolution<T>,
    forward: PreparedKernel<T>,
    /// The convolution whose output is the input gradient.
    adjoint: Convolution<T>,
    backward: PreparedKernel<T>,
    kernel: Vec<T>,
    bias: Vec<T>,
    /// One 1 a channel, and one 0: nothing is left to scale.
    ones: Vec<T>,
    zeros: Vec<T>,
}

/// Memory of one thread for blocks of any shape.
#[derive(Default)]
pub(super) struct Scratch<T> {
    pub conv: ConvScratch<T>,
    /// Values, or their gradient, at a convolution's output.
    z: Buffer<T>,
    unpooled: Buffer<T>,
}

/// What one sample left in a block: which values passed, and where a max pool found its.
pub(super) struct Trace<'a> {
    pub gate: &'a mut [u64],
    pub places: &'a mut [u8],
}

impl<T: Number> Block<T> {
    pub fn new(spec: &ConvBlock, weights: &Weights<T>, scratch: &mut ConvScratch<T>) -> Self {
        let layout = weights.layout();
        let mut norm = Norm::new(spec.bn.as_deref(), layout, spec.outputs);
        norm.take_moving(weights);
        let kernel: Vec<T> = weights.get(&format!("{}.kernel", spec.name)).to_vec();
        let kernel: Vec<T> = kernel
            .chunks_exact(spec.outputs)
            .flat_map(|row| row.iter().zip(&norm.scale).map(|(&w, &s)| w * s))
            .collect();
        let mut bias = norm.offset.clone();
        if spec.bias {
            let unscaled = weights.get(&format!("{}.bias", spec.name));
            for ((to, &b), &s) in bias.iter_mut().zip(unscaled).zip(&norm.scale) {
                *to += b * s;
            }
        }
        let shape = ConvShape {
            rows: spec.pad.0 + spec.rows + spec.pad.1,
            taps: spec.taps,
            inputs: spec.inputs,
            outputs: spec.outputs,
        };
        let transposed = ConvShape {
            rows: shape.out_rows() + 2 * (shape.taps - 1),
            inputs: shape.outputs,
            outputs: shape.inputs,
            ..shape
        };
        let (conv, adjoint) = (Convolution::new(shape), Convolution::new(transposed));
        let (mut forward, mut backward) = (PreparedKernel::default(), PreparedKernel::default());
        conv.prepare_forward(&kernel, scratch, &mut forward);
        adjoint.prepare_forward(&transpose(&shape, &kernel), scratch, &mut backward);
        let (ones, zeros) = (vec![T::ONE; spec.outputs], vec![T::ZERO; spec.outputs]);
        Self { spec: spec.clone(), conv, forward, adjoint, backward, kernel, bias, ones, zeros }
    }

    /// The input, with the zero rows of the padding.
    pub fn geometry(&self) -> Geometry {
        let ConvBlock { pad: (before, after), rows, inputs, .. } = self.spec;
        Geometry { before, rows, after, channels: inputs }
    }

    pub fn shape(&self) -> &ConvShape {
        self.conv.shape()
    }

    pub fn channels(&self) -> usize {
        self.spec.outputs
    }

    /// The kernel, (taps, inputs, outputs), batch norm folded in, and what is added.
    pub fn kernel(&self) -> (&[T], &[T]) {
        (&self.kernel, &self.bias)
    }

    /// Rows of the block's output.
    pub fn out_rows(&self) -> usize {
        self.spec.out_rows()
    }

    /// Elements of the block's output.
    pub fn out_len(&self) -> usize {
        self.out_rows() * self.spec.outputs
    }

    /// Rows that an average pool joins, 1 where there is none; nothing where the pool takes
    /// the largest.
    pub fn averaged(&self) -> Option<usize> {
        match self.spec.pool {
            None => Some(1),
            Some((Pooling::Average, window)) => Some(window),
            Some((Pooling::Max, _)) => None,
        }
    }

    pub fn gate_words(&self) -> usize {
        bit_words(self.shape().output_len())
    }

    /// Bytes that say where a max pool found its values.
    pub fn places(&self) -> usize {
        if self.averaged().is_none() { self.out_len() } else { 0 }
    }

    /// Convolves a sample, with its zero rows, with or without what is added.
    pub fn convolve(&self, x: &[T], bias: bool, scratch: &mut ConvScratch<T>, z: &mut [T]) {
        self.conv.forward_into(x, &self.forward, bias.then_some(&self.bias), scratch, z);
    }

    /// The gradient at the padded input from that at the convolution's output, which lies
    /// between `taps - 1` zero rows.
    pub fn transposed(&self, dz_padded: &[T], scratch: &mut ConvScratch<T>, dx: &mut [T]) {
        self.adjoint.forward_into(dz_padded, &self.backward, None, scratch, dx);
    }

    /// Runs a sample through the block.
    pub fn forward(&self, x: &[T], scratch: &mut Scratch<T>, trace: Trace<'_>, y: &mut [T]) {
        let z = scratch.z.at_least(self.shape().output_len());
        self.convolve(x, true, &mut scratch.conv, z);
        let activation =
            ScaleOffsetRelu { scale: &self.ones, offset: &self.zeros, relu: true, keep: None };
        match self.spec.pool {
            None => scale_offset_relu_into(&activation, z, y, trace.gate),
            Some((Pooling::Average, window)) => {
                scale_offset_relu_avg_pool_into(&activation, window, z, y, trace.gate);
            }
            Some((Pooling::Max, window)) => {
                let unpooled = scratch.unpooled.at_least(z.len());
                scale_offset_relu_into(&activation, z, unpooled, trace.gate);
                max_pool_forward_into(self.channels(), window, unpooled, y, trace.places);
            }
        }
    }

    /// Runs the gradient at the block's output back to its padded input.
    pub fn backward(&self, dy: &[T], trace: Trace<'_>, scratch: &mut Scratch<T>, dx: &mut [T]) {
        let (each, channels) = (self.shape().output_len(), self.channels());
        let edge = (self.shape().taps - 1) * channels;
        let dz = between_zeros(scratch.z.at_least(edge + each + edge), edge);
        let gate = &*trace.gate;
        let (dy, window) = match self.spec.pool {
            None => (dy, 1),
            Some((Pooling::Average, window)) => (dy, window),
            Some((Pooling::Max, window)) => {
                let unpooled = scratch.unpooled.at_least(each);
                max_pool_backward_into(channels, window, trace.places, dy, unpooled);
                (&*unpooled, 1)
            }
        };
        let gated = GatedGradient { dy, window, gate, factor: T::ONE };
        scale_backward_into(&gated, &self.ones, dz);
        self.transposed(&scratch.z[..edge + each + edge], &mut scratch.conv, dx);
    }
}

/// Sets `edge` numbers at both ends to 0 and gives what lies between.
pub(super) fn between_zeros<T: Real>(x: &mut [T], edge: usize) -> &mut [T] {
    let end = x.len() - edge;
    x[..edge].fill(T::ZERO);
    x[end..].fill(T::ZERO);
    &mut x[edge..end]
}

/// A kernel, (taps, inputs, outputs), with taps reversed and channels exchanged.
fn transpose<T: Real>(shape: &ConvShape, kernel: &[T]) -> Vec<T> {
    let ConvShape { taps, inputs, outputs, .. } = *shape;
    let at = |t: usize, i: usize, o: usize| kernel[(t * inputs + i) * outputs + o];
    let mut to = Vec::with_capacity(kernel.len());
    for t in (0..taps).rev() {
        for o in 0..outputs {
            to.extend((0..inputs).map(|i| at(t, i, o)));
        }
    }
    to
}
