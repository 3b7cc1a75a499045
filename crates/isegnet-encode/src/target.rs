use crate::Dataset;
use serde::{Deserialize, Serialize};

/// What is done to expression before it is predicted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetTransform {
    /// ln(x + 1), the paper's.
    #[default]
    Ln1p,
    /// log2(x + 1).
    Log2p1,
    /// Nothing.
    None,
    /// 1 above the median of the training rows, else 0.
    MedianBinary,
}

/// A target fitted on training rows; saved with the model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    transform: TargetTransform,
    median: Option<f64>,
}

impl Target {
    /// Fits the target on training rows; only the median depends on them.
    ///
    /// # Errors
    /// A row has no expression, or there is no row.
    ///
    /// # Panics
    /// A row is not in the data set.
    pub fn fit(
        transform: TargetTransform,
        dataset: &Dataset,
        rows: &[usize],
    ) -> Result<Self, TargetError> {
        if rows.is_empty() {
            return Err(TargetError::NoRow);
        }
        let mut values = Vec::with_capacity(rows.len());
        for &row in rows {
            values.push(dataset.expression(row).ok_or_else(|| TargetError::NoExpression {
                gene: dataset.gene_of(row).id.clone(),
                sample: dataset.sample_of(row).name.clone(),
            })?);
        }
        let median = (transform == TargetTransform::MedianBinary).then(|| median(&mut values));
        Ok(Self { transform, median })
    }

    /// What is done to expression.
    pub fn transform(&self) -> TargetTransform {
        self.transform
    }

    /// The median of the training rows, where classes are predicted.
    pub fn median(&self) -> Option<f64> {
        self.median
    }

    /// Tells whether classes are predicted, 0 and 1.
    pub fn is_class(&self) -> bool {
        self.transform == TargetTransform::MedianBinary
    }

    /// Gives the target of an expression value; NaN where there is none.
    pub fn of(&self, expression: Option<f64>) -> f32 {
        let Some(x) = expression else { return f32::NAN };
        let value = match self.transform {
            TargetTransform::Ln1p => x.ln_1p(),
            TargetTransform::Log2p1 => x.ln_1p() / std::f64::consts::LN_2,
            TargetTransform::None => x,
            TargetTransform::MedianBinary => f64::from(x > self.median.unwrap_or_default()),
        };
        value as f32
    }
}

/// The middle value, or the mean of the two middle ones.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = |i: usize| values.get(i).copied().unwrap_or(f64::NAN);
    (middle((values.len() - 1) / 2) + middle(values.len() / 2)) / 2.0
}

/// Why a target cannot be fitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// There is no training row.
    #[error("there is no training row to fit the target on; change the split")]
    NoRow,
    /// A training row has no expression.
    #[error(
        "gene {gene:?} has no expression in sample {sample:?}, which can only be predicted; train on samples with an expression table"
    )]
    NoExpression {
        /// The gene.
        gene: String,
        /// The sample.
        sample: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authors_printed_labels_are_ln1p() {
        let target = Target { transform: TargetTransform::Ln1p, median: None };
        for (tpm, label) in
            [(1.16, 0.770_108_2), (35.39, 3.594_294), (9.73, 2.373_043_6), (6.64, 2.033_397_6)]
        {
            assert!((target.of(Some(tpm)) - label).abs() < 1e-6);
        }
        assert!(target.of(None).is_nan());
    }

    #[test]
    fn the_median_of_an_even_number_is_between_two() {
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&mut [4.0, 1.0, 3.0]), 3.0);
        let target = Target { transform: TargetTransform::MedianBinary, median: Some(2.5) };
        assert_eq!((target.of(Some(2.5)), target.of(Some(2.6))), (0.0, 1.0));
    }
}
