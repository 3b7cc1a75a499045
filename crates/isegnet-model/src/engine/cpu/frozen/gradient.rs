//! Values and gradients, point by point.

use super::super::Number;
use super::chain::{Blocks, Traces};
use super::tail::{self, AT_ONCE};
use super::{Frozen, Head, RowMut, copy_channels, rows_mut};
use isegnet_core::Inputs;
use isegnet_ops::{Buffer, Real};
use rayon::prelude::*;

/// Memory of one thread for a group of rows.
#[derive(Default)]
pub(super) struct Memory<T> {
    tail: tail::Memory<T>,
    side_by_side: Buffer<T>,
    /// A branch's padded input, and its output.
    x: Buffer<T>,
    out: Buffer<T>,
    /// One for each branch.
    traces: Vec<Traces>,
}

/// Rows that one thread takes: few are spread over all threads, many go in groups that the
/// dense layers take at once.
fn group_size(rows: usize) -> usize {
    rows.div_ceil(rayon::current_num_threads()).clamp(1, AT_ONCE)
}

impl<T: Number> Frozen<T> {
    /// Fills `values`, one a row.
    pub fn values<V: Real>(&mut self, inputs: &Inputs<V>, head: Head<'_>, values: &mut [f64]) {
        self.gradients.reserve(|_| ());
        let group = group_size(values.len());
        let this = &*self;
        values.par_chunks_mut(group).enumerate().for_each(|(i, values)| {
            this.gradients.with(|memory| {
                this.group(inputs, i * group, memory, head, values, None);
            });
        });
    }

    /// Fills `values` and `gradient`, row by row.
    pub fn gradient<V: Real + ndarray::LinalgScalar>(
        &mut self,
        inputs: &Inputs<V>,
        head: Head<'_>,
        values: &mut [f64],
        gradient: &mut Inputs<V>,
    ) {
        self.gradients.reserve(|_| ());
        let group = group_size(values.len());
        let this = &*self;
        let mut rows = rows_mut(gradient);
        let groups = values.par_chunks_mut(group).zip(rows.par_chunks_mut(group));
        groups.enumerate().for_each(|(i, (values, rows))| {
            this.gradients.with(|memory| {
                this.group(inputs, i * group, memory, head, values, Some(rows));
            });
        });
    }

    /// Runs rows from `first` on, as many as there are values.
    fn group<V: Real>(
        &self,
        inputs: &Inputs<V>,
        first: usize,
        memory: &mut Memory<T>,
        head: Head<'_>,
        values: &mut [f64],
        gradient: Option<&mut [RowMut<'_, V>]>,
    ) {
        let n = values.len();
        let geometry = self.tail.side_by_side;
        let Memory { tail, side_by_side, x, out, traces } = memory;
        traces.resize_with(self.branches.len(), Traces::default);
        let each = geometry.sample();
        let side_by_side = side_by_side.at_least(n * each);
        for (i, wide) in side_by_side.chunks_exact_mut(each).enumerate() {
            geometry.pad(wide);
            for (branch, traces) in self.branches.iter().zip(&mut *traces) {
                let blocks = Blocks(&branch.chain.blocks);
                let read = branch.chain.blocks[0].geometry();
                let x = x.at_least(read.sample());
                let part = branch.part(inputs, first + i);
                for (to, &v) in read.pad(x).iter_mut().zip(&part) {
                    *to = T::from_f64(v.to_f64());
                }
                blocks.reserve(n, traces);
                let out = out.at_least(branch.chain.out_len());
                blocks.forward(i, x, &mut tail.between, traces, out);
                copy_channels(geometry, branch.first_channel, wide, out, false);
            }
        }
        self.tail.run(side_by_side, tail, head, values, gradient.is_some());
        let rows = gradient.into_iter().flatten();
        for ((i, wide), row) in side_by_side.chunks_exact_mut(each).enumerate().zip(rows) {
            for (branch, traces) in self.branches.iter().zip(&mut *traces) {
                let read = branch.chain.blocks[0].geometry();
                let out = out.at_least(branch.chain.out_len());
                copy_channels(geometry, branch.first_channel, wide, out, true);
                let dx = x.at_least(read.sample());
                let blocks = Blocks(&branch.chain.blocks);
                blocks.backward(i, out, &mut tail.between, traces, dx);
                for (to, &v) in row.part(branch).iter_mut().zip(&dx[read.interior()]) {
                    *to = V::from_f64(Real::to_f64(v));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_are_spread_and_many_go_in_groups() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
        let sizes = [0, 1, 4, 8, 30, 500].map(|rows| pool.install(|| group_size(rows)));
        assert_eq!(sizes, [1, 1, 1, 2, 8, AT_ONCE]);
    }
}
