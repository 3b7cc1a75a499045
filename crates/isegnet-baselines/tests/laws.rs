//! What holds of the models whatever the data.
#![allow(clippy::unwrap_used)]

use isegnet_baselines::{
    ElasticNetParams, Error, ForestModel, ForestParams, Gamma, Kernel, MaxFeatures, Model,
    Regression, RidgeParams, SvrModel, SvrParams,
};
use isegnet_core::{Cancel, FitContext, Random, Silent};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2, array, s};
use proptest::prelude::*;

/// Rows whose target follows two features, one of them rich in zeros.
fn made(seed: u64, rows: usize, features: usize) -> (Array2<f64>, Array1<f64>) {
    let random = Random::new(seed, "test");
    let x = Array2::from_shape_fn((rows, features), |(i, j)| {
        let value = random.normal(i as u64, j as u64);
        if j % 2 == 1 { value.max(0.0) } else { value }
    });
    let noise = |i: usize| random.normal(1 << 40, i as u64);
    let y = Array1::from_shape_fn(rows, |i| 2.0 * x[(i, 1)] + x[(i, 0)].sin() + 0.3 * noise(i));
    (x, y)
}

fn forest(params: &ForestParams, x: &Array2<f64>, y: &Array1<f64>) -> ForestModel {
    params.fit(&DatasetBase::new(x.clone(), y.clone())).unwrap()
}

fn svr(params: &SvrParams, x: &Array2<f64>, y: &Array1<f64>) -> SvrModel {
    params.fit(&DatasetBase::new(x.clone(), y.clone())).unwrap()
}

fn each_model() -> Vec<(&'static str, Box<dyn Regression + Sync>)> {
    vec![
        ("ridge", Box::new(RidgeParams::default())),
        ("lasso", Box::new(ElasticNetParams::default())),
        ("forest", Box::new(ForestParams::default())),
        ("SVR", Box::new(SvrParams::epsilon(0.1).c(0.1))),
        ("SVR linear", Box::new(SvrParams::epsilon(0.1).c(0.1).kernel(Kernel::Linear))),
        ("nu-SVR", Box::new(SvrParams::nu(0.5).c(0.1))),
    ]
}

fn fit(params: &dyn Regression, x: &Array2<f64>, y: &Array1<f64>) -> Result<Model, Error> {
    let cancel = Cancel::default();
    let context = FitContext { seed: 1, progress: &Silent, cancel: &cancel, folder: None };
    params.regress(x, y.view(), &context)
}

fn in_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_forest_never_leaves_the_range_of_its_targets(
        seed in 0u64..1000,
        rows in 2usize..60,
        offset in -1e6..1e6f64,
        leaf in 1usize..4,
    ) {
        let (x, y) = made(seed, rows, 4);
        let y = y + offset;
        let params = ForestParams::default().trees(7).min_samples_leaf(leaf).seed(seed);
        let model = forest(&params, &x, &y);
        let least = y.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let far = made(seed + 1, 50, 4).0 * 100.0;
        for value in model.predict(far.view()).iter().chain(&model.predict(x.view())) {
            prop_assert!((least..=largest).contains(value));
        }
    }

    #[test]
    fn sorting_once_or_at_every_node_grows_the_same_forest(
        seed in 0u64..1000,
        rows in 2usize..200,
        count in 1usize..6,
        leaf in 1usize..4,
    ) {
        let (x, y) = made(seed, rows, 5);
        // Ties of features and of targets.
        let (x, y) = (x.mapv(|v| (4.0 * v).round()), y.mapv(|v| (2.0 * v).round()));
        let params = ForestParams::default()
            .trees(5)
            .max_features(MaxFeatures::Count(count))
            .min_samples_leaf(leaf)
            .seed(seed);
        let kept = forest(&params, &x, &y);
        prop_assert_eq!(kept, forest(&params.presort_bytes(0), &x, &y));
    }

    #[test]
    fn a_tree_on_every_row_knows_its_targets(seed in 0u64..1000, rows in 1usize..100) {
        let (x, y) = made(seed, rows, 3);
        let model = forest(&ForestParams::default().trees(1).bootstrap(false), &x, &y);
        prop_assert_eq!(model.predict(x.view()), y);
        prop_assert_eq!(model.leaves(), rows);
    }

    #[test]
    fn a_support_vector_regression_is_optimal(
        seed in 0u64..1000,
        rows in 2usize..80,
        c in 0.01..10.0f64,
        epsilon in 0.0..0.5f64,
        nu in 0.05..1.0f64,
    ) {
        let (x, y) = made(seed, rows, 3);
        let small_cache = 4 * 4 * rows;
        for params in [SvrParams::epsilon(epsilon), SvrParams::nu(nu)] {
            let params = params.c(c).tolerance(1e-6).cache_bytes(small_cache);
            let model = svr(&params, &x, &y);
            let weights = model.weights();
            // Both kinds: weights within their bounds that cancel.
            prop_assert!(weights.iter().all(|w| w.abs() <= c * (1.0 + 1e-12)));
            prop_assert!(weights.sum().abs() < 1e-9 * c * rows as f64);
            if params == SvrParams::epsilon(epsilon).c(c).tolerance(1e-6).cache_bytes(small_cache) {
                // Beyond the tube the weight is at its bound, within it 0.
                for (row, error) in (&y - &model.predict(x.view())).iter().enumerate() {
                    let vectors = model.support_vectors();
                    let at = vectors.rows().into_iter().position(|v| v == x.row(row));
                    let weight = at.map_or(0.0, |i| weights[i]);
                    if error.abs() > epsilon + 1e-4 {
                        prop_assert!((weight - c * error.signum()).abs() < 1e-9 * c);
                    } else if error.abs() < epsilon - 1e-4 {
                        prop_assert!(weight == 0.0);
                    }
                }
            } else {
                let budget = c * nu * rows as f64;
                prop_assert!(weights.iter().map(|w| w.abs()).sum::<f64>() <= budget * (1.0 + 1e-9));
            }
        }
    }

    #[test]
    fn shrinking_and_the_cache_change_nothing(seed in 0u64..1000, rows in 30usize..150) {
        let (x, y) = made(seed, rows, 4);
        for params in [SvrParams::epsilon(0.1), SvrParams::nu(0.4)] {
            let params = params.c(3.0).tolerance(1e-7);
            let expected = svr(&params, &x, &y).predict(x.view());
            for other in [
                params.clone().shrinking(false),
                params.clone().cache_bytes(0),
                params.clone().cache_bytes(4 * 20 * rows),
            ] {
                let found = svr(&other, &x, &y).predict(x.view());
                let off = (&found - &expected).iter().fold(0.0_f64, |m, d| m.max(d.abs()));
                prop_assert!(off < 1e-5, "{}", off);
            }
        }
    }
}

#[test]
fn the_order_of_the_trees_changes_no_prediction() {
    let (x, y) = made(1, 300, 6);
    let model = forest(&ForestParams::default().trees(50), &x, &y);
    let mut order: Vec<usize> = (0..50).collect();
    Random::new(2, "test").shuffle(0, &mut order);
    let reordered = model.reordered(&order);
    assert_ne!(model, reordered);
    assert_eq!(model.predict(x.view()), reordered.predict(x.view()));
}

#[test]
fn threads_change_no_bit() {
    let (x, y) = made(3, 700, 8);
    for (name, params) in each_model() {
        let of = |threads| in_threads(threads, || fit(params.as_ref(), &x, &y).unwrap());
        let one = of(1);
        assert_eq!(one, of(3), "{name}");
        let predicted = in_threads(1, || one.predict(x.view()));
        assert_eq!(predicted, in_threads(3, || one.predict(x.view())), "{name}");
    }
}

#[test]
fn each_model_explains_its_data_and_none_shuffled_labels() {
    let (x, y) = made(4, 900, 8);
    let mut shuffled = y.to_vec();
    Random::new(5, "test").shuffle(0, &mut shuffled);
    let shuffled = Array1::from(shuffled);
    let test = x.slice(s![600.., ..]);
    let score = |params: &dyn Regression, y: &Array1<f64>| {
        let train = (x.slice(s![..600, ..]).to_owned(), y.slice(s![..600]).to_owned());
        let predicted = fit(params, &train.0, &train.1).unwrap().predict(test);
        isegnet_stats::r2(&y.slice(s![600..]).to_vec(), &predicted.to_vec()).unwrap()
    };
    for (name, params) in each_model() {
        let (real, none) = (score(params.as_ref(), &y), score(params.as_ref(), &shuffled));
        assert!(real > 0.7, "{name}: {real}");
        assert!(none > -0.25 && none < 0.05, "{name}: {none} on shuffled labels");
    }
}

#[test]
fn an_elastic_net_is_optimal() {
    // Zero is in the subgradient: the pull of a feature with a weight is its penalty's
    // slope, that of one without at most the l1 part.
    let (x, y) = made(6, 200, 10);
    for l1_ratio in [1.0, 0.3] {
        let params = ElasticNetParams::default().alphas([0.05]).l1_ratio(l1_ratio).tolerance(1e-12);
        let model = params.fit(&DatasetBase::new(x.clone(), y.clone())).unwrap();
        let residual = &y - &model.predict(x.view());
        assert!(residual.mean().unwrap().abs() < 1e-9);
        assert!(model.weights.iter().any(|w| *w == 0.0) && model.weights.iter().any(|w| *w != 0.0));
        for (column, weight) in x.columns().into_iter().zip(&model.weights) {
            let (mean, spread) = (column.mean().unwrap(), column.std(0.0));
            let pull = column.mapv(|v| (v - mean) / spread).dot(&residual) / 200.0;
            let weight = weight * spread;
            let (l1, l2) = (0.05 * l1_ratio, 0.05 * (1.0 - l1_ratio));
            if weight == 0.0 {
                assert!(pull.abs() <= l1 + 1e-6);
            } else {
                assert!((pull - l2 * weight - l1 * weight.signum()).abs() < 1e-5);
            }
        }
    }
}

#[test]
fn a_forest_of_leaves_larger_than_the_data_is_their_mean() {
    let (x, y) = made(9, 40, 2);
    let params = ForestParams::default().trees(1).bootstrap(false);
    for rows in [21, usize::MAX] {
        let model = forest(&params.clone().min_samples_leaf(rows), &x, &y);
        assert_eq!(model.leaves(), 1);
        assert!((model.predict(x.view())[0] - y.mean().unwrap()).abs() < 1e-12);
    }
}

#[test]
fn data_that_tell_nothing_give_the_mean() {
    let y = Array1::from_shape_fn(30, |i| if i % 2 == 0 { 1.0 } else { 3.0 });
    // Features that do not vary, none, and targets that do not vary.
    let cases = [
        (Array2::from_elem((30, 2), 0.1), y.clone()),
        (Array2::zeros((30, 0)), y.clone()),
        (made(11, 30, 2).0, Array1::from_elem(30, 2.0)),
    ];
    for (x, y) in cases {
        for (name, params) in each_model() {
            let predicted = fit(params.as_ref(), &x, &y).unwrap().predict(x.view());
            let least = y.iter().copied().fold(f64::INFINITY, f64::min) - 1e-9;
            let largest = y.iter().copied().fold(f64::NEG_INFINITY, f64::max) + 1e-9;
            let same = predicted.iter().all(|p| (p - predicted[0]).abs() < 1e-9);
            assert!(same && (least..=largest).contains(&predicted[0]), "{name}: {predicted}");
        }
    }
}

#[test]
fn every_fit_stops_when_it_is_asked_to() {
    let (x, y) = made(10, 60, 5);
    let cancel = Cancel::default();
    cancel.cancel();
    let context = FitContext { seed: 1, progress: &Silent, cancel: &cancel, folder: None };
    for (name, params) in each_model() {
        let stopped = params.regress(&x, y.view(), &context);
        assert!(matches!(stopped, Err(Error::Cancelled)), "{name}");
    }
}

#[test]
fn a_row_with_a_missing_value_has_no_prediction() {
    let (x, y) = made(8, 60, 3);
    let mut rows = x.slice(s![..2, ..]).to_owned();
    rows[(1, 2)] = f64::NAN;
    for (name, params) in each_model() {
        let predicted = fit(params.as_ref(), &x, &y).unwrap().predict(rows.view());
        assert!(predicted[0].is_finite() && predicted[1].is_nan(), "{name}: {predicted}");
    }
}

#[test]
fn a_support_vector_regression_done_by_hand() {
    // Two points, linear kernel, no tube: the line through both if C allows a weight of
    // 1/2 for a slope of 1 over a distance of 2.
    let (x, y) = (array![[-1.0], [1.0]], array![0.0, 2.0]);
    let params = SvrParams::epsilon(0.0).kernel(Kernel::Linear).tolerance(1e-9);
    let model = svr(&params.clone().c(1.0), &x, &y);
    assert!((model.predict(array![[3.0]].view())[0] - 4.0).abs() < 1e-8);
    assert!((model.weights()[1] - 0.5).abs() < 1e-8 && (model.intercept() - 1.0).abs() < 1e-8);
    // At C 1/4 the slope is half.
    let model = svr(&params.c(0.25), &x, &y);
    assert!((model.predict(array![[1.0]].view())[0] - 1.5).abs() < 1e-8);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let (x, y) = made(7, 20, 2);
    let refused = |params: &dyn Regression| fit(params, &x, &y).unwrap_err().to_string();
    let rbf = |gamma| Kernel::Rbf { gamma: Gamma::Value(gamma) };
    for (params, said) in [
        (SvrParams::epsilon(-1.0), "epsilon is -1"),
        (SvrParams::nu(0.0), "nu is 0"),
        (SvrParams::nu(1.5), "nu is 1.5"),
        (SvrParams::nu(0.5).c(f64::NAN), "C is NaN"),
        (SvrParams::epsilon(0.1).kernel(rbf(0.0)), "gamma is 0"),
        (SvrParams::epsilon(0.1).tolerance(0.0), "tolerance is 0"),
        (SvrParams::epsilon(0.0).max_steps(2), "after 2 steps"),
    ] {
        assert!(refused(&params).contains(said), "{}", refused(&params));
    }
    for (params, said) in [
        (ForestParams::default().trees(0), "trees is 0"),
        (ForestParams::default().max_depth(0), "max_depth is 0"),
        (ForestParams::default().min_samples_split(1), "min_samples_split is 1"),
        (ForestParams::default().min_samples_leaf(0), "min_samples_leaf is 0"),
        (ForestParams::default().max_features(MaxFeatures::Share(1.1)), "max_features is 1.1"),
    ] {
        assert!(refused(&params).contains(said), "{}", refused(&params));
    }
    assert!(refused(&ElasticNetParams::default().l1_ratio(0.0)).contains("l1_ratio is 0"));
    // Kernels beyond single precision.
    let steep = Kernel::Polynomial { degree: 900, gamma: Gamma::Value(3.0), coef0: 1.0 };
    let steep = refused(&SvrParams::epsilon(0.1).kernel(steep));
    assert!(steep.contains("standardise"), "{steep}");
    let mut bad = x.clone();
    bad[(3, 1)] = f64::NAN;
    for (name, params) in each_model() {
        let error = fit(params.as_ref(), &bad, &y).unwrap_err();
        assert!(matches!(error, Error::NotFinite { row: 3, .. }), "{name}: {error}");
        let error = fit(params.as_ref(), &x, &y.slice(s![1..]).to_owned()).unwrap_err();
        assert!(matches!(error, Error::LengthsDiffer { .. }), "{name}: {error}");
        let none = (Array2::zeros((0, 2)), Array1::zeros(0));
        let error = fit(params.as_ref(), &none.0, &none.1).unwrap_err();
        let Error::TooFew { rows: 0, needed } = error else { panic!("{name}: {error}") };
        assert!(error.to_string().contains(&format!("0 rows are too few, {needed} are needed")));
    }
}
