//! Convolution blocks one after another, forwards and back.

use super::super::Number;
use super::super::padded::Geometry;
use super::block::{Block, Scratch, Trace};
use crate::plan::ConvBlock;
use crate::weights::Weights;
use isegnet_ops::{Buffer, ConvScratch};
use std::mem::swap;

pub(super) struct Chain<T> {
    pub blocks: Vec<Block<T>>,
}

/// Memory of one thread for a chain.
#[derive(Default)]
pub(super) struct Between<T> {
    pub scratch: Scratch<T>,
    x: Buffer<T>,
    next: Buffer<T>,
}

/// What some samples left behind in the blocks of a chain; see [`Trace`].
#[derive(Default)]
pub(super) struct Traces {
    gates: Vec<u64>,
    places: Vec<u8>,
}

impl<T: Number> Chain<T> {
    pub fn new(specs: &[ConvBlock], weights: &Weights<T>) -> Self {
        let mut scratch = ConvScratch::default();
        let blocks = specs.iter().map(|spec| Block::new(spec, weights, &mut scratch));
        Self { blocks: blocks.collect() }
    }

    pub fn out_channels(&self) -> usize {
        self.blocks.last().map_or(0, Block::channels)
    }

    pub fn out_len(&self) -> usize {
        self.blocks.last().map_or(0, Block::out_len)
    }
}

/// Some of a chain's blocks.
#[derive(Clone, Copy)]
pub(super) struct Blocks<'a, T>(pub &'a [Block<T>]);

impl<T: Number> Blocks<'_, T> {
    /// What the first block reads, or, without blocks, `after`.
    pub fn geometry(&self, after: Geometry) -> Geometry {
        self.0.first().map_or(after, Block::geometry)
    }

    fn sizes(&self) -> (usize, usize) {
        let words = self.0.iter().map(Block::gate_words).sum();
        (words, self.0.iter().map(Block::places).sum())
    }

    /// Makes room for the traces of `n` samples.
    pub fn reserve(&self, n: usize, traces: &mut Traces) {
        let (words, places) = self.sizes();
        super::super::conv::grow(&mut traces.gates, n * words);
        super::super::conv::grow(&mut traces.places, n * places);
    }

    /// Runs a sample, with its zero rows, through the blocks; without blocks it is copied.
    pub fn forward(
        &self,
        sample: usize,
        x: &[T],
        memory: &mut Between<T>,
        traces: &mut Traces,
        out: &mut [T],
    ) {
        if self.0.is_empty() {
            out.copy_from_slice(x);
        }
        let mut traces = traces.of(sample, self.sizes());
        for (i, block) in self.0.iter().enumerate() {
            let trace = traces.next(block);
            let x = if i == 0 { x } else { &memory.x[..block.geometry().sample()] };
            let Some(after) = self.0.get(i + 1) else {
                return block.forward(x, &mut memory.scratch, trace, out);
            };
            let geometry = after.geometry();
            let next = memory.next.at_least(geometry.sample());
            block.forward(x, &mut memory.scratch, trace, geometry.pad(next));
            swap(&mut memory.x, &mut memory.next);
        }
    }

    /// Runs the gradient at the output of a sample back to the first block's padded input.
    pub fn backward(
        &self,
        sample: usize,
        dy: &[T],
        memory: &mut Between<T>,
        traces: &mut Traces,
        dx: &mut [T],
    ) {
        if self.0.is_empty() {
            dx.copy_from_slice(dy);
        }
        let Trace { gate: mut gates, mut places } = traces.of(sample, self.sizes());
        let last = self.0.len().saturating_sub(1);
        for (i, block) in self.0.iter().enumerate().rev() {
            let (rest, gate) = gates.split_at_mut(gates.len() - block.gate_words());
            let (others, place) = places.split_at_mut(places.len() - block.places());
            let trace = Trace { gate, places: place };
            let geometry = block.geometry();
            let dy = if i == last {
                dy
            } else {
                let after = self.0[i + 1].geometry();
                &memory.x[..after.sample()][after.interior()]
            };
            if i == 0 {
                return block.backward(dy, trace, &mut memory.scratch, dx);
            }
            let next = memory.next.at_least(geometry.sample());
            block.backward(dy, trace, &mut memory.scratch, next);
            swap(&mut memory.x, &mut memory.next);
            (gates, places) = (rest, others);
        }
    }
}

impl Traces {
    fn of(&mut self, sample: usize, (words, places): (usize, usize)) -> Trace<'_> {
        Trace {
            gate: &mut self.gates[sample * words..][..words],
            places: &mut self.places[sample * places..][..places],
        }
    }
}

impl<'a> Trace<'a> {
    /// Takes the first block's part off.
    fn next<T: Number>(&mut self, block: &Block<T>) -> Trace<'a> {
        let gate = std::mem::take(&mut self.gate);
        let places = std::mem::take(&mut self.places);
        let (gate, gates) = gate.split_at_mut(block.gate_words());
        let (place, places) = places.split_at_mut(block.places());
        (self.gate, self.places) = (gates, places);
        Trace { gate, places: place }
    }
}
