//! Products with at most 16 columns, for AVX-512 and f32.
//!
//! The general matrix product reaches half its speed where the result is one
//! vector wide, as with 16 output channels, and less below. Here 24 rows of the
//! result stay in registers, independent sums that hide the latency of a
//! multiply-add, and the left operand is read in place, an im2col view too, by one
//! broadcast a multiply-add: nine tenths of the speed at 16 columns.

use crate::isa::Isa;
use crate::matmul::Matrix;
use std::arch::asm;
use std::arch::x86_64::{
    __m512, __mmask16, _mm512_add_ps, _mm512_fmadd_ps, _mm512_mask_storeu_ps,
    _mm512_maskz_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps,
};

/// Columns of one vector: the widest product that belongs here.
pub(crate) const WIDEST: usize = 16;

/// Tells whether [`multiply_add`] is the fast way for a product of this shape on
/// this machine: a function of shapes, never of a timing.
pub(crate) fn suits(rows: usize, columns: usize, depth: usize) -> bool {
    let shape = (2..=WIDEST).contains(&columns) && rows >= 24 && depth >= 8;
    shape && Isa::detected() == Isa::Avx512
}

/// Depth that is summed in registers before it is added to the result: the
/// right operand's part, 16 kB, stays in the first cache.
const DEPTH: usize = 256;

/// Adds `a * b` to `c`, whose rows are `c_row_stride` apart; `b` is row-major.
///
/// # Safety
/// The machine has AVX-512 F, `a` and `b` lie within their slices, `b` has at most
/// [`WIDEST`] columns, one after the other in memory, and every element of
/// the product at `c` may be read and written.
#[target_feature(enable = "avx512f")]
pub(crate) unsafe fn multiply_add(
    a: Matrix<'_, f32>,
    b: Matrix<'_, f32>,
    c: *mut f32,
    c_row_stride: usize,
) {
    debug_assert!(b.columns <= WIDEST && b.column_stride == 1);
    let mask: __mmask16 = u16::MAX >> (WIDEST - b.columns);
    let mut start = 0;
    while start < a.columns {
        let depth = DEPTH.min(a.columns - start);
        let mut row = 0;
        while row < a.rows {
            // SAFETY: rows row.. and depths start.. are inside `a`, `b` and the
            // product, for which the caller vouches.
            let done = unsafe {
                let tile = Tile {
                    a: a.data.as_ptr().add(row * a.row_stride + start * a.column_stride),
                    a_strides: (4 * a.row_stride, 4 * a.column_stride),
                    b: b.data.as_ptr().add(start * b.row_stride),
                    b_stride: 4 * b.row_stride,
                    depth,
                    c: c.add(row * c_row_stride),
                    c_stride: 4 * c_row_stride,
                    mask,
                };
                match a.rows - row {
                    24.. => tile.run::<24>(),
                    8.. => tile.run::<8>(),
                    _ => tile.run::<1>(),
                }
            };
            row += done;
        }
        start += depth;
    }
}

/// A few rows of the product, over a part of its depth; strides in bytes.
struct Tile {
    a: *const f32,
    a_strides: (usize, usize),
    b: *const f32,
    b_stride: usize,
    depth: usize,
    c: *mut f32,
    c_stride: usize,
    mask: __mmask16,
}

impl Tile {
    /// Adds `R` rows and gives `R`.
    ///
    /// # Safety
    /// The pointers reach `R` rows and `depth` as their strides say.
    #[target_feature(enable = "avx512f")]
    #[inline]
    unsafe fn run<const R: usize>(&self) -> usize {
        let (rows, columns) = self.a_strides;
        let mut sums: [__m512; R] = [_mm512_setzero_ps(); R];
        let (mut a, mut b) = (self.a, self.b);
        let [three, five, seven] = [3, 5, 7].map(|n| n * rows);
        // SAFETY: `a` and `b` advance `depth` times by their strides, which the
        // caller vouches for; wrapping_add, since the last step leaves them.
        // Masked lanes are neither read nor written.
        unsafe {
            for _ in 0..self.depth {
                let right = _mm512_maskz_loadu_ps(self.mask, b);
                for (eight, sums) in sums.chunks_mut(8).enumerate() {
                    let mut base = a.wrapping_byte_add(8 * eight * rows);
                    hide(&mut base);
                    let offsets = [0, rows, 2 * rows, three, 4 * rows, five, 2 * three, seven];
                    for (sum, offset) in sums.iter_mut().zip(offsets) {
                        let left = _mm512_set1_ps(*base.byte_add(offset));
                        *sum = _mm512_fmadd_ps(left, right, *sum);
                    }
                }
                a = a.wrapping_byte_add(columns);
                b = b.wrapping_byte_add(self.b_stride);
            }
            for (r, sum) in sums.into_iter().enumerate() {
                let to = self.c.byte_add(r * self.c_stride);
                let old = _mm512_maskz_loadu_ps(self.mask, to);
                _mm512_mask_storeu_ps(to, self.mask, _mm512_add_ps(old, sum));
            }
        }
        R
    }
}

/// Hides where a pointer comes from.
///
/// The compiler would step through the rows of a tile by a chain of additions, one
/// cycle each, or keep two dozen pointers on the stack; from a pointer that it
/// knows nothing of it reaches eight rows by addressing alone.
#[inline(always)]
#[allow(clippy::pointers_in_nomem_asm_block)] // It is not followed here.
fn hide(pointer: &mut *const f32) {
    // SAFETY: no instruction; the pointer stays as it is.
    unsafe {
        asm!("/* {0} */", inout(reg) * pointer, options(pure, nomem, nostack, preserves_flags));
    }
}
