use crate::{Reference, TRAIN, grid_differences, r2, references};
use isegnet_baselines::{ForestParams, MaxFeatures};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};
use serde_json::Value;

/// Seeds of ours that a mean is taken over.
const SEEDS: u64 = 4;

fn predict(
    params: &ForestParams,
    x: &Array2<f64>,
    y: &Array1<f64>,
    test: &Array2<f64>,
) -> Array1<f64> {
    params.fit(&DatasetBase::new(x.clone(), y.clone())).unwrap().predict(test.view())
}

/// R2 on the test rows, a seed each.
fn scores(reference: &Reference, params: &ForestParams, seeds: u64) -> Vec<f64> {
    let ((x, y), (test, truth)) = (reference.rows(0..TRAIN), reference.rows(TRAIN..600));
    let of = |seed| r2(&truth, &predict(&params.clone().seed(seed), &x, &y, &test));
    (0..seeds).map(of).collect()
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

fn max_features(name: &str) -> MaxFeatures {
    match name.rsplit_once("mf").unwrap().1 {
        "sqrt" => MaxFeatures::Sqrt,
        share => MaxFeatures::Share(share.parse().unwrap()),
    }
}

#[test]
fn parity_of_forests() {
    for reference in references() {
        for (name, expected) in reference.models["RF"].as_object().unwrap() {
            let trees = name.split('.').nth(1).unwrap().parse().unwrap();
            let params = ForestParams::default().trees(trees).max_features(max_features(name));
            let theirs = expected["r2_mean"].as_f64().unwrap();
            let allowed = 4.0 * expected["r2_sd"].as_f64().unwrap();
            let ours = scores(&reference, &params, SEEDS);
            println!("{} {name}: {ours:.4?} for {theirs:.4} +- {allowed:.4}", reference.name);
            let mean = mean_and_deviation(&ours).0;
            assert!((mean - theirs).abs() <= allowed, "{name}: mean {mean}, {theirs}");
        }
    }
}

/// Without bootstrap one tree is a decision tree, whose seed breaks ties alone.
#[test]
fn parity_of_trees() {
    let tree = || ForestParams::default().trees(1).bootstrap(false);
    let cases = [
        ("TREE.full", tree()),
        ("TREE.depth4", tree().max_depth(4)),
        ("TREE.leaf5", tree().min_samples_leaf(5)),
    ];
    for reference in references() {
        for (name, params) in &cases {
            let theirs = reference.models[name]["r2_test"].as_f64().unwrap();
            let (mean, deviation) = mean_and_deviation(&scores(&reference, params, 20));
            println!("{} {name}: {mean:.5} +- {deviation:.5} for {theirs:.5}", reference.name);
            let off = (mean - theirs).abs();
            assert!(off <= 4.0 * deviation + 1e-9, "{name}: {mean} {deviation} {theirs}");
            let (x, y) = reference.rows(0..TRAIN);
            let train = r2(&y, &predict(params, &x, &y, &x));
            let theirs = reference.models[name]["r2_train"].as_f64().unwrap();
            assert!((train - theirs).abs() < 5e-3, "{name}: {train} on its own rows, {theirs}");
        }
    }
}

#[test]
fn parity_of_grids() {
    for reference in references() {
        let [fold, mean] = grid_differences(&reference, "RF", |p: &Value, x, y, test| {
            let number = |key: &str| p[key].as_u64().map(|v| v as usize);
            let features = match &p["max_features"] {
                Value::String(name) if name == "sqrt" => MaxFeatures::Sqrt,
                Value::Number(share) => MaxFeatures::Share(share.as_f64().unwrap()),
                _ => MaxFeatures::All,
            };
            let params = ForestParams::default()
                .trees(number("n_estimators").unwrap_or(100))
                .max_depth(number("max_depth").unwrap_or(usize::MAX))
                .min_samples_leaf(number("min_samples_leaf").unwrap_or(1))
                .max_features(features);
            // Of two seeds: a cell of theirs is one draw already.
            let of = |seed| predict(&params.clone().seed(seed), x, y, test);
            (0..2).map(of).fold(Array1::zeros(test.nrows()), |sum, p| sum + p) / 2.0
        });
        println!("{} RF: {fold:.1e} a fold, {mean:.1e} the mean", reference.name);
        assert!(mean <= 0.02, "{}: {fold} {mean}", reference.name);
    }
}
