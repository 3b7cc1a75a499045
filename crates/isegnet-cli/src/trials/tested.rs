//! Which genes are tested on.

use super::Material;
use isegnet_encode::{FoldName, Split, SplitConfig};
use isegnet_select::{Division, Folds, Parts};
use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

/// Folds of whole chromosomes where the configuration has none.
const FOLDS: usize = 5;

/// How the rows are divided, once or several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tested {
    /// Once, as the configuration's `[split]` says.
    Split,
    /// Each fold of the configuration's `[split]` in turn, of five of whole chromosomes where
    /// it has none; the next one validates.
    Folds,
    /// Stretches of genes in their order, as scikit-learn's unshuffled KFold; neighbours that
    /// overlap may stand on both sides of a cut.
    KFold(usize),
}

impl FromStr for Tested {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.split_once('=')) {
            ("split", _) => Ok(Self::Split),
            ("folds", _) => Ok(Self::Folds),
            (_, Some(("kfold", folds))) => match folds.parse() {
                Ok(folds) if folds >= 3 => Ok(Self::KFold(folds)),
                _ => Err(format!("{folds:?} is no number of folds; give 3 or more")),
            },
            _ => Err("give split, folds, or kfold=5".to_owned()),
        }
    }
}

impl Tested {
    /// The divisions of a study's rows.
    pub fn divisions(self, material: &Material) -> anyhow::Result<Vec<Arc<Division>>> {
        let divisions = match self {
            Self::Split => vec![divided(material, "split", &material.config().split)?],
            Self::Folds => each_fold(material)?,
            Self::KFold(folds) => {
                let rows = material.rows();
                Folds::kfold(rows, folds)?.tested_and_validated(rows)?
            }
        };
        Ok(divisions.into_iter().map(Arc::new).collect())
    }
}

/// Tests each fold of the configuration in turn.
fn each_fold(material: &Material) -> anyhow::Result<Vec<Division>> {
    let next = |i: usize, folds: usize| (i + 1) % folds;
    let of_chromosomes = |folds: usize| -> Vec<(String, SplitConfig)> {
        let split = |i| {
            let (test, validation) = (i + 1, next(i, folds) + 1);
            (format!("fold {test}"), SplitConfig::Folds { folds, test, validation })
        };
        (0..folds).map(split).collect()
    };
    let splits: Vec<(String, SplitConfig)> = match &material.config().split {
        &SplitConfig::Folds { folds, .. } => of_chromosomes(folds),
        SplitConfig::File { path, .. } => {
            let names = FoldName::all(path)?;
            let split = |i: usize| {
                let (test, validation) = (names[i].clone(), names[next(i, names.len())].clone());
                let name = format!("fold {test}");
                (name, SplitConfig::File { path: path.clone(), test, validation })
            };
            (0..names.len()).map(split).collect()
        }
        // Other splits have no folds: whole chromosomes, dealt into five.
        _ => {
            let chromosomes: BTreeSet<&str> = material
                .numbers()
                .iter()
                .map(|&row| material.dataset.gene_of(row).body.chrom.as_str())
                .collect();
            of_chromosomes(chromosomes.len().min(FOLDS))
        }
    };
    splits.iter().map(|(name, split)| divided(material, name, split)).collect()
}

fn divided(material: &Material, name: &str, split: &SplitConfig) -> anyhow::Result<Division> {
    let view = material.dataset.view(&material.everything())?;
    let seed = material.config().split_seed.unwrap_or(material.seed);
    let split = Split::make(split, &view, material.numbers(), seed)?;
    let places = |rows: &[usize]| -> Vec<usize> {
        let place = |row: &usize| material.numbers().binary_search(row).ok();
        rows.iter().filter_map(place).collect()
    };
    let parts = Parts {
        train: places(&split.train),
        validation: places(&split.validation),
        test: places(&split.test),
    };
    Ok(Division::new(material.rows(), name, parts)?)
}
