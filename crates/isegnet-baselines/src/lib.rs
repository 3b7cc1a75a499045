#![doc = include_str!("../README.md")]

mod adapter;
mod bins;
mod cholesky;
mod data;
mod error;
mod features;
mod floors;
mod folds;
mod forest;
mod mean;
mod moments;
mod ridge;
mod standard;
mod subset;
mod svr;

pub use adapter::Tabular;
pub use error::Error;
pub use features::{FeatureSet, Features};
pub use floors::floors;
pub use folds::contiguous_folds;
pub use forest::{ForestModel, ForestParams, ForestValidParams, MaxFeatures};
pub use mean::Mean;
pub use ridge::{AlphaScore, RidgeModel, RidgeParams, RidgeValidParams};
pub use subset::Subset;
pub use svr::{Gamma, Kernel, SvrModel, SvrParams, SvrValidParams, Tube};
