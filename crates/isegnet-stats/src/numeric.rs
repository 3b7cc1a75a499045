//! Sums and complements of probabilities given by their logarithms.

/// ln(e^a + e^b).
pub(crate) fn ln_add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// ln(sum of e^x).
pub(crate) fn ln_sum(terms: &[f64]) -> f64 {
    let high = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if high == f64::NEG_INFINITY {
        return high;
    }
    high + terms.iter().map(|t| (t - high).exp()).sum::<f64>().ln()
}

/// ln(1 - e^x), for x at most 0.
pub(crate) fn ln_complement(x: f64) -> f64 {
    let x = x.min(0.0);
    if x > -std::f64::consts::LN_2 { (-x.exp_m1()).ln() } else { (-x.exp()).ln_1p() }
}

/// ln of e^`ln_first` (1 + r1 + r1 r2 + ...), for ratios that fall; stops where
/// terms no longer count.
pub(crate) fn ln_series(ln_first: f64, ratios: impl Iterator<Item = f64>) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for ratio in ratios {
        term *= ratio;
        sum += term;
        if term < sum * 1e-18 {
            break;
        }
    }
    ln_first + f64::ln(sum)
}

/// Sum of t^3 - t over groups of equal values, for values that are ranks or
/// anything else; 0 where none are equal.
pub(crate) fn tie_term(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let groups = sorted.chunk_by(|a, b| a == b).map(|g| g.len() as f64);
    groups.map(|t| t * t * t - t).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_sums() {
        assert!((ln_add(0.25_f64.ln(), 0.5_f64.ln()) - 0.75_f64.ln()).abs() < 1e-15);
        assert_eq!(ln_add(f64::NEG_INFINITY, -3.0), -3.0);
        assert!((ln_sum(&[-1000.0; 4]) - (4.0_f64.ln() - 1000.0)).abs() < 1e-12);
        assert_eq!(ln_sum(&[]), f64::NEG_INFINITY);
        for p in [1e-12, 0.3, 0.5, 0.7, 0.999] {
            assert!((ln_complement(f64::ln(p)) - (-p).ln_1p()).abs() < 1e-12, "{p}");
        }
        // 1 + 1/2 + 1/4 + ... = 2.
        assert!((ln_series(0.0, std::iter::repeat(0.5)) - 2.0_f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn ties_are_counted_by_group() {
        assert_eq!(tie_term(&[1.0, 2.0, 1.0, 3.0, 3.0, 3.0]), 6.0 + 24.0);
        assert_eq!(tie_term(&[1.0, 2.0]), 0.0);
    }
}
