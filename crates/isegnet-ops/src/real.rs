use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub};

mod sealed {
    use crate::lanes::{Kernel, Plain, run_f32};

    /// What is ours to know of a number.
    pub trait Sealed: Sized {
        /// Runs a kernel on the widest vectors of this number.
        fn run(kernel: impl Kernel<Self>)
        where
            Self: crate::Real;
    }
    impl Sealed for f32 {
        fn run(kernel: impl Kernel<f32>) {
            run_f32(kernel);
        }
    }
    impl Sealed for f64 {
        fn run(kernel: impl Kernel<f64>) {
            kernel.run::<Plain<f64>>();
        }
    }
}

/// The numbers that the kernels compute with: `f32` for work, `f64` for checking it.
pub trait Real:
    sealed::Sealed
    + Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + Sum
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + MulAssign
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Rounds a double to this type.
    fn from_f64(x: f64) -> Self;
    /// `self * b + c`, rounded once.
    fn fused_mul_add(self, b: Self, c: Self) -> Self;
    /// Widens to a double, exactly.
    fn to_f64(self) -> f64;
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        x as f32
    }
    #[inline(always)]
    fn fused_mul_add(self, b: Self, c: Self) -> Self {
        f32::mul_add(self, b, c)
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        x
    }
    #[inline(always)]
    fn fused_mul_add(self, b: Self, c: Self) -> Self {
        f64::mul_add(self, b, c)
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
}
