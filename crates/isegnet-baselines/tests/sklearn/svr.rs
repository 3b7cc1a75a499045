use crate::{Reference, TRAIN, grid_differences, largest, r2, references};
use isegnet_baselines::{Gamma, Kernel, SvrModel, SvrParams};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};
use serde_json::Value;

/// The same parameters as those of scikit-learn's.
fn params(name: &str, p: &Value) -> SvrParams {
    let number = |key: &str| p[key].as_f64();
    let gamma = match p["gamma"].as_str() {
        Some("auto") => Gamma::Auto,
        Some("scale") => Gamma::Scale,
        _ => number("gamma").map_or(Gamma::Scale, Gamma::Value),
    };
    let kernel = if name.contains("linear") { Kernel::Linear } else { Kernel::Rbf { gamma } };
    let params = match number("nu") {
        Some(nu) => SvrParams::nu(nu),
        None => SvrParams::epsilon(number("epsilon").unwrap_or(0.1)),
    };
    let tolerance = number("tol").unwrap_or(1e-3);
    params.c(number("C").unwrap_or(1.0)).kernel(kernel).tolerance(tolerance)
}

fn fit(params: &SvrParams, x: &Array2<f64>, y: &Array1<f64>) -> SvrModel {
    params.fit(&DatasetBase::new(x.clone(), y.clone())).unwrap()
}

fn each_model(reference: &Reference, mut test: impl FnMut(&str, &Value, SvrModel)) {
    let (x, y) = reference.rows(0..TRAIN);
    for (name, model) in reference.models.as_object().unwrap() {
        if name.contains("SVR") {
            test(name, model, fit(&params(name, &model["params"]), &x, &y));
        }
    }
}

#[test]
fn parity_of_predictions() {
    for reference in references() {
        let predictions = reference.predictions();
        let (test, y) = reference.rows(TRAIN..600);
        let mut models = 0;
        each_model(&reference, |name, expected, model| {
            let ours = model.predict(test.view());
            let off = largest(ours.iter().zip(&predictions[name]).map(|(a, b)| (a - b).abs()));
            let allowed = match name {
                _ if name.contains("tol1e-8") => 1e-4,
                _ if name.contains("linear") => 2e-2,
                _ => 1e-3,
            };
            println!("{} {name}: {off:.2e} ({} steps)", reference.name, model.steps());
            assert!(off <= allowed, "{} {name}: {off}", reference.name);
            let off = (r2(&y, &ours) - expected["r2_test"].as_f64().unwrap()).abs();
            assert!(off <= 2.0 * allowed, "{} {name}: R2 {off}", reference.name);
            models += 1;
        });
        assert_eq!(models, 33);
    }
}

#[test]
fn parity_of_support_vectors() {
    for reference in references() {
        each_model(&reference, |name, expected, model| {
            let theirs = expected["n_support"].as_f64().unwrap();
            let ours = model.weights().len() as f64;
            let off = (ours - theirs).abs() / theirs;
            assert!(off <= 0.01, "{} {name}: {ours}, {theirs}", reference.name);
            if let Some(gamma) = expected["gamma_used"].as_f64() {
                assert!((model.gamma().unwrap() / gamma - 1.0).abs() < 1e-12);
            }
        });
    }
}

#[test]
fn parity_of_grids() {
    for reference in references() {
        for name in ["SVR.rbf", "SVR.linear", "NuSVR.rbf"] {
            let [fold, mean] = grid_differences(&reference, name, |p, x, y, test| {
                fit(&params(name, p), x, y).predict(test.view())
            });
            println!("{} {name}: {fold:.1e} a fold, {mean:.1e} the mean", reference.name);
            assert!(fold <= 2e-3 && mean <= 2e-3, "{} {name}: {fold} {mean}", reference.name);
        }
    }
}
