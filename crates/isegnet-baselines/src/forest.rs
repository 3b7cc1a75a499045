mod columns;
mod grow;
mod sample;
mod split;
mod tree;

use crate::{Error, data};
use columns::Columns;
use grow::{Grower, Limits};
use isegnet_core::{Cancel, FitContext, Progress, Random, Silent};
use linfa::ParamGuard;
use linfa::dataset::{AsTargets, DatasetBase};
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tree::Tree;

/// Rows that one thread predicts at a time.
const ROWS_AT_A_TIME: usize = 64;

/// How many features a split is chosen from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxFeatures {
    /// All of them, scikit-learn's default for regression.
    All,
    /// The square root of their number, rounded down.
    Sqrt,
    /// The logarithm of their number to base 2, rounded down.
    Log2,
    /// This share of them, rounded down.
    Share(f64),
    /// So many, or all there are.
    Count(usize),
}

impl MaxFeatures {
    /// How many of `features`; 1 at least.
    fn of(self, features: usize) -> usize {
        let n = features as f64;
        let count = match self {
            Self::All => features,
            Self::Sqrt => n.sqrt() as usize,
            Self::Log2 => n.log2() as usize,
            Self::Share(share) => (share * n) as usize,
            Self::Count(count) => count,
        };
        count.clamp(1, features.max(1))
    }
}

/// A random forest of regression trees, not yet checked: scikit-learn's
/// `RandomForestRegressor` with its defaults (100 trees, all features, no limit on
/// depth, leaves of one row, bootstrap).
///
/// Splits minimise the squared error and are exact: every place between two
/// different values is tried. A row that the bootstrap drew several times weighs as
/// much but counts once where rows are counted, as in scikit-learn. Differs from it in
/// that features are compared in double precision, not in single.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestParams(ForestValidParams);

/// A random forest with parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestValidParams {
    trees: usize,
    max_features: MaxFeatures,
    limits: Limits,
    bootstrap: bool,
    seed: u64,
    presort_bytes: usize,
}

impl Default for ForestParams {
    fn default() -> Self {
        Self(ForestValidParams {
            trees: 100,
            max_features: MaxFeatures::All,
            limits: Limits { depth: usize::MAX, split: 2, leaf: 1 },
            bootstrap: true,
            seed: 0,
            presort_bytes: 512_000_000,
        })
    }
}

impl ForestParams {
    /// Sets the number of trees.
    #[must_use]
    pub fn trees(mut self, trees: usize) -> Self {
        self.0.trees = trees;
        self
    }

    /// Sets how many features a split is chosen from.
    #[must_use]
    pub fn max_features(mut self, features: MaxFeatures) -> Self {
        self.0.max_features = features;
        self
    }

    /// Sets how many splits lie above a leaf at most.
    #[must_use]
    pub fn max_depth(mut self, depth: usize) -> Self {
        self.0.limits.depth = depth;
        self
    }

    /// Sets how many rows a node needs to be split.
    #[must_use]
    pub fn min_samples_split(mut self, rows: usize) -> Self {
        self.0.limits.split = rows;
        self
    }

    /// Sets how many rows a leaf needs.
    #[must_use]
    pub fn min_samples_leaf(mut self, rows: usize) -> Self {
        self.0.limits.leaf = rows;
        self
    }

    /// Sets whether a tree sees rows drawn with replacement, or each row once.
    #[must_use]
    pub fn bootstrap(mut self, bootstrap: bool) -> Self {
        self.0.bootstrap = bootstrap;
        self
    }

    /// Sets the seed that everything random follows from.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// Sets how many bytes of memory the rows sorted by each feature may take, in all
    /// threads together; where they take more, nodes are sorted as they come. The
    /// forest is the same.
    #[must_use]
    pub fn presort_bytes(mut self, bytes: usize) -> Self {
        self.0.presort_bytes = bytes;
        self
    }
}

impl ParamGuard for ForestParams {
    type Checked = ForestValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&ForestValidParams, Error> {
        let ForestValidParams { trees, max_features, limits, .. } = &self.0;
        let at_least = |least: usize, name, value: usize, allowed| {
            Error::parameter(value >= least, name, value as f64, allowed)
        };
        at_least(1, "trees", *trees, "1 or more")?;
        at_least(1, "max_depth", limits.depth, "1 or more")?;
        at_least(2, "min_samples_split", limits.split, "2 or more")?;
        at_least(1, "min_samples_leaf", limits.leaf, "1 or more")?;
        match *max_features {
            MaxFeatures::Share(share) => {
                let fits = share > 0.0 && share <= 1.0;
                Error::parameter(fits, "max_features", share, "a share above 0, at most 1")?;
            }
            MaxFeatures::Count(count) => at_least(1, "max_features", count, "1 or more")?,
            _ => {}
        }
        Ok(&self.0)
    }

    fn check(self) -> Result<ForestValidParams, Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// A fitted forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForestModel {
    features: usize,
    trees: Vec<Tree>,
    /// The least and the largest training target.
    range: [f64; 2],
}

impl ForestValidParams {
    pub(crate) fn fit_rows(
        &self,
        x: &Array2<f64>,
        y: ArrayView1<'_, f64>,
        context: &FitContext<'_>,
    ) -> Result<ForestModel, Error> {
        data::check(x.view(), y, 1)?;
        let y = y.to_vec();
        let per_split = self.max_features.of(x.ncols());
        let columns = Columns::new(x.view(), self.presorts(x, per_split));
        let random = Random::new(context.seed, "forest");
        context.progress.start("growing trees", self.trees as u64);
        let trees: Result<Vec<Tree>, Error> = (0..self.trees as u64)
            .into_par_iter()
            .map_init(
                || Grower::new(&columns, x.view(), &y, self.limits, per_split),
                |grower, tree| {
                    if context.cancel.is_cancelled() {
                        return Err(Error::Cancelled);
                    }
                    let random = random.part(tree);
                    let counts = sample::counts(&random, y.len(), self.bootstrap);
                    let tree = grower.grow(&counts, random);
                    context.progress.advance(1);
                    Ok(tree)
                },
            )
            .collect();
        context.progress.finish();
        let least = y.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Ok(ForestModel { features: x.ncols(), trees: trees?, range: [least, largest] })
    }

    /// Whether keeping rows sorted by every feature is worth it: each split then costs
    /// something for all features, not only for those it is chosen from.
    fn presorts(&self, x: &Array2<f64>, per_split: usize) -> bool {
        let lists = 1 + rayon::current_num_threads().min(self.trees);
        per_split * 4 >= x.ncols() && x.len() * 8 * lists <= self.presort_bytes
    }
}

impl Fit<Array2<f64>, Array1<f64>, Error> for ForestValidParams {
    type Object = ForestModel;

    fn fit(&self, dataset: &DatasetBase<Array2<f64>, Array1<f64>>) -> Result<ForestModel, Error> {
        let (progress, cancel): (&dyn Progress, _) = (&Silent, Cancel::default());
        let context = FitContext { seed: self.seed, progress, cancel: &cancel, folder: None };
        self.fit_rows(dataset.records(), dataset.as_targets(), &context)
    }
}

impl ForestModel {
    /// Predicts each row of `x`, `(row, feature)`: the mean of what the trees say,
    /// never outside the range of the training targets; NaN where a feature is.
    ///
    /// # Panics
    /// The number of features is not that of the training rows.
    pub fn predict(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        assert_eq!(x.ncols(), self.features, "features of the rows and of the model");
        let x = x.as_standard_layout();
        let mut out = vec![0.0; x.nrows()];
        out.par_chunks_mut(ROWS_AT_A_TIME).enumerate().for_each(|(i, out)| {
            let rows = x.axis_chunks_iter(Axis(0), ROWS_AT_A_TIME).nth(i);
            let rows = rows.iter().flat_map(|rows| rows.rows());
            for (out, row) in out.iter_mut().zip(rows) {
                *out = self.predict_row(&row.to_vec());
            }
        });
        Array1::from(out)
    }

    fn predict_row(&self, row: &[f64]) -> f64 {
        if row.iter().any(|value| value.is_nan()) {
            return f64::NAN;
        }
        let mut values: Vec<f64> = self.trees.iter().map(|tree| tree.predict(row)).collect();
        // From the least to the largest, whatever the order of the trees.
        values.sort_unstable_by(f64::total_cmp);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        mean.clamp(self.range[0], self.range[1])
    }

    /// Number of features of a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// Number of trees.
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// Number of leaves of all trees.
    pub fn leaves(&self) -> usize {
        self.trees.iter().map(Tree::leaves).sum()
    }

    /// The same trees in another order, which changes no prediction.
    ///
    /// # Panics
    /// `order` is no permutation of the trees.
    #[must_use]
    pub fn reordered(&self, order: &[usize]) -> Self {
        let mut seen = order.to_vec();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..self.trees.len()), "each tree stands in an order once");
        let trees = order.iter().map(|&tree| self.trees[tree].clone()).collect();
        Self { trees, ..*self }
    }

    /// Tells whether the parts of a model that came from a file agree.
    pub(crate) fn is_sound(&self) -> bool {
        let [least, largest] = self.range;
        least <= largest
            && least.is_finite()
            && largest.is_finite()
            && !self.trees.is_empty()
            && self.trees.iter().all(|tree| tree.is_sound(self.features))
    }
}

impl PredictInplace<Array2<f64>, Array1<f64>> for ForestModel {
    fn predict_inplace<'a>(&'a self, x: &'a Array2<f64>, y: &mut Array1<f64>) {
        y.assign(&self.predict(x.view()));
    }

    fn default_target(&self, x: &Array2<f64>) -> Array1<f64> {
        Array1::zeros(x.nrows())
    }
}
