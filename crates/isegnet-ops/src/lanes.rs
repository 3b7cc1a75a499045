//! Vectors of numbers in registers, and kernels written once for any of them.
//!
//! Most kernels are plain loops that the compiler turns into vectors
//! ([`multiversion`](crate::isa::multiversion)). Where sums have to stay in registers
//! over a whole loop it does not see how; such kernels are generic over [`Lanes`], with
//! one implementation of it for each instruction set and a plain one for everything else.

use crate::Real;
use crate::buffer::LANES;
#[cfg(target_arch = "x86_64")]
use crate::isa::Isa;

/// A few numbers that are computed with at once.
///
/// # Safety
/// `WIDTH` divides [`LANES`], and `load` and `store` touch that many numbers. What needs
/// instructions that a machine may lack is a type that only [`run`] can name.
pub unsafe trait Lanes<T: Real>: Copy {
    /// Numbers in a vector.
    const WIDTH: usize;
    /// Rows by two vectors of sums that fit in the registers beside their operands; one
    /// of the numbers that `for_each_block` knows: 6, 10 or 14.
    const ROWS: usize;

    fn splat(x: T) -> Self;
    fn add(self, b: Self) -> Self;
    fn sub(self, b: Self) -> Self;
    fn mul(self, b: Self) -> Self;
    /// `self * b + c`, rounded once where the machine can.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// `c - self * b`, rounded once where the machine can.
    fn neg_mul_add(self, b: Self, c: Self) -> Self;

    /// Reads `WIDTH` numbers.
    ///
    /// # Safety
    /// They can be read.
    unsafe fn load(from: *const T) -> Self;

    /// Writes `WIDTH` numbers.
    ///
    /// # Safety
    /// They can be written.
    unsafe fn store(self, to: *mut T);

    #[inline(always)]
    fn zero() -> Self {
        Self::splat(T::ZERO)
    }

    /// Reads the first `n` numbers; the other lanes are 0.
    ///
    /// # Safety
    /// The first `n` or `WIDTH` numbers, whichever is less, can be read.
    #[inline(always)]
    unsafe fn load_first(from: *const T, n: usize) -> Self {
        // SAFETY: reads what the caller vouches for, or from the array.
        unsafe {
            if n >= Self::WIDTH {
                return Self::load(from);
            }
            let mut lanes = [T::ZERO; LANES];
            std::ptr::copy_nonoverlapping(from, lanes.as_mut_ptr(), n);
            Self::load(lanes.as_ptr())
        }
    }

    /// Writes the first `n` numbers.
    ///
    /// # Safety
    /// The first `n` or `WIDTH` numbers, whichever is less, can be written.
    #[inline(always)]
    unsafe fn store_first(self, to: *mut T, n: usize) {
        // SAFETY: writes what the caller vouches for, or to the array.
        unsafe {
            if n >= Self::WIDTH {
                return self.store(to);
            }
            let mut lanes = [T::ZERO; LANES];
            self.store(lanes.as_mut_ptr());
            std::ptr::copy_nonoverlapping(lanes.as_ptr(), to, n);
        }
    }
}

/// Vectors as the compiler makes them from plain loops: for machines without a
/// wider set, for f64, and to check the others.
#[derive(Clone, Copy)]
pub struct Plain<T>([T; 4]);

/// Whether every machine of the target multiplies and adds at once; elsewhere that would
/// be a function call for each number.
const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));

impl<T: Real> Plain<T> {
    #[inline(always)]
    fn zip3(self, b: Self, c: Self, f: impl Fn(T, T, T) -> T) -> Self {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3], [c0, c1, c2, c3]) = (self.0, b.0, c.0);
        Self([f(a0, b0, c0), f(a1, b1, c1), f(a2, b2, c2), f(a3, b3, c3)])
    }

    #[inline(always)]
    fn zip(self, b: Self, f: impl Fn(T, T) -> T) -> Self {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, b.0);
        Self([f(a0, b0), f(a1, b1), f(a2, b2), f(a3, b3)])
    }
}

// SAFETY: four numbers, as an array has them.
unsafe impl<T: Real> Lanes<T> for Plain<T> {
    const WIDTH: usize = 4;
    const ROWS: usize = if cfg!(target_arch = "aarch64") { 10 } else { 6 };

    #[inline(always)]
    fn splat(x: T) -> Self {
        Self([x; 4])
    }
    #[inline(always)]
    fn add(self, b: Self) -> Self {
        self.zip(b, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        self.zip(b, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        self.zip(b, |a, b| a * b)
    }
    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        if FUSED { self.zip3(b, c, T::fused_mul_add) } else { self.mul(b).add(c) }
    }
    #[inline(always)]
    fn neg_mul_add(self, b: Self, c: Self) -> Self {
        if FUSED { self.zip3(b, c, |a, b, c| (-a).fused_mul_add(b, c)) } else { c.sub(self.mul(b)) }
    }
    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller vouches for four numbers.
        Self(unsafe { from.cast::<[T; 4]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: the caller vouches for four numbers.
        unsafe { to.cast::<[T; 4]>().write_unaligned(self.0) }
    }
}

/// A vector of one instruction set, and [`Lanes`] for it.
///
/// # Safety
/// The set's functions are called only where it is there: the types stay in this module,
/// and [`run_f32`] makes them only inside a function compiled for the set, on a machine
/// that has it.
#[cfg(target_arch = "x86_64")]
macro_rules! lanes {
    ($name:ident($vector:ident), $width:literal, $rows:literal, $splat:ident, $load:ident,
     $store:ident, $add:ident, $sub:ident, $mul:ident, $mul_add:ident, $neg_mul_add:ident,
     $load_first:expr, $store_first:expr $(,)?) => {
        #[derive(Clone, Copy)]
        struct $name(std::arch::x86_64::$vector);

        // SAFETY: the vector's width; see the macro for the instructions.
        unsafe impl Lanes<f32> for $name {
            const WIDTH: usize = $width;
            const ROWS: usize = $rows;

            #[inline(always)]
            fn splat(x: f32) -> Self {
                // SAFETY: see the macro.
                Self(unsafe { std::arch::x86_64::$splat(x) })
            }
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                // SAFETY: see the macro.
                Self(unsafe { std::arch::x86_64::$add(self.0, b.0) })
            }
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                // SAFETY: see the macro.
                Self(unsafe { std::arch::x86_64::$sub(self.0, b.0) })
            }
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                // SAFETY: see the macro.
                Self(unsafe { std::arch::x86_64::$mul(self.0, b.0) })
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: see the macro.
                Self(unsafe { std::arch::x86_64::$mul_add(self.0, b.0, c.0) })
            }
            #[inline(always)]
            fn neg_mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: see the macro.
                Self(unsafe { std::arch::x86_64::$neg_mul_add(self.0, b.0, c.0) })
            }
            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                // SAFETY: see the macro; the caller vouches for the memory.
                Self(unsafe { std::arch::x86_64::$load(from) })
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                // SAFETY: see the macro; the caller vouches for the memory.
                unsafe { std::arch::x86_64::$store(to, self.0) }
            }
            #[inline(always)]
            unsafe fn load_first(from: *const f32, n: usize) -> Self {
                // SAFETY: see the macro; masked lanes are not read.
                Self(unsafe { $load_first(from, n) })
            }
            #[inline(always)]
            unsafe fn store_first(self, to: *mut f32, n: usize) {
                // SAFETY: see the macro; masked lanes are not written.
                unsafe { $store_first(to, n, self.0) }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
lanes! {
    Avx2(__m256), 8, 6, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps,
    _mm256_add_ps, _mm256_sub_ps, _mm256_mul_ps, _mm256_fmadd_ps, _mm256_fnmadd_ps,
    |from, n| std::arch::x86_64::_mm256_maskload_ps(from, first_of_8(n)),
    |to, n, v| std::arch::x86_64::_mm256_maskstore_ps(to, first_of_8(n), v),
}

#[cfg(target_arch = "x86_64")]
lanes! {
    Avx512(__m512), 16, 14, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps,
    _mm512_add_ps, _mm512_sub_ps, _mm512_mul_ps, _mm512_fmadd_ps, _mm512_fnmadd_ps,
    |from, n| std::arch::x86_64::_mm512_maskz_loadu_ps(first_of_16(n), from),
    |to, n, v| std::arch::x86_64::_mm512_mask_storeu_ps(to, first_of_16(n), v),
}

/// The mask of the first `n` of 16 lanes.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn first_of_16(n: usize) -> u16 {
    ((1u32 << n.min(16)) - 1) as u16
}

/// The mask of the first `n` of 8 lanes.
///
/// # Safety
/// The machine has AVX2.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn first_of_8(n: usize) -> std::arch::x86_64::__m256i {
    static MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    let from = &MASKS[8 - n.min(8)..][..8];
    // SAFETY: eight numbers are read.
    unsafe { std::arch::x86_64::_mm256_loadu_si256(from.as_ptr().cast()) }
}

/// A computation written for vectors of any width.
pub trait Kernel<T: Real> {
    /// Computes it with these vectors. Must be `#[inline(always)]`, as all that it
    /// calls: what is not inlined is compiled without their instructions.
    fn run<V: Lanes<T>>(self);
}

/// Runs a kernel on the widest vectors that the machine has for its numbers.
pub fn run<T: Real>(kernel: impl Kernel<T>) {
    T::run(kernel);
}

/// [`run`] for f32.
pub(crate) fn run_f32(kernel: impl Kernel<f32>) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,fma")]
        fn avx2(kernel: impl Kernel<f32>) {
            kernel.run::<Avx2>();
        }

        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
        fn avx512(kernel: impl Kernel<f32>) {
            kernel.run::<Avx512>();
        }

        match Isa::in_use() {
            // SAFETY: the machine was found to have these instructions.
            Isa::Avx512 => return unsafe { avx512(kernel) },
            // SAFETY: as above.
            Isa::Avx2 => return unsafe { avx2(kernel) },
            Isa::Portable => {}
        }
    }
    kernel.run::<Plain<f32>>();
}
