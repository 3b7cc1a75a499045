use crate::cholesky::solve;
use crate::linear::Search;
use crate::{Error, LinearModel};
use isegnet_core::Cancel;
use linfa::ParamGuard;
use linfa::dataset::{AsTargets, DatasetBase};
use linfa::traits::Fit;
use ndarray::{Array1, Array2, ArrayView1};

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
pub struct RidgeValidParams(Search);

impl Default for RidgeParams {
    /// Alphas 1, 10, ..., 100,000 and five folds.
    fn default() -> Self {
        let alphas = (0..6).map(|i| 10f64.powi(i)).collect();
        Self(RidgeValidParams(Search { alphas, folds: 5 }))
    }
}

impl RidgeParams {
    /// Sets the penalties to choose from; one alone is taken as it is.
    #[must_use]
    pub fn alphas(mut self, alphas: impl Into<Vec<f64>>) -> Self {
        self.0.0.alphas = alphas.into();
        self
    }

    /// Sets the number of inner folds.
    #[must_use]
    pub fn folds(mut self, folds: usize) -> Self {
        self.0.0.folds = folds;
        self
    }
}

impl ParamGuard for RidgeParams {
    type Checked = RidgeValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&RidgeValidParams, Error> {
        self.0.0.check()?;
        Ok(&self.0)
    }

    fn check(self) -> Result<RidgeValidParams, Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl RidgeValidParams {
    pub(crate) fn fit_rows(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        cancel: &Cancel,
    ) -> Result<LinearModel, Error> {
        self.0.fit(x, y, cancel, |problem, alpha| {
            solve(problem.xx.view(), alpha, &problem.xy).ok_or(Error::Singular { alpha })
        })
    }
}

impl Fit<Array2<f64>, Array1<f64>, Error> for RidgeValidParams {
    type Object = LinearModel;

    fn fit(&self, dataset: &DatasetBase<Array2<f64>, Array1<f64>>) -> Result<LinearModel, Error> {
        self.fit_rows(dataset.records(), dataset.as_targets(), &Cancel::default())
    }
}
