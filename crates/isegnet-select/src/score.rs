use isegnet_stats::{accuracy, auprc, auroc, pearson, r2, spearman};
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
    /// The measures of labels; none unless all that was measured is 0 (low) or 1 (high).
    pub labels: Option<LabelScore>,
}

/// How well labels are told apart by the predicted chance of 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelScore {
    /// Share of rows on the right side of 0.5.
    pub accuracy: Option<f64>,
    /// Area under the receiver operating curve.
    pub auroc: Option<f64>,
    /// Area under the precision-recall curve, as the average precision.
    pub auprc: Option<f64>,
}

/// Names of [`Score::measures`]; the last three are of labels.
pub(crate) const MEASURES: [&str; 6] = ["R2", "Pearson", "Spearman", "accuracy", "AUROC", "AUPRC"];

impl Score {
    /// Compares what was measured with what was predicted, row by row.
    pub fn new(measured: &[f32], predicted: &[f32]) -> Self {
        Self::with_spearman(measured, predicted, spearman(measured, predicted).ok())
    }

    /// As [`new`](Self::new), with the one measure that takes long given.
    pub(crate) fn with_spearman(
        measured: &[f32],
        predicted: &[f32],
        spearman: Option<f64>,
    ) -> Self {
        let labels = measured.iter().all(|&m| m == 0.0 || m == 1.0) && !measured.is_empty();
        Self {
            rows: measured.len(),
            r2: r2(measured, predicted).ok(),
            pearson: pearson(measured, predicted).ok(),
            spearman,
            labels: labels.then(|| LabelScore::new(measured, predicted)),
        }
    }

    /// All measures, in the order of [`MEASURES`].
    pub(crate) fn measures(&self) -> [Option<f64>; 6] {
        let label = |of: fn(LabelScore) -> Option<f64>| self.labels.and_then(of);
        [
            self.r2,
            self.pearson,
            self.spearman,
            label(|labels| labels.accuracy),
            label(|labels| labels.auroc),
            label(|labels| labels.auprc),
        ]
    }
}

/// How many of [`MEASURES`] a table of these scores shows.
pub(crate) fn shown<'s>(mut scores: impl Iterator<Item = &'s Score>) -> usize {
    if scores.any(|score| score.labels.is_some()) { 6 } else { 3 }
}

impl LabelScore {
    fn new(measured: &[f32], predicted: &[f32]) -> Self {
        let high = |values: &[f32]| values.iter().map(|&v| v > 0.5).collect::<Vec<_>>();
        let labels = high(measured);
        Self {
            accuracy: accuracy(&labels, &high(predicted)).ok(),
            auroc: auroc(&labels, predicted).ok(),
            auprc: auprc(&labels, predicted).ok(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_measures_of_their_own() {
        let predicted = [0.1, 0.6, 0.4, 0.9];
        let score = Score::new(&[0.0, 0.0, 1.0, 1.0], &predicted);
        // Two of four are on their side, three of four pairs in order; precision is 1 at
        // the first and 2 of 3 at the second that is high.
        let labels = score.labels.unwrap();
        assert_eq!((labels.accuracy, labels.auroc), (Some(0.5), Some(0.75)));
        assert!((labels.auprc.unwrap() - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!(shown([&score, &Score::default()].into_iter()), 6);
        let numbers = Score::new(&[0.0, 0.5, 1.0, 1.0], &predicted);
        assert_eq!((numbers.labels, numbers.measures()[4]), (None, None));
        assert_eq!(shown([&numbers].into_iter()), 3);
        // One kind of label has an accuracy and nothing else.
        let one = Score::new(&[1.0; 4], &predicted).labels.unwrap();
        assert_eq!((one.accuracy, one.auroc), (Some(0.5), None));
    }
}
