//! Inference: each row goes through all convolutions on one thread, so that what passes
//! between them stays in that core's caches; then all rows go through the dense layers.

use super::conv::{ConvState, grow};
use super::convolver::Sample;
use super::padded::Geometry;
use super::{Convolving, CpuEngine, Number, real};
use crate::engine::{Dna, Input};
use crate::plan::BranchInput;
use crate::weights::Weights;
use isegnet_ops::Buffer;
use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;
use std::mem::swap;

/// Memory of one thread for one row.
#[derive(Default)]
pub(super) struct Row<T> {
    words: Vec<u16>,
    /// A first block's values.
    values: Buffer<T>,
    /// What a block reads, and what it writes for the next.
    x: Buffer<T>,
    next: Buffer<T>,
    /// A branch's output, and all of them side by side.
    out: Buffer<T>,
    side_by_side: Buffer<T>,
}

impl<T: Number> CpuEngine<T> {
    /// Runs all rows outside training.
    pub(super) fn infer_rows(&mut self, weights: &Weights<T>, input: &Input<'_>, output: &mut [T]) {
        let n = input.rows();
        self.prepare_inference(weights, input);
        let geometry = self.flat.reserve(n);
        let mut flat = std::mem::take(&mut self.flat);
        flat.samples_mut(n).par_chunks_mut(geometry.sample()).enumerate().for_each(
            |(row, flat)| {
                self.work.threads.with(|convolving| {
                    self.rows.with(|memory| self.infer_row(input, row, (convolving, memory), flat));
                });
            },
        );
        self.flat = flat;
        let mut x = self.flat.samples(n);
        for layer in &mut self.dense {
            x = layer.forward(n, x, weights, None);
        }
        output.copy_from_slice(x);
    }

    /// Makes all kernels ready, and room in every thread's memory.
    fn prepare_inference(&mut self, weights: &Weights<T>, input: &Input<'_>) {
        assert_eq!(weights.values().len(), self.len, "weights of another network");
        self.rows.reserve(|_| ());
        self.reserve_threads();
        for branch in &mut self.branches {
            branch.blocks[0].input.expect_codes(matches!(input.dna, Dna::Codes(_)));
        }
        let blocks = self.branches.iter_mut().flat_map(|b| &mut b.blocks).chain(&mut self.merged);
        for block in blocks {
            self.work.threads.with(|scratch| block.prepare_inference(weights, &mut scratch.conv));
        }
        self.dense.iter_mut().for_each(|layer| layer.prepare(weights));
    }

    /// Runs one row up to the dense layers.
    fn infer_row(
        &self,
        input: &Input<'_>,
        row: usize,
        (convolving, memory): (&mut Convolving<T>, &mut Row<T>),
        flat: &mut [T],
    ) {
        let geometry = self.merged.first().map_or(self.flat_geometry(), |b| b.input.x.geometry());
        // Taken, since the chains below borrow the rest.
        let mut side_by_side = std::mem::take(&mut memory.side_by_side);
        let mut out = std::mem::take(&mut memory.out);
        let inside = between_zeros(side_by_side.at_least(geometry.sample()), geometry);
        let mut first = 0;
        for branch in &self.branches {
            let channels = branch.out.geometry().channels;
            let out = out.at_least(branch.out.geometry().sample());
            let block = &branch.blocks[0];
            match (branch.input, input.dna) {
                (BranchInput::Dna, Dna::Codes(dna)) => {
                    let mut words = std::mem::take(&mut memory.words);
                    let rows = block.input.shape().rows;
                    grow(&mut words, rows);
                    block.input.words_into(dna.row(row), &mut words[..rows]);
                    let words_of_row = Sample::Words(&words[..rows]);
                    chain(&branch.blocks, words_of_row, convolving, memory, out);
                    memory.words = words;
                }
                (BranchInput::Dna, Dna::Columns(dna)) => {
                    let dna = dna.index_axis_move(Axis(0), row);
                    chain_values(&branch.blocks, dna, convolving, memory, out);
                }
                (BranchInput::Dna, Dna::Absent) => {
                    unreachable!("the input was checked to have the DNA that the plan has")
                }
                (BranchInput::Tracks, _) => {
                    let values = input.tracks.index_axis_move(Axis(0), row);
                    chain_values(&branch.blocks, values, convolving, memory, out);
                }
            }
            let rows = inside.chunks_exact_mut(geometry.channels);
            for (to, from) in rows.zip(out.chunks_exact(channels)) {
                to[first..first + channels].copy_from_slice(from);
            }
            first += channels;
        }
        if self.merged.is_empty() {
            flat.copy_from_slice(inside);
        } else {
            let x = Sample::Values(&side_by_side[..geometry.sample()]);
            chain(&self.merged, x, convolving, memory, flat);
        }
        memory.side_by_side = side_by_side;
        memory.out = out;
    }

    /// How the branches lie where there are no merged blocks.
    fn flat_geometry(&self) -> Geometry {
        let (rows, channels) = self.plan.side_by_side();
        Geometry::plain(rows, channels)
    }
}

/// Runs values through blocks.
fn chain_values<T: Number>(
    blocks: &[ConvState<T>],
    values: ArrayView2<'_, f32>,
    convolving: &mut Convolving<T>,
    memory: &mut Row<T>,
    out: &mut [T],
) {
    let geometry = blocks[0].input.x.geometry();
    let mut x = std::mem::take(&mut memory.values);
    let inside = between_zeros(x.at_least(geometry.sample()), geometry);
    inside.iter_mut().zip(&values).for_each(|(to, &v)| *to = real(v));
    chain(blocks, Sample::Values(&x[..geometry.sample()]), convolving, memory, out);
    memory.values = x;
}

/// Runs a sample through blocks, one after another; the last one writes to `out`.
fn chain<T: Number>(
    blocks: &[ConvState<T>],
    first: Sample<'_, T>,
    convolving: &mut Convolving<T>,
    memory: &mut Row<T>,
    out: &mut [T],
) {
    let Row { x, next, .. } = memory;
    for (i, block) in blocks.iter().enumerate() {
        let sample =
            if i == 0 { first } else { Sample::Values(&x[..block.input.x.geometry().sample()]) };
        match blocks.get(i + 1) {
            Some(after) => {
                let geometry = after.input.x.geometry();
                let inside = between_zeros(next.at_least(geometry.sample()), geometry);
                block.infer(sample, convolving, inside);
                swap(x, next);
            }
            None => block.infer(sample, convolving, out),
        }
    }
}

/// Sets a sample's padding to 0 and gives what lies between.
fn between_zeros<T: Number>(sample: &mut [T], geometry: Geometry) -> &mut [T] {
    let inside = geometry.interior();
    sample[..inside.start].fill(T::ZERO);
    sample[inside.end..].fill(T::ZERO);
    &mut sample[inside]
}
