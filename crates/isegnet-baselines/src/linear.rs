use crate::folds::contiguous_folds;
use crate::moments::{Moments, Standardised};
use crate::standard::Standard;
use crate::{Error, data};
use isegnet_core::Cancel;
use isegnet_stats::r2;
use linfa::traits::PredictInplace;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How well one penalty did in the inner folds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlphaScore {
    /// The penalty.
    pub alpha: f64,
    /// Mean R2 over the inner folds; a fold whose target does not vary counts 0.
    pub mean_r2: f64,
}

/// A fitted ridge, lasso or elastic net regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinearModel {
    /// One weight a feature, for features as they come (not standardised).
    pub weights: Array1<f64>,
    /// Prediction where every feature is 0.
    pub intercept: f64,
    /// The penalty that was taken.
    pub alpha: f64,
    /// The penalties that were tried; none where there was one alone.
    pub scores: Vec<AlphaScore>,
}

impl LinearModel {
    /// Predicts each row of `x`, `(row, feature)`.
    ///
    /// # Panics
    /// The number of features is not that of the weights.
    pub fn predict(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        x.dot(&self.weights) + self.intercept
    }

    /// Tells whether a model that came from a file is made of numbers.
    pub(crate) fn is_sound(&self) -> bool {
        self.intercept.is_finite() && self.weights.iter().all(|w| w.is_finite())
    }
}

impl PredictInplace<Array2<f64>, Array1<f64>> for LinearModel {
    fn predict_inplace<'a>(&'a self, x: &'a Array2<f64>, y: &mut Array1<f64>) {
        y.assign(&self.predict(x.view()));
    }

    fn default_target(&self, x: &Array2<f64>) -> Array1<f64> {
        Array1::zeros(x.nrows())
    }
}

/// Penalties to choose from by R2 over inner folds, the first of equals.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Search {
    pub alphas: Vec<f64>,
    pub folds: usize,
}

impl Search {
    pub fn check(&self) -> Result<(), Error> {
        if self.alphas.is_empty() {
            return Err(Error::Alpha { alpha: f64::NAN });
        }
        if let Some(&alpha) = self.alphas.iter().find(|a| !(a.is_finite() && **a > 0.0)) {
            return Err(Error::Alpha { alpha });
        }
        if self.folds < 2 {
            return Err(Error::Folds { folds: self.folds });
        }
        Ok(())
    }

    /// Fits with the best penalty; `solve` gives weights of standardised features, and
    /// `cancel` is asked before each time.
    pub fn fit(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        cancel: &Cancel,
        solve: impl Fn(&Standardised, f64) -> Result<Array1<f64>, Error>,
    ) -> Result<LinearModel, Error> {
        data::check(x.view(), y, self.folds)?;
        // Standardising first keeps the sums of products well conditioned.
        let standard = Standard::fit(x.view());
        let x = standard.apply(x.view());
        let folds = contiguous_folds(x.nrows(), self.folds);
        let parts: Vec<Moments> = folds.iter().map(|f| moments(&x, y, f)).collect();
        let mut all = parts[0].clone();
        parts[1..].iter().for_each(|p| all.add(p));
        let fit_one = |problem: &Standardised, alpha| -> Result<(Array1<f64>, f64), Error> {
            match cancel.is_cancelled() {
                true => Err(Error::Cancelled),
                false => Ok(problem.undo(&solve(problem, alpha)?)),
            }
        };
        let scores = match self.alphas.len() {
            1 => Vec::new(),
            _ => self.scores(&x, y, &folds, &parts, &all, fit_one)?,
        };
        let alpha = best(&scores).unwrap_or(self.alphas[0]);
        let (weights, intercept) = fit_one(&all.standardised(), alpha)?;
        let weights = weights / &standard.spread;
        let intercept = intercept - weights.dot(&standard.mean);
        Ok(LinearModel { weights, intercept, alpha, scores })
    }

    /// Scores every alpha on each fold, fitted on the others.
    fn scores(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        folds: &[Range<usize>],
        parts: &[Moments],
        all: &Moments,
        fit_one: impl Fn(&Standardised, f64) -> Result<(Array1<f64>, f64), Error>,
    ) -> Result<Vec<AlphaScore>, Error> {
        let mut sums = vec![0.0; self.alphas.len()];
        for (fold, part) in folds.iter().zip(parts) {
            let problem = all.without(part).standardised();
            let held_out = x.slice(s![fold.clone(), ..]);
            let measured = y.slice(s![fold.clone()]).to_vec();
            for (sum, &alpha) in sums.iter_mut().zip(&self.alphas) {
                let (weights, intercept) = fit_one(&problem, alpha)?;
                let predicted = (held_out.dot(&weights) + intercept).to_vec();
                *sum += r2(&measured, &predicted).unwrap_or(0.0);
            }
        }
        let mean =
            |(&alpha, sum): (&f64, f64)| AlphaScore { alpha, mean_r2: sum / folds.len() as f64 };
        Ok(self.alphas.iter().zip(sums).map(mean).collect())
    }
}

fn moments(x: &Array2<f64>, y: ArrayView1<'_, f64>, rows: &Range<usize>) -> Moments {
    Moments::of(x.slice(s![rows.clone(), ..]), y.slice(s![rows.clone()]))
}

/// The alpha of the largest score, the first of equals.
fn best(scores: &[AlphaScore]) -> Option<f64> {
    let first = scores.first()?;
    let best = scores.iter().fold(first, |b, s| if s.mean_r2 > b.mean_r2 { s } else { b });
    Some(best.alpha)
}
