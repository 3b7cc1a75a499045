//! The one place where tabular models become learners.

use crate::features::targets;
use crate::standard::Standard;
use crate::{
    ElasticNetParams, Error, FeatureSet, ForestParams, Model, RidgeParams, SvrParams,
    TabularPredictor,
};
use isegnet_core::{Examples, FitContext, LearnError, Learner, Predictor};
use linfa::ParamGuard;
use ndarray::{Array2, ArrayView1};
use std::sync::Arc;

/// Positions of a bin of the baselines.
pub(crate) const BIN_BP: usize = 100;
/// Where a learner that is given a folder keeps its model.
const MODEL_FILE: &str = "baseline.model";

/// Parameters of a tabular model.
pub trait Regression {
    /// Fits on `x`, `(row, feature)`, with the seed of the context, which is told how far
    /// the work is and asked whether to stop.
    ///
    /// # Errors
    /// The parameters or the data do not suit, or the work was cancelled.
    fn regress(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        context: &FitContext<'_>,
    ) -> Result<Model, Error>;
}

impl Regression for RidgeParams {
    fn regress(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        context: &FitContext<'_>,
    ) -> Result<Model, Error> {
        Ok(self.check_ref()?.fit_rows(x, y, context.cancel)?.into())
    }
}

impl Regression for ElasticNetParams {
    fn regress(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        context: &FitContext<'_>,
    ) -> Result<Model, Error> {
        Ok(self.check_ref()?.fit_rows(x, y, context.cancel)?.into())
    }
}

impl Regression for ForestParams {
    fn regress(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        context: &FitContext<'_>,
    ) -> Result<Model, Error> {
        Ok(self.check_ref()?.fit_rows(x, y, context)?.into())
    }
}

impl Regression for SvrParams {
    fn regress(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        context: &FitContext<'_>,
    ) -> Result<Model, Error> {
        Ok(self.check_ref()?.fit_rows(x, y, context.cancel)?.into())
    }
}

/// A learner made of features, standardised on the training rows, and a tabular
/// model's parameters.
#[derive(Clone, Debug)]
pub struct Tabular<P> {
    name: String,
    features: FeatureSet,
    params: P,
    /// Bytes that the features may take.
    limit: Option<u64>,
}

impl<P> Tabular<P> {
    /// Puts features and parameters together under a name for tables.
    pub fn new(name: impl Into<String>, features: FeatureSet, params: P) -> Self {
        Self { name: name.into(), features, params, limit: None }
    }

    /// The model on 100-bp bin means of tracks and base composition.
    pub fn on_bins(name: impl Into<String>, params: P) -> Self {
        Self::new(name, FeatureSet::bins(BIN_BP), params)
    }
}

impl Tabular<RidgeParams> {
    /// Ridge on 100-bp bin means of tracks and base composition.
    pub fn ridge() -> Self {
        Self::on_bins("ridge", RidgeParams::default())
    }

    /// Ridge on the logarithm of the gene's length alone; see [`FeatureSet::length`].
    pub fn gene_length(lengths: impl Into<Arc<[f64]>>) -> Self {
        Self::new("gene length", FeatureSet::length(lengths), RidgeParams::default())
    }

    /// Ridge on the share of G and C alone; see [`FeatureSet::gc`].
    pub fn gc() -> Self {
        Self::new("GC", FeatureSet::gc(), RidgeParams::default())
    }

    /// [`ridge`](Self::ridge) with the logarithm of the gene's length; see [`FeatureSet::length`].
    pub fn ridge_with_length(lengths: impl Into<Arc<[f64]>>) -> Self {
        let features = FeatureSet::bins(BIN_BP).with_length(lengths);
        Self::new("ridge with length", features, RidgeParams::default())
    }
}

impl Tabular<SvrParams> {
    /// Support vector regression on the inputs as they are, position after position.
    ///
    /// Needs 24 bytes for each row, position and track, and four times that for each
    /// base: says how much before it reads them, and refuses above `limit` bytes.
    pub fn flattened(name: impl Into<String>, params: SvrParams, limit: u64) -> Self {
        let tabular = Self::new(name, FeatureSet::flat(), params);
        Self { limit: Some(limit), ..tabular }
    }
}

impl<P: Regression> Tabular<P> {
    /// Fits on training examples, and gives a predictor that can be saved.
    ///
    /// # Errors
    /// The examples cannot be read or do not suit, or the work was cancelled.
    pub fn fit_tabular(
        &self,
        train: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<TabularPredictor, LearnError> {
        self.check_memory(train, context)?;
        let mut x = self.features.extract(train, context.cancel)?.values;
        let standard = Standard::fit(x.view());
        standard.apply_inplace(x.view_mut());
        let y = targets(train)?;
        let model = self.params.regress(&x, y.view(), context).map_err(|error| match error {
            Error::Cancelled => LearnError::Cancelled,
            error => self.unsuitable(error.to_string()),
        })?;
        let (name, shape) = (self.name.clone(), train.shape().clone());
        Ok(TabularPredictor { name, shape, features: self.features.clone(), standard, model })
    }

    fn check_memory(
        &self,
        train: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<(), LearnError> {
        let Some(limit) = self.limit else { return Ok(()) };
        let (rows, columns) =
            (train.len(), self.features.count(train.shape()).unwrap_or(usize::MAX));
        // The solver copies the rows that are left as others are set aside, and at times these
        // others and the support vectors too.
        let bytes = (24 * rows as u64).saturating_mul(columns as u64);
        let needs = format!(
            "{rows} rows of {columns} features need {:.2} GB beside the kernel cache",
            bytes as f64 / 1e9
        );
        context.progress.line(&format!("{}: {needs}", self.name));
        if bytes <= limit {
            return Ok(());
        }
        let allowed = limit as f64 / 1e9;
        Err(self.unsuitable(format!(
            "{needs}, {allowed:.2} GB are allowed; use bin means, a narrower view, or raise the limit"
        )))
    }

    fn unsuitable(&self, message: String) -> LearnError {
        LearnError::Unsuitable { learner: self.name.clone(), message }
    }
}

impl<P: Regression> Learner for Tabular<P> {
    fn name(&self) -> &str {
        &self.name
    }

    fn fit(
        &self,
        train: &dyn Examples,
        _: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<Box<dyn Predictor>, LearnError> {
        let predictor = self.fit_tabular(train, context)?;
        if let Some(folder) = context.folder {
            predictor.save(folder.join(MODEL_FILE)).map_err(|error| LearnError::Failed {
                learner: self.name.clone(),
                message: error.to_string(),
                cause: Some(Box::new(error)),
            })?;
        }
        Ok(Box::new(predictor))
    }
}
