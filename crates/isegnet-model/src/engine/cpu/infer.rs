//! Inference: each row goes through all convolutions on one thread, so that what passes
//! between them stays in that core's caches; then all rows go through the dense layers.

use super::conv::{ConvState, grow};
use super::convolver::Sample;
use super::padded::Geometry;
use super::{BranchState, Convolving, CpuEngine, Number, real};
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
    /// A first block's input.
    words: Vec<u16>,
    values: Buffer<T>,
    /// What a block reads, and what it writes for the next.
    between: [Buffer<T>; 2],
    /// A branch's output, and all of them side by side.
    out: Buffer<T>,
    side_by_side: Buffer<T>,
}

impl<T: Number> CpuEngine<T> {
    /// Runs all rows outside training.
    pub(super) fn infer_rows(&mut self, weights: &Weights<T>, input: &Input<'_>, output: &mut [T]) {
        let n = input.rows();
        self.prepare_inference(weights, input);
        let Self { branches, merged, flat, rows, work, dense, .. } = self;
        let geometry = flat.reserve(n);
        let blocks = Blocks { branches, merged, flat: geometry };
        flat.samples_mut(n).par_chunks_mut(geometry.sample()).enumerate().for_each(
            |(row, flat)| {
                work.threads.with(|convolving| {
                    rows.with(|memory| blocks.infer(input, row, convolving, memory, flat));
                });
            },
        );
        let mut x = flat.samples(n);
        for layer in dense {
            x = layer.forward(n, x, weights, None);
        }
        output.copy_from_slice(x);
    }

    /// Makes all kernels ready, and room in every thread's memory.
    fn prepare_inference(&mut self, weights: &Weights<T>, input: &Input<'_>) {
        self.assert_ours(weights);
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
}

/// All convolution blocks.
struct Blocks<'a, T> {
    branches: &'a [BranchState<T>],
    merged: &'a [ConvState<T>],
    /// What reaches the dense layers.
    flat: Geometry,
}

impl<T: Number> Blocks<'_, T> {
    /// Runs one row up to the dense layers.
    fn infer(
        &self,
        input: &Input<'_>,
        row: usize,
        convolving: &mut Convolving<T>,
        memory: &mut Row<T>,
        flat: &mut [T],
    ) {
        let Row { words, values, between, out, side_by_side } = memory;
        let geometry = self.merged.first().map_or(self.flat, |block| block.input.x.geometry());
        let side_by_side = side_by_side.at_least(geometry.sample());
        let inside = geometry.pad(side_by_side);
        let mut first = 0;
        for BranchState { input: part, blocks, out: shape } in self.branches {
            let x = match (part, input.dna) {
                (BranchInput::Tracks, _) => {
                    let tracks = input.tracks.index_axis_move(Axis(0), row);
                    Sample::Values(padded(&blocks[0], tracks, values))
                }
                (BranchInput::Dna, Dna::Columns(dna)) => {
                    let dna = dna.index_axis_move(Axis(0), row);
                    Sample::Values(padded(&blocks[0], dna, values))
                }
                (BranchInput::Dna, Dna::Codes(dna)) => {
                    let reader = &blocks[0].input;
                    grow(words, reader.shape().rows);
                    let words = &mut words[..reader.shape().rows];
                    reader.words_into(dna.row(row), words);
                    Sample::Words(words)
                }
                (BranchInput::Dna, Dna::Absent) => {
                    unreachable!("the input was checked to have the DNA that the plan has")
                }
            };
            let out = out.at_least(shape.geometry().sample());
            chain(blocks, x, convolving, between, out);
            let channels = shape.geometry().channels;
            let rows = inside.chunks_exact_mut(geometry.channels);
            for (to, from) in rows.zip(out.chunks_exact(channels)) {
                to[first..first + channels].copy_from_slice(from);
            }
            first += channels;
        }
        if self.merged.is_empty() {
            flat.copy_from_slice(inside);
        } else {
            chain(self.merged, Sample::Values(side_by_side), convolving, between, flat);
        }
    }
}

/// Puts values between the zero rows that a block reads them with.
fn padded<'a, T: Number>(
    block: &ConvState<T>,
    values: ArrayView2<'_, f32>,
    to: &'a mut Buffer<T>,
) -> &'a [T] {
    let geometry = block.input.x.geometry();
    let sample = to.at_least(geometry.sample());
    let inside = geometry.pad(sample);
    inside.iter_mut().zip(&values).for_each(|(to, &v)| *to = real(v));
    sample
}

/// Runs a sample through blocks, one after another; the last one writes to `out`.
fn chain<T: Number>(
    blocks: &[ConvState<T>],
    first: Sample<'_, T>,
    convolving: &mut Convolving<T>,
    [x, next]: &mut [Buffer<T>; 2],
    out: &mut [T],
) {
    for (i, block) in blocks.iter().enumerate() {
        let sample =
            if i == 0 { first } else { Sample::Values(&x[..block.input.x.geometry().sample()]) };
        let Some(after) = blocks.get(i + 1) else {
            return block.infer(sample, convolving, out);
        };
        let geometry = after.input.x.geometry();
        let inside = geometry.pad(next.at_least(geometry.sample()));
        block.infer(sample, convolving, inside);
        swap(x, next);
    }
}
