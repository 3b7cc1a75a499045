//! The first convolutions of a branch along a straight path.
//!
//! The first convolution is a line in the place on the path, so its values switch once at
//! most, and the second convolution is a line between switches (`isegnet_ops::Line`). The
//! gradient at the first convolution is needed only summed over the steps at which each
//! value was on: for a value that switches, the sum up to its switch, one dot product; for
//! the others, all of it, one convolution for all steps together.

use super::super::Number;
use super::block::{Block, Scratch, between_zeros};
use super::chain::Chain;
use isegnet_ops::{
    Buffer, GatedGradient, Line, Switch, SwitchKernel, bit_words, gated_gradient_add,
    line_relu_avg_pool_into,
};
use std::ops::Range;

/// Rows of the last convolution whose lines stay in the first cache together.
const TILE: usize = 30;

/// How a branch begins: one block, or two where nothing is pooled between them.
pub(super) struct Prefix<T> {
    second: Option<SwitchKernel<T>>,
    /// Rows that the last of them averages.
    window: usize,
}

/// One thread's memory for one branch of one row.
#[derive(Default)]
pub(super) struct State<T> {
    /// The first convolution, with the second's zero rows.
    slope: Buffer<T>,
    start: Buffer<T>,
    /// What of it is on at the first step.
    on: Vec<bool>,
    /// In the order of the chunks of steps, then of the values.
    switches: Vec<Switch>,
    /// The last convolution of the prefix.
    last_slope: Buffer<T>,
    last_start: Buffer<T>,
    /// Weighted gradients there, summed over the steps until now.
    sums: Buffer<T>,
    /// For each switch, the gradient at its value summed up to it.
    dots: Vec<T>,
    /// Which values of the last convolution were on, (tile, step of the chunk).
    gates: Vec<u64>,
    /// The switches that a tile sees, in the order of steps.
    order: Vec<u32>,
}

/// The steps that are computed together, and the places of their samples.
pub(super) struct Chunk<'a, T> {
    pub steps: Range<usize>,
    /// All nodes, or all weights.
    pub along: &'a [T],
    /// Elements from a sample to the next, from a row to the next, and before the first.
    pub sample: usize,
    pub stride: usize,
    pub first: usize,
}

impl<T: Number> Prefix<T> {
    /// The beginning of a branch whose path can be followed; none where the first block
    /// takes the largest value of a window.
    pub fn new(chain: &Chain<T>) -> Option<Self> {
        let first = chain.blocks.first()?;
        let window = first.averaged()?;
        let second = chain.blocks.get(1).filter(|_| window == 1);
        Some(match second.and_then(|block| Some((block, block.averaged()?))) {
            Some((block, window)) => {
                let kernel = SwitchKernel::new(*block.shape(), block.kernel().0);
                Self { second: Some(kernel), window }
            }
            None => Self { second: None, window },
        })
    }

    /// The blocks that are followed along the path, and those that are run at each step.
    pub fn split<'a>(&self, chain: &'a Chain<T>) -> (&'a [Block<T>], &'a [Block<T>]) {
        chain.blocks.split_at(1 + usize::from(self.second.is_some()))
    }

    /// Begins a path from the input `from`, with its zero rows, in the direction `along`.
    pub fn begin(
        &self,
        blocks: &[Block<T>],
        [from, along]: [&[T]; 2],
        (nodes, at_once): (&[T], usize),
        scratch: &mut Scratch<T>,
        state: &mut State<T>,
    ) {
        let first = &blocks[0];
        let Some(second) = blocks.get(1) else {
            let len = first.shape().output_len();
            first.convolve(along, false, &mut scratch.conv, state.last_slope.at_least(len));
            first.convolve(from, true, &mut scratch.conv, state.last_start.at_least(len));
            state.switches.clear();
            state.forget_sums(len);
            return;
        };
        let geometry = second.geometry();
        let each = geometry.sample();
        let [slope, start] = [&mut state.slope, &mut state.start].map(|b| b.at_least(each));
        first.convolve(along, false, &mut scratch.conv, geometry.pad(slope));
        first.convolve(from, true, &mut scratch.conv, geometry.pad(start));
        let input = Line { channels: geometry.channels, slope, start };
        state.on.resize(each, false);
        input.switches_into(nodes, &mut state.on, &mut state.switches);
        state.switches.sort_by_key(|switch| switch.step as usize / at_once);
        let len = second.shape().output_len();
        let kept = state.sums.at_least(each.max(len));
        let lines = [(&*slope, &mut state.last_slope, false), (start, &mut state.last_start, true)];
        for (all, last, bias) in lines {
            for ((to, &v), &on) in kept.iter_mut().zip(all).zip(&state.on) {
                *to = if on { v } else { T::ZERO };
            }
            second.convolve(&kept[..each], bias, &mut scratch.conv, last.at_least(len));
        }
        state.forget_sums(len);
    }

    /// Tiles of whole windows, as first and last row of the last convolution.
    fn tiles(&self, last: &Block<T>) -> impl Iterator<Item = (usize, usize)> + use<T> {
        let rows = last.out_rows() * self.window;
        let tile = self.window * (TILE / self.window).max(1);
        (0..rows).step_by(tile).map(move |first| (first, rows.min(first + tile)))
    }

    /// Writes what the prefix gives at the steps of a chunk to `out`.
    pub fn forward(
        &self,
        blocks: &[Block<T>],
        chunk: &Chunk<'_, T>,
        state: &mut State<T>,
        out: &mut [T],
    ) {
        let channels = blocks[blocks.len() - 1].channels();
        let input = Line {
            channels: blocks[blocks.len() - 1].geometry().channels,
            slope: &state.slope,
            start: &state.start,
        };
        state.gates.clear();
        for (first, last) in self.tiles(&blocks[blocks.len() - 1]) {
            let at = first * channels..last * channels;
            let slope = &mut state.last_slope[at.clone()];
            let start = &mut state.last_start[at.clone()];
            let switches = &state.switches;
            let mut order = Order::new(blocks, (first, last), chunk, switches, &mut state.order);
            for (i, step) in chunk.steps.clone().enumerate() {
                if let Some(kernel) = &self.second {
                    let now = order.at(step, switches).iter().map(|&i| switches[i as usize]);
                    kernel.switch(now, &input, first, slope, start);
                }
                let words = bit_words(at.len());
                let filled = state.gates.len();
                state.gates.resize(filled + words, 0);
                let y = i * chunk.sample + chunk.first + first / self.window * chunk.stride;
                line_relu_avg_pool_into(
                    &Line { channels, slope, start },
                    chunk.along[step],
                    self.window,
                    &mut out[y..],
                    chunk.stride,
                    &mut state.gates[filled..],
                );
            }
        }
    }

    /// Adds up the gradients at what the same call of [`forward`](Self::forward) wrote,
    /// each step's multiplied by its weight.
    pub fn backward(
        &self,
        blocks: &[Block<T>],
        chunk: &Chunk<'_, T>,
        state: &mut State<T>,
        dout: &[T],
    ) {
        let channels = blocks[blocks.len() - 1].channels();
        let mut gates = state.gates.as_slice();
        for (first, last) in self.tiles(&blocks[blocks.len() - 1]) {
            let sums = &mut state.sums[first * channels..last * channels];
            let switches = &state.switches;
            let mut order = Order::new(blocks, (first, last), chunk, switches, &mut state.order);
            for (i, step) in chunk.steps.clone().enumerate() {
                if let Some(kernel) = &self.second {
                    let now = order.at(step, switches).iter();
                    let now = now.map(|&i| (switches[i as usize].unit, i as usize));
                    kernel.dots_add(now, first, sums, &mut state.dots);
                }
                let (gate, rest) = gates.split_at(bit_words(sums.len()));
                let dy = i * chunk.sample + chunk.first + first / self.window * chunk.stride;
                let pooled = (last - first) / self.window;
                let dy = &dout[dy..][..(pooled - 1) * chunk.stride + channels];
                let factor = chunk.along[step];
                let gated = GatedGradient { dy, window: self.window, gate, factor };
                gated_gradient_add(&gated, chunk.stride, channels, sums);
                gates = rest;
            }
        }
    }

    /// Gives the weighted sum of the gradients at the padded input, once all steps are done.
    pub fn finish(
        &self,
        blocks: &[Block<T>],
        state: &mut State<T>,
        scratch: &mut Scratch<T>,
        dx: &mut [T],
    ) {
        let first = &blocks[0];
        let edge = (first.shape().taps - 1) * first.channels();
        let len = first.shape().output_len();
        let dz = state.last_slope.at_least(edge + len + edge);
        let inside = between_zeros(dz, edge);
        match blocks.get(1) {
            None => inside.copy_from_slice(&state.sums[..len]),
            Some(second) => {
                let geometry = second.geometry();
                let edge = (second.shape().taps - 1) * second.channels();
                let len = second.shape().output_len();
                let padded = state.last_start.at_least(edge + len + edge);
                between_zeros(padded, edge).copy_from_slice(&state.sums[..len]);
                let whole = state.start.at_least(geometry.sample());
                second.transposed(&state.last_start[..edge + len + edge], &mut scratch.conv, whole);
                let part = state.slope.at_least(geometry.sample());
                for ((to, &whole), &on) in part.iter_mut().zip(&*whole).zip(&state.on) {
                    *to = if on { whole } else { T::ZERO };
                }
                for (switch, &dot) in state.switches.iter().zip(&state.dots) {
                    let unit = switch.unit as usize;
                    part[unit] = if switch.on { whole[unit] - dot } else { dot };
                }
                inside.copy_from_slice(&part[geometry.interior()]);
            }
        }
        first.transposed(&state.last_slope[..edge + len + edge], &mut scratch.conv, dx);
    }
}

impl<T: Number> State<T> {
    fn forget_sums(&mut self, len: usize) {
        self.sums.at_least(len).fill(T::ZERO);
        self.dots.clear();
        self.dots.resize(self.switches.len(), T::ZERO);
    }
}

/// The switches of a chunk that the rows of a tile see, taken in the order of steps.
struct Order<'a>(&'a [u32]);

impl<'a> Order<'a> {
    fn new<T: Number>(
        blocks: &[Block<T>],
        (first, last): (usize, usize),
        chunk: &Chunk<'_, T>,
        switches: &[Switch],
        order: &'a mut Vec<u32>,
    ) -> Self {
        order.clear();
        if let Some(second) = blocks.get(1) {
            let Range { start, end } = chunk.steps;
            // Chunks are all of one length but the last, so they lie in order of steps.
            let from = switches.partition_point(|s| (s.step as usize) < start);
            let to = switches.partition_point(|s| (s.step as usize) < end);
            let (channels, taps) = (second.geometry().channels, second.shape().taps);
            let low = (first * channels) as u32;
            let high = ((last + taps - 1) * channels) as u32;
            let units = &switches[from..to];
            let low = from + units.partition_point(|s| s.unit < low);
            let high = from + units.partition_point(|s| s.unit < high);
            order.extend(low as u32..high as u32);
            order.sort_unstable_by_key(|&i| (switches[i as usize].step, i));
        }
        Self(order)
    }

    /// Takes those of a step.
    fn at(&mut self, step: usize, switches: &[Switch]) -> &'a [u32] {
        let now = self.0.iter().take_while(|&&i| switches[i as usize].step as usize == step);
        let (now, rest) = self.0.split_at(now.count());
        self.0 = rest;
        now
    }
}
