//! Which vector instructions the elementwise kernels run on.
//!
//! The crate is built for the plain instruction set of its target, so that one
//! binary runs everywhere; each kernel is compiled once more for every wider
//! set below and the widest that the machine has is taken at run time. The
//! bodies are the same and contract no multiplication with an addition, so
//! elementwise kernels and sums give the same bits on each of them; only the
//! matrix products, which choose their own instructions, may round differently.

use std::sync::OnceLock;

/// A set of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isa {
    /// What every machine of the target has: SSE2 on x86-64, NEON on Arm.
    Portable,
    /// AVX2, 256 bits.
    Avx2,
    /// AVX-512 F, BW, DQ and VL, 512 bits.
    Avx512,
}

impl Isa {
    /// The widest set that this machine has; found once.
    #[inline]
    pub fn detected() -> Self {
        static FOUND: OnceLock<Isa> = OnceLock::new();
        *FOUND.get_or_init(Self::detect)
    }

    #[cfg(target_arch = "x86_64")]
    fn detect() -> Self {
        let avx2 = is_x86_feature_detected!("avx2");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        match (avx2, avx512) {
            (true, true) => Self::Avx512,
            (true, false) => Self::Avx2,
            _ => Self::Portable,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn detect() -> Self {
        Self::Portable
    }
}

/// Compiles a kernel for every [`Isa`] and picks one when it is called.
///
/// The body must reach its loops through `#[inline(always)]` functions only:
/// what is not inlined is compiled for the plain set.
macro_rules! multiversion {
    ($(#[$attr:meta])* $vis:vis fn $name:ident<T: Real>($($arg:ident: $ty:ty),* $(,)?) $body:block) => {
        $(#[$attr])*
        $vis fn $name<T: $crate::Real>($($arg: $ty),*) {
            #[inline(always)]
            #[allow(clippy::too_many_arguments)]
            fn portable<T: $crate::Real>($($arg: $ty),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                #[allow(clippy::too_many_arguments)]
                fn avx2<T: $crate::Real>($($arg: $ty),*) {
                    portable($($arg),*);
                }

                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                #[allow(clippy::too_many_arguments)]
                fn avx512<T: $crate::Real>($($arg: $ty),*) {
                    portable($($arg),*);
                }

                match $crate::isa::Isa::detected() {
                    // SAFETY: the machine was found to have these instructions.
                    $crate::isa::Isa::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    $crate::isa::Isa::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::isa::Isa::Portable => {}
                }
            }
            portable($($arg),*);
        }
    };
}
pub(crate) use multiversion;
