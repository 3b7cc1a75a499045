#![doc = include_str!("../README.md")]

mod ahead;
mod checkpoint;
mod config;
mod engine;
mod ensemble;
mod function;
mod learner;
mod network;
mod optimiser;
mod plan;
mod store;
mod training;
mod weights;

pub use config::{DropoutAfter, Merge, NetworkConfig, Output, Padding, PoolAfter, Pooling};
pub use engine::candle::{CandleEngine, Device};
pub use engine::cpu::CpuEngine;
pub use engine::{Dna, Dropout, Engine, EngineError, Input, Loss, Step};
pub use ensemble::{Ensemble, EnsemblePredictor, member_folder};
pub use function::{Explained, NetworkFunction};
pub use learner::{Cost, EachEpoch, EpochEnd, NetworkLearner, Trained};
pub use network::{Network, NetworkPredictor, TargetScale, predict_all, predict_watched};
pub use optimiser::{Adam, Penalty, clip_norm, move_statistics};
pub use plan::{Branch, BranchInput, ConvBlock, DenseBlock, Plan, PlanError};
pub use store::{
    FORMAT, StoreError, Tensors, check_description, parse_safetensors, read_safetensors,
    weights_from_tensors,
};
pub use training::{EngineKind, Epoch, Schedule, TrainConfig};
pub use weights::{Layout, Parameter, Role, Weights};

/// What batch norm adds to a variance.
pub(crate) const BN_EPSILON: f64 = 1e-3;

/// The share of the old value in a moving statistic.
pub(crate) const BN_MOMENTUM: f32 = 0.99;

/// What a batch's variance over `count` values is multiplied by on its way into
/// the moving variance: Keras takes the unbiased one after convolutions, and the
/// biased one after dense layers.
pub(crate) fn moving_variance_factor(count: usize, convolution: bool) -> f64 {
    if convolution && count > 1 { count as f64 / (count as f64 - 1.0) } else { 1.0 }
}
