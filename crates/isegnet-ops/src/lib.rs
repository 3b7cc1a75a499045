#![doc = include_str!("../README.md")]

mod activation;
mod batch_norm;
mod bits;
mod buffer;
mod codes;
mod conv;
mod convolution;
mod dense;
mod direct;
mod dropout;
mod fourier;
mod isa;
mod lanes;
mod path;
mod pool;
mod product;
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
pub use conv::ConvShape;
pub use convolution::{ConvScratch, Convolution, PreparedKernel};
pub use dense::Dense;
pub use dropout::dropout_in_place;
pub use isa::{Isa, IsaError};
pub use path::{Line, Switch, SwitchKernel, gated_gradient_add, line_relu_avg_pool_into};
pub use pool::{
    avg_pool_backward_into, avg_pool_forward_into, max_pool_backward_into, max_pool_forward_into,
    relu_avg_pool_into,
};
pub use real::Real;
pub use sums::{column_sums_add, moments_add};
