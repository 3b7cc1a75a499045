#![doc = include_str!("../README.md")]

mod activation;
mod batch_norm;
mod bits;
mod buffer;
mod codes;
mod conv;
mod convolution;
mod dense;
mod fourier;
mod isa;
mod lanes;
mod matmul;
#[cfg(target_arch = "x86_64")]
mod narrow;
mod pool;
mod real;
mod spectral;
mod sums;

pub use activation::{
    GatedGradient, ScaleOffsetRelu, batch_norm_backward_into, batch_norm_backward_sums_add,
    scale_backward_into, scale_offset_relu_avg_pool_into, scale_offset_relu_into,
};
pub use batch_norm::{BatchNormGradient, Moments, batch_norm_coefficients};
pub use bits::{RANDOM_BLOCKS_PER_WORD, bit_words, fill_keep_bits};
pub use buffer::Buffer;
pub use codes::CodesConvolution;
pub use conv::{
    ConvShape, conv_forward_into, conv_input_gradient_into, conv_kernel_gradient_add,
    flip_kernel_into,
};
pub use convolution::{ConvScratch, Convolution, PreparedKernel};
pub use dense::{dense_forward_into, dense_input_gradient_into, dense_kernel_gradient_into};
pub use isa::Isa;
pub use pool::{
    avg_pool_backward_into, avg_pool_forward_into, max_pool_backward_into, max_pool_forward_into,
    relu_avg_pool_into,
};
pub use real::Real;
pub use sums::{column_sums_add, moments_add};
