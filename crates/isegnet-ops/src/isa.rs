//! Which vector instructions the kernels run on.
//!
//! The crate is built for the plain instruction set of its target, so that one
//! binary runs everywhere; each kernel is compiled once more for every wider
//! set below and the widest that the machine has is taken at run time. The
//! bodies are the same. Elementwise kernels and sums contract no multiplication with an
//! addition, so they give the same bits on each set; products and transforms
//! ([`lanes`](crate::lanes)) contract where the machine can, and round differently.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// A set of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Isa {
    /// What every machine of the target has: SSE2 on x86-64, NEON on Arm.
    Portable,
    /// AVX2 and FMA, 256 bits.
    Avx2,
    /// AVX-512 F, BW, DQ and VL, 512 bits.
    Avx512,
}

/// What the kernels of this process run on, once it is settled.
static IN_USE: OnceLock<Isa> = OnceLock::new();

/// Why a set of instructions cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsaError {
    /// The machine goes no further than this.
    Missing(Isa),
    /// This one is in use already.
    Settled(Isa),
}

impl fmt::Display for IsaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(isa) => write!(f, "this machine has no wider instructions than {isa}"),
            Self::Settled(isa) => write!(f, "{isa} is in use already"),
        }
    }
}

impl std::error::Error for IsaError {}

impl Isa {
    /// All sets, the narrowest first.
    pub const ALL: &'static [Self] = &[Self::Portable, Self::Avx2, Self::Avx512];

    /// The set that kernels run on: the widest that this machine has, unless
    /// another was [pinned](Self::pin).
    #[inline]
    pub fn in_use() -> Self {
        #[cfg(test)]
        if let Some(isa) = tests::PINNED.get() {
            return isa;
        }
        *IN_USE.get_or_init(Self::widest)
    }

    /// Makes all kernels of this process run on this set, to repeat the bits of a
    /// machine that has no wider one.
    ///
    /// # Errors
    /// The machine does not have it, or another is in use already.
    pub fn pin(self) -> Result<(), IsaError> {
        let widest = Self::widest();
        if self > widest {
            return Err(IsaError::Missing(widest));
        }
        let settled = *IN_USE.get_or_init(|| self);
        if settled == self { Ok(()) } else { Err(IsaError::Settled(settled)) }
    }

    /// The widest set that this machine has.
    #[cfg(target_arch = "x86_64")]
    pub fn widest() -> Self {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
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

    /// The widest set that this machine has.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn widest() -> Self {
        Self::Portable
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        })
    }
}

impl FromStr for Isa {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|isa| isa.to_string() == name);
        found.copied().ok_or_else(|| {
            let names: Vec<String> = Self::ALL.iter().map(Self::to_string).collect();
            format!("there is no set '{name}'; write one of {}", names.join(", "))
        })
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

                match $crate::isa::Isa::in_use() {
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        Buffer, CodesConvolution, ConvShape, GatedGradient, ScaleOffsetRelu,
        avg_pool_backward_into, avg_pool_forward_into, batch_norm_backward_into,
        batch_norm_backward_sums_add, bit_words, column_sums_add, dropout_in_place,
        max_pool_backward_into, max_pool_forward_into, moments_add, relu_avg_pool_into,
        scale_backward_into, scale_offset_relu_avg_pool_into, scale_offset_relu_into,
    };
    use std::cell::Cell;

    thread_local! {
        /// What a test runs on instead of the widest set.
        pub(crate) static PINNED: Cell<Option<Isa>> = const { Cell::new(None) };
    }

    fn values(n: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * i + 7 * i) % 1009) as f32 / 400.0 - 1.2).collect()
    }

    /// Runs every elementwise kernel and gives all that it wrote, as bits.
    fn everything(rows: usize, channels: usize, window: usize) -> Vec<u64> {
        let n = rows * channels;
        let (x, row) = (values(n), values(channels));
        let mut out = Vec::new();
        let mut note = |values: &[f32]| out.extend(values.iter().map(|v| u64::from(v.to_bits())));
        let mut sums = vec![0.0; 5 * channels];
        let mut sum: Vec<&mut [f64]> = sums.chunks_exact_mut(channels).collect();
        let [a, b, c, d, e] = sum.as_mut_slice() else { unreachable!() };

        column_sums_add(channels, &x, a);
        moments_add(channels, &x, &row, b, c);

        let keep: Vec<u64> = (0..bit_words(n)).map(|w| 0x9E37_79B9_7F4A_7C15 << (w % 7)).collect();
        let activation = ScaleOffsetRelu {
            scale: &row,
            offset: &x[..channels],
            relu: true,
            keep: Some((&keep, 1.25)),
        };
        let (mut y, mut gate) = (vec![0.0; n], vec![0; bit_words(n)]);
        scale_offset_relu_into(&activation, &x, &mut y, &mut gate);
        note(&y);
        let mut pooled = vec![0.0; rows / window * channels];
        scale_offset_relu_avg_pool_into(&activation, window, &x, &mut pooled, &mut gate);
        note(&pooled);

        let g = GatedGradient { dy: &pooled, window, gate: &gate, factor: 1.25 };
        batch_norm_backward_sums_add(&g, &x, &row, d, e);
        batch_norm_backward_into(&g, &x, [&row, &row, &row], &mut y);
        note(&y);
        scale_backward_into(&g, &row, &mut y);
        note(&y);
        dropout_in_place(&keep, 1.25, &mut y);
        note(&y);

        avg_pool_forward_into(channels, window, &x, &mut pooled);
        note(&pooled);
        avg_pool_backward_into(channels, window, &pooled, &mut y);
        note(&y);
        relu_avg_pool_into(channels, window, &x, &mut pooled);
        note(&pooled);
        let shape = ConvShape { rows, taps: 9, inputs: 4, outputs: channels };
        let by_codes = CodesConvolution::new(shape);
        let codes: Vec<u8> = (0..rows).map(|r| (r * r % 11 % 5) as u8).collect();
        let (mut words, mut tables) = (vec![0; rows], Buffer::default());
        by_codes.words_into(0, &codes, &mut words);
        by_codes.prepare(&values(shape.kernel_len()), &mut tables);
        let mut by_word = vec![0.0; by_codes.tables_len()];
        by_codes.forward_into(&words, &tables, Some(&row), &mut y[..shape.output_len()]);
        by_codes.kernel_gradient_add(&words, &x[..shape.output_len()], &mut by_word);
        note(&y);
        note(&by_word);
        let mut places = vec![0; pooled.len()];
        max_pool_forward_into(channels, window, &x, &mut pooled, &mut places);
        note(&pooled);
        max_pool_backward_into(channels, window, &places, &pooled, &mut y);
        note(&y);

        out.extend(gate);
        out.extend(sums.iter().map(|v| v.to_bits()));
        out
    }

    #[test]
    fn sets_are_read_as_they_are_written() {
        for &isa in Isa::ALL {
            assert_eq!(isa.to_string().parse(), Ok(isa));
        }
        assert!("sse9".parse::<Isa>().unwrap_err().contains("avx2"));
    }

    #[test]
    fn what_has_run_cannot_be_changed() {
        let used = *IN_USE.get_or_init(Isa::widest);
        assert_eq!(used.pin(), Ok(()));
        assert_eq!(Isa::in_use(), used);
        if used != Isa::Portable {
            assert_eq!(Isa::Portable.pin(), Err(IsaError::Settled(used)));
        }
        if Isa::widest() < Isa::Avx512 {
            assert_eq!(Isa::Avx512.pin(), Err(IsaError::Missing(Isa::widest())));
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let narrower = Isa::ALL.iter().filter(|&&isa| isa < Isa::widest());
        for (rows, channels, window) in [(97, 126, 5), (50, 64, 1), (61, 3, 4), (40, 1, 3)] {
            let wide = everything(rows, channels, window);
            for &isa in narrower.clone() {
                PINNED.set(Some(isa));
                let pinned = everything(rows, channels, window);
                PINNED.set(None);
                assert!(wide == pinned, "{isa:?} differs at {rows} x {channels}");
            }
        }
    }
}
