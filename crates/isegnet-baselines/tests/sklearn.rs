//! Against scikit-learn 1.9.1 (`tests/fixtures/sklearn`).
#![allow(clippy::unwrap_used)]

use flate2::read::GzDecoder;
use isegnet_core::testdata::fixtures;
use ndarray::{Array1, Array2, s};
use serde_json::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

#[path = "sklearn/forest.rs"]
mod forest;
#[path = "sklearn/more.rs"]
mod more;
#[path = "sklearn/svr.rs"]
mod svr;

const TRAIN: usize = 480;

/// One of the two data sets and what scikit-learn made of it.
struct Reference {
    name: &'static str,
    folder: PathBuf,
    x: Array2<f64>,
    y: Array1<f64>,
    models: Value,
}

fn references() -> Vec<Reference> {
    let Some(folder) = fixtures("sklearn") else { return Vec::new() };
    ["binned", "gauss"].map(|name| Reference::read(&folder, name)).into()
}

impl Reference {
    fn read(folder: &Path, name: &'static str) -> Self {
        let x = numbers(&unpack(folder, &format!("{name}.X.tsv.gz")));
        let y = std::fs::read_to_string(folder.join(format!("{name}.y.tsv"))).unwrap();
        let models = serde_json::from_str(&unpack(folder, &format!("{name}.models.json.gz")));
        Self {
            name,
            folder: folder.to_owned(),
            x: Array2::from_shape_vec((x.len(), x[0].len()), x.concat()).unwrap(),
            y: Array1::from(numbers(&y).concat()),
            models: models.unwrap(),
        }
    }

    fn rows(&self, rows: std::ops::Range<usize>) -> (Array2<f64>, Array1<f64>) {
        (self.x.slice(s![rows.clone(), ..]).to_owned(), self.y.slice(s![rows]).to_owned())
    }

    /// scikit-learn's predictions of the test rows, by model.
    fn predictions(&self) -> HashMap<String, Vec<f64>> {
        let text = unpack(&self.folder, &format!("{}.predictions.tsv.gz", self.name));
        let (header, rows) = text.split_once('\n').unwrap();
        let rows = numbers(rows);
        let column = |i: usize| rows.iter().map(|r| r[i]).collect();
        header.split('\t').enumerate().map(|(i, name)| (name.to_owned(), column(i))).collect()
    }

    fn grid(&self, model: &str) -> Value {
        let text = unpack(&self.folder, &format!("{}.gridcv.json.gz", self.name));
        serde_json::from_str::<Value>(&text).unwrap()[model].take()
    }
}

fn unpack(folder: &Path, name: &str) -> String {
    let mut text = String::new();
    GzDecoder::new(File::open(folder.join(name)).unwrap()).read_to_string(&mut text).unwrap();
    text
}

fn numbers(text: &str) -> Vec<Vec<f64>> {
    text.lines().map(|line| line.split('\t').map(|v| v.parse().unwrap()).collect()).collect()
}

fn r2(y: &Array1<f64>, predicted: &Array1<f64>) -> f64 {
    isegnet_stats::r2(&y.to_vec(), &predicted.to_vec()).unwrap()
}

fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, f64::max)
}

/// Fits every combination of a grid on all folds but one and scores it there;
/// gives the largest differences from each fold's and from the mean R2.
fn grid_differences(
    reference: &Reference,
    model: &str,
    fit_predict: impl Fn(&Value, &Array2<f64>, &Array1<f64>, &Array2<f64>) -> Array1<f64>,
) -> [f64; 2] {
    let table = reference.grid(model);
    let folds = isegnet_baselines::contiguous_folds(TRAIN, 5);
    let mut worst = [0.0_f64; 2];
    for (i, params) in table["params"].as_array().unwrap().iter().enumerate() {
        let mut mean = 0.0;
        for (k, fold) in folds.iter().enumerate() {
            let others: Vec<usize> = (0..TRAIN).filter(|r| !fold.contains(r)).collect();
            let x = reference.x.select(ndarray::Axis(0), &others);
            let y = reference.y.select(ndarray::Axis(0), &others);
            let (test, truth) = reference.rows(fold.clone());
            let score = r2(&truth, &fit_predict(params, &x, &y, &test));
            let theirs = table["split_r2"][i][k].as_f64().unwrap();
            worst[0] = worst[0].max((score - theirs).abs());
            mean += score / folds.len() as f64;
        }
        worst[1] = worst[1].max((mean - table["mean_test_r2"][i].as_f64().unwrap()).abs());
    }
    worst
}
