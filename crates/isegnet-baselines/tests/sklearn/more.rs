//! Against `tests/data/more.json`: elastic nets and polynomial kernels.

use crate::{TRAIN, largest, references};
use isegnet_baselines::{ElasticNetParams, Gamma, Kernel, SvrParams};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array1;
use serde_json::Value;

fn off(ours: &Array1<f64>, case: &Value) -> f64 {
    let theirs = case["predicted"].as_array().unwrap();
    assert_eq!(ours.len(), theirs.len());
    largest(ours.iter().zip(theirs).map(|(a, b)| (a - b.as_f64().unwrap()).abs()))
}

fn cases(kind: &str) -> Vec<Value> {
    let text = include_str!("../data/more.json");
    serde_json::from_str::<Value>(text).unwrap()[kind].as_array().unwrap().clone()
}

#[test]
fn parity_of_elastic_nets() {
    let Some(binned) = references().into_iter().next() else { return };
    let (x, y) = binned.rows(0..TRAIN);
    let (data, test) = (DatasetBase::new(x, y), binned.rows(TRAIN..600).0);
    for case in cases("elastic") {
        let params = ElasticNetParams::default()
            .alphas([case["alpha"].as_f64().unwrap()])
            .l1_ratio(case["l1_ratio"].as_f64().unwrap())
            .tolerance(1e-13);
        let off = off(&params.fit(&data).unwrap().predict(test.view()), &case);
        assert!(off < 1e-6, "{off}");
    }
}

#[test]
fn parity_of_polynomial_kernels() {
    let Some(binned) = references().into_iter().next() else { return };
    let (x, y) = binned.rows(0..TRAIN);
    let (data, test) = (DatasetBase::new(x, y), binned.rows(TRAIN..600).0);
    for case in cases("polynomial") {
        let kernel = Kernel::Polynomial {
            degree: case["degree"].as_u64().unwrap() as u32,
            gamma: Gamma::Scale,
            coef0: case["coef0"].as_f64().unwrap(),
        };
        let params =
            SvrParams::epsilon(0.1).kernel(kernel).c(case["C"].as_f64().unwrap()).tolerance(1e-8);
        let model = params.fit(&data).unwrap();
        let off = off(&model.predict(test.view()), &case);
        println!("{kernel:?}: {off:.1e} after {} steps", model.steps());
        assert!(off < 1e-4, "{kernel:?}: {off}");
        let theirs = case["n_support"].as_f64().unwrap();
        assert!((model.weights().len() as f64 / theirs - 1.0).abs() <= 0.01);
    }
}
