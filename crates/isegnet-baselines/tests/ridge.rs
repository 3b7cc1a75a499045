//! Ridge against scikit-learn (`tests/data/ridge.py`), hand values and laws.
#![allow(clippy::unwrap_used)]

use isegnet_baselines::{Error, LinearModel, RidgeParams, contiguous_folds};
use isegnet_core::Random;
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2, Axis, array, s};
use proptest::prelude::*;
use serde_json::Value;

fn fit(params: RidgeParams, x: &Array2<f64>, y: &Array1<f64>) -> Result<LinearModel, Error> {
    params.fit(&DatasetBase::new(x.clone(), y.clone()))
}

fn numbers(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

#[test]
fn parity_with_scikit_learn() {
    let text = include_str!("data/ridge.json");
    let reference: Value = serde_json::from_str(text).unwrap();
    for case in reference["cases"].as_array().unwrap() {
        let name = &case["name"];
        let rows: Vec<Vec<f64>> = case["x"].as_array().unwrap().iter().map(numbers).collect();
        let x = Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap();
        let y = Array1::from(numbers(&case["y"]));
        let train = case["train"].as_u64().unwrap() as usize;
        let params = RidgeParams::default().alphas(numbers(&reference["alphas"]));
        let (xs, ys) = (x.slice(s![..train, ..]).to_owned(), y.slice(s![..train]).to_owned());
        let model = fit(params, &xs, &ys).unwrap();
        assert_eq!(model.alpha, case["alpha"].as_f64().unwrap(), "{name}");
        for (score, expected) in model.scores.iter().zip(numbers(&case["mean_r2"])) {
            assert!((score.mean_r2 - expected).abs() < 1e-9, "{name}: {score:?} {expected}");
        }
        let predicted = model.predict(x.slice(s![train.., ..]));
        for (p, expected) in predicted.iter().zip(numbers(&case["predicted"])) {
            assert!((p - expected).abs() < 1e-9, "{name}: {p} {expected}");
        }
        let r2 = isegnet_stats::r2(&y.slice(s![train..]).to_vec(), &predicted.to_vec()).unwrap();
        assert!((r2 - case["r2"].as_f64().unwrap()).abs() < 1e-9, "{name}");
    }
}

/// Inner folds are taken off sums over all rows: nothing of a held-out row may stay, not even
/// where a feature varies nowhere else.
#[test]
fn inner_folds_score_as_fits_on_their_other_rows() {
    let random = Random::new(2, "test");
    let rare = |i: usize, j: usize| i / 2 == 7 * j + 1;
    let x =
        Array2::from_shape_fn((400, 28), |(i, j)| if rare(i, j) { 1.0 + j as f64 } else { 0.0 });
    let y = Array1::from_shape_fn(400, |i| 3.0 + random.normal(i as u64, 9));
    let together = fit(RidgeParams::default(), &x, &y).unwrap();
    for score in &together.scores {
        let of = |fold: std::ops::Range<usize>| {
            let others: Vec<usize> = (0..400).filter(|i| !fold.contains(i)).collect();
            let (xs, ys) = (x.select(Axis(0), &others), y.select(Axis(0), &others));
            let model = fit(RidgeParams::default().alphas([score.alpha]), &xs, &ys).unwrap();
            let predicted = model.predict(x.slice(s![fold.clone(), ..])).to_vec();
            isegnet_stats::r2(&y.slice(s![fold]).to_vec(), &predicted).unwrap()
        };
        let alone = contiguous_folds(400, 5).into_iter().map(of).sum::<f64>() / 5.0;
        assert!((score.mean_r2 - alone).abs() < 1e-9, "{score:?}, by themselves {alone}");
    }
}

#[test]
fn one_feature_done_by_hand() {
    // x standardised is (-1, 1, -1, 1), y centred (-2, 2, -1, 1): weight 6 / (4 + 2).
    let (x, y) = (array![[1.0], [3.0], [1.0], [3.0]], array![3.0, 7.0, 4.0, 6.0]);
    let model = fit(RidgeParams::default().alphas([2.0]).folds(2), &x, &y).unwrap();
    assert!((model.weights[0] - 1.0).abs() < 1e-15);
    assert!((model.intercept - 3.0).abs() < 1e-14);
    assert_eq!(model.alpha, 2.0);
}

#[test]
fn shuffled_labels_cannot_be_predicted() {
    let random = Random::new(1, "test");
    let x = Array2::from_shape_fn((600, 40), |(i, j)| random.normal(i as u64, j as u64));
    let y = x.column(0).to_owned() + x.column(1);
    let r2 = |y: &Array1<f64>| {
        let model = fit(
            RidgeParams::default(),
            &x.slice(s![..400, ..]).to_owned(),
            &y.slice(s![..400]).to_owned(),
        );
        let predicted = model.unwrap().predict(x.slice(s![400.., ..]));
        isegnet_stats::r2(&y.slice(s![400..]).to_vec(), &predicted.to_vec()).unwrap()
    };
    assert!(r2(&y) > 0.99);
    let mut shuffled = y.to_vec();
    random.shuffle(0, &mut shuffled);
    assert!(r2(&shuffled.into()).abs() < 0.05);
}

#[test]
fn what_cannot_be_fitted_is_said() {
    let (x, y) = (Array2::<f64>::zeros((6, 2)), Array1::<f64>::zeros(6));
    assert!(matches!(fit(RidgeParams::default().alphas([]), &x, &y), Err(Error::Alpha { .. })));
    assert!(matches!(fit(RidgeParams::default().alphas([0.0]), &x, &y), Err(Error::Alpha { .. })));
    assert!(matches!(fit(RidgeParams::default().folds(1), &x, &y), Err(Error::Folds { folds: 1 })));
    assert!(matches!(
        fit(RidgeParams::default().folds(7), &x, &y),
        Err(Error::TooFew { rows: 6, needed: 7 })
    ));
    let short = Array1::zeros(5);
    assert!(matches!(fit(RidgeParams::default(), &x, &short), Err(Error::LengthsDiffer { .. })));
    let mut holed = x.clone();
    holed[(3, 1)] = f64::NAN;
    assert!(matches!(
        fit(RidgeParams::default(), &holed, &y),
        Err(Error::NotFinite { row: 3, .. })
    ));
    // Features that do not vary are no failure: the mean is predicted.
    assert_eq!(
        fit(RidgeParams::default(), &x, &(y + 2.0)).unwrap().predict(x.view()),
        Array1::from_elem(6, 2.0)
    );
}

proptest! {
    #[test]
    fn units_of_the_features_do_not_matter(seed in 0u64..1000, scale in 1e-3f64..1e3, shift in -1e3f64..1e3) {
        let random = Random::new(seed, "test");
        let x = Array2::from_shape_fn((30, 3), |(i, j)| random.normal(i as u64, j as u64));
        let y = Array1::from_shape_fn(30, |i| x[(i, 0)] + random.normal(i as u64, 9));
        let moved = &x * scale + shift;
        let a = fit(RidgeParams::default(), &x, &y).unwrap();
        let b = fit(RidgeParams::default(), &moved, &y).unwrap();
        prop_assert_eq!(a.alpha, b.alpha);
        let difference = &a.predict(x.view()) - &b.predict(moved.view());
        prop_assert!(difference.iter().all(|d| d.abs() < 1e-6));
    }
}
