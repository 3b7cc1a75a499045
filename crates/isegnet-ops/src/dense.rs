use crate::Real;
use crate::conv::fill_rows;
use crate::matmul::{Matrix, Old, matmul, matmul_at};
use rayon::prelude::*;

/// Columns or rows that one task computes. It is fixed, and each task runs on
/// one thread, so that results do not depend on the number of threads.
const BLOCK: usize = 64;

/// A destination that tasks write disjoint columns of.
#[derive(Clone, Copy)]
struct Columns<T>(*mut T);
// SAFETY: tasks are given disjoint ranges of columns, see `by_columns`.
unsafe impl<T: Send> Sync for Columns<T> {}

impl<T> Columns<T> {
    /// Start of column `j`; a method so that closures capture the whole struct.
    fn at(&self, j: usize) -> *mut T {
        self.0.wrapping_add(j)
    }
}

/// Writes `a * b`, or adds it, to the contiguous `c`, in blocks of columns on all threads.
fn by_columns<'b, T: Real>(
    a: Matrix<'_, T>,
    b: impl Fn(usize, usize) -> Matrix<'b, T> + Sync,
    old: Old,
    columns: usize,
    block: usize,
    c: &mut [T],
) {
    assert_eq!(c.len(), a.rows * columns, "a product of another length");
    let c = Columns(c.as_mut_ptr());
    (0..columns.div_ceil(block)).into_par_iter().for_each(|i| {
        let start = i * block;
        let width = block.min(columns - start);
        let b = b(start, width);
        assert_eq!(b.columns, width, "a block of another width");
        // SAFETY: the destination has a.rows rows of `columns` elements, this
        // task writes columns start..start + width of them, and no other does.
        unsafe { matmul_at(a, b, old, c.at(start), columns) }
    });
}

/// Computes a dense layer for a whole batch:
/// `y[b, o] = bias[o] + sum over i of x[b, i] * kernel[i, o]`.
///
/// `x` is (batch, inputs), `kernel` (inputs, outputs), `y` (batch, outputs),
/// overwritten. Runs on the current rayon pool; the result does not depend on
/// its size.
///
/// # Panics
/// A slice does not have the length that its shape gives it.
pub fn dense_forward_into<T: Real>(
    batch: usize,
    inputs: usize,
    outputs: usize,
    x: &[T],
    kernel: &[T],
    bias: Option<&[T]>,
    y: &mut [T],
) {
    assert_eq!(x.len(), batch * inputs, "dense input of another length");
    assert_eq!(kernel.len(), inputs * outputs, "dense kernel of another length");
    assert_eq!(y.len(), batch * outputs, "dense output of another length");
    let old = match bias {
        Some(bias) => {
            assert_eq!(bias.len(), outputs, "dense bias of another length");
            fill_rows(bias, y);
            Old::Kept
        }
        None => Old::Replaced,
    };
    let block = |start, width| Matrix {
        data: kernel.get(start..).unwrap_or(&[]),
        rows: inputs,
        columns: width,
        row_stride: outputs,
        column_stride: 1,
    };
    by_columns(Matrix::row_major(x, batch, inputs), block, old, outputs, BLOCK, y);
}

/// Computes the gradient with respect to a dense layer's input:
/// `dx[b, i] = sum over o of dy[b, o] * kernel[i, o]`.
///
/// `dy` is (batch, outputs), `kernel` (inputs, outputs), `dx` (batch, inputs),
/// overwritten. Runs on the current rayon pool; the result does not depend on
/// its size.
///
/// # Panics
/// A slice does not have the length that its shape gives it.
pub fn dense_input_gradient_into<T: Real>(
    batch: usize,
    inputs: usize,
    outputs: usize,
    dy: &[T],
    kernel: &[T],
    dx: &mut [T],
) {
    assert_eq!(dy.len(), batch * outputs, "dense output gradient of another length");
    assert_eq!(kernel.len(), inputs * outputs, "dense kernel of another length");
    assert_eq!(dx.len(), batch * inputs, "dense input gradient of another length");
    let block = |start: usize, width: usize| {
        let rows = &kernel[start * outputs..(start + width) * outputs];
        Matrix::row_major(rows, width, outputs).transposed()
    };
    let dy = Matrix::row_major(dy, batch, outputs);
    by_columns(dy, block, Old::Replaced, inputs, 16 * BLOCK, dx);
}

/// Computes the gradient with respect to a dense layer's kernel:
/// `dkernel[i, o] = sum over b of x[b, i] * dy[b, o]`.
///
/// `x` is (batch, inputs), `dy` (batch, outputs), `dkernel` (inputs, outputs),
/// overwritten. Runs on the current rayon pool; the result does not depend on
/// its size.
///
/// # Panics
/// A slice does not have the length that its shape gives it.
pub fn dense_kernel_gradient_into<T: Real>(
    batch: usize,
    inputs: usize,
    outputs: usize,
    x: &[T],
    dy: &[T],
    dkernel: &mut [T],
) {
    assert_eq!(x.len(), batch * inputs, "dense input of another length");
    assert_eq!(dy.len(), batch * outputs, "dense output gradient of another length");
    assert_eq!(dkernel.len(), inputs * outputs, "dense kernel gradient of another length");
    if outputs == 0 {
        return;
    }
    let dy = Matrix::row_major(dy, batch, outputs);
    let rows = 16 * BLOCK;
    dkernel.par_chunks_mut(rows * outputs).enumerate().for_each(|(i, to)| {
        let block = Matrix {
            data: x.get(i * rows..).unwrap_or(&[]),
            rows: to.len() / outputs,
            columns: batch,
            row_stride: 1,
            column_stride: inputs,
        };
        matmul(block, dy, Old::Replaced, to, outputs);
    });
}
