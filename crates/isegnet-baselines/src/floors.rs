use crate::{ElasticNetParams, ForestParams, Kernel, Mean, SvrParams, Tabular};
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

/// Gives the floors and the models of the paper's comparison, with their defaults and
/// on the features of [`Tabular::on_bins`]: lasso, forests of 100 and 200 trees,
/// epsilon-SVR with RBF and linear kernel, nu-SVR; and GC content.
///
/// `lengths` are those of [`FeatureSet::length`](crate::FeatureSet::length).
pub fn baselines(lengths: impl Into<Arc<[f64]>>) -> Vec<Box<dyn Learner>> {
    let mut learners = floors(lengths);
    let linear = SvrParams::epsilon(0.1).kernel(Kernel::Linear);
    let more: [Box<dyn Learner>; 7] = [
        Box::new(Tabular::gc()),
        Box::new(Tabular::on_bins("lasso", ElasticNetParams::default())),
        Box::new(Tabular::on_bins("forest 100", ForestParams::default())),
        Box::new(Tabular::on_bins("forest 200", ForestParams::default().trees(200))),
        Box::new(Tabular::on_bins("SVR RBF", SvrParams::epsilon(0.1))),
        Box::new(Tabular::on_bins("SVR linear", linear)),
        Box::new(Tabular::on_bins("nu-SVR RBF", SvrParams::nu(0.5))),
    ];
    learners.extend(more);
    learners
}
