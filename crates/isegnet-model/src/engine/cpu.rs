//! The network as a planned chain of our kernels, with its own backward pass.
//!
//! Activations are (row, position, channel). All memory belongs to the engine
//! and is used again by the next step. Rows of a batch are spread over rayon's
//! threads; every sum over rows runs over fixed groups in order, so the bits do
//! not depend on the number of threads.

mod conv;
mod dense;
mod norm;
mod padded;

use super::{Dna, Dropout, Engine, EngineError, Input, KeepBits, Step, check_input};
use crate::plan::{BranchInput, Plan};
use crate::weights::{Layout, Weights};
use conv::ConvState;
use dense::DenseState;
use isegnet_ops::Real;
use num_traits::Float;
use padded::{Geometry, Padded};
use rayon::prelude::*;

/// The numbers the engine computes with: f32, and f64 to check it.
pub trait Number: Real + Float {}
impl<T: Real + Float> Number for T {}

/// What a pass through the network is for.
#[derive(Clone, Copy)]
enum Mode {
    /// Batch statistics, dropout if given.
    Train(Option<Dropout>),
    /// Moving statistics, no dropout.
    Infer,
}

impl Mode {
    fn keep_bits(self, layer: &str, rate: f32) -> Option<KeepBits> {
        match self {
            Self::Train(Some(dropout)) if rate > 0.0 => Some(KeepBits::new(dropout, layer, rate)),
            _ => None,
        }
    }
}

/// Memory that the blocks share during the backward pass.
#[derive(Default)]
struct Work<T> {
    /// Gradient at a convolution's output, with zero rows around it.
    dz: Padded<T>,
    /// Gradient at a max pool's input.
    unpooled: Vec<T>,
    /// Kernel gradients of the groups of rows.
    partials: Vec<T>,
    /// Sums of the rows or groups.
    sums: Vec<f64>,
}

struct BranchState<T> {
    input: BranchInput,
    blocks: Vec<ConvState<T>>,
    out: Padded<T>,
}

/// The engine on our own kernels.
pub struct CpuEngine<T = f32> {
    plan: Plan,
    branches: Vec<BranchState<T>>,
    merged: Vec<ConvState<T>>,
    dense: Vec<DenseState<T>>,
    /// What reaches the dense layers, and the gradient there.
    flat: Padded<T>,
    gradients: [Padded<T>; 3],
    work: Work<T>,
    len: usize,
}

impl<T: Number> CpuEngine<T> {
    /// Makes the engine of a plan.
    pub fn new(plan: Plan) -> Self {
        let layout = Layout::new(&plan);
        let branches = plan.branches.iter().map(|branch| {
            let blocks = branch.blocks.iter().map(|b| ConvState::new(b, &layout)).collect();
            let last = &branch.blocks[branch.blocks.len() - 1];
            let out = Padded::new(Geometry::plain(last.out_rows(), last.outputs));
            BranchState { input: branch.input, blocks, out }
        });
        let (rows, channels) = match plan.merged.last() {
            Some(last) => (last.out_rows(), last.outputs),
            None => plan.side_by_side(),
        };
        Self {
            branches: branches.collect(),
            merged: plan.merged.iter().map(|b| ConvState::new(b, &layout)).collect(),
            dense: plan.dense.iter().map(|b| DenseState::new(b, &layout)).collect(),
            flat: Padded::new(Geometry::plain(rows, channels)),
            gradients: Default::default(),
            work: Work::default(),
            len: layout.len(),
            plan,
        }
    }

    fn forward(&mut self, weights: &Weights<T>, input: &Input<'_>, mode: Mode, output: &mut [T]) {
        let n = input.rows();
        assert_eq!(weights.values().len(), self.len, "weights of another network");
        for branch in &mut self.branches {
            fill_input(&mut branch.blocks[0], branch.input, input, n);
            chain(&mut branch.blocks, &mut branch.out, n, weights, mode, &mut self.work);
        }
        let side_by_side = self.merged.first_mut().map_or(&mut self.flat, |block| &mut block.x);
        concatenate(&self.branches, side_by_side, n);
        chain(&mut self.merged, &mut self.flat, n, weights, mode, &mut self.work);
        let mut x = self.flat.samples(n);
        for layer in &mut self.dense {
            x = layer.forward(n, x, weights, mode);
        }
        output.copy_from_slice(x);
    }

    /// Runs the gradient at the output, in `slopes`, back through the network.
    fn backward(
        &mut self,
        n: usize,
        weights: &Weights<T>,
        slopes: &[T],
        gradient: &mut Weights<T>,
    ) {
        let [side_by_side, dy, dx] = &mut self.gradients;
        for i in (0..self.dense.len()).rev() {
            let (before, rest) = self.dense.split_at_mut(i);
            let Some((layer, after)) = rest.split_first_mut() else { continue };
            let x = before.last().map_or(self.flat.samples(n), |l| l.y(n));
            let dy = after.first().map_or(slopes, |l| l.dx(n));
            layer.backward(n, x, dy, weights, gradient);
        }
        self.flat.geometry().reshape(dy, n);
        dy.samples_mut(n).copy_from_slice(self.dense[0].dx(n));
        back_chain(&mut self.merged, [dy, dx], n, weights, gradient, &mut self.work, true);
        // The gradient where the branches lie side by side is needed once a branch.
        std::mem::swap(side_by_side, dy);
        let mut first = 0;
        for branch in &mut self.branches {
            take_columns(side_by_side, first, branch.out.geometry(), dy, n);
            first += branch.out.geometry().channels;
            back_chain(&mut branch.blocks, [dy, dx], n, weights, gradient, &mut self.work, false);
        }
    }
}

/// Runs blocks one after another; the last one writes to `out`.
fn chain<T: Number>(
    blocks: &mut [ConvState<T>],
    out: &mut Padded<T>,
    n: usize,
    weights: &Weights<T>,
    mode: Mode,
    work: &mut Work<T>,
) {
    for i in 0..blocks.len() {
        let (block, rest) = blocks[i..].split_at_mut(1);
        let out = rest.first_mut().map_or(&mut *out, |next| &mut next.x);
        block[0].forward(n, weights, mode, work, out);
    }
}

/// Runs the gradient in `dy` back through blocks; it ends in `dy` if the
/// gradient at the first block's input is wanted.
fn back_chain<T: Number>(
    blocks: &mut [ConvState<T>],
    [dy, dx]: [&mut Padded<T>; 2],
    n: usize,
    weights: &Weights<T>,
    gradient: &mut Weights<T>,
    work: &mut Work<T>,
    to_input: bool,
) {
    for i in (0..blocks.len()).rev() {
        let wanted = i > 0 || to_input;
        blocks[i].backward(n, dy, weights, gradient, work, wanted.then_some(&mut *dx));
        if wanted {
            std::mem::swap(dy, dx);
        }
    }
}

/// Copies a branch's part of the input into its first block.
fn fill_input<T: Number>(
    block: &mut ConvState<T>,
    branch: BranchInput,
    input: &Input<'_>,
    n: usize,
) {
    let geometry = block.x.reserve(n);
    let samples = block.x.samples_mut(n).par_chunks_mut(geometry.sample());
    samples.enumerate().for_each(|(row, sample)| {
        let inside = &mut sample[geometry.interior()];
        match (branch, input.dna) {
            (BranchInput::Tracks, _) => {
                let values = input.tracks.index_axis(ndarray::Axis(0), row);
                inside.iter_mut().zip(values.iter()).for_each(|(to, &v)| *to = real(v));
            }
            (_, Dna::Columns(dna)) => {
                let values = dna.index_axis(ndarray::Axis(0), row);
                inside.iter_mut().zip(values.iter()).for_each(|(to, &v)| *to = real(v));
            }
            (_, Dna::Codes(dna)) => {
                inside.fill(T::ZERO);
                for (base, &code) in inside.chunks_exact_mut(4).zip(dna.row(row)) {
                    if let Some(one) = base.get_mut(usize::from(code)) {
                        *one = T::ONE;
                    }
                }
            }
            (_, Dna::Absent) => inside.fill(T::ZERO),
        }
    });
}

/// Where a parameter lies in the weights.
fn range(layout: &Layout, layer: &str, part: &str) -> std::ops::Range<usize> {
    let name = format!("{layer}.{part}");
    match layout.find(&name) {
        Some(p) => p.range.clone(),
        None => unreachable!("the layout of the plan lacks its own {name}"),
    }
}

fn real<T: Real>(v: f32) -> T {
    T::from_f64(f64::from(v))
}

/// Lays the branches' outputs side by side, as columns of channels.
fn concatenate<T: Number>(branches: &[BranchState<T>], to: &mut Padded<T>, n: usize) {
    let geometry = to.reserve(n);
    to.samples_mut(n).par_chunks_mut(geometry.sample()).enumerate().for_each(|(row, sample)| {
        let inside = &mut sample[geometry.interior()];
        let mut first = 0;
        for branch in branches {
            let channels = branch.out.geometry().channels;
            let from = branch.out.interior(row).chunks_exact(channels);
            for (to, from) in inside.chunks_exact_mut(geometry.channels).zip(from) {
                to[first..first + channels].copy_from_slice(from);
            }
            first += channels;
        }
    });
}

/// Takes one branch's columns of a gradient out.
fn take_columns<T: Number>(
    from: &Padded<T>,
    first: usize,
    geometry: Geometry,
    to: &mut Padded<T>,
    n: usize,
) {
    geometry.reshape(to, n);
    let wide = from.geometry().channels;
    to.samples_mut(n).par_chunks_mut(geometry.sample()).enumerate().for_each(|(row, sample)| {
        let rows = from.interior(row).chunks_exact(wide);
        for (to, from) in sample.chunks_exact_mut(geometry.channels).zip(rows) {
            to.copy_from_slice(&from[first..first + geometry.channels]);
        }
    });
}

impl<T: Number> Engine<T> for CpuEngine<T> {
    fn train_step(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        step: Step<'_>,
        gradient: &mut Weights<T>,
        output: &mut [T],
    ) -> Result<f64, EngineError> {
        check_input(&self.plan.shape, input)?;
        let n = input.rows();
        self.forward(weights, input, Mode::Train(step.dropout), output);
        self.write_statistics(n, gradient);
        let mut total = 0.0;
        let mut slopes = vec![T::ZERO; n];
        for ((slope, before), &target) in slopes.iter_mut().zip(&*output).zip(step.target) {
            let (value, derivative) =
                step.loss.value_and_slope(Real::to_f64(*before), f64::from(target));
            total += value;
            *slope = T::from_f64(derivative / n as f64);
        }
        self.backward(n, weights, &slopes, gradient);
        Ok(total / n as f64)
    }

    fn measure(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        measured: &mut Weights<T>,
    ) -> Result<(), EngineError> {
        check_input(&self.plan.shape, input)?;
        let n = input.rows();
        let mut output = vec![T::ZERO; n];
        self.forward(weights, input, Mode::Train(None), &mut output);
        self.write_statistics(n, measured);
        Ok(())
    }

    fn infer(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        output: &mut [T],
    ) -> Result<(), EngineError> {
        check_input(&self.plan.shape, input)?;
        self.forward(weights, input, Mode::Infer, output);
        Ok(())
    }
}

impl<T: Number> CpuEngine<T> {
    /// Writes what the batch measured into the places of the moving statistics.
    fn write_statistics(&self, n: usize, to: &mut Weights<T>) {
        let blocks = self.branches.iter().flat_map(|b| &b.blocks).chain(&self.merged);
        for block in blocks {
            block.write_statistics(n, to);
        }
        for layer in &self.dense {
            layer.write_statistics(n, to);
        }
    }
}
