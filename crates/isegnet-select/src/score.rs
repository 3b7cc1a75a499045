use isegnet_stats::{pearson, r2, spearman};
use serde::{Deserialize, Serialize};

/// How well predictions meet what was measured; none where a measure has no value, as
/// a correlation with constant predictions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// How many rows.
    pub rows: usize,
    /// 1 - SSres / SStot.
    pub r2: Option<f64>,
    /// Pearson's correlation.
    pub pearson: Option<f64>,
    /// Spearman's rank correlation.
    pub spearman: Option<f64>,
}

impl Score {
    /// Compares what was measured with what was predicted, row by row.
    pub fn new(measured: &[f32], predicted: &[f32]) -> Self {
        Self {
            rows: measured.len(),
            r2: r2(measured, predicted).ok(),
            pearson: pearson(measured, predicted).ok(),
            spearman: spearman(measured, predicted).ok(),
        }
    }

    /// R2, Pearson, Spearman.
    pub(crate) fn measures(&self) -> [Option<f64>; 3] {
        [self.r2, self.pearson, self.spearman]
    }
}

/// Mean and standard deviation (divided by n, as scikit-learn's `std_test_score`), in
/// the order of the values; none where a value is missing or there is none.
pub(crate) fn moments(values: &[Option<f64>]) -> Option<(f64, f64)> {
    let values: Vec<f64> = values.iter().copied().collect::<Option<_>>()?;
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (n > 0.0).then(|| (mean, variance.sqrt()))
}
