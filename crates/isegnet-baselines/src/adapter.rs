//! The one place where linfa's models become learners; the only public
//! signatures that show linfa are its traits here and on [`crate::RidgeParams`].

use crate::features::targets;
use crate::{Error, FeatureSet, RidgeParams};
use isegnet_core::{Batch, Examples, FitContext, InputShape, LearnError, Learner, Predictor};
use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, Array2};
use std::sync::Arc;

/// Positions of a bin of the ridge floors.
const BIN_BP: usize = 100;

/// A learner made of features and a tabular model's parameters.
#[derive(Clone, Debug)]
pub struct Tabular<P> {
    name: String,
    features: FeatureSet,
    params: P,
}

impl<P> Tabular<P> {
    /// Puts features and parameters together under a name for tables.
    pub fn new(name: impl Into<String>, features: FeatureSet, params: P) -> Self {
        Self { name: name.into(), features, params }
    }
}

impl Tabular<RidgeParams> {
    /// Ridge on 100-bp bin means of tracks and base composition.
    pub fn ridge() -> Self {
        Self::new("ridge", FeatureSet::bins(BIN_BP), RidgeParams::default())
    }

    /// Ridge on the logarithm of the gene's length alone; see [`FeatureSet::length`].
    pub fn gene_length(lengths: impl Into<Arc<[f64]>>) -> Self {
        Self::new("gene length", FeatureSet::length(lengths), RidgeParams::default())
    }

    /// [`ridge`](Self::ridge) with the logarithm of the gene's length; see [`FeatureSet::length`].
    pub fn ridge_with_length(lengths: impl Into<Arc<[f64]>>) -> Self {
        let features = FeatureSet::bins(BIN_BP).with_length(lengths);
        Self::new("ridge with length", features, RidgeParams::default())
    }
}

impl<P> Learner for Tabular<P>
where
    P: Fit<Array2<f64>, Array1<f64>, Error>,
    P::Object: PredictInplace<Array2<f64>, Array1<f64>> + Send + 'static,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn fit(
        &self,
        train: &dyn Examples,
        _: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<Box<dyn Predictor>, LearnError> {
        let features = self.features.extract(train, context.cancel)?;
        let dataset = DatasetBase::new(features.values, targets(train)?);
        let model = self.params.fit(&dataset).map_err(|error| LearnError::Unsuitable {
            learner: self.name.clone(),
            message: error.to_string(),
        })?;
        Ok(Box::new(Fitted {
            shape: train.shape().clone(),
            features: self.features.clone(),
            columns: features.names.len(),
            name: self.name.clone(),
            model,
        }))
    }
}

struct Fitted<M> {
    shape: InputShape,
    features: FeatureSet,
    columns: usize,
    name: String,
    model: M,
}

impl<M> Predictor for Fitted<M>
where
    M: PredictInplace<Array2<f64>, Array1<f64>> + Send,
{
    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn predict_into(&mut self, batch: &Batch, out: &mut [f32]) -> Result<(), LearnError> {
        self.check(batch, out.len())?;
        let mut x = Array2::zeros((batch.len(), self.columns));
        self.features.fill(batch, x.view_mut())?;
        let mut y = self.model.default_target(&x);
        self.model.predict_inplace(&x, &mut y);
        for (out, y) in out.iter_mut().zip(&y) {
            *out = *y as f32;
        }
        Ok(())
    }
}

impl<M> Fitted<M> {
    fn check(&self, batch: &Batch, out: usize) -> Result<(), LearnError> {
        let rows = batch.len();
        let tracks = (rows, self.shape.positions, self.shape.tracks.len());
        let dna = (rows, if self.shape.dna { self.shape.positions } else { 0 });
        if batch.tracks.dim() == tracks && batch.dna.dim() == dna && out == rows {
            return Ok(());
        }
        let message = format!(
            "a batch of tracks {:?}, DNA {:?} for {out} predictions, where tracks {tracks:?} and \
             DNA {dna:?} are expected; use the data set and view it was fitted on",
            batch.tracks.dim(),
            batch.dna.dim(),
        );
        Err(LearnError::Unsuitable { learner: self.name.clone(), message })
    }
}
