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
        // What is nothing but rounding of the mean, which is that of as many sums, is no spread.
        let rounding = |mean: f64| 10.0 * f64::EPSILON * rows * mean.abs();
        let usable = |&s: &f64, &m: &f64| if s > rounding(m) { s } else { 1.0 };
        let spread = ndarray::Zip::from(&spread).and(&mean).map_collect(usable);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_vary_on_many_rows_has_a_spread_of_one() {
        // Adding 0.1 so often ends hundreds of roundings away from the product.
        let x = Array2::from_elem((20_000, 1), 0.1);
        assert_eq!(Standard::fit(x.view()).spread[0], 1.0);
        let mut x = x;
        x[(7, 0)] = f64::from(0.1_f32.next_up());
        assert!(Standard::fit(x.view()).spread[0] < 1e-6);
    }
}
