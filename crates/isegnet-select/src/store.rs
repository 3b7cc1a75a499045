//! A folder a trial: what it follows from, and what it came to.

use crate::trial::{Identity, Trial};
use crate::{Score, SelectError};
use isegnet_core::atomic;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What a trial came to; nothing of it follows from a test target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    /// How well the validation rows are predicted, where there are any.
    pub(crate) validation: Option<Score>,
    /// One prediction a validation row.
    pub(crate) validation_predicted: Vec<f32>,
    /// One prediction a test row.
    pub(crate) test_predicted: Vec<f32>,
    /// Hash of the targets that were shown.
    pub(crate) shown: String,
    /// How long fitting and predicting took.
    pub(crate) seconds: f64,
}

/// The folder that trials are kept in; one process works in it at a time.
pub(crate) struct Store {
    folder: PathBuf,
    /// Closing it gives the folder back.
    _lock: File,
}

impl Store {
    pub(crate) fn open(folder: &Path) -> Result<Self, SelectError> {
        std::fs::create_dir_all(folder).map_err(SelectError::file(folder))?;
        let path = folder.join("lock");
        let file = File::options().create(true).append(true).open(&path);
        let lock = file.map_err(SelectError::file(&path))?;
        let folder = folder.to_owned();
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(SelectError::Taken { folder }),
            Err(TryLockError::Error(error)) => Err(SelectError::file(path)(error)),
        }
    }

    /// Reads what a trial came to; none where it is not finished.
    pub(crate) fn read(
        &self,
        trial: &Trial<'_>,
        identity: &Identity,
    ) -> Result<Option<Outcome>, SelectError> {
        let folder = self.folder.join(&identity.folder);
        let path = folder.join("result.json");
        let Some(text) = read(&path)? else { return Ok(None) };
        let broken = |path: &Path, message: String| {
            Err(SelectError::Broken { path: path.to_owned(), message })
        };
        let described = folder.join("trial.json");
        if read(&described)?.as_deref() != Some(&identity.text) {
            return broken(&described, "is of another trial than its folder's name".to_owned());
        }
        let outcome: Outcome = match serde_json::from_str(&text) {
            Ok(outcome) => outcome,
            Err(error) => return broken(&path, error.to_string()),
        };
        let got = (outcome.validation_predicted.len(), outcome.test_predicted.len());
        let expected = (trial.division.validation().len(), trial.division.test().len());
        if got != expected {
            let message = format!("{got:?} validation and test rows, where {expected:?} belong");
            return broken(&path, message);
        }
        Ok(Some(outcome))
    }

    /// Makes a trial's folder, says in it what it follows from, and gives a folder to
    /// keep a fit's checkpoints in.
    pub(crate) fn begin(&self, identity: &Identity) -> Result<PathBuf, SelectError> {
        let folder = self.folder.join(&identity.folder);
        let fit = folder.join("fit");
        std::fs::create_dir_all(&fit).map_err(SelectError::file(&fit))?;
        write(&folder.join("trial.json"), &identity.text)?;
        Ok(fit)
    }

    /// Writes what a trial came to; then it is finished.
    pub(crate) fn finish(
        &self,
        identity: &Identity,
        outcome: &Outcome,
        keep_fit: bool,
    ) -> Result<(), SelectError> {
        let folder = self.folder.join(&identity.folder);
        let path = folder.join("result.json");
        let text = serde_json::to_string(outcome);
        let failed = |error: serde_json::Error| SelectError::file(&path)(error.into());
        write(&path, &text.map_err(failed)?)?;
        let fit = folder.join("fit");
        match keep_fit {
            true => Ok(()),
            false => std::fs::remove_dir_all(&fit).map_err(SelectError::file(&fit)),
        }
    }
}

fn read(path: &Path) -> Result<Option<String>, SelectError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SelectError::file(path)(error)),
    }
}

pub(crate) fn write(path: &Path, text: &str) -> Result<(), SelectError> {
    let failed = SelectError::file(path);
    atomic::write(path, &failed, |file| file.write_all(text.as_bytes()).map_err(&failed))
}
