use crate::linear::Search;
use crate::moments::Standardised;
use crate::{Error, LinearModel};
use isegnet_core::Cancel;
use linfa::ParamGuard;
use linfa::dataset::{AsTargets, DatasetBase};
use linfa::traits::Fit;
use ndarray::{Array1, Array2, ArrayView1};

/// Lasso or elastic net, not yet checked: squared error / (2 rows) + alpha x
/// (l1_ratio x sum of |weights| + (1 - l1_ratio) / 2 x sum of squared weights) of
/// standardised features, the intercept free.
///
/// Features are standardised and alpha is chosen as for [ridge](crate::RidgeParams);
/// the weights are scikit-learn's `make_pipeline(StandardScaler(), ElasticNet())`. The
/// coordinate descent works on sums of products that all folds and penalties share, so
/// that choosing among many penalties costs little more than reading the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct ElasticNetParams(ElasticNetValidParams);

/// Elastic net with parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ElasticNetValidParams {
    search: Search,
    l1_ratio: f64,
    tolerance: f64,
    max_sweeps: usize,
}

impl Default for ElasticNetParams {
    /// The lasso with alphas 1, 0.3, 0.1, ..., 0.001, five folds and scikit-learn's tolerance,
    /// 1e-4.
    fn default() -> Self {
        let alphas = vec![1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
        let search = Search { alphas, folds: 5 };
        Self(ElasticNetValidParams { search, l1_ratio: 1.0, tolerance: 1e-4, max_sweeps: 100_000 })
    }
}

impl ElasticNetParams {
    /// Sets the penalties to choose from; one alone is taken as it is.
    #[must_use]
    pub fn alphas(mut self, alphas: impl Into<Vec<f64>>) -> Self {
        self.0.search.alphas = alphas.into();
        self
    }

    /// Sets the number of inner folds.
    #[must_use]
    pub fn folds(mut self, folds: usize) -> Self {
        self.0.search.folds = folds;
        self
    }

    /// Sets the share of the penalty that is on |weights|; 1 is the lasso.
    #[must_use]
    pub fn l1_ratio(mut self, ratio: f64) -> Self {
        self.0.l1_ratio = ratio;
        self
    }

    /// Sets how large the duality gap may be, over the target's sum of squares.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.0.tolerance = tolerance;
        self
    }

    /// Sets after how many passes over all weights to give up.
    #[must_use]
    pub fn max_sweeps(mut self, sweeps: usize) -> Self {
        self.0.max_sweeps = sweeps;
        self
    }
}

impl ParamGuard for ElasticNetParams {
    type Checked = ElasticNetValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&ElasticNetValidParams, Error> {
        let ElasticNetValidParams { search, l1_ratio, tolerance, .. } = &self.0;
        search.check()?;
        let share = *l1_ratio > 0.0 && *l1_ratio <= 1.0;
        Error::parameter(share, "l1_ratio", *l1_ratio, "a number above 0, at most 1")?;
        let positive = tolerance.is_finite() && *tolerance > 0.0;
        Error::parameter(positive, "tolerance", *tolerance, "a positive number")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<ElasticNetValidParams, Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl ElasticNetValidParams {
    pub(crate) fn fit_rows(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        cancel: &Cancel,
    ) -> Result<LinearModel, Error> {
        self.search.fit(x, y, cancel, |problem, alpha| self.descend(problem, alpha, cancel))
    }

    /// Sets one weight after another to its optimum (Friedman, Hastie and Tibshirani 2010).
    fn descend(
        &self,
        problem: &Standardised,
        alpha: f64,
        cancel: &Cancel,
    ) -> Result<Array1<f64>, Error> {
        let l1 = alpha * self.l1_ratio * problem.rows;
        let l2 = alpha * (1.0 - self.l1_ratio) * problem.rows;
        let mut weights = Array1::<f64>::zeros(problem.xy.len());
        // X' (y - X weights).
        let mut pull = problem.xy.clone();
        for _ in 0..self.max_sweeps {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            for j in 0..weights.len() {
                let norm = problem.xx[(j, j)];
                let wanted = pull[j] + norm * weights[j];
                let new = wanted.signum() * (wanted.abs() - l1).max(0.0) / (norm + l2);
                // A feature that does not vary has no pull and no norm.
                let new = if new.is_finite() { new } else { 0.0 };
                if new != weights[j] {
                    pull.scaled_add(weights[j] - new, &problem.xx.row(j));
                    weights[j] = new;
                }
            }
            if gap(problem, &weights, &pull, l1, l2) <= self.tolerance * problem.yy {
                return Ok(weights);
            }
        }
        Err(Error::NotConverged { steps: self.max_sweeps })
    }
}

/// How far the objective can be from its least value: the difference to the dual
/// problem's at the residuals, scaled into its bounds.
fn gap(p: &Standardised, weights: &Array1<f64>, pull: &Array1<f64>, l1: f64, l2: f64) -> f64 {
    let residual_y = p.yy - weights.dot(&p.xy);
    let residual = residual_y - weights.dot(pull);
    let squares = weights.dot(weights);
    let absolute: f64 = weights.iter().map(|w| w.abs()).sum();
    let steepest = pull.iter().zip(weights).map(|(p, w)| (p - l2 * w).abs()).fold(0.0, f64::max);
    let scale = if steepest > l1 { l1 / steepest } else { 1.0 };
    0.5 * (1.0 + scale * scale) * (residual + l2 * squares) + l1 * absolute - scale * residual_y
}

impl Fit<Array2<f64>, Array1<f64>, Error> for ElasticNetValidParams {
    type Object = LinearModel;

    fn fit(&self, dataset: &DatasetBase<Array2<f64>, Array1<f64>>) -> Result<LinearModel, Error> {
        self.fit_rows(dataset.records(), dataset.as_targets(), &Cancel::default())
    }
}
