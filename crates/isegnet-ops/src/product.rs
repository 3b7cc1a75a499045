//! Matrix products whose sums stay in registers: what every convolution and dense layer
//! comes down to.
//!
//! The left operand is read in place, one number for all lanes at a time, so an im2col
//! matrix is a view whose rows overlap; the right one is laid out in panels once for
//! many products. Nothing is allocated, and the order of every sum is that of the rows.

use crate::Real;
use crate::buffer::LANES;
use crate::lanes::{Kernel, Lanes};

/// Vectors of a panel: columns that are multiplied at once.
pub(crate) const PANEL: usize = 2;

/// Rows of an outer product that are summed before the sums go back to memory; their
/// operands stay in the first cache.
const STRETCH: usize = 96;

/// Columns with the lanes that fill the last vector.
#[inline(always)]
pub(crate) fn padded(columns: usize) -> usize {
    columns.next_multiple_of(LANES)
}

/// Length of a matrix in panels.
///
/// # Panics
/// No memory holds so much.
#[inline(always)]
pub(crate) fn panels_len(rows: usize, columns: usize) -> usize {
    volume([rows, padded(columns)])
}

/// A product of sizes, as a length.
///
/// # Panics
/// It does not fit in a `usize`: what is computed with it beside unsafe code must not
/// wrap round.
#[inline(always)]
pub(crate) fn volume<const N: usize>(sizes: [usize; N]) -> usize {
    match sizes.into_iter().try_fold(1usize, usize::checked_mul) {
        Some(product) => product,
        None => panic!("{sizes:?} is more than memory holds"),
    }
}

/// Length that `rows` of `width` numbers, `stride` apart, reach over.
#[inline(always)]
fn reach(rows: usize, stride: usize, width: usize) -> usize {
    volume([rows - 1, stride]).saturating_add(width)
}

/// Lays a matrix out in panels, with 0 in the lanes after the last column.
pub(crate) struct Pack<'a, T, F> {
    pub rows: usize,
    pub columns: usize,
    /// The element at a row and column.
    pub at: F,
    pub panels: &'a mut [T],
}

impl<T: Real, F: Fn(usize, usize) -> T> Kernel<T> for Pack<'_, T, F> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { rows, columns, at, panels } = self;
        assert_eq!(panels.len(), panels_len(rows, columns), "panels of another length");
        let mut rest = panels;
        for first in (0..padded(columns)).step_by(PANEL * V::WIDTH) {
            let lanes = (PANEL * V::WIDTH).min(padded(columns) - first);
            let (panel, after) = rest.split_at_mut(rows * lanes);
            for (row, to) in panel.chunks_exact_mut(lanes).enumerate() {
                for (column, to) in (first..).zip(to) {
                    *to = if column < columns { at(row, column) } else { T::ZERO };
                }
            }
            rest = after;
        }
    }
}

/// Calls an `#[inline(always)]` function with a constant number of rows for every block
/// of them, as many as the registers hold sums of.
macro_rules! for_each_block {
    ($rows:expr, $ROWS:expr, |$row:ident, $M:ident| $body:expr) => {{
        let rows: usize = $rows;
        let mut $row = 0;
        $crate::product::for_each_block!(@while $ROWS >= 14, rows, $row, $M, 14, $body);
        $crate::product::for_each_block!(@while $ROWS >= 10, rows, $row, $M, 10, $body);
        $crate::product::for_each_block!(@while true, rows, $row, $M, 6, $body);
        $crate::product::for_each_block!(@while true, rows, $row, $M, 3, $body);
        $crate::product::for_each_block!(@while true, rows, $row, $M, 1, $body);
    }};
    (@while $fits:expr, $rows:ident, $row:ident, $M:ident, $n:literal, $body:expr) => {
        if $fits {
            while $rows - $row >= $n {
                const $M: usize = $n;
                $body;
                $row += $M;
            }
        }
    };
}
pub(crate) use for_each_block;

/// Adds a product of `M` rows, `stride` apart, with a panel to sums, or takes it away.
///
/// # Safety
/// `a` reaches `depth` numbers in each row, `b` as many rows of `W` vectors.
#[inline(always)]
pub(crate) unsafe fn fold<
    T: Real,
    V: Lanes<T>,
    const M: usize,
    const W: usize,
    const MINUS: bool,
>(
    mut sums: [[V; W]; M],
    a: *const T,
    stride: usize,
    mut b: *const T,
    depth: usize,
) -> [[V; W]; M] {
    for i in 0..depth {
        let mut right = [V::zero(); W];
        // SAFETY: the caller's.
        unsafe {
            for right in &mut right {
                *right = V::load(b);
                b = b.add(V::WIDTH);
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let left = V::splat(*a.add(row * stride + i));
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = if MINUS {
                        left.neg_mul_add(right, *sum)
                    } else {
                        left.mul_add(right, *sum)
                    };
                }
            }
        }
    }
    sums
}

/// Multiplies rows, which may overlap, with a matrix in panels.
pub(crate) struct Multiply<'a, T> {
    pub rows: usize,
    /// Numbers of a row, and from one row to the next.
    pub depth: usize,
    pub stride: usize,
    pub a: &'a [T],
    /// (depth, columns), from [`Pack`].
    pub panels: &'a [T],
    pub columns: usize,
    /// One number a column, added to every row.
    pub bias: Option<&'a [T]>,
    /// (rows, columns), overwritten.
    pub y: &'a mut [T],
}

impl<T: Real> Kernel<T> for Multiply<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { rows, depth, stride, a, panels, columns, bias, y } = self;
        if rows == 0 || columns == 0 {
            return;
        }
        assert!(a.len() >= reach(rows, stride, depth), "a left operand of another length");
        assert!(panels.len() >= panels_len(depth, columns), "a right operand of another length");
        assert!(y.len() >= volume([rows, columns]), "a product of another length");
        assert!(bias.is_none_or(|bias| bias.len() == columns), "a bias of another length");
        for first in (0..columns).step_by(PANEL * V::WIDTH) {
            let panel = RowsByPanel {
                a: a.as_ptr(),
                stride,
                depth,
                b: panels[first * depth..].as_ptr(),
                bias: bias.map(|bias| bias[first..].as_ptr()),
                y: y[first..].as_mut_ptr(),
                y_stride: columns,
                columns: columns - first,
            };
            // SAFETY: the lengths asserted above; the panel begins at `first`, and a
            // panel of one vector is the last one.
            unsafe {
                if padded(columns) - first > V::WIDTH {
                    for_each_block!(rows, V::ROWS, |row, M| panel.block::<V, M, PANEL>(row));
                } else {
                    for_each_block!(rows, V::ROWS, |row, M| panel.block::<V, M, 1>(row));
                }
            }
        }
    }
}

/// All rows of a product, and the columns of one panel.
struct RowsByPanel<T> {
    a: *const T,
    stride: usize,
    depth: usize,
    b: *const T,
    bias: Option<*const T>,
    y: *mut T,
    y_stride: usize,
    /// Columns from the panel's first to the last of all.
    columns: usize,
}

impl<T: Real> RowsByPanel<T> {
    /// Computes `M` rows of `W` vectors.
    ///
    /// # Safety
    /// The pointers reach `M` rows from `row` on.
    #[inline(always)]
    unsafe fn block<V: Lanes<T>, const M: usize, const W: usize>(&self, row: usize) {
        // SAFETY: the caller's; lanes past the last column are not touched.
        unsafe {
            let mut start = [V::zero(); W];
            if let Some(bias) = self.bias {
                for (w, start) in start.iter_mut().enumerate() {
                    let left = self.columns.saturating_sub(w * V::WIDTH);
                    *start = V::load_first(bias.wrapping_add(w * V::WIDTH), left);
                }
            }
            let a = self.a.add(row * self.stride);
            let sums = fold::<T, V, M, W, false>([start; M], a, self.stride, self.b, self.depth);
            for (i, sums) in sums.into_iter().enumerate() {
                let to = self.y.add((row + i) * self.y_stride);
                for (w, sum) in sums.into_iter().enumerate() {
                    let left = self.columns.saturating_sub(w * V::WIDTH);
                    sum.store_first(to.wrapping_add(w * V::WIDTH), left);
                }
            }
        }
    }
}

/// Adds the outer products of rows: `sums[i, j] += sum over r of x[r, i] * g[r, j]`.
pub(crate) struct AddOuter<'a, T> {
    pub rows: usize,
    /// Numbers of a row of x that are used, and from one row to the next, which may overlap.
    pub inputs: usize,
    pub x_stride: usize,
    pub x: &'a [T],
    pub outputs: usize,
    pub g_stride: usize,
    pub g: &'a [T],
    /// (inputs, outputs), rows `sums_stride` apart, added to.
    pub sums_stride: usize,
    pub sums: &'a mut [T],
}

impl<T: Real> Kernel<T> for AddOuter<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Self { rows, inputs, x_stride, x, outputs, g_stride, g, sums_stride, sums } = self;
        if rows == 0 || inputs == 0 || outputs == 0 {
            return;
        }
        assert!(x.len() >= reach(rows, x_stride, inputs), "a left operand of another length");
        assert!(g.len() >= reach(rows, g_stride, outputs), "a right operand of another length");
        assert!(sums.len() >= reach(inputs, sums_stride, outputs), "sums of another length");
        for first in (0..rows).step_by(STRETCH) {
            let mut at = 0;
            while at < outputs {
                let columns = Outer {
                    rows: STRETCH.min(rows - first),
                    x: x[first * x_stride..].as_ptr(),
                    x_stride,
                    g: g[first * g_stride + at..].as_ptr(),
                    g_stride,
                    sums: sums[at..].as_mut_ptr(),
                    sums_stride,
                    columns: outputs - at,
                };
                let vectors = columns.columns.div_ceil(V::WIDTH);
                // SAFETY: the lengths asserted above.
                at += V::WIDTH
                    * unsafe {
                        match vectors {
                            4.. if V::ROWS >= 14 => columns.all_inputs::<V, 4>(inputs),
                            2.. => columns.all_inputs::<V, 2>(inputs),
                            _ => columns.all_inputs::<V, 1>(inputs),
                        }
                    };
            }
        }
    }
}

/// A few columns of an outer product.
struct Outer<T> {
    rows: usize,
    x: *const T,
    x_stride: usize,
    g: *const T,
    g_stride: usize,
    sums: *mut T,
    sums_stride: usize,
    /// Columns from the first here to the last of all.
    columns: usize,
}

impl<T: Real> Outer<T> {
    /// Adds `W` vectors' columns and gives `W`.
    ///
    /// # Safety
    /// The pointers reach all rows, and `inputs` rows of sums.
    #[inline(always)]
    unsafe fn all_inputs<V: Lanes<T>, const W: usize>(&self, inputs: usize) -> usize {
        // SAFETY: the caller's.
        unsafe {
            if self.columns >= W * V::WIDTH {
                for_each_block!(inputs, 6, |i, M| self.block::<V, M, W, false>(i));
            } else {
                for_each_block!(inputs, 6, |i, M| self.block::<V, M, W, true>(i));
            }
        }
        W
    }

    /// Adds `M` rows of `W` vectors, the last of which may have fewer columns than lanes.
    ///
    /// # Safety
    /// The pointers reach all rows, and `M` rows of sums from `input` on.
    #[inline(always)]
    unsafe fn block<V: Lanes<T>, const M: usize, const W: usize, const PARTIAL: bool>(
        &self,
        input: usize,
    ) {
        let mut sums = [[V::zero(); W]; M];
        let lanes = if PARTIAL { self.columns - (W - 1) * V::WIDTH } else { V::WIDTH };
        // SAFETY: the caller's; all vectors but the last are whole.
        unsafe {
            let (mut x, mut g) = (self.x.add(input), self.g);
            for _ in 0..self.rows {
                let mut right = [V::zero(); W];
                for (w, right) in right.iter_mut().enumerate() {
                    let from = g.add(w * V::WIDTH);
                    *right = if PARTIAL && w + 1 == W {
                        V::load_first(from, lanes)
                    } else {
                        V::load(from)
                    };
                }
                for (i, sums) in sums.iter_mut().enumerate() {
                    let left = V::splat(*x.add(i));
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = left.mul_add(right, *sum);
                    }
                }
                x = x.wrapping_add(self.x_stride);
                g = g.wrapping_add(self.g_stride);
            }
            for (i, sums) in sums.into_iter().enumerate() {
                let to = self.sums.add((input + i) * self.sums_stride);
                for (w, sum) in sums.into_iter().enumerate() {
                    let to = to.add(w * V::WIDTH);
                    if PARTIAL && w + 1 == W {
                        sum.add(V::load_first(to, lanes)).store_first(to, lanes);
                    } else {
                        sum.add(V::load(to)).store(to);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Isa;
    use crate::isa::tests::PINNED;
    use crate::lanes::run;

    /// Small whole numbers, so that every order of summation gives the same bits.
    fn whole(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * i + seed * i + seed) % 7) as f32 - 3.0).collect()
    }

    fn check(rows: usize, depth: usize, columns: usize, stride: usize) {
        let (a, b) = (whole(rows * stride + depth, 1), whole(depth * columns, 2));
        let bias = whole(columns, 3);
        let mut panels = vec![f32::NAN; panels_len(depth, columns)];
        run(Pack { rows: depth, columns, at: |r, c| b[r * columns + c], panels: &mut panels });
        let mut y = vec![f32::NAN; rows * columns];
        let (panels, offset) = (&panels, Some(bias.as_slice()));
        run(Multiply { rows, depth, stride, a: &a, panels, columns, bias: offset, y: &mut y });
        let mut sums = whole(depth * columns, 4);
        let mut expected_sums = sums.clone();
        run(AddOuter {
            rows,
            inputs: depth,
            x_stride: stride,
            x: &a,
            outputs: columns,
            g_stride: columns,
            g: &y,
            sums_stride: columns,
            sums: &mut sums,
        });
        for r in 0..rows {
            for c in 0..columns {
                let product = |i: usize| a[r * stride + i] * b[i * columns + c];
                let expected = bias[c] + (0..depth).map(product).sum::<f32>();
                assert_eq!(y[r * columns + c], expected, "{rows} {depth} {columns} at {r} {c}");
                for i in 0..depth {
                    expected_sums[i * columns + c] += a[r * stride + i] * expected;
                }
            }
        }
        assert_eq!(sums, expected_sums, "{rows} {depth} {columns}");
    }

    #[test]
    fn every_instruction_set_multiplies() {
        for &isa in Isa::ALL.iter().filter(|&&isa| isa <= Isa::widest()) {
            PINNED.set(Some(isa));
            for columns in [1, 3, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 126, 130] {
                for rows in [1, 2, 5, 13, 14, 29, 200] {
                    check(rows, 10, columns, 4);
                }
            }
            check(3, 0, 5, 2);
            check(40, 77, 20, 77);
            PINNED.set(None);
        }
    }
}
