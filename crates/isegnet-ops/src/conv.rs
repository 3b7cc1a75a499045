use crate::Real;
use crate::matmul::{Matrix, Old, matmul};

/// Shape of a 1-D convolution over an input that is already padded with zero rows.
///
/// The input is (rows, inputs), the kernel (taps, inputs, outputs) as Keras
/// keeps it, the output (rows - taps + 1, outputs), all row-major.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConvShape {
    /// Rows of the input, padding included.
    pub rows: usize,
    /// Rows that one output row sees.
    pub taps: usize,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
}

impl ConvShape {
    /// Rows of the output; 0 where the kernel is longer than the input.
    pub fn out_rows(&self) -> usize {
        (self.rows + 1).saturating_sub(self.taps)
    }

    /// Elements of the padded input.
    pub fn input_len(&self) -> usize {
        self.rows * self.inputs
    }

    /// Elements of the output.
    pub fn output_len(&self) -> usize {
        self.out_rows() * self.outputs
    }

    /// Elements of the kernel.
    pub fn kernel_len(&self) -> usize {
        self.taps * self.inputs * self.outputs
    }

    /// Elements of the output gradient with `taps - 1` zero rows before and after it.
    pub fn padded_gradient_len(&self) -> usize {
        (self.out_rows() + 2 * self.taps.saturating_sub(1)) * self.outputs
    }

    /// Floating-point operations of one pass: two for each kernel weight and output row.
    pub fn flop(&self) -> u64 {
        2 * self.out_rows() as u64 * self.kernel_len() as u64
    }

    /// The convolution whose output is this one's input gradient.
    fn adjoint(&self) -> Self {
        Self {
            rows: self.out_rows() + 2 * self.taps.saturating_sub(1),
            taps: self.taps,
            inputs: self.outputs,
            outputs: self.inputs,
        }
    }

    /// The input as a matrix with one row of `taps * inputs` values for each output row.
    ///
    /// Channels last makes this im2col matrix a view: rows overlap, nothing is copied.
    fn im2col<'a, T: Real>(&self, x: &'a [T]) -> Matrix<'a, T> {
        Matrix {
            data: x,
            rows: self.out_rows(),
            columns: self.taps * self.inputs,
            row_stride: self.inputs,
            column_stride: 1,
        }
    }
}

/// Convolves: `y[r, o] = bias[o] + sum over t, i of x[r + t, i] * kernel[t, i, o]`.
///
/// `x` is (rows, inputs), `kernel` (taps, inputs, outputs), `y`
/// (out_rows, outputs), overwritten.
///
/// # Panics
/// A slice does not have the length that `s` gives it.
pub fn conv_forward_into<T: Real>(
    s: &ConvShape,
    x: &[T],
    kernel: &[T],
    bias: Option<&[T]>,
    y: &mut [T],
) {
    assert_eq!(x.len(), s.input_len(), "convolution input of another length");
    assert_eq!(kernel.len(), s.kernel_len(), "convolution kernel of another length");
    assert_eq!(y.len(), s.output_len(), "convolution output of another length");
    let old = match bias {
        Some(bias) => {
            assert_eq!(bias.len(), s.outputs, "convolution bias of another length");
            fill_rows(bias, y);
            Old::Kept
        }
        None => Old::Replaced,
    };
    let kernel = Matrix::row_major(kernel, s.taps * s.inputs, s.outputs);
    matmul(s.im2col(x), kernel, old, y, s.outputs);
}

/// Computes the gradient with respect to the padded input, all rows of it:
/// `dx[p, i] = sum over t, o of dy[p - t, o] * kernel[t, i, o]`.
///
/// `dy_padded` holds dy with `taps - 1` zero rows before and after,
/// (out_rows + 2 (taps - 1), outputs); `flipped` comes from
/// [`flip_kernel_into`]; `dx` is (rows, inputs), overwritten. Callers leave
/// the gradient of the padding aside.
///
/// # Panics
/// A slice does not have the length that `s` gives it.
pub fn conv_input_gradient_into<T: Real>(
    s: &ConvShape,
    dy_padded: &[T],
    flipped: &[T],
    dx: &mut [T],
) {
    if s.out_rows() == 0 {
        assert_eq!(dx.len(), s.input_len(), "convolution input gradient of another length");
        dx.fill(T::ZERO);
        return;
    }
    conv_forward_into(&s.adjoint(), dy_padded, flipped, None, dx);
}

/// Turns a kernel round for [`conv_input_gradient_into`]:
/// `flipped[t, o, i] = kernel[taps - 1 - t, i, o]`.
///
/// # Panics
/// A slice does not have the length that `s` gives it.
pub fn flip_kernel_into<T: Real>(s: &ConvShape, kernel: &[T], flipped: &mut [T]) {
    assert_eq!(kernel.len(), s.kernel_len(), "convolution kernel of another length");
    assert_eq!(flipped.len(), s.kernel_len(), "flipped kernel of another length");
    let tap = s.inputs * s.outputs;
    if tap == 0 {
        return;
    }
    for (from, to) in kernel.chunks_exact(tap).rev().zip(flipped.chunks_exact_mut(tap)) {
        for (o, row) in to.chunks_exact_mut(s.inputs).enumerate() {
            for (value, column) in row.iter_mut().zip(from.chunks_exact(s.outputs)) {
                *value = column[o];
            }
        }
    }
}

/// Adds the gradient with respect to the kernel:
/// `dkernel[t, i, o] += sum over r of x[r + t, i] * dy[r, o]`.
///
/// `x` is (rows, inputs), `dy` (out_rows, outputs), `dkernel` (taps, inputs, outputs).
///
/// # Panics
/// A slice does not have the length that `s` gives it.
pub fn conv_kernel_gradient_add<T: Real>(s: &ConvShape, x: &[T], dy: &[T], dkernel: &mut [T]) {
    assert_eq!(x.len(), s.input_len(), "convolution input of another length");
    assert_eq!(dy.len(), s.output_len(), "convolution output gradient of another length");
    assert_eq!(dkernel.len(), s.kernel_len(), "kernel gradient of another length");
    let dy = Matrix::row_major(dy, s.out_rows(), s.outputs);
    matmul(s.im2col(x).transposed(), dy, Old::Kept, dkernel, s.outputs);
}

/// Writes `row` into every row of `y`.
pub(crate) fn fill_rows<T: Real>(row: &[T], y: &mut [T]) {
    if row.is_empty() {
        return;
    }
    for to in y.chunks_exact_mut(row.len()) {
        to.copy_from_slice(row);
    }
}
