use crate::cholesky::solve;
use crate::folds::contiguous_folds;
use crate::moments::{Moments, Standardised};
use crate::standard::Standard;
use crate::{Error, data};
use isegnet_stats::r2;
use linfa::ParamGuard;
use linfa::dataset::{AsTargets, DatasetBase};
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};
use std::ops::Range;

/// Ridge regression, not yet checked: squared error + alpha x sum of squared
/// weights of standardised features, the intercept free.
///
/// Features are standardised on the rows that are fitted (by the standard
/// deviation over n). With several alphas, the one with the largest mean R2
/// over inner folds is taken, the first of equals; the folds are the
/// [contiguous ones](crate::contiguous_folds), and standardising is done anew
/// in each. This is scikit-learn's `GridSearchCV(make_pipeline(StandardScaler(),
/// Ridge()), alphas, cv=KFold(5))`.
#[derive(Clone, Debug, PartialEq)]
pub struct RidgeParams(RidgeValidParams);

/// Ridge regression with parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct RidgeValidParams {
    alphas: Vec<f64>,
    folds: usize,
}

impl Default for RidgeParams {
    /// Alphas 1, 10, ..., 100,000 and five folds.
    fn default() -> Self {
        let alphas = (0..6).map(|i| 10f64.powi(i)).collect();
        Self(RidgeValidParams { alphas, folds: 5 })
    }
}

impl RidgeParams {
    /// Sets the penalties to choose from; one alone is taken as it is.
    #[must_use]
    pub fn alphas(mut self, alphas: impl Into<Vec<f64>>) -> Self {
        self.0.alphas = alphas.into();
        self
    }

    /// Sets the number of inner folds.
    #[must_use]
    pub fn folds(mut self, folds: usize) -> Self {
        self.0.folds = folds;
        self
    }
}

impl ParamGuard for RidgeParams {
    type Checked = RidgeValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&RidgeValidParams, Error> {
        let RidgeValidParams { alphas, folds } = &self.0;
        if alphas.is_empty() {
            return Err(Error::Alpha { alpha: f64::NAN });
        }
        if let Some(&alpha) = alphas.iter().find(|a| !(a.is_finite() && **a > 0.0)) {
            return Err(Error::Alpha { alpha });
        }
        if *folds < 2 {
            return Err(Error::Folds { folds: *folds });
        }
        Ok(&self.0)
    }

    fn check(self) -> Result<RidgeValidParams, Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// How well one penalty did in the inner folds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlphaScore {
    /// The penalty.
    pub alpha: f64,
    /// Mean R2 over the inner folds; a fold whose target does not vary counts 0.
    pub mean_r2: f64,
}

/// A fitted ridge regression.
#[derive(Clone, Debug, PartialEq)]
pub struct RidgeModel {
    /// One weight a feature, for features as they come (not standardised).
    pub weights: Array1<f64>,
    /// Prediction where every feature is 0.
    pub intercept: f64,
    /// The penalty that was taken.
    pub alpha: f64,
    /// The penalties that were tried; none where there was one alone.
    pub scores: Vec<AlphaScore>,
}

impl RidgeModel {
    /// Predicts each row of `x`, `(row, feature)`.
    ///
    /// # Panics
    /// The number of features is not that of the weights.
    pub fn predict(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        x.dot(&self.weights) + self.intercept
    }
}

impl PredictInplace<Array2<f64>, Array1<f64>> for RidgeModel {
    fn predict_inplace<'a>(&'a self, x: &'a Array2<f64>, y: &mut Array1<f64>) {
        y.assign(&self.predict(x.view()));
    }

    fn default_target(&self, x: &Array2<f64>) -> Array1<f64> {
        Array1::zeros(x.nrows())
    }
}

impl Fit<Array2<f64>, Array1<f64>, Error> for RidgeValidParams {
    type Object = RidgeModel;

    fn fit(&self, dataset: &DatasetBase<Array2<f64>, Array1<f64>>) -> Result<RidgeModel, Error> {
        let (x, y) = (dataset.records(), dataset.as_targets());
        data::check(x.view(), y, self.folds)?;
        // Standardising first keeps the sums of products well conditioned.
        let standard = Standard::fit(x.view());
        let x = standard.apply(x.view());
        let folds = contiguous_folds(x.nrows(), self.folds);
        let parts: Vec<Moments> = folds.iter().map(|f| moments(&x, y, f)).collect();
        let mut all = parts[0].clone();
        parts[1..].iter().for_each(|p| all.add(p));
        let scores = match self.alphas.len() {
            1 => Vec::new(),
            _ => self.scores(&x, y, &folds, &parts, &all)?,
        };
        let alpha = best(&scores).unwrap_or(self.alphas[0]);
        let (weights, intercept) = fit_one(&all.standardised(), alpha)?;
        let weights = weights / &standard.spread;
        let intercept = intercept - weights.dot(&standard.mean);
        Ok(RidgeModel { weights, intercept, alpha, scores })
    }
}

impl RidgeValidParams {
    /// Scores every alpha on each fold, fitted on the others.
    fn scores(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        folds: &[Range<usize>],
        parts: &[Moments],
        all: &Moments,
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

fn fit_one(problem: &Standardised, alpha: f64) -> Result<(Array1<f64>, f64), Error> {
    let weights = solve(problem.xx.view(), alpha, &problem.xy).ok_or(Error::Singular { alpha })?;
    Ok(problem.undo(&weights))
}

/// The alpha of the largest score, the first of equals.
fn best(scores: &[AlphaScore]) -> Option<f64> {
    let first = scores.first()?;
    let best = scores.iter().fold(first, |b, s| if s.mean_r2 > b.mean_r2 { s } else { b });
    Some(best.alpha)
}
