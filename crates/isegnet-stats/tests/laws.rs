//! Laws that hold for every input.
#![allow(clippy::unwrap_used)]

use isegnet_stats::{auroc, mid_ranks, mse, pearson, r2, spearman};
use proptest::prelude::*;

/// Pairs whose two sides both vary.
fn pairs() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    prop::collection::vec((-50i32..50, -50i32..50), 3..40)
        .prop_map(|v| v.into_iter().map(|(a, b)| (f64::from(a), f64::from(b))).unzip())
        .prop_filter("both sides vary", |(a, b): &(Vec<f64>, Vec<f64>)| {
            a.iter().any(|v| *v != a[0]) && b.iter().any(|v| *v != b[0])
        })
}

proptest! {
    #[test]
    fn a_perfect_prediction_scores_one((x, _) in pairs()) {
        prop_assert_eq!(r2(&x, &x).unwrap(), 1.0);
        prop_assert_eq!(mse(&x, &x).unwrap(), 0.0);
        prop_assert!((pearson(&x, &x).unwrap() - 1.0).abs() < 1e-12);
        prop_assert!((spearman(&x, &x).unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn correlations_are_symmetric_and_bounded((x, y) in pairs()) {
        let r = pearson(&x, &y).unwrap();
        prop_assert!((-1.0..=1.0).contains(&r));
        prop_assert!((r - pearson(&y, &x).unwrap()).abs() < 1e-12);
        let flipped: Vec<f64> = y.iter().map(|v| -v).collect();
        prop_assert!((r + pearson(&x, &flipped).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn pearson_ignores_shift_and_scale((x, y) in pairs(), a in 0.1f64..100.0, b in -1e3f64..1e3) {
        let moved: Vec<f64> = y.iter().map(|v| a * v + b).collect();
        prop_assert!((pearson(&x, &y).unwrap() - pearson(&x, &moved).unwrap()).abs() < 1e-9);
    }

    #[test]
    fn spearman_ignores_any_rising_function((x, y) in pairs()) {
        let cubed: Vec<f64> = y.iter().map(|v| v.powi(3) + 0.5 * v).collect();
        prop_assert!((spearman(&x, &y).unwrap() - spearman(&x, &cubed).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn r2_is_at_most_the_square_of_pearson((x, y) in pairs()) {
        prop_assert!(r2(&x, &y).unwrap() <= pearson(&x, &y).unwrap().powi(2) + 1e-12);
    }

    #[test]
    fn ranks_sum_to_their_triangle_number((x, _) in pairs()) {
        let n = x.len() as f64;
        prop_assert!((mid_ranks(&x).iter().sum::<f64>() - n * (n + 1.0) / 2.0).abs() < 1e-9);
    }

    #[test]
    fn auroc_of_reversed_scores_is_its_complement((x, y) in pairs()) {
        let labels: Vec<bool> = x.iter().map(|v| *v > x[0]).collect();
        prop_assume!(labels.iter().any(|l| *l));
        let reversed: Vec<f64> = y.iter().map(|v| -v).collect();
        let sum = auroc(&labels, &y).unwrap() + auroc(&labels, &reversed).unwrap();
        prop_assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn f32_and_f64_give_the_same((x, y) in pairs()) {
        let short: Vec<f32> = x.iter().map(|v| *v as f32).collect();
        prop_assert_eq!(r2(&x, &y).unwrap(), r2(&short, &y).unwrap());
    }

    #[test]
    fn no_input_gives_nan(x in prop::collection::vec(any::<f64>(), 0..6), y in prop::collection::vec(any::<f64>(), 0..6)) {
        for v in [r2(&x, &y), mse(&x, &y), pearson(&x, &y), spearman(&x, &y)].into_iter().flatten() {
            prop_assert!(v.is_finite());
        }
    }
}
