//! Five folds of IMR-90's genes, and what scikit-learn scores on them.

use isegnet_baselines::{
    ElasticNetParams, ForestParams, Kernel, Regression, RidgeParams, SvrParams, contiguous_folds,
};
use isegnet_core::{Cancel, FitContext, Silent};
use isegnet_stats::r2;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

/// Baselines, and how far a fold's R2 may lie from scikit-learn's: a forest differs
/// with its seed, the others only by what is within their tolerance.
pub const MODELS: [(&str, f64); 8] = [
    ("mean", 1e-7),
    ("ridge", 1e-7),
    ("lasso", 1e-4),
    ("forest 100", 0.03),
    ("forest 200", 0.03),
    ("SVR RBF", 1e-3),
    ("nu-SVR RBF", 1e-3),
    ("SVR linear", 2e-3),
];

/// Some of the genes.
pub struct Part {
    x: Array2<f64>,
    y: Array1<f64>,
    reference: Value,
}

/// R2 of each fold, and seconds for the median one.
pub struct Scores {
    pub ours: Vec<f64>,
    pub theirs: Vec<f64>,
    pub seconds: [f64; 2],
}

impl Part {
    pub fn read(data: &Path, part: &str) -> Self {
        let x: Array2<f64> = ndarray_npy::read_npy(data.join("RNAseq.E017.Roadmap.npy")).unwrap();
        let y: Array1<f64> = ndarray_npy::read_npy(data.join("RNAseq.E017.y.npy")).unwrap();
        let text = include_str!("../../tests/data/imr90.json");
        let reference = serde_json::from_str::<Value>(text).unwrap()[part].take();
        let step = reference["step"].as_i64().unwrap() as isize;
        let (x, y) = (x.slice(s![..;step, ..]).to_owned(), y.slice(s![..;step]).to_owned());
        Self { x, y, reference }
    }

    /// Whether scikit-learn's scores are there: a linear SVR takes millions of steps on
    /// all genes, and was fitted on the small part alone.
    pub fn has(&self, name: &str) -> bool {
        !self.reference[name].is_null()
    }

    pub fn scores(&self, name: &str) -> Scores {
        let rows = self.y.len();
        let (mut ours, mut seconds) = (Vec::new(), Vec::new());
        for fold in contiguous_folds(rows, 5) {
            let others: Vec<usize> = (0..rows).filter(|r| !fold.contains(r)).collect();
            let (x, y) = (self.x.select(Axis(0), &others), self.y.select(Axis(0), &others));
            let (mean, spread) = (x.mean_axis(Axis(0)).unwrap(), x.std_axis(Axis(0), 0.0));
            let standard = |x: ArrayView2<'_, f64>| (&x - &mean) / &spread;
            let (x, test) = (standard(x.view()), standard(self.x.slice(s![fold.clone(), ..])));
            let start = Instant::now();
            let predicted = predict(name, &x, &y, test.view());
            seconds.push(start.elapsed().as_secs_f64());
            ours.push(r2(&self.y.slice(s![fold]).to_vec(), &predicted.to_vec()).unwrap());
        }
        seconds.sort_by(f64::total_cmp);
        let reference = &self.reference[name];
        let theirs = reference["r2"].as_array().unwrap();
        let theirs = theirs.iter().map(|v| v.as_f64().unwrap()).collect();
        Scores { ours, theirs, seconds: [seconds[2], reference["seconds"].as_f64().unwrap()] }
    }
}

fn predict(name: &str, x: &Array2<f64>, y: &Array1<f64>, test: ArrayView2<'_, f64>) -> Array1<f64> {
    let svr = SvrParams::epsilon(0.1);
    let params: Box<dyn Regression> = match name {
        "ridge" => Box::new(RidgeParams::default()),
        "lasso" => Box::new(ElasticNetParams::default()),
        "forest 100" => Box::new(ForestParams::default()),
        "forest 200" => Box::new(ForestParams::default().trees(200)),
        "SVR RBF" => Box::new(svr),
        "nu-SVR RBF" => Box::new(SvrParams::nu(0.5)),
        "SVR linear" => Box::new(svr.kernel(Kernel::Linear)),
        _ => return Array1::from_elem(test.nrows(), y.mean().unwrap()),
    };
    let cancel = Cancel::default();
    let context = FitContext { seed: 1, progress: &Silent, cancel: &cancel, folder: None };
    params.regress(x, y.view(), &context).unwrap().predict(test)
}
