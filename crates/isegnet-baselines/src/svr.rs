mod active;
mod dual;
mod kernel;
mod rows;
mod solve;

pub use kernel::{Gamma, Kernel};

use crate::{Error, data};
use isegnet_core::Cancel;
use kernel::{Function, Points, expand, norms};
use linfa::ParamGuard;
use linfa::dataset::{AsTargets, DatasetBase};
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use solve::Solver;

/// What decides how wide the tube is in which errors cost nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tube {
    /// Its half width (epsilon-SVR).
    Epsilon(f64),
    /// The largest share of rows outside of it, and the smallest of support vectors (nu-SVR).
    Nu(f64),
}

/// Support vector regression, not yet checked: scikit-learn's `SVR` and `NuSVR`,
/// with their defaults (C 1, RBF kernel of gamma [`Scale`](Gamma::Scale), tolerance
/// 1e-3, 200 MB of kernel).
///
/// Both are solved by one sequential minimal optimisation with second-order
/// choice of pairs and shrinking; the kernel matrix is never there as a whole
/// unless [`cache_bytes`](Self::cache_bytes) has room for it. Features should be of
/// similar spread, as [`Tabular`](crate::Tabular) makes them.
#[derive(Clone, Debug, PartialEq)]
pub struct SvrParams(SvrValidParams);

/// Support vector regression with parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct SvrValidParams {
    tube: Tube,
    c: f64,
    kernel: Kernel,
    tolerance: f64,
    cache_bytes: usize,
    shrinking: bool,
    max_steps: usize,
}

impl SvrParams {
    /// epsilon-SVR (scikit-learn's default is 0.1), in units of the target.
    pub fn epsilon(epsilon: f64) -> Self {
        Self::new(Tube::Epsilon(epsilon))
    }

    /// nu-SVR (scikit-learn's default is 0.5), nu in (0, 1].
    pub fn nu(nu: f64) -> Self {
        Self::new(Tube::Nu(nu))
    }

    fn new(tube: Tube) -> Self {
        Self(SvrValidParams {
            tube,
            c: 1.0,
            kernel: Kernel::Rbf { gamma: Gamma::Scale },
            tolerance: 1e-3,
            cache_bytes: 200_000_000,
            shrinking: true,
            max_steps: 10_000_000,
        })
    }

    /// Sets what an error outside the tube costs; a smaller C is a smoother model.
    #[must_use]
    pub fn c(mut self, c: f64) -> Self {
        self.0.c = c;
        self
    }

    /// Sets the kernel.
    #[must_use]
    pub fn kernel(mut self, kernel: Kernel) -> Self {
        self.0.kernel = kernel;
        self
    }

    /// Sets by how much the worst pair of rows may miss optimality, in units of the target.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.0.tolerance = tolerance;
        self
    }

    /// Sets how many bytes of the kernel matrix are kept, 4 a number; four rows always are.
    #[must_use]
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.0.cache_bytes = bytes;
        self
    }

    /// Sets whether rows that seem settled are set aside.
    #[must_use]
    pub fn shrinking(mut self, shrinking: bool) -> Self {
        self.0.shrinking = shrinking;
        self
    }

    /// Sets after how many steps to give up, 10 million otherwise; scikit-learn goes on forever.
    #[must_use]
    pub fn max_steps(mut self, steps: usize) -> Self {
        self.0.max_steps = steps;
        self
    }
}

impl ParamGuard for SvrParams {
    type Checked = SvrValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&SvrValidParams, Error> {
        let p = &self.0;
        match p.tube {
            Tube::Epsilon(epsilon) => {
                let fits = epsilon.is_finite() && epsilon >= 0.0;
                Error::parameter(fits, "epsilon", epsilon, "a number of 0 or more")?;
            }
            Tube::Nu(nu) => {
                Error::parameter(nu > 0.0 && nu <= 1.0, "nu", nu, "a number above 0, at most 1")?;
            }
        }
        let positive = |v: f64| v.is_finite() && v > 0.0;
        let gamma = match p.kernel {
            Kernel::Rbf { gamma } | Kernel::Polynomial { gamma, .. } => gamma,
            Kernel::Linear => Gamma::Auto,
        };
        if let Gamma::Value(gamma) = gamma {
            Error::parameter(positive(gamma), "gamma", gamma, "a positive number")?;
        }
        if let Kernel::Polynomial { degree, coef0, .. } = p.kernel {
            Error::parameter(degree > 0, "degree", degree.into(), "1 or more")?;
            Error::parameter(coef0.is_finite(), "coef0", coef0, "a finite number")?;
        }
        Error::parameter(positive(p.c), "C", p.c, "a positive number")?;
        Error::parameter(positive(p.tolerance), "tolerance", p.tolerance, "a positive number")?;
        Ok(p)
    }

    fn check(self) -> Result<SvrValidParams, Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// What the solver found.
pub(crate) struct Solution {
    weights: Vec<f64>,
    intercept: f64,
    steps: usize,
}

/// A fitted support vector regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SvrModel {
    function: Function,
    vectors: Array2<f64>,
    weights: Array1<f64>,
    intercept: f64,
    steps: usize,
}

impl SvrValidParams {
    pub(crate) fn fit_rows(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        cancel: &Cancel,
    ) -> Result<SvrModel, Error> {
        data::check(x.view(), y, 1)?;
        let x = x.as_standard_layout();
        let (function, norms) = (Function::on(self.kernel, x.view()), norms(x.view()));
        let points = Points::new(x.view(), &norms);
        let Solution { weights, intercept, steps } =
            Solver::new(self, function, points, &y.to_vec()).solve(cancel)?;
        let rows: Vec<usize> = (0..weights.len()).filter(|&r| weights[r] != 0.0).collect();
        let model = SvrModel {
            function,
            vectors: x.select(Axis(0), &rows),
            weights: rows.iter().map(|&r| weights[r]).collect(),
            intercept,
            steps,
        };
        if model.is_sound() { Ok(model) } else { Err(Error::Kernel) }
    }
}

impl Fit<Array2<f64>, Array1<f64>, Error> for SvrValidParams {
    type Object = SvrModel;

    fn fit(&self, dataset: &DatasetBase<Array2<f64>, Array1<f64>>) -> Result<SvrModel, Error> {
        self.fit_rows(dataset.records(), dataset.as_targets(), &Cancel::default())
    }
}

impl SvrModel {
    /// Predicts each row of `x`, `(row, feature)`.
    ///
    /// # Panics
    /// The number of features is not that of the training rows.
    pub fn predict(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        assert_eq!(x.ncols(), self.features(), "features of the rows and of the model");
        let (rows, vectors) = (norms(x), norms(self.vectors.view()));
        let rows = Points::new(x.view(), &rows);
        let vectors = Points::new(self.vectors.view(), &vectors);
        let sums = expand(self.function, rows, vectors, &self.weights.to_vec(), |k| k);
        sums.into_iter().map(|sum| sum + self.intercept).collect()
    }

    /// Number of features of a row.
    pub fn features(&self) -> usize {
        self.vectors.ncols()
    }

    /// The training rows that predictions are made of, `(vector, feature)`.
    pub fn support_vectors(&self) -> ArrayView2<'_, f64> {
        self.vectors.view()
    }

    /// What each support vector weighs, scikit-learn's `dual_coef_`.
    pub fn weights(&self) -> ArrayView1<'_, f64> {
        self.weights.view()
    }

    /// The prediction where every kernel is 0.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The kernel's width, where it has one.
    pub fn gamma(&self) -> Option<f64> {
        self.function.gamma()
    }

    /// Steps that the solver took.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Tells whether a model is made of numbers whose parts agree.
    pub(crate) fn is_sound(&self) -> bool {
        let own = [&[self.intercept], self.function.numbers().as_slice()].concat();
        let numbers = self.vectors.iter().chain(&self.weights).chain(&own);
        self.vectors.nrows() == self.weights.len() && numbers.into_iter().all(|v| v.is_finite())
    }
}

impl PredictInplace<Array2<f64>, Array1<f64>> for SvrModel {
    fn predict_inplace<'a>(&'a self, x: &'a Array2<f64>, y: &mut Array1<f64>) {
        y.assign(&self.predict(x.view()));
    }

    fn default_target(&self, x: &Array2<f64>) -> Array1<f64> {
        Array1::zeros(x.nrows())
    }
}
