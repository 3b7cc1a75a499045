//! The weighted sum of gradients along a straight path, in the time of a few of them.
//!
//! Exact: nodes, weights and the network are those that the gradients at single points
//! would be taken with; only the order of additions differs. Steps are taken a few at a
//! time, so memory does not grow with their number.

use super::super::Number;
use super::super::padded::Geometry;
use super::chain::{Blocks, Traces};
use super::prefix::{Chunk, Prefix, State};
use super::tail::{self, AT_ONCE};
use super::{Frozen, Head, RowMut, copy_channels, rows_mut};
use isegnet_core::{Inputs, Path};
use isegnet_ops::{Buffer, Real};
use ndarray::ArrayView2;
use rayon::prelude::*;
use std::ops::Range;

/// Memory of one thread for one row.
#[derive(Default)]
pub(super) struct Memory<T> {
    tail: tail::Memory<T>,
    side_by_side: Buffer<T>,
    branches: Vec<BranchMemory<T>>,
    /// Ends of the path of a branch, with zero rows.
    from: Buffer<T>,
    along: Buffer<T>,
    out: Buffer<T>,
}

#[derive(Default)]
struct BranchMemory<T> {
    state: State<T>,
    /// What the blocks after the prefix read at each step, and what they left behind.
    between: Buffer<T>,
    traces: Traces,
}

impl<T: Number> Frozen<T> {
    /// Tells whether [`path`](Self::path) can follow this network's branches.
    pub fn follows_paths(&self) -> bool {
        self.prefixes.is_some()
    }

    /// Fills `values`, (row, node), and `gradient` with the weighted sums; tells whether the
    /// network's branches can be followed, without which nothing is done.
    pub fn path<V: Real + ndarray::LinalgScalar>(
        &mut self,
        path: Path<'_, V>,
        head: Head<'_>,
        values: &mut [f64],
        gradient: &mut Inputs<V>,
    ) -> bool {
        self.paths.reserve(|_| ());
        let this = &*self;
        let Some(prefixes) = &this.prefixes else { return false };
        let steps = path.nodes.len();
        if steps == 0 {
            gradient.tracks.fill(V::ZERO);
            gradient.dna.fill(V::ZERO);
            return true;
        }
        let [nodes, weights] = [path.nodes, path.weights]
            .map(|along| along.iter().map(|&a| T::from_f64(a)).collect::<Vec<T>>());
        let mut rows = rows_mut(gradient);
        let rows = values.par_chunks_mut(steps).zip(rows.par_iter_mut());
        rows.enumerate().for_each(|(row, (values, gradient))| {
            let along = Along { frozen: this, prefixes, nodes: &nodes };
            this.paths.with(|memory| {
                along.begin(path, row, memory);
                for steps in along.chunks() {
                    along.chunk(steps, &weights, memory, head, values);
                }
                along.finish(memory, gradient);
            });
        });
        true
    }
}

/// A network and the steps it is taken through.
struct Along<'a, T> {
    frozen: &'a Frozen<T>,
    prefixes: &'a [Prefix<T>],
    nodes: &'a [T],
}

impl<T: Number> Along<'_, T> {
    /// Steps of a chunk: as many as the dense layers take, and chunks of one length.
    fn at_once(&self) -> usize {
        let steps = self.nodes.len();
        steps.div_ceil(steps.div_ceil(AT_ONCE))
    }

    fn chunks(&self) -> impl Iterator<Item = Range<usize>> + use<T> {
        let (steps, at_once) = (self.nodes.len(), self.at_once());
        (0..steps).step_by(at_once).map(move |first| first..steps.min(first + at_once))
    }

    fn begin<V: Real>(&self, path: Path<'_, V>, row: usize, memory: &mut Memory<T>) {
        let Memory { tail, branches, from, along, .. } = memory;
        branches.resize_with(self.prefixes.len(), BranchMemory::default);
        let all = self.frozen.branches.iter().zip(self.prefixes).zip(branches);
        for ((branch, prefix), memory) in all {
            let (blocks, _) = prefix.split(&branch.chain);
            let geometry = blocks[0].geometry();
            let [start, end] = [path.from, path.to].map(|inputs| branch.part(inputs, row));
            fill(from, geometry, start, |i| start[i].to_f64());
            fill(along, geometry, start, |i| end[i].to_f64() - start[i].to_f64());
            let ends = [&*from, &*along].map(|end| &end[..geometry.sample()]);
            let nodes = (self.nodes, self.at_once());
            prefix.begin(blocks, ends, nodes, &mut tail.between.scratch, &mut memory.state);
        }
    }

    /// Where the prefix of a branch writes: for its other blocks, or side by side with the
    /// other branches.
    fn places<'a>(&self, branch: usize, steps: Range<usize>, along: &'a [T]) -> Chunk<'a, T> {
        let wide = self.frozen.tail.side_by_side;
        let branch_of = &self.frozen.branches[branch];
        let (_, rest) = self.prefixes[branch].split(&branch_of.chain);
        let geometry = Blocks(rest).geometry(wide);
        let first = if rest.is_empty() { branch_of.first_channel } else { 0 };
        Chunk {
            steps,
            along,
            sample: geometry.sample(),
            stride: geometry.channels,
            first: geometry.interior().start + first,
        }
    }

    fn chunk(
        &self,
        steps: Range<usize>,
        weights: &[T],
        memory: &mut Memory<T>,
        head: Head<'_>,
        values: &mut [f64],
    ) {
        let Memory { tail, side_by_side, branches, out, .. } = memory;
        let (n, wide) = (steps.len(), self.frozen.tail.side_by_side);
        let side_by_side = side_by_side.at_least(n * wide.sample());
        pad(side_by_side, wide);
        let all = self.frozen.branches.iter().zip(self.prefixes).zip(&mut *branches);
        for (i, ((branch, prefix), memory)) in all.enumerate() {
            let (blocks, rest) = prefix.split(&branch.chain);
            let places = self.places(i, steps.clone(), self.nodes);
            if rest.is_empty() {
                prefix.forward(blocks, &places, &mut memory.state, side_by_side);
                continue;
            }
            let between = memory.between.at_least(n * places.sample);
            pad(between, Blocks(rest).geometry(wide));
            prefix.forward(blocks, &places, &mut memory.state, between);
            Blocks(rest).reserve(n, &mut memory.traces);
            let out = out.at_least(branch.chain.out_len());
            let samples = between.chunks_exact(places.sample);
            for (j, (x, wide_row)) in
                samples.zip(side_by_side.chunks_exact_mut(wide.sample())).enumerate()
            {
                Blocks(rest).forward(j, x, &mut tail.between, &mut memory.traces, out);
                copy_channels(wide, branch.first_channel, wide_row, out, false);
            }
        }
        self.frozen.tail.run(side_by_side, tail, head, &mut values[steps.clone()], true);
        let all = self.frozen.branches.iter().zip(self.prefixes).zip(branches);
        for (i, ((branch, prefix), memory)) in all.enumerate() {
            let (blocks, rest) = prefix.split(&branch.chain);
            let places = self.places(i, steps.clone(), weights);
            if rest.is_empty() {
                prefix.backward(blocks, &places, &mut memory.state, side_by_side);
                continue;
            }
            let between = memory.between.at_least(n * places.sample);
            let out = out.at_least(branch.chain.out_len());
            let samples = between.chunks_exact_mut(places.sample);
            for (j, (dx, wide_row)) in
                samples.zip(side_by_side.chunks_exact_mut(wide.sample())).enumerate()
            {
                copy_channels(wide, branch.first_channel, wide_row, out, true);
                Blocks(rest).backward(j, out, &mut tail.between, &mut memory.traces, dx);
            }
            prefix.backward(blocks, &places, &mut memory.state, between);
        }
    }

    fn finish<V: Real>(&self, memory: &mut Memory<T>, gradient: &mut RowMut<'_, V>) {
        let Memory { tail, branches, from, .. } = memory;
        for ((branch, prefix), memory) in
            self.frozen.branches.iter().zip(self.prefixes).zip(branches)
        {
            let (blocks, _) = prefix.split(&branch.chain);
            let geometry = blocks[0].geometry();
            let dx = from.at_least(geometry.sample());
            prefix.finish(blocks, &mut memory.state, &mut tail.between.scratch, dx);
            let inside = &dx[geometry.interior()];
            for (to, &v) in gradient.part(branch).iter_mut().zip(inside) {
                *to = V::from_f64(Real::to_f64(v));
            }
        }
    }
}

/// Fills a sample from an array's elements, between its zero rows.
fn fill<T: Number, V>(
    to: &mut Buffer<T>,
    geometry: Geometry,
    like: ArrayView2<'_, V>,
    value: impl Fn([usize; 2]) -> f64,
) {
    let sample = to.at_least(geometry.sample());
    let (rows, columns) = like.dim();
    let places = (0..rows).flat_map(|row| (0..columns).map(move |column| [row, column]));
    for (to, at) in geometry.pad(sample).iter_mut().zip(places) {
        *to = T::from_f64(value(at));
    }
}

/// Sets the zero rows of samples.
fn pad<T: Number>(samples: &mut [T], geometry: Geometry) {
    for sample in samples.chunks_exact_mut(geometry.sample()) {
        geometry.pad(sample);
    }
}
