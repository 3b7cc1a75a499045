use crate::codec;
use crate::model::unsound;
use crate::standard::Standard;
use crate::{FeatureSet, Model, ModelFileError};
use isegnet_core::{Batch, InputShape, LearnError, Predictor};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A fitted [`Tabular`](crate::Tabular) learner: features, how they are standardised,
/// and the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TabularPredictor {
    pub(crate) name: String,
    pub(crate) shape: InputShape,
    pub(crate) features: FeatureSet,
    pub(crate) standard: Standard,
    pub(crate) model: Model,
}

impl TabularPredictor {
    /// The learner's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The model, for standardised features.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Writes everything to a file, which is there whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written, or would pass 1 GiB.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ModelFileError> {
        codec::write(path.as_ref(), self)
    }

    /// Reads what was [saved](Self::save).
    ///
    /// # Errors
    /// The file cannot be read, or is none that this version saved.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ModelFileError> {
        let path = path.as_ref();
        let read: Self = codec::read(path)?;
        if read.is_sound() { Ok(read) } else { Err(unsound(path)) }
    }

    /// Reads what follows the header of a file, for fuzzing: a hash keeps no enemy out.
    #[doc(hidden)]
    pub fn from_body(bytes: &[u8]) -> Option<Self> {
        codec::decode_body::<Self>(bytes).ok().filter(Self::is_sound)
    }

    fn is_sound(&self) -> bool {
        let columns = self.model.features();
        self.model.is_sound()
            && self.standard.is_sound(columns)
            && self.features.is_sound()
            && self.features.count(&self.shape) == Some(columns)
    }
}

/// Refuses a batch of another shape than that of the training rows.
pub(crate) fn check(
    learner: &str,
    shape: &InputShape,
    batch: &Batch,
    out: usize,
) -> Result<(), LearnError> {
    let rows = batch.len();
    let tracks = (rows, shape.positions, shape.tracks.len());
    let dna = (rows, if shape.dna { shape.positions } else { 0 });
    if batch.tracks.dim() == tracks && batch.dna.dim() == dna && out == rows {
        return Ok(());
    }
    let message = format!(
        "a batch of tracks {:?}, DNA {:?} for {out} predictions, where tracks {tracks:?} and \
         DNA {dna:?} are expected; use the data set and view it was fitted on",
        batch.tracks.dim(),
        batch.dna.dim(),
    );
    Err(LearnError::Unsuitable { learner: learner.to_owned(), message })
}

impl Predictor for TabularPredictor {
    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn predict_into(&mut self, batch: &Batch, out: &mut [f32]) -> Result<(), LearnError> {
        check(&self.name, &self.shape, batch, out.len())?;
        let mut x = Array2::zeros((batch.len(), self.model.features()));
        self.features.fill(batch, &self.shape, x.view_mut())?;
        self.standard.apply_inplace(x.view_mut());
        for (out, y) in out.iter_mut().zip(self.model.predict(x.view())) {
            *out = y as f32;
        }
        Ok(())
    }
}
