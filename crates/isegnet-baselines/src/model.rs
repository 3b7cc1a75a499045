use crate::codec;
use crate::{ForestModel, LinearModel, ModelFileError, SvrModel};
use ndarray::{Array1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Any fitted model of this crate: what is saved and loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Model {
    /// Ridge, lasso or elastic net.
    Linear(LinearModel),
    /// A random forest.
    Forest(ForestModel),
    /// Support vector regression.
    Svr(SvrModel),
}

impl Model {
    /// Predicts each row of `x`, `(row, feature)`; NaN where a feature is.
    ///
    /// # Panics
    /// The number of features is not [`features`](Self::features).
    pub fn predict(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        match self {
            Self::Linear(model) => model.predict(x),
            Self::Forest(model) => model.predict(x),
            Self::Svr(model) => model.predict(x),
        }
    }

    /// Number of features of a row.
    pub fn features(&self) -> usize {
        match self {
            Self::Linear(model) => model.weights.len(),
            Self::Forest(model) => model.features(),
            Self::Svr(model) => model.features(),
        }
    }

    /// Writes the model to a file, which is there whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written, or would pass 1 GiB.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ModelFileError> {
        codec::write(path.as_ref(), self)
    }

    /// Reads a model that was [saved](Self::save).
    ///
    /// # Errors
    /// The file cannot be read, or is none that this version saved.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ModelFileError> {
        let path = path.as_ref();
        let model: Self = codec::read(path)?;
        if model.is_sound() { Ok(model) } else { Err(unsound(path)) }
    }

    /// Tells whether a model from a file can be predicted with.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::Linear(model) => model.is_sound(),
            Self::Forest(model) => model.is_sound(),
            Self::Svr(model) => model.is_sound(),
        }
    }
}

pub(crate) fn unsound(path: &Path) -> ModelFileError {
    let what = "its parts do not fit together".into();
    ModelFileError::Damaged { path: path.to_owned(), what }
}

impl From<LinearModel> for Model {
    fn from(model: LinearModel) -> Self {
        Self::Linear(model)
    }
}

impl From<ForestModel> for Model {
    fn from(model: ForestModel) -> Self {
        Self::Forest(model)
    }
}

impl From<SvrModel> for Model {
    fn from(model: SvrModel) -> Self {
        Self::Svr(model)
    }
}
