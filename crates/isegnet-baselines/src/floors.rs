use crate::{Mean, Tabular};
use isegnet_core::Learner;
use std::sync::Arc;

/// Gives the floors that stand beside every result: mean, gene length, ridge,
/// ridge with length.
///
/// `lengths` are those of [`FeatureSet::length`](crate::FeatureSet::length).
pub fn floors(lengths: impl Into<Arc<[f64]>>) -> Vec<Box<dyn Learner>> {
    let lengths: Arc<[f64]> = lengths.into();
    vec![
        Box::new(Mean),
        Box::new(Tabular::gene_length(lengths.clone())),
        Box::new(Tabular::ridge()),
        Box::new(Tabular::ridge_with_length(lengths)),
    ]
}
