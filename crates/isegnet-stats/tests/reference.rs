//! Numbers beyond the fixtures: scipy 1.17.1 on samples given by a formula, and
//! logarithms below the smallest float, from whole numbers (mpmath 1.4.1, 60 digits).
#![allow(clippy::unwrap_used)]

use isegnet_stats::{
    Alternative, Hypergeometric, Method, PValue, fisher_exact, kolmogorov_smirnov, mann_whitney,
    sign_test, wilcoxon,
};

const ALTERNATIVES: [Alternative; 3] =
    [Alternative::Less, Alternative::Greater, Alternative::TwoSided];

/// `first`, `first + step`, ... with a wrap at `modulus`.
fn wrapped(count: u32, step: u32, modulus: u32, shift: f64) -> Vec<f64> {
    (0..count).map(|i| f64::from(i * step % modulus) + shift).collect()
}

fn line(count: u32, step: f64, first: f64) -> Vec<f64> {
    (0..count).map(|i| f64::from(i) * step + first).collect()
}

#[track_caller]
fn check(test: impl Fn(Alternative) -> PValue, expected: [f64; 3]) {
    for (alternative, expected) in ALTERNATIVES.into_iter().zip(expected) {
        let ours = test(alternative).p();
        assert!((ours / expected - 1.0).abs() < 1e-9, "{alternative:?}: {ours} {expected}");
    }
}

#[test]
fn wilcoxon_agrees_with_scipy() {
    // Zeros, which are dropped, and ties.
    let (a, b) = (wrapped(80, 37, 23, 0.0), vec![9.0; 80]);
    let test = |alternative, method| wilcoxon(&a, &b, alternative, method).unwrap().p;
    check(
        |side| test(side, Method::Uncorrected),
        [0.9865558232139442, 0.013444176786055825, 0.02688835357211165],
    );
    check(
        |side| test(side, Method::Asymptotic),
        [0.9866431402643315, 0.013531986236478577, 0.027063972472957155],
    );
    assert_eq!(wilcoxon(&a, &b, Alternative::Less, Method::Auto).unwrap().statistic, 1937.0);
    // No ties: the exact table.
    let (a, zeros) = (wrapped(45, 37, 101, -30.25), [0.0; 45]);
    let test = |alternative| wilcoxon(&a, &zeros, alternative, Method::Auto).unwrap().p;
    check(test, [0.9997290502165015, 0.0002840637424696979, 0.0005681274849393958]);
}

#[test]
fn mann_whitney_agrees_with_scipy() {
    let (a, b) = (wrapped(8, 53, 211, 0.5), wrapped(200, 71, 211, 0.0));
    let test = |alternative| mann_whitney(&a, &b, alternative, Method::Auto).unwrap().p;
    check(test, [0.14954744881835733, 0.8518440905291215, 0.29909489763671465]);
    let (a, b) = (line(70, 3.0, 0.0), line(90, 3.5, 1.25));
    let test = |alternative| mann_whitney(&a, &b, alternative, Method::Exact).unwrap().p;
    check(test, [0.00010049755175146781, 0.9999009144690133, 0.00020099510350293562]);
}

#[test]
fn kolmogorov_smirnov_agrees_with_scipy() {
    let (a, b) = (line(70, 3.0, 0.0), line(90, 3.5, 1.25));
    let test = |alternative| kolmogorov_smirnov(&a, &b, alternative, Method::Exact).unwrap().p;
    check(test, [1.0, 5.887379758714113e-05, 0.0001177475951742811]);
    let a = wrapped(500, 37, 503, 0.0);
    let b: Vec<f64> = wrapped(500, 91, 487, 0.0).iter().map(|v| v * 1.1).collect();
    let test = |alternative| kolmogorov_smirnov(&a, &b, alternative, Method::Exact).unwrap().p;
    check(test, [0.998003992015968, 0.14641520240506045, 0.2919248807417811]);
}

#[test]
fn signs_agree_with_the_binomial_test() {
    let first: Vec<f64> = (0..90).map(|i| if i < 30 { 1.0 } else { -1.0 }).collect();
    let test = |alternative| sign_test(&first, &[0.0; 90], alternative).unwrap().p;
    let less = 0.0010301328404815372;
    let more = 1.0 - less + heads(30, 90);
    check(test, [less, more, 0.0020602656809630745]);
}

/// The chance of `k` heads in `n` throws.
fn heads(k: u32, n: u32) -> f64 {
    (0..k).map(|i| f64::from(n - i) / f64::from(k - i)).product::<f64>() * 0.5_f64.powi(n as i32)
}

#[test]
fn fisher_goes_below_the_smallest_float() {
    let (greater, less) = (Alternative::Greater, Alternative::Less);
    for (table, side, one, two) in [
        ([[1000, 5], [7, 900]], greater, -1249.6840327492052, -1249.6840327492052),
        ([[5, 1000], [900, 7]], less, -1249.6840327492052, -1249.6840327492052),
        ([[2000, 5], [7, 1900]], greater, -2628.3391045650023, -2628.3391045650023),
        ([[400, 99_600], [600, 9_999_400]], greater, -1183.4188233437899, -1183.4188233437899),
        ([[3000, 2000], [2000, 3000]], greater, -204.86601101231818, -204.17286383175824),
        ([[37, 0], [3, 19_960]], greater, -257.86683892230565, -257.86683892230565),
    ] {
        for (alternative, expected) in [(side, one), (Alternative::TwoSided, two)] {
            let ours = fisher_exact(table, alternative).unwrap();
            // 1e-9 in the logarithm is 1e-9 relative in p.
            assert!((ours.ln() - expected).abs() < 1e-9, "{table:?}: {ours:?} {expected}");
        }
        let [[a, b], [c, d]] = table;
        let counts = Hypergeometric::new(a + b + c + d, a + b, a + c).unwrap();
        let tail = if side == less { counts.lower(a) } else { counts.upper(a) };
        assert!((tail.ln() - one).abs() < 1e-9);
    }
}
