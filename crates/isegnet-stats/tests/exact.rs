//! Exact p-values against slow counts of every arrangement, and random ones
//! against exact ones.
#![allow(clippy::unwrap_used)]

use isegnet_core::Random;
use isegnet_stats::{
    Alternative, Method, auprc, fisher_exact, kolmogorov_smirnov, mann_whitney, mid_ranks,
    permutation_test, sign_flip_test, sign_test, wilcoxon,
};
use proptest::prelude::*;

const ALTERNATIVES: [Alternative; 3] =
    [Alternative::Less, Alternative::Greater, Alternative::TwoSided];

/// The p-value of the first of `statistics` among all; two-sided is twice the
/// smaller tail.
fn enumerated(observed: f64, statistics: &[f64], alternative: Alternative) -> f64 {
    let share = |f: &dyn Fn(f64) -> bool| {
        statistics.iter().filter(|s| f(**s)).count() as f64 / statistics.len() as f64
    };
    let (low, high) = (share(&|s| s <= observed + 1e-9), share(&|s| s >= observed - 1e-9));
    match alternative {
        Alternative::Less => low,
        Alternative::Greater => high,
        Alternative::TwoSided => (2.0 * low.min(high)).min(1.0),
    }
}

/// Every way to choose the `n` values that are the first sample.
fn splits(values: &[f64], n: usize) -> Vec<(Vec<f64>, Vec<f64>)> {
    let chosen = (0_u32..1 << values.len()).filter(|bits| bits.count_ones() as usize == n);
    let split = |bits: u32| {
        let part = |of: u32| {
            (0..values.len()).filter(|i| bits >> i & 1 == of).map(|i| values[i]).collect()
        };
        (part(1), part(0))
    };
    chosen.map(split).collect()
}

/// The largest signed gap of the cumulative distributions, place by place.
fn gaps(a: &[f64], b: &[f64]) -> (f64, f64) {
    let share = |v: &[f64], at: f64| v.iter().filter(|x| **x <= at).count() as f64 / v.len() as f64;
    let gap = a.iter().chain(b).map(|&at| share(a, at) - share(b, at));
    gap.fold((0.0, 0.0), |(low, high), g| (f64::max(low, -g), f64::max(high, g)))
}

/// Pairs of samples; all values distinct, in random order.
fn distinct() -> impl Strategy<Value = (Vec<f64>, usize)> {
    (2_usize..10).prop_flat_map(|n| {
        let values: Vec<f64> = (0..n).map(|i| (i * i) as f64).collect();
        (Just(values).prop_shuffle(), 1..n)
    })
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-10 * b.abs()
}

proptest! {
    #[test]
    fn mann_whitney_counts_arrangements((values, n) in distinct()) {
        let u = |a: &[f64], b: &[f64]| {
            a.iter().map(|x| b.iter().filter(|y| x > *y).count()).sum::<usize>() as f64
        };
        let all: Vec<f64> = splits(&values, n).iter().map(|(a, b)| u(a, b)).collect();
        let (a, b) = values.split_at(n);
        for alternative in ALTERNATIVES {
            let test = mann_whitney(a, b, alternative, Method::Exact).unwrap();
            prop_assert_eq!(test.statistic, u(a, b));
            prop_assert!(close(test.p.p(), enumerated(u(a, b), &all, alternative)));
        }
    }

    #[test]
    fn kolmogorov_smirnov_counts_arrangements((values, n) in distinct()) {
        let all = splits(&values, n);
        let (a, b) = values.split_at(n);
        for alternative in ALTERNATIVES {
            let distance = |a: &[f64], b: &[f64]| match (alternative, gaps(a, b)) {
                (Alternative::Less, (low, _)) => low,
                (Alternative::Greater, (_, high)) => high,
                (Alternative::TwoSided, (low, high)) => low.max(high),
            };
            let reached = all.iter().filter(|(x, y)| distance(x, y) >= distance(a, b) - 1e-9);
            let test = kolmogorov_smirnov(a, b, alternative, Method::Exact).unwrap();
            prop_assert!((test.distance - distance(a, b)).abs() < 1e-12);
            prop_assert!(close(test.p.p(), reached.count() as f64 / all.len() as f64));
        }
    }

    /// Ties and zeros among them.
    #[test]
    fn wilcoxon_and_signs_count_patterns(d in prop::collection::vec(-4_i32..5, 1..10)) {
        let d: Vec<f64> = d.into_iter().map(f64::from).collect();
        let kept: Vec<f64> = d.iter().copied().filter(|d| *d != 0.0).collect();
        prop_assume!(!kept.is_empty());
        let sizes: Vec<f64> = kept.iter().map(|d| d.abs()).collect();
        let ranks = mid_ranks(&sizes);
        let sum = |positive: &dyn Fn(usize) -> bool, weight: &dyn Fn(usize) -> f64| {
            (0..kept.len()).filter(|&i| positive(i)).map(weight).sum::<f64>()
        };
        let patterns = || 0_u32..1 << kept.len();
        let rank_sums: Vec<f64> =
            patterns().map(|bits| sum(&|i| bits >> i & 1 == 1, &|i| ranks[i])).collect();
        let counts: Vec<f64> = patterns().map(|bits| f64::from(bits.count_ones())).collect();
        let zeros = vec![0.0; d.len()];
        for alternative in ALTERNATIVES {
            let test = wilcoxon(&d, &zeros, alternative, Method::Auto).unwrap();
            let observed = sum(&|i| kept[i] > 0.0, &|i| ranks[i]);
            prop_assert_eq!(test.statistic, observed);
            prop_assert!(close(test.p.p(), enumerated(observed, &rank_sums, alternative)));
            let signs = sign_test(&d, &zeros, alternative).unwrap();
            let positive = sum(&|i| kept[i] > 0.0, &|_| 1.0);
            prop_assert!(close(signs.p.p(), enumerated(positive, &counts, alternative)));
        }
    }

    #[test]
    fn fisher_counts_tables(a in 0_u64..12, b in 0_u64..12, c in 0_u64..12, d in 0_u64..12) {
        let choose = |n: u64, k: u64| -> f64 {
            if k > n { 0.0 } else { (1..=k).map(|i| (n - k + i) as f64 / i as f64).product() }
        };
        let chance = |x: u64| {
            choose(a + b, x) * choose(c + d, a + c - x) / choose(a + b + c + d, a + c)
        };
        let p = |keep: &dyn Fn(u64) -> bool| -> f64 {
            (0..=(a + b).min(a + c)).filter(|x| keep(*x)).map(chance).sum()
        };
        let test = |alternative| fisher_exact([[a, b], [c, d]], alternative).unwrap().p();
        prop_assert!(close(test(Alternative::Less), p(&|x| x <= a)));
        prop_assert!(close(test(Alternative::Greater), p(&|x| x >= a)));
        let as_rare = p(&|x| chance(x) <= chance(a) * (1.0 + 1e-9));
        prop_assert!(close(test(Alternative::TwoSided), as_rare));
    }

    /// Every threshold on its own.
    #[test]
    fn auprc_sums_over_thresholds(rows in prop::collection::vec((any::<bool>(), 0_i32..6), 2..30)) {
        let (labels, scores): (Vec<bool>, Vec<i32>) = rows.into_iter().unzip();
        let positives = labels.iter().filter(|l| **l).count();
        prop_assume!(positives > 0 && positives < labels.len());
        let at = |threshold: i32| {
            let passed = labels.iter().zip(&scores).filter(|(_, s)| **s >= threshold);
            let right = passed.clone().filter(|(l, _)| **l).count() as f64;
            (right / passed.count().max(1) as f64, right / positives as f64)
        };
        let area: f64 = (0..6).map(|t| at(t).0 * (at(t).1 - at(t + 1).1)).sum();
        prop_assert!((auprc(&labels, &scores).unwrap() - area).abs() < 1e-12);
    }
}

#[test]
fn random_permutations_approach_all_of_them() {
    let values = [3.1, 0.2, 5.5, 4.8, 1.9, 2.2, 0.7, 6.0];
    let (a, b) = values.split_at(3);
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let difference = |a: &[f64], b: &[f64]| mean(a) - mean(b);
    let all: Vec<f64> = splits(&values, 3).iter().map(|(a, b)| difference(a, b)).collect();
    let flips: Vec<f64> = (0_u32..256)
        .map(|bits| {
            let signed = |i: usize| if bits >> i & 1 == 1 { values[i] } else { -values[i] };
            (0..8).map(signed).sum::<f64>() / 8.0
        })
        .collect();
    let random = Random::new(11, "test");
    let below = |repeat, item, n| random.below(repeat, item, n);
    for alternative in ALTERNATIVES {
        let test = permutation_test(a, b, difference, alternative, 40_000, below).unwrap();
        let exact = enumerated(difference(a, b), &all, alternative);
        assert!((test.p.p() - exact).abs() < 0.01, "{alternative:?}: {test:?} {exact}");
        let flipped = sign_flip_test(&values, &[0.0; 8], alternative, 40_000, below).unwrap();
        let exact = enumerated(mean(&values), &flips, alternative);
        assert!((flipped.p.p() - exact).abs() < 0.005, "{alternative:?}: {flipped:?} {exact}");
    }
}
