mod error;
mod file;
mod folds;
mod leakage;
mod neighbours;

pub use error::SplitError;
pub use leakage::{LeakageReport, PairReport, PartSummary};

use crate::{Dataset, View};
use folds::Assignment;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How rows are divided into training, validation and test.
///
/// All rows of a gene stand in one part. Genes whose windows overlap, and
/// divergent neighbours, stand in one part too, except with
/// [`Random`](Self::Random).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum SplitConfig {
    /// Folds of whole chromosomes, balanced by number of genes.
    Folds {
        /// Number of folds.
        #[serde(default = "five")]
        folds: usize,
        /// The fold that is tested on, from 1.
        #[serde(default = "one")]
        test: usize,
        /// The fold that is validated on, from 1.
        #[serde(default = "two")]
        validation: usize,
    },
    /// Chromosomes by name; the others are trained on.
    Chromosomes {
        /// Tested on.
        test: Vec<String>,
        /// Validated on.
        validation: Vec<String>,
    },
    /// Folds from a table with columns `chrom` (or `gene_id`) and `fold`. Other
    /// folds are trained on; what is not listed is left out. With folds of
    /// genes, genes that overlap or neighbour a test or validation gene of
    /// another fold are left out.
    File {
        /// The table, tab-separated.
        path: PathBuf,
        /// The fold that is tested on.
        test: FoldName,
        /// The fold that is validated on.
        validation: FoldName,
    },
    /// Shares of the genes at random, overlapping genes and divergent
    /// neighbours kept together.
    Groups {
        /// Share tested on.
        #[serde(default = "fifth")]
        test: f64,
        /// Share validated on.
        #[serde(default = "fifth")]
        validation: f64,
    },
    /// Shares of the genes at random, each gene by itself, as the paper does.
    Random {
        /// Share tested on.
        #[serde(default = "fifth")]
        test: f64,
        /// Share validated on.
        #[serde(default = "fifth")]
        validation: f64,
    },
}

fn one() -> usize {
    1
}

fn two() -> usize {
    2
}

fn five() -> usize {
    5
}

fn fifth() -> f64 {
    0.2
}

impl Default for SplitConfig {
    fn default() -> Self {
        Self::Folds { folds: five(), test: one(), validation: two() }
    }
}

/// What a fold is called in a table: `1`, or a word.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "FoldForm")]
pub struct FoldName(String);

/// A fold's name may be written as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum FoldForm {
    Number(i64),
    Word(String),
}

impl From<FoldForm> for FoldName {
    fn from(form: FoldForm) -> Self {
        match form {
            FoldForm::Number(number) => Self(number.to_string()),
            FoldForm::Word(word) => Self(word),
        }
    }
}

impl From<usize> for FoldName {
    fn from(number: usize) -> Self {
        Self(number.to_string())
    }
}

impl From<&str> for FoldName {
    fn from(word: &str) -> Self {
        Self(word.to_owned())
    }
}

impl std::fmt::Display for FoldName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Fitted on.
    Train,
    /// Decides when to stop and what to choose.
    Validation,
    /// Looked at last.
    Test,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        })
    }
}

/// Rows of a data set in three parts, each in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Rows fitted on.
    pub train: Vec<usize>,
    /// Rows that decide when to stop and what to choose.
    pub validation: Vec<usize>,
    /// Rows looked at last.
    pub test: Vec<usize>,
    /// Rows in no part: not listed in a file, or too near to another part.
    pub left_out: Vec<usize>,
}

impl Split {
    /// Divides `rows` of a view's data set; what overlaps is judged by the
    /// view's windows, and what is random follows from `seed`.
    ///
    /// # Errors
    /// Chromosomes, folds or shares do not fit the genes, or a part has no row.
    ///
    /// # Panics
    /// A row is not in the data set.
    pub fn make(
        config: &SplitConfig,
        view: &View,
        rows: &[usize],
        seed: u64,
    ) -> Result<Self, SplitError> {
        let parts = Assignment::new(view, rows, seed).make(config)?;
        let mut split = Self::default();
        for &row in rows {
            let gene = view.dataset().rows()[row].gene;
            split.rows_mut(parts.get(gene).copied().flatten()).push(row);
        }
        for rows in [&mut split.train, &mut split.validation, &mut split.test, &mut split.left_out]
        {
            rows.sort_unstable();
            rows.dedup();
        }
        split.check()?;
        Ok(split)
    }

    /// Rows of a part.
    pub fn rows(&self, part: Part) -> &[usize] {
        match part {
            Part::Train => &self.train,
            Part::Validation => &self.validation,
            Part::Test => &self.test,
        }
    }

    fn rows_mut(&mut self, part: Option<Part>) -> &mut Vec<usize> {
        match part {
            Some(Part::Train) => &mut self.train,
            Some(Part::Validation) => &mut self.validation,
            Some(Part::Test) => &mut self.test,
            None => &mut self.left_out,
        }
    }

    fn check(&self) -> Result<(), SplitError> {
        match Part::ALL.into_iter().find(|&part| self.rows(part).is_empty()) {
            Some(part) => Err(SplitError::Empty {
                part,
                train: self.train.len(),
                validation: self.validation.len(),
                test: self.test.len(),
            }),
            None => Ok(()),
        }
    }

    /// SHA-256, in hexadecimal, of which gene of which sample is in which part,
    /// whatever the order of rows.
    ///
    /// # Panics
    /// A row is not in the data set.
    pub fn hash(&self, dataset: &Dataset) -> String {
        let mut lines = file::lines(self, dataset);
        lines.sort_unstable();
        crate::dataset::sha256(lines.join("\n").as_bytes())
    }
}
