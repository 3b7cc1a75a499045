//! Sums of products, from which every linear fit of a cross-validation follows.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// Sums over some rows.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    rows: f64,
    x: Array1<f64>,
    y: f64,
    yy: f64,
    xx: Array2<f64>,
    xy: Array1<f64>,
}

impl Moments {
    pub(crate) fn of(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Self {
        Self {
            rows: x.nrows() as f64,
            x: x.sum_axis(Axis(0)),
            y: y.sum(),
            yy: y.dot(&y),
            xx: x.t().dot(&x),
            xy: x.t().dot(&y),
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.x += &other.x;
        self.y += other.y;
        self.yy += other.yy;
        self.xx += &other.xx;
        self.xy += &other.xy;
    }

    /// Gives the sums over the rows that are in `self` and not in `part`.
    pub(crate) fn without(&self, part: &Self) -> Self {
        Self {
            rows: self.rows - part.rows,
            x: &self.x - &part.x,
            y: self.y - part.y,
            yy: self.yy - part.yy,
            xx: &self.xx - &part.xx,
            xy: &self.xy - &part.xy,
        }
    }

    /// Gives the problem with every feature standardised on these rows and the
    /// target centred.
    pub(crate) fn standardised(&self) -> Standardised {
        let mean = &self.x / self.rows;
        let mut xx = self.xx.clone();
        for ((i, j), v) in xx.indexed_iter_mut() {
            *v -= self.rows * mean[i] * mean[j];
        }
        // Values are of spread 1 on all rows: a feature that is constant on these leaves the
        // rounding of as many squares, whose root is much larger than what one value leaves.
        let rounding = |mean: f64| 10.0 * f64::EPSILON * self.rows * (1.0 + mean * mean);
        let spread_of = |i: usize| {
            let variance = xx[(i, i)] / self.rows;
            if variance > rounding(mean[i]) { variance.sqrt() } else { 1.0 }
        };
        let spread: Array1<f64> = (0..mean.len()).map(spread_of).collect();
        for ((i, j), v) in xx.indexed_iter_mut() {
            *v /= spread[i] * spread[j];
        }
        let target = self.y / self.rows;
        let xy = (&self.xy - &(&self.x * target)) / &spread;
        let yy = (self.yy - self.rows * target * target).max(0.0);
        Standardised { rows: self.rows, xx, xy, yy, mean, spread, target }
    }
}

/// A least-squares problem in standardised features.
pub(crate) struct Standardised {
    pub(crate) rows: f64,
    pub(crate) xx: Array2<f64>,
    pub(crate) xy: Array1<f64>,
    /// Of the centred target.
    pub(crate) yy: f64,
    mean: Array1<f64>,
    spread: Array1<f64>,
    target: f64,
}

impl Standardised {
    /// Turns weights of standardised features into weights and an intercept of
    /// the features as they came.
    pub(crate) fn undo(&self, weights: &Array1<f64>) -> (Array1<f64>, f64) {
        let weights = weights / &self.spread;
        let intercept = self.target - weights.dot(&self.mean);
        (weights, intercept)
    }
}
