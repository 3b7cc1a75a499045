//! The folds that a search chooses by.

use crate::failure::Refusal;
use crate::trials::{Material, Tested};
use isegnet_select::{Division, Folds, Rows, SelectError};
use std::sync::Arc;

/// The folds that are chosen by.
pub enum By {
    /// These, as far as they may be looked at.
    Folds(Folds),
    /// So many stretches of what may be looked at.
    KFold(usize),
}

impl By {
    pub fn new(by: Tested, material: &Material) -> anyhow::Result<Self> {
        let rows = material.rows();
        match by {
            Tested::KFold(folds) => Ok(Self::KFold(folds)),
            Tested::Folds => {
                let mut names = vec![None; rows.len()];
                for division in by.divisions(material)? {
                    let name = division.name().strip_prefix("fold ").unwrap_or_default();
                    division.test().iter().for_each(|&row| names[row] = Some(name.to_owned()));
                }
                Ok(Self::Folds(Folds::given(rows, &names)?))
            }
            Tested::Split => {
                let way = "--by split has one fold; choose by folds or kfold=5";
                Err(Refusal::usage(way).into())
            }
        }
    }

    /// Divides what a division develops on.
    pub fn divide(&self, division: &Division, rows: &Rows) -> Result<Vec<Division>, SelectError> {
        match self {
            Self::Folds(folds) => division.inner(rows, folds),
            Self::KFold(folds) => {
                let folds = Folds::kfold_among(rows, &division.development(), *folds)?;
                division.inner(rows, &folds)
            }
        }
    }

    pub fn inside(
        &self,
        division: &Division,
        material: &Material,
    ) -> Result<Vec<Arc<Division>>, SelectError> {
        Ok(self.divide(division, material.rows())?.into_iter().map(Arc::new).collect())
    }
}
