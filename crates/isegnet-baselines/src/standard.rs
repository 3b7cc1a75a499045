use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis};
use serde::{Deserialize, Serialize};

/// Mean and standard deviation of every feature on training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Standard {
    pub(crate) mean: Array1<f64>,
    /// Over n rows, not n - 1; 1 for a feature that does not vary.
    pub(crate) spread: Array1<f64>,
}

impl Standard {
    pub(crate) fn fit(x: ArrayView2<'_, f64>) -> Self {
        let rows = x.nrows().max(1) as f64;
        let mean = x.sum_axis(Axis(0)) / rows;
        let mut squares = Array1::zeros(x.ncols());
        for row in x.rows() {
            squares += &(&row - &mean).mapv(|d| d * d);
        }
        let spread = (squares / rows).mapv(f64::sqrt);
        let spread = ndarray::Zip::from(&spread).and(&mean).map_collect(|&s, &m| usable(s, m));
        Self { mean, spread }
    }

    pub(crate) fn apply(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut x = x.to_owned();
        self.apply_inplace(x.view_mut());
        x
    }

    pub(crate) fn apply_inplace(&self, mut x: ArrayViewMut2<'_, f64>) {
        x -= &self.mean;
        x /= &self.spread;
    }

    /// Tells whether what came from a file stands for so many features.
    pub(crate) fn is_sound(&self, features: usize) -> bool {
        self.mean.len() == features
            && self.spread.len() == features
            && self.mean.iter().all(|m| m.is_finite())
            && self.spread.iter().all(|s| s.is_finite() && *s > 0.0)
    }
}

/// Gives 1 for a spread that is nothing but rounding of the mean.
pub(crate) fn usable(spread: f64, mean: f64) -> f64 {
    if spread > 10.0 * f64::EPSILON * mean.abs() { spread } else { 1.0 }
}
