use crate::adapter::BIN_BP;
use crate::{
    ElasticNetParams, FeatureSet, ForestParams, Kernel, Mean, RidgeParams, SvrParams, Tabular,
};
use isegnet_core::Learner;
use std::sync::Arc;

/// Gives the floors that stand beside every result: mean, gene length, ridge,
/// ridge with length.
///
/// `lengths` are those of [`FeatureSet::length`](crate::FeatureSet::length); ridge sees means
/// of `bin` positions, which are [`FeatureSet::bins`](crate::FeatureSet::bins) of 100 bp where
/// positions are bases.
///
/// # Panics
/// `bin` is 0.
pub fn floors(lengths: impl Into<Arc<[f64]>>, bin: usize) -> Vec<Box<dyn Learner>> {
    let (lengths, bins): (Arc<[f64]>, _) = (lengths.into(), FeatureSet::bins(bin));
    let ridge = |name, features| Box::new(Tabular::new(name, features, RidgeParams::default()));
    vec![
        Box::new(Mean),
        Box::new(Tabular::gene_length(lengths.clone())),
        ridge("ridge", bins.clone()),
        ridge("ridge with length", bins.with_length(lengths)),
    ]
}

/// Gives the floors and the models of the paper's comparison, with their defaults and
/// on the features of [`Tabular::on_bins`]: lasso, forests of 100 and 200 trees,
/// epsilon-SVR with RBF and linear kernel, nu-SVR; and GC content.
///
/// `lengths` are those of [`FeatureSet::length`](crate::FeatureSet::length).
pub fn baselines(lengths: impl Into<Arc<[f64]>>) -> Vec<Box<dyn Learner>> {
    let mut learners = floors(lengths, BIN_BP);
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
