//! The state of a training on disk, so that it resumes to the same bits.

use crate::optimiser::Adam;
use crate::store::{StoreError, read_safetensors, weights_from_tensors, write_safetensors};
use crate::training::Epoch;
use crate::weights::{Layout, Weights};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// The file's name in the folder of a training.
pub(crate) const FILE: &str = "checkpoint.safetensors";

/// Where a training stands, beside its weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Standing {
    /// What the training was asked for, and on which rows.
    pub fingerprint: String,
    /// Whole epochs done.
    pub epochs: usize,
    /// Batches done of the next epoch.
    pub batches: usize,
    /// Sum of the losses of those batches' rows.
    pub loss_sum: f64,
    /// Penalty at the last step.
    pub penalty: f64,
    /// What the schedule multiplies the learning rate by.
    pub rate_factor: f64,
    /// Epochs since validation last improved.
    pub waited: usize,
    /// The best epoch so far, from 1; 0 before the first.
    pub best_epoch: usize,
    /// Steps the optimiser has taken.
    pub steps: u64,
    /// Whether nothing is left to do.
    pub finished: bool,
    /// Every epoch so far.
    pub history: Vec<Epoch>,
}

/// Everything a training needs to go on.
pub(crate) struct Checkpoint {
    pub standing: Standing,
    pub weights: Weights,
    pub best: Weights,
    pub adam: Adam,
}

impl Checkpoint {
    pub(crate) fn save(&self, folder: &Path) -> Result<(), StoreError> {
        let path = folder.join(FILE);
        std::fs::create_dir_all(folder)
            .map_err(|source| StoreError::Io { path: folder.into(), source })?;
        let standing = serde_json::to_string(&self.standing)
            .map_err(|e| StoreError::Broken { path: path.clone(), message: e.to_string() })?;
        let sets = [
            ("weights/", &self.weights),
            ("best/", &self.best),
            ("adam.first/", &self.adam.first),
            ("adam.second/", &self.adam.second),
        ];
        write_safetensors(&path, &sets, Some(HashMap::from([("standing".into(), standing)])))
    }

    /// Reads the checkpoint of a folder; `None` where there is none.
    pub(crate) fn load(folder: &Path, layout: &Arc<Layout>) -> Result<Option<Self>, StoreError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let (tensors, metadata) = read_safetensors(&path)?;
        let broken = |message: String| StoreError::Broken { path: path.clone(), message };
        let standing = metadata.get("standing").ok_or_else(|| broken("no standing".into()))?;
        let standing: Standing =
            serde_json::from_str(standing).map_err(|e| broken(e.to_string()))?;
        let set = |prefix: &str| {
            let of_set = |(name, tensor): (&String, &(Vec<usize>, Vec<f32>))| {
                Some((name.strip_prefix(prefix)?.to_owned(), tensor.clone()))
            };
            weights_from_tensors(layout, &tensors.iter().filter_map(of_set).collect())
        };
        let adam = Adam {
            steps: standing.steps,
            first: set("adam.first/")?,
            second: set("adam.second/")?,
        };
        Ok(Some(Self { weights: set("weights/")?, best: set("best/")?, adam, standing }))
    }
}
