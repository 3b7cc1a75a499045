//! Laws that hold for every input.
#![allow(clippy::unwrap_used)]

use isegnet_core::Random;
use isegnet_stats::{
    Alternative, Correction, GeneSet, Hypergeometric, Method, PValue, Undefined, Universe, auprc,
    auroc, fisher_exact, kolmogorov_smirnov, mann_whitney, mid_ranks, mse, over_representation,
    paired_t_test, pearson, pearson_test, permutation_test, r2, sign_flip_test, sign_test,
    spearman, wilcoxon,
};
use proptest::prelude::*;

/// Pairs whose two sides both vary.
fn pairs() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    prop::collection::vec((-50i32..50, -50i32..50), 3..40)
        .prop_map(|v| v.into_iter().map(|(a, b)| (f64::from(a), f64::from(b))).unzip())
        .prop_filter("both sides vary", |(a, b): &(Vec<f64>, Vec<f64>)| {
            a.iter().any(|v| *v != a[0]) && b.iter().any(|v| *v != b[0])
        })
}

const ALTERNATIVES: [Alternative; 3] =
    [Alternative::Less, Alternative::Greater, Alternative::TwoSided];

const CORRECTIONS: [Correction; 5] = [
    Correction::Bonferroni,
    Correction::Sidak,
    Correction::Holm,
    Correction::BenjaminiHochberg,
    Correction::BenjaminiYekutieli,
];

/// p-values from 1 to far below the smallest float.
fn p_values() -> impl Strategy<Value = Vec<PValue>> {
    let ln = prop_oneof![-5.0..0.0, -3000.0..0.0, Just(0.0)];
    prop::collection::vec(ln.prop_map(|ln: f64| PValue::from_ln(ln).unwrap()), 0..60)
}

/// Two samples of few distinct values, so that some are equal.
fn samples() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let sample = || prop::collection::vec((-20_i32..20).prop_map(f64::from), 1..30);
    (sample(), sample())
}

proptest! {
    #[test]
    fn adjusted_p_values_keep_their_order_and_never_fall(p in p_values()) {
        for correction in CORRECTIONS {
            let q = correction.adjust(&p);
            for i in 0..p.len() {
                prop_assert!(q[i].ln() >= p[i].ln() - 1e-12 * p[i].ln().abs(), "{:?}", correction);
                prop_assert!(q[i].ln() <= 0.0 && q[i].p() <= 1.0);
                for j in 0..p.len() {
                    let tolerance = 1e-12 * q[i].ln().abs();
                    prop_assert!(p[i] > p[j] || q[i].ln() <= q[j].ln() + tolerance, "{:?}", correction);
                }
            }
        }
    }

    /// q of BH: the least level at which the step-up procedure would reject.
    #[test]
    fn bh_agrees_with_its_definition(p in prop::collection::vec(0.0_f64..1.0, 1..30)) {
        let q = Correction::BenjaminiHochberg.adjust(&PValue::all(&p).unwrap());
        let m = p.len() as f64;
        for (i, own) in p.iter().enumerate() {
            let at = |level: f64| m * level / p.iter().filter(|o| **o <= level).count() as f64;
            let least = p.iter().filter(|o| *o >= own).map(|&o| at(o)).fold(1.0, f64::min);
            prop_assert!((q[i].p() - least).abs() <= 1e-12 * least);
        }
    }

    #[test]
    fn corrections_are_ordered_by_what_they_promise(p in p_values()) {
        let ln = |c: Correction| c.adjust(&p).iter().map(|q| q.ln()).collect::<Vec<_>>();
        let [bonferroni, sidak, holm, bh, by] = CORRECTIONS.map(ln);
        for i in 0..p.len() {
            let slack = 1e-12 * p[i].ln().abs() + 1e-12;
            prop_assert!(sidak[i] <= bonferroni[i] + slack);
            prop_assert!(bh[i] <= holm[i] + slack && holm[i] <= bonferroni[i] + slack);
            prop_assert!(bh[i] <= by[i] + slack);
        }
    }

    #[test]
    fn fisher_is_the_same_for_a_turned_table(a in 0_u64..3000, b in 0_u64..3000, c in 0_u64..3000, d in 0_u64..3000) {
        for alternative in ALTERNATIVES {
            let p = |table| fisher_exact(table, alternative).unwrap().ln();
            let (plain, turned) = (p([[a, b], [c, d]]), p([[a, c], [b, d]]));
            prop_assert!((plain - turned).abs() <= 1e-9 * plain.abs().max(1e-3), "{plain} {turned}");
            let both = p([[d, c], [b, a]]);
            prop_assert!((plain - both).abs() <= 1e-9 * plain.abs().max(1e-3), "{plain} {both}");
        }
    }

    #[test]
    fn hypergeometric_tails_make_a_whole(n in 1_u64..5000, m in 0.0..1.0, d in 0.0..1.0, k in 0.0..1.0) {
        let (marked, draws) = ((n as f64 * m) as u64, (n as f64 * d) as u64);
        let k = (draws as f64 * k) as u64;
        let h = Hypergeometric::new(n, marked, draws).unwrap();
        let whole = h.lower(k).p() + h.upper(k + 1).p();
        prop_assert!((whole - 1.0).abs() < 1e-11, "{whole}");
        let both = h.lower(k).p() + h.upper(k).p() - 1.0;
        prop_assert!((both - h.ln_pmf(k).exp()).abs() < 1e-11);
    }

    #[test]
    fn distances_do_not_change_under_rising_functions((a, b) in samples()) {
        let rise = |v: &[f64]| v.iter().map(|x| x.powi(3) + x.exp()).collect::<Vec<f64>>();
        for alternative in ALTERNATIVES {
            for method in [Method::Exact, Method::Asymptotic] {
                let plain = kolmogorov_smirnov(&a, &b, alternative, method).unwrap();
                let moved = kolmogorov_smirnov(&rise(&a), &rise(&b), alternative, method).unwrap();
                prop_assert_eq!((plain.distance, plain.p), (moved.distance, moved.p));
            }
        }
    }

    #[test]
    fn samples_exchanged_exchange_the_alternatives((a, b) in samples()) {
        for method in [Method::Exact, Method::Asymptotic] {
            let p = |a, b, alternative| kolmogorov_smirnov(a, b, alternative, method).unwrap().p.ln();
            let less = p(&a, &b, Alternative::Less);
            prop_assert!((less - p(&b, &a, Alternative::Greater)).abs() < 1e-10 * less.abs().max(1.0));
        }
        prop_assume!(a.iter().chain(&b).any(|v| *v != a[0]));
        let u = |a, b, alternative| mann_whitney(a, b, alternative, Method::Auto).unwrap();
        let (less, greater) = (u(&a, &b, Alternative::Less), u(&b, &a, Alternative::Greater));
        prop_assert_eq!(less.statistic + greater.statistic, (a.len() * b.len()) as f64);
        prop_assert!((less.p.ln() - greater.p.ln()).abs() < 1e-10 * less.p.ln().abs().max(1.0));
    }

    #[test]
    fn permutation_p_is_above_0_and_at_most_1((a, b) in samples(), repeats in 1_u64..50, seed: u64) {
        let random = Random::new(seed, "law");
        let below = |repeat, item, n| random.below(repeat, item, n);
        let sum = |a: &[f64], _: &[f64]| a.iter().sum::<f64>();
        for alternative in ALTERNATIVES {
            let dealt = permutation_test(&a, &b, sum, alternative, repeats, below).unwrap();
            let n = a.len().min(b.len());
            let flipped = sign_flip_test(&a[..n], &b[..n], alternative, repeats, below).unwrap();
            for p in [dealt.p.p(), flipped.p.p()] {
                prop_assert!(p >= 1.0 / (repeats + 1) as f64 && p <= 1.0);
            }
        }
        let none = permutation_test(&a, &b, sum, Alternative::Less, 0, below);
        prop_assert_eq!(none, Err(Undefined::NoPermutation));
    }

    #[test]
    fn no_test_gives_nan(a in prop::collection::vec(any::<f64>(), 0..6), b in prop::collection::vec(any::<f64>(), 0..6)) {
        for alternative in ALTERNATIVES {
            for method in [Method::Auto, Method::Exact, Method::Asymptotic, Method::Uncorrected] {
                let ks = kolmogorov_smirnov(&a, &b, alternative, method).map(|t| (t.distance, t.p));
                let tests = [
                    mann_whitney(&a, &b, alternative, method),
                    wilcoxon(&a, &b, alternative, method),
                    sign_test(&a, &b, alternative),
                    paired_t_test(&a, &b, alternative),
                    pearson_test(&a, &b, alternative),
                ];
                let tests = tests.into_iter().flatten().map(|t| (t.statistic, t.p));
                for (statistic, p) in tests.chain(ks) {
                    prop_assert!(!statistic.is_nan() && p.ln() <= 0.0 && (0.0..=1.0).contains(&p.p()));
                }
            }
        }
    }

    /// A row is what Fisher's test says of its table.
    #[test]
    fn over_representation_is_fisher(list in prop::collection::hash_set(0_u32..40, 1..20), set in prop::collection::hash_set(0_u32..40, 1..20)) {
        let names = |v: &std::collections::HashSet<u32>| v.iter().map(u32::to_string).collect::<Vec<_>>();
        let library = [GeneSet { name: "set".into(), genes: names(&set) }];
        let found = over_representation(&names(&list), &library, &Universe::Size(40)).unwrap();
        let both = list.intersection(&set).count() as u64;
        prop_assert_eq!(found.len(), usize::from(both > 0));
        let (k, n) = (set.len() as u64, list.len() as u64);
        let table = [[both, k - both], [n - both, 40 + both - k - n]];
        for row in found {
            let p = fisher_exact(table, Alternative::Greater).unwrap();
            prop_assert!((row.p.ln() - p.ln()).abs() < 1e-12);
        }
    }

    #[test]
    fn auprc_ignores_any_rising_function((x, y) in pairs()) {
        let labels: Vec<bool> = x.iter().map(|v| *v > x[0]).collect();
        prop_assume!(labels.iter().any(|l| *l));
        let cubed: Vec<f64> = y.iter().map(|v| v.powi(3) + 0.5 * v).collect();
        prop_assert_eq!(auprc(&labels, &y), auprc(&labels, &cubed));
        prop_assert!((0.0..=1.0).contains(&auprc(&labels, &y).unwrap()));
    }

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
