//! The network as a planned chain of our kernels, with its own backward pass.
//!
//! Activations are (row, position, channel). All memory belongs to the engine
//! and is used again by the next step. Rows of a batch are spread over rayon's
//! threads; every sum over rows runs over fixed groups in order, so the bits do
//! not depend on the number of threads.

mod conv;
mod convolver;
mod dense;
mod frozen;
mod infer;
mod norm;
mod padded;
mod per_thread;

use super::{Dna, Dropout, Engine, EngineError, Input, KeepBits, Step, check_input, check_rows};
use crate::plan::{BranchInput, Plan};
use crate::weights::{Layout, Weights};
use conv::ConvState;
use convolver::Convolver;
use dense::DenseState;
pub(crate) use frozen::Frozen;
use isegnet_ops::{Buffer, ConvScratch, Real};
use ndarray::{ArrayView3, Axis};
use num_traits::Float;
use padded::{Geometry, Padded};
use per_thread::PerThread;
use rayon::prelude::*;

/// The numbers the engine computes with: f32, and f64 to check it.
pub trait Number: Real + Float {}
impl<T: Real + Float> Number for T {}

/// Training mode: batch statistics, dropout if given.
#[derive(Clone, Copy)]
struct Mode(Option<Dropout>);

impl Mode {
    fn keep_bits(self, layer: &str, rate: f32) -> Option<KeepBits> {
        match self {
            Self(Some(dropout)) if rate > 0.0 => Some(KeepBits::new(dropout, layer, rate)),
            _ => None,
        }
    }
}

/// Memory of one thread for one convolution.
#[derive(Default)]
struct Convolving<T> {
    conv: ConvScratch<T>,
    /// One sample at a convolution's output: values, or the gradient.
    z: Buffer<T>,
    /// Where a max pool found its values.
    places: Vec<u8>,
}

/// Memory that the blocks share.
#[derive(Default)]
struct Work<T> {
    threads: PerThread<Convolving<T>>,
    /// Gradient at a max pool's input.
    unpooled: Buffer<T>,
    /// Sums of the groups of samples that become a kernel gradient.
    partials: Buffer<T>,
    /// Sums of the samples or groups.
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
    /// Slope of the loss at each row's output.
    slopes: Vec<T>,
    rows: PerThread<infer::Row<T>>,
    work: Work<T>,
    len: usize,
}

impl<T: Number> CpuEngine<T> {
    /// Makes the engine of a plan.
    pub fn new(plan: Plan) -> Self {
        let layout = Layout::new(&plan);
        let branches = plan.branches.iter().map(|branch| {
            let mut blocks: Vec<_> =
                branch.blocks.iter().map(|b| ConvState::new(b, &layout)).collect();
            if branch.input == BranchInput::Dna {
                blocks[0].input.read_codes();
            }
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
            slopes: Vec::new(),
            rows: PerThread::default(),
            work: Work::default(),
            len: layout.len(),
            plan,
        }
    }

    /// Runs all rows in training mode.
    fn forward(&mut self, weights: &Weights<T>, input: &Input<'_>, mode: Mode, output: &mut [T]) {
        let n = input.rows();
        self.assert_ours(weights);
        self.reserve_threads();
        for branch in &mut self.branches {
            fill_input(&mut branch.blocks[0].input, branch.input, input);
            let work = &mut self.work;
            chain(&mut branch.blocks, &mut branch.out, |block, out| {
                block.forward(n, weights, mode, work, out);
            });
        }
        concatenate(&self.branches, first_input(&mut self.merged, &mut self.flat), n);
        let work = &mut self.work;
        chain(&mut self.merged, &mut self.flat, |block, out| {
            block.forward(n, weights, mode, work, out);
        });
        let mut x = self.flat.samples(n);
        for layer in &mut self.dense {
            layer.prepare(weights);
            x = layer.forward(n, x, weights, Some(mode));
        }
        output.copy_from_slice(x);
    }

    fn assert_ours(&self, weights: &Weights<T>) {
        assert_eq!(weights.values().len(), self.len, "weights of another network");
    }

    /// Makes room in every thread's memory for every block.
    fn reserve_threads(&mut self) {
        let blocks = self.branches.iter().flat_map(|b| &b.blocks).chain(&self.merged);
        let threads = &mut self.work.threads;
        blocks.for_each(|block| threads.reserve(|scratch| block.reserve_thread(scratch)));
    }

    /// Runs the gradient at the output, in `slopes`, back through the network.
    fn backward(
        &mut self,
        n: usize,
        weights: &Weights<T>,
        slopes: &[T],
        gradient: &mut Weights<T>,
    ) {
        // They change places, so each has to hold the largest.
        let blocks = self.branches.iter().flat_map(|b| b.blocks.iter().skip(1)).chain(&self.merged);
        let inputs = blocks.map(|block| block.input.x.geometry().sample());
        let largest = inputs.fold(self.flat.geometry().sample(), usize::max);
        self.gradients.iter_mut().for_each(|buffer| buffer.grow(n * largest));
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
    mut run: impl FnMut(&mut ConvState<T>, &mut Padded<T>),
) {
    for i in 0..blocks.len() {
        let (block, rest) = blocks[i..].split_at_mut(1);
        run(&mut block[0], first_input(rest, out));
    }
}

/// What the first of some blocks reads, or, without blocks, what comes after them.
fn first_input<'a, T: Number>(
    blocks: &'a mut [ConvState<T>],
    after: &'a mut Padded<T>,
) -> &'a mut Padded<T> {
    blocks.first_mut().map_or(after, |block| &mut block.input.x)
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

/// Copies a branch's part of the input into what its first block reads.
fn fill_input<T: Number>(to: &mut Convolver<T>, branch: BranchInput, input: &Input<'_>) {
    match (branch, input.dna) {
        (BranchInput::Tracks, _) => fill_values(to, input.tracks),
        (BranchInput::Dna, Dna::Columns(dna)) => fill_values(to, dna),
        (BranchInput::Dna, Dna::Codes(dna)) => to.take_codes(dna),
        (BranchInput::Dna, Dna::Absent) => {
            unreachable!("the input was checked to have the DNA that the plan has")
        }
    }
}

fn fill_values<T: Number>(to: &mut Convolver<T>, values: ArrayView3<'_, f32>) {
    let n = values.dim().0;
    let geometry = to.reserve_values(n);
    let samples = to.x.samples_mut(n).par_chunks_mut(geometry.sample());
    samples.enumerate().for_each(|(row, sample)| {
        let values = values.index_axis(Axis(0), row);
        let inside = &mut sample[geometry.interior()];
        inside.iter_mut().zip(values.iter()).for_each(|(to, &v)| *to = real(v));
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
        check_input(&self.plan.shape, input, output.len())?;
        check_rows(input.rows(), step.target.len())?;
        let n = input.rows();
        self.assert_ours(gradient);
        self.forward(weights, input, Mode(step.dropout), output);
        self.write_statistics(n, gradient);
        let mut total = 0.0;
        let mut slopes = std::mem::take(&mut self.slopes);
        slopes.resize(n, T::ZERO);
        for ((slope, before), &target) in slopes.iter_mut().zip(&*output).zip(step.target) {
            let (value, derivative) =
                step.loss.value_and_slope(Real::to_f64(*before), f64::from(target));
            total += value;
            *slope = T::from_f64(derivative / n as f64);
        }
        self.backward(n, weights, &slopes, gradient);
        self.slopes = slopes;
        Ok(total / n as f64)
    }

    fn measure(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        measured: &mut Weights<T>,
    ) -> Result<(), EngineError> {
        check_input(&self.plan.shape, input, input.rows())?;
        check_rows(input.rows(), input.rows())?;
        let n = input.rows();
        let mut output = vec![T::ZERO; n];
        self.forward(weights, input, Mode(None), &mut output);
        self.write_statistics(n, measured);
        Ok(())
    }

    fn infer(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        output: &mut [T],
    ) -> Result<(), EngineError> {
        check_input(&self.plan.shape, input, output.len())?;
        self.infer_rows(weights, input, output);
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

#[cfg(test)]
mod tests;
