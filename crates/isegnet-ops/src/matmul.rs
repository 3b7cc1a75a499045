use crate::Real;
use gemm::Parallelism;

/// A matrix seen in a slice: element (r, c) is at `r * row_stride + c * column_stride`.
///
/// Elements may share memory, as the rows of an im2col view do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix<'a, T> {
    pub data: &'a [T],
    pub rows: usize,
    pub columns: usize,
    pub row_stride: usize,
    pub column_stride: usize,
}

impl<'a, T: Real> Matrix<'a, T> {
    /// A contiguous row-major matrix.
    pub fn row_major(data: &'a [T], rows: usize, columns: usize) -> Self {
        Self { data, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// The same elements, rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    fn assert_inside(&self) {
        assert!(
            extent(self.rows, self.columns, self.row_stride, self.column_stride) <= self.data.len(),
            "a {} x {} matrix with strides {} and {} does not fit in {} elements",
            self.rows,
            self.columns,
            self.row_stride,
            self.column_stride,
            self.data.len()
        );
    }
}

/// Elements that a strided matrix spans.
fn extent(rows: usize, columns: usize, row_stride: usize, column_stride: usize) -> usize {
    if rows == 0 || columns == 0 {
        return 0;
    }
    (rows - 1) * row_stride + (columns - 1) * column_stride + 1
}

/// What becomes of the destination's old values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Old {
    /// They are overwritten.
    Replaced,
    /// The product is added to them.
    Kept,
}

/// Writes `a * b`, or adds it, to `c`: (a.rows, b.columns), rows `c_row_stride` apart.
///
/// One thread; the order of every sum depends on the shapes and the machine only.
pub(crate) fn matmul<T: Real>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    old: Old,
    c: &mut [T],
    c_row_stride: usize,
) {
    assert!(
        extent(a.rows, b.columns, c_row_stride, 1) <= c.len() && c_row_stride >= b.columns,
        "a {} x {} product with row stride {c_row_stride} does not fit in {} elements",
        a.rows,
        b.columns,
        c.len()
    );
    // SAFETY: the assertion above bounds every element of the product, and
    // rows do not overlap since the stride is at least their length.
    unsafe { matmul_at(a, b, old, c.as_mut_ptr(), c_row_stride) }
}

/// [`matmul`] into memory that is not borrowed as one slice.
///
/// # Safety
/// Element (r, j) of the product, at `c + r * c_row_stride + j`, must be valid
/// for writing, initialised where `old` is kept, and reached by nobody else
/// meanwhile; `c_row_stride` must be at least `b.columns`.
pub(crate) unsafe fn matmul_at<T: Real>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    old: Old,
    c: *mut T,
    c_row_stride: usize,
) {
    assert_eq!(a.columns, b.rows, "a matrix product needs equal inner sizes");
    a.assert_inside();
    b.assert_inside();
    let stride = |s: usize| isize::try_from(s).unwrap_or(isize::MAX);
    // SAFETY: both operands were just checked to lie in their slices, and the
    // caller vouches for the destination. `gemm` knows f32 and f64, the only
    // two types that are `Real`.
    unsafe {
        gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            c,
            1,
            stride(c_row_stride),
            old == Old::Kept,
            a.data.as_ptr(),
            stride(a.column_stride),
            stride(a.row_stride),
            b.data.as_ptr(),
            stride(b.column_stride),
            stride(b.row_stride),
            T::ONE,
            T::ONE,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
