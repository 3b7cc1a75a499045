//! The network as it predicts, differentiated: batch norm folded into the kernels, and
//! the gradient of the output with respect to the input.
//!
//! Rows do not influence each other, so each group of them is one thread's work from
//! end to end, with that thread's memory.

mod block;
mod chain;
mod dense;
mod gradient;
mod path;
mod prefix;
mod tail;

use super::Number;
use super::padded::Geometry;
use super::per_thread::PerThread;
use crate::plan::{BranchInput, Plan};
use crate::weights::Weights;
use chain::Chain;
use gradient::Memory;
use isegnet_core::Inputs;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};
use prefix::Prefix;
use tail::Tail;

/// A network with frozen weights; see the module.
pub(crate) struct Frozen<T> {
    branches: Vec<Branch<T>>,
    /// How each branch begins along a path; none where one of them cannot be followed.
    prefixes: Option<Vec<Prefix<T>>>,
    tail: Tail<T>,
    gradients: PerThread<Memory<T>>,
    paths: PerThread<path::Memory<T>>,
}

/// The convolutions over one part of the input.
struct Branch<T> {
    input: BranchInput,
    chain: Chain<T>,
    /// Where its output lies among the channels that lie side by side.
    first_channel: usize,
}

/// From the network's last number to the value that is differentiated, and its slope.
pub(crate) type Head<'a> = &'a (dyn Fn(f64) -> (f64, f64) + Sync);

impl<T: Number> Frozen<T> {
    pub fn new(plan: &Plan, weights: &Weights<T>) -> Self {
        let mut first_channel = 0;
        let branches = plan.branches.iter().map(|branch| {
            let chain = Chain::new(&branch.blocks, weights);
            let first = first_channel;
            first_channel += chain.out_channels();
            Branch { input: branch.input, chain, first_channel: first }
        });
        let branches: Vec<Branch<T>> = branches.collect();
        Self {
            prefixes: branches.iter().map(|branch| Prefix::new(&branch.chain)).collect(),
            branches,
            tail: Tail::new(plan, weights),
            gradients: PerThread::default(),
            paths: PerThread::default(),
        }
    }
}

impl<T> Branch<T> {
    /// Its part of one row of the input.
    fn part<'a, V>(&self, inputs: &'a Inputs<V>, row: usize) -> ArrayView2<'a, V> {
        match self.input {
            BranchInput::Tracks => inputs.tracks.index_axis(Axis(0), row),
            BranchInput::Dna => inputs.dna.index_axis(Axis(0), row),
        }
    }
}

/// One row of a gradient, to be written.
struct RowMut<'a, V> {
    tracks: ArrayViewMut2<'a, V>,
    dna: ArrayViewMut2<'a, V>,
}

impl<V> RowMut<'_, V> {
    fn part(&mut self, branch: &Branch<impl Sized>) -> &mut [V] {
        let part = match branch.input {
            BranchInput::Tracks => &mut self.tracks,
            BranchInput::Dna => &mut self.dna,
        };
        part.as_slice_mut().unwrap_or_default()
    }
}

/// The rows of a gradient in standard layout, one after another.
fn rows_mut<V: ndarray::LinalgScalar>(gradient: &mut Inputs<V>) -> Vec<RowMut<'_, V>> {
    for part in [&mut gradient.tracks, &mut gradient.dna] {
        if !part.is_standard_layout() {
            *part = ndarray::Array3::zeros(part.dim());
        }
    }
    let Inputs { tracks, dna } = gradient;
    let rows = tracks.outer_iter_mut().zip(dna.outer_iter_mut());
    rows.map(|(tracks, dna)| RowMut { tracks, dna }).collect()
}

/// Copies a branch's output into its channels of rows that lie side by side, or back.
fn copy_channels<T: Copy>(
    geometry: Geometry,
    first: usize,
    side_by_side: &mut [T],
    branch: &mut [T],
    back: bool,
) {
    let channels = branch.len() / geometry.rows;
    let rows = side_by_side[geometry.interior()].chunks_exact_mut(geometry.channels);
    for (wide, narrow) in rows.zip(branch.chunks_exact_mut(channels)) {
        let wide = &mut wide[first..first + channels];
        if back { narrow.copy_from_slice(wide) } else { wide.copy_from_slice(narrow) }
    }
}

#[cfg(test)]
mod tests;
