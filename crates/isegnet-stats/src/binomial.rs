//! Binomial probabilities by Loader's saddle-point form, which keeps full
//! precision where differences of log-factorials lose it (C. Loader 2000, "Fast
//! and accurate computation of binomial probabilities").
use crate::numeric::ln_series;
use std::f64::consts::TAU;

/// ln of the chance of `x` successes in `n` trials of probability `p`, where
/// `q` is 1 - p.
pub(crate) fn ln_pmf(x: u64, n: u64, p: f64, q: f64) -> f64 {
    let (s, f, t) = (x as f64, (n - x) as f64, n as f64);
    match (x, n - x) {
        (0, 0) => 0.0,
        (0, _) => t * ln_of(q, p),
        (_, 0) => t * ln_of(p, q),
        _ => {
            stirling_error(n)
                - stirling_error(x)
                - stirling_error(n - x)
                - deviance(s, t * p)
                - deviance(f, t * q)
                + 0.5 * (t / (TAU * s * f)).ln()
        }
    }
}

/// ln of the binomial coefficient n over k.
pub(crate) fn ln_choose(n: u64, k: u64) -> f64 {
    if k == 0 || k == n {
        return 0.0;
    }
    let (n_, a, b) = (n as f64, k as f64, (n - k) as f64);
    stirling_error(n) - stirling_error(k) - stirling_error(n - k) + 0.5 * (n_ / (TAU * a * b)).ln()
        - a * (a / n_).ln()
        - b * (-a / n_).ln_1p()
}

/// ln of the chance of `k` or more heads in `n` throws of a fair coin.
pub(crate) fn ln_fair_upper(k: u64, n: u64) -> f64 {
    if k == 0 {
        return 0.0;
    }
    if 2 * k <= n {
        // P(X >= k) = 1 - P(X <= k - 1) = 1 - P(X >= n - k + 1).
        return crate::numeric::ln_complement(ln_fair_upper(n - k + 1, n));
    }
    ln_series(ln_pmf(k, n, 0.5, 0.5), (k..n).map(|j| (n - j) as f64 / (j + 1) as f64))
}

/// ln a, given 1 - a too, so that neither end loses digits.
fn ln_of(a: f64, rest: f64) -> f64 {
    if rest < 0.5 { (-rest).ln_1p() } else { a.ln() }
}

/// ln n! less Stirling's formula for it.
pub(crate) fn stirling_error(n: u64) -> f64 {
    let x = n as f64;
    if n <= 15 {
        let factorial: u64 = (1..=n).product();
        return if n == 0 {
            0.0
        } else {
            (factorial as f64).ln() - 0.5 * (TAU * x).ln() - x * x.ln() + x
        };
    }
    stirling_series(x)
}

/// The series of Stirling's error, for x above 15.
pub(crate) fn stirling_series(x: f64) -> f64 {
    let y = 1.0 / (x * x);
    (1.0 / 12.0
        - (1.0 / 360.0
            - (1.0 / 1260.0 - (1.0 / 1680.0 - (1.0 / 1188.0 - 691.0 / 360_360.0 * y) * y) * y) * y)
            * y)
        / x
}

/// x ln(x / m) + m - x, without cancellation where x is near m.
fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut power = 2.0 * x * v;
    for j in 1..1000 {
        power *= v * v;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(n: u64, k: u64) -> f64 {
        (1..=k).map(|i| (n - k + i) as f64 / i as f64).product()
    }

    #[test]
    fn probabilities_agree_with_products() {
        for n in 0..60 {
            for x in 0..=n {
                let (p, q) = (0.3_f64, 0.7_f64);
                let plain = choose(n, x) * p.powi(x as i32) * q.powi((n - x) as i32);
                let ours = ln_pmf(x, n, p, q).exp();
                assert!((ours / plain - 1.0).abs() < 1e-12, "{x} of {n}: {ours} {plain}");
                assert!((ln_choose(n, x).exp() / choose(n, x) - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn fair_tail_agrees_with_its_sum() {
        for n in 0..40 {
            for k in 0..=n {
                let plain: f64 = (k..=n).map(|j| choose(n, j) * 0.5_f64.powi(n as i32)).sum();
                assert!((ln_fair_upper(k, n).exp() / plain - 1.0).abs() < 1e-12, "{k} of {n}");
            }
        }
    }
}
