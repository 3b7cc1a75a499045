use crate::Real;
#[cfg(target_arch = "x86_64")]
use crate::narrow;
use gemm::Parallelism;
#[cfg(target_arch = "x86_64")]
use std::any::TypeId;

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

    /// The same matrix where `T` is f32.
    #[cfg(target_arch = "x86_64")]
    fn as_f32(self) -> Option<Matrix<'a, f32>> {
        if TypeId::of::<T>() != TypeId::of::<f32>() {
            return None;
        }
        // SAFETY: the elements are f32.
        let data =
            unsafe { std::slice::from_raw_parts(self.data.as_ptr().cast(), self.data.len()) };
        let Self { rows, columns, row_stride, column_stride, .. } = self;
        Some(Matrix { data, rows, columns, row_stride, column_stride })
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
    // SAFETY: as below; narrow products go where they are faster.
    if unsafe { narrow_at(a, b, old, c, c_row_stride) } {
        return;
    }
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

/// Does a narrow product of f32 where there is a faster way for it, and tells whether it did.
///
/// # Safety
/// As [`matmul_at`], with both operands inside their slices.
#[cfg(target_arch = "x86_64")]
unsafe fn narrow_at<T: Real>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    old: Old,
    c: *mut T,
    c_row_stride: usize,
) -> bool {
    if b.column_stride != 1 || !narrow::suits(a.rows, b.columns, a.columns) {
        return false;
    }
    let (Some(a), Some(b)) = (a.as_f32(), b.as_f32()) else {
        return false;
    };
    let c = c.cast::<f32>();
    // SAFETY: T is f32, since `a` could be taken as such; the caller vouches
    // for the destination, and `suits` found the instructions.
    unsafe {
        if old == Old::Replaced {
            for r in 0..a.rows {
                c.add(r * c_row_stride).write_bytes(0, b.columns);
            }
        }
        narrow::multiply_add(a, b, c, c_row_stride);
    }
    true
}

#[cfg(not(target_arch = "x86_64"))]
unsafe fn narrow_at<T: Real>(
    _: Matrix<'_, T>,
    _: Matrix<'_, T>,
    _: Old,
    _: *mut T,
    _: usize,
) -> bool {
    false
}
