//! From where the branches lie side by side to the output, and back.

use super::super::Number;
use super::super::padded::Geometry;
use super::Head;
use super::chain::{Between, Blocks, Chain, Traces};
use super::dense::FrozenDense;
use crate::plan::Plan;
use crate::weights::Weights;
use isegnet_ops::{Buffer, Dense, Real};

/// Samples that go through the dense layers at once: one task's, so that all of it stays on
/// the thread that calls.
pub(super) const AT_ONCE: usize = Dense::ROWS_A_TASK;

pub(super) struct Tail<T> {
    merged: Chain<T>,
    dense: Vec<FrozenDense<T>>,
    /// What the merged blocks read; without them, what the dense layers do.
    pub side_by_side: Geometry,
}

/// Memory of one thread for the tail.
#[derive(Default)]
pub(super) struct Memory<T> {
    pub between: Between<T>,
    traces: Traces,
    flat: Buffer<T>,
    outputs: Vec<Buffer<T>>,
    gradients: [Buffer<T>; 2],
}

impl<T: Number> Tail<T> {
    pub fn new(plan: &Plan, weights: &Weights<T>) -> Self {
        let merged = Chain::new(&plan.merged, weights);
        let (rows, channels) = plan.side_by_side();
        let side_by_side = Blocks(&merged.blocks).geometry(Geometry::plain(rows, channels));
        let dense = plan.dense.iter().map(|spec| FrozenDense::new(spec, weights)).collect();
        Self { merged, dense, side_by_side }
    }

    fn flat_len(&self) -> usize {
        self.dense[0].inputs()
    }

    /// Runs at most [`AT_ONCE`] samples, in `x` with their zero rows, to the output; gives
    /// their `values`, and, where `differentiate` says so, puts the gradient in the place
    /// of `x`.
    pub fn run(
        &self,
        x: &mut [T],
        memory: &mut Memory<T>,
        head: Head<'_>,
        values: &mut [f64],
        differentiate: bool,
    ) {
        let n = values.len();
        debug_assert!(n <= AT_ONCE, "more samples than one thread takes");
        let Memory { between, traces, flat, outputs, gradients } = memory;
        let blocks = Blocks(&self.merged.blocks);
        let (each, flat_len) = (self.side_by_side.sample(), self.flat_len());
        blocks.reserve(n, traces);
        let flat = flat.at_least(n * flat_len);
        for (i, flat) in flat.chunks_exact_mut(flat_len).enumerate() {
            blocks.forward(i, &x[i * each..][..each], between, traces, flat);
        }
        outputs.resize_with(self.dense.len(), Buffer::default);
        for (i, layer) in self.dense.iter().enumerate() {
            let (before, after) = outputs.split_at_mut(i);
            let input = before.last().map_or(&*flat, |y| &y[..n * layer.inputs()]);
            layer.forward(n, input, &mut after[0]);
        }
        let last = &outputs[self.dense.len() - 1];
        let [dy, dx] = gradients;
        let slopes = dy.at_least(n);
        for ((value, slope), &last) in values.iter_mut().zip(slopes).zip(last.iter()) {
            let (v, s) = head(Real::to_f64(last));
            (*value, *slope) = (v, T::from_f64(s));
        }
        if !differentiate {
            return;
        }
        for (layer, y) in self.dense.iter().zip(&*outputs).rev() {
            dx.grow(n * layer.inputs());
            layer.backward(n, y, dy, dx);
            std::mem::swap(dy, dx);
        }
        for (i, dy) in dy[..n * flat_len].chunks_exact(flat_len).enumerate() {
            blocks.backward(i, dy, between, traces, &mut x[i * each..][..each]);
        }
    }
}
