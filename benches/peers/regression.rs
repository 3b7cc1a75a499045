//! Fits of 10,000 rows of 350 features, as many as 50 bins of 7 tracks have.

use crate::Contestant;
use isegnet::baselines::{self, ForestParams, Model, RidgeParams, SvrParams};
use isegnet::core::{Cancel, FitContext, Random, Silent};
use isegnet::stats::r2;
use ndarray::{Array1, Array2, Axis};
use ndarray_npy::NpzWriter;
use std::error::Error;
use std::fs::File;
use std::path::Path;

/// Rows that are fitted, and rows that are predicted.
const ROWS: [usize; 2] = [10_000, 2_000];

/// Tracks, and bins of each.
const FEATURES: [usize; 2] = [7, 50];

/// Rows with their features and targets.
struct Table {
    x: Array2<f64>,
    y: Array1<f64>,
}

pub struct Regression {
    params: Box<dyn baselines::Regression>,
    train: Table,
    test: Table,
    /// Whether R2 is compared in place of predictions, which follow random numbers.
    scored: bool,
}

impl Regression {
    /// Makes the same rows each time, and writes them into `folder` for the peers.
    pub fn new(folder: &Path, model: &str) -> Result<Self, Box<dyn Error>> {
        // All as scikit-learn's defaults are.
        let params: Box<dyn baselines::Regression> = match model {
            "forest" => Box::new(ForestParams::default()),
            "svr" => Box::new(SvrParams::epsilon(0.1)),
            "nu-svr" => Box::new(SvrParams::nu(0.5)),
            "ridge" => Box::new(RidgeParams::default()),
            _ => return Err(format!("{model:?} is no model").into()),
        };
        let table = made_up(ROWS.iter().sum());
        let (x, x_test) = table.x.view().split_at(Axis(0), ROWS[0]);
        let (y, y_test) = table.y.view().split_at(Axis(0), ROWS[0]);
        let mut file = NpzWriter::new(File::create(folder.join("regression.npz"))?);
        file.add_array("x", &x)?;
        file.add_array("y", &y)?;
        file.add_array("x_test", &x_test)?;
        file.add_array("y_test", &y_test)?;
        file.finish()?;
        let train = Table { x: x.to_owned(), y: y.to_owned() };
        let test = Table { x: x_test.to_owned(), y: y_test.to_owned() };
        Ok(Self { params, train, test, scored: model == "forest" })
    }

    fn fit(&self) -> Result<Model, baselines::Error> {
        let cancel = Cancel::default();
        let context = FitContext { seed: 1, progress: &Silent, cancel: &cancel, folder: None };
        self.params.regress(&self.train.x, self.train.y.view(), &context)
    }
}

/// Bins show their track's level through noise; the target is made of levels, one of
/// which works only together with another, and one only above 0.
fn made_up(rows: usize) -> Table {
    let [tracks, bins] = FEATURES;
    let random = |purpose| {
        let random = Random::new(1, purpose);
        move |row: usize, i: usize| random.normal(row as u64, i as u64)
    };
    let (level, bin, noise) = (random("levels"), random("bins"), random("noise"));
    let x = Array2::from_shape_fn((rows, tracks * bins), |(row, i)| {
        0.6 * level(row, i / bins) + 0.8 * bin(row, i)
    });
    let y = Array1::from_shape_fn(rows, |row| {
        let [a, b, c, d, e, f] = std::array::from_fn(|i| level(row, i));
        a + 0.5 * b - 0.5 * c + 0.7 * d * e + f.max(0.0) + 0.8 * noise(row, 0)
    });
    Table { x, y }
}

impl Contestant for Regression {
    /// Predictions of rows that were not fitted, or how good they are.
    fn check(&mut self) -> Result<Vec<f64>, Box<dyn Error>> {
        let predicted = self.fit()?.predict(self.test.x.view()).to_vec();
        if !self.scored {
            return Ok(predicted);
        }
        Ok(vec![r2(&self.test.y.to_vec(), &predicted)?])
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        self.fit()?;
        Ok(())
    }
}
