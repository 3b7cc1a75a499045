//! Student's t distribution, in logarithms, by the incomplete beta function.
use crate::Alternative;
use crate::PValue;
use crate::binomial::stirling_series;
use crate::numeric::ln_complement;
use std::f64::consts::{LN_2, PI};

/// The p-value of `t` at `df` degrees of freedom.
pub(crate) fn p_value(t: f64, df: f64, alternative: Alternative) -> PValue {
    let square = t * t;
    if square.is_infinite() {
        return of_shares(t, 0.0, 1.0, df, alternative);
    }
    of_shares(t, df / (df + square), square / (df + square), df, alternative)
}

/// As [`p_value`], given df / (df + t^2) and t^2 / (df + t^2), where these are
/// known to more digits than t; of `t` only the sign counts.
pub(crate) fn of_shares(
    t: f64,
    share: f64,
    rest: f64,
    df: f64,
    alternative: Alternative,
) -> PValue {
    let ln_both = ln_beta_half(share, rest, df / 2.0);
    let (near, far) = (ln_both - LN_2, ln_complement(ln_both - LN_2));
    let (lower, upper) = if t > 0.0 { (far, near) } else { (near, far) };
    match alternative {
        Alternative::TwoSided => PValue::clamped(ln_both),
        _ => alternative.of_tails(lower, upper),
    }
}

/// ln of the regularised incomplete beta function I_x(a, 1/2), with y = 1 - x.
fn ln_beta_half(x: f64, y: f64, a: f64) -> f64 {
    let ln_of = |v: f64, rest: f64| if rest < 0.5 { (-rest).ln_1p() } else { v.ln() };
    let front = a * ln_of(x, y) + 0.5 * ln_of(y, x) - ln_beta_function_half(a);
    if x < (a + 1.0) / (a + 2.5) {
        front - a.ln() + continued_fraction(x, a, 0.5).ln()
    } else {
        ln_complement(front + LN_2 + continued_fraction(y, 0.5, a).ln())
    }
}

/// ln of the beta function B(a, 1/2).
fn ln_beta_function_half(a: f64) -> f64 {
    let ln_gamma_ratio = if a <= 16.0 {
        libm::lgamma(a) - libm::lgamma(a + 0.5)
    } else {
        // Stirling's formula for both, with what cancels left out.
        0.5 - 0.5 * a.ln() - a * (0.5 / a).ln_1p() + stirling_series(a) - stirling_series(a + 0.5)
    };
    ln_gamma_ratio + 0.5 * PI.ln()
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22), by
/// Lentz's method.
fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    let keep = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..100_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = value;
        for term in [even, odd] {
            d = 1.0 / keep(1.0 + term * d);
            c = keep(1.0 + term / c);
            value *= d * c;
        }
        if (value / before - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_two_degrees_of_freedom_have_closed_forms() {
        for t in [-50.0, -2.0, -0.3, 0.0, 1e-6, 0.7, 1.0, 3.0, 400.0] {
            // Cauchy; and t / sqrt(2 + t^2).
            let one = 0.5 - f64::atan(t) / PI;
            let two = 0.5 - 0.5 * t / f64::sqrt(2.0 + t * t);
            for (df, expected) in [(1.0, one), (2.0, two)] {
                let p = p_value(t, df, Alternative::Greater).p();
                assert!((p - expected).abs() < 1e-14, "{t} {df}: {p} {expected}");
                let sum = p + p_value(t, df, Alternative::Less).p();
                assert!((sum - 1.0).abs() < 1e-14);
            }
        }
    }

    /// From mpmath 1.4.1 at 60 digits.
    #[test]
    fn tails_to_any_depth() {
        for (t, df, expected) in [
            (0.1, 3.0, -0.07617681201931312),
            (1e-3, 50.0, -0.0007942205341461116),
            (2.0, 10.0, -2.611994370672508),
            (2.5, 1000.0, -4.375760881481017),
            (3.0, 123_457.0, -5.914379602353721),
            (60.0, 200.0, -297.29333917759425),
            (200.0, 5000.0, -5497.487014759517),
            (1e6, 7.0, -91.13223042861719),
        ] {
            let off = (p_value(t, df, Alternative::TwoSided).ln() - expected).abs();
            assert!(off < 1e-10, "{t} {df}: {off}");
        }
    }

    #[test]
    fn many_degrees_of_freedom_near_the_normal() {
        let t = p_value(2.0, 1e8, Alternative::Greater).ln();
        assert!((t - crate::normal::ln_upper(2.0)).abs() < 1e-6);
        // Far tails stay finite in logarithms: 3000 ln(1 / (1 + 1e6)) and a little.
        let far = p_value(1000.0 * 6000.0_f64.sqrt(), 6000.0, Alternative::TwoSided);
        assert_eq!(far.p(), 0.0);
        assert!(far.ln() < -41_000.0 && far.ln().is_finite());
        assert_eq!(p_value(f64::INFINITY, 3.0, Alternative::Greater).p(), 0.0);
        assert_eq!(p_value(f64::INFINITY, 3.0, Alternative::Less).p(), 1.0);
    }
}
