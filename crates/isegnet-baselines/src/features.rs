use crate::bins;
use isegnet_core::{Batch, Cancel, Examples, InputShape, LearnError};
use ndarray::{Array1, Array2, ArrayViewMut2, s};
use std::sync::Arc;

/// Rows read from examples at a time.
const ROWS_AT_A_TIME: usize = 64;

/// What a tabular model knows of a row.
#[derive(Clone, Debug, Default)]
pub struct FeatureSet {
    bin_bp: Option<usize>,
    lengths: Option<Arc<[f64]>>,
}

impl FeatureSet {
    /// Bin means: every track's mean over each `bin_bp` positions, and with DNA
    /// the fractions of A, C, G and T there. A last shorter bin is a bin too.
    ///
    /// # Panics
    /// `bin_bp` is 0.
    pub fn bins(bin_bp: usize) -> Self {
        assert!(bin_bp > 0, "a bin has at least one position");
        Self { bin_bp: Some(bin_bp), lengths: None }
    }

    /// The logarithm of the gene's length and nothing else.
    ///
    /// `lengths` are in bases, one for each row id that a [`Batch`] can have:
    /// training examples and those predicted later must number their rows
    /// alike, as [`Subset`](crate::Subset)s of one set of examples do.
    pub fn length(lengths: impl Into<Arc<[f64]>>) -> Self {
        Self { bin_bp: None, lengths: Some(lengths.into()) }
    }

    /// Adds the logarithm of the gene's length, as in [`length`](Self::length).
    #[must_use]
    pub fn with_length(self, lengths: impl Into<Arc<[f64]>>) -> Self {
        Self { lengths: Some(lengths.into()), ..self }
    }

    /// Gives the features' names, in order.
    pub fn names(&self, shape: &InputShape) -> Vec<String> {
        let bins = self.bin_bp.map(|bin_bp| bins::names(shape, bin_bp)).unwrap_or_default();
        let length = self.lengths.iter().map(|_| "ln length".to_owned());
        bins.into_iter().chain(length).collect()
    }

    /// Reads every row of `examples` and gives its features.
    ///
    /// # Errors
    /// A row cannot be read or has no length, or the work was cancelled.
    pub fn extract(
        &self,
        examples: &dyn Examples,
        cancel: &Cancel,
    ) -> Result<Features, LearnError> {
        let names = self.names(examples.shape());
        let mut values = Array2::zeros((examples.len(), names.len()));
        let mut batch = Batch::default();
        let rows: Vec<usize> = (0..examples.len()).collect();
        for (i, rows) in rows.chunks(ROWS_AT_A_TIME).enumerate() {
            if cancel.is_cancelled() {
                return Err(LearnError::Cancelled);
            }
            examples.fill(rows, &mut batch)?;
            let start = i * ROWS_AT_A_TIME;
            self.fill(&batch, values.slice_mut(s![start..start + rows.len(), ..]))?;
        }
        Ok(Features { names, values })
    }

    /// Fills `out`, `(row, feature)`, from a batch.
    pub(crate) fn fill(
        &self,
        batch: &Batch,
        mut out: ArrayViewMut2<'_, f64>,
    ) -> Result<(), LearnError> {
        if let Some(bin_bp) = self.bin_bp {
            bins::fill(batch, bin_bp, &mut out);
        }
        let Some(lengths) = &self.lengths else { return Ok(()) };
        let last = out.ncols() - 1;
        for (i, &row) in batch.rows.iter().enumerate() {
            let length = lengths.get(row).ok_or_else(|| LearnError::Unsuitable {
                learner: "gene length".into(),
                message: format!(
                    "row {row} has no length, there are {}; give one for every row id",
                    lengths.len()
                ),
            })?;
            out[(i, last)] = length.max(1.0).ln();
        }
        Ok(())
    }
}

/// Numbers that describe rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// What each column is.
    pub names: Vec<String>,
    /// `(row, feature)`.
    pub values: Array2<f64>,
}

/// Gives the targets of examples in double precision.
pub(crate) fn targets(examples: &dyn Examples) -> Result<Array1<f64>, LearnError> {
    Ok(examples.targets()?.into_iter().map(f64::from).collect())
}
