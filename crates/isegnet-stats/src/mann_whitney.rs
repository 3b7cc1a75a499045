use crate::binomial::ln_choose;
use crate::correlation::mid_ranks;
use crate::numeric::tie_term;
use crate::undefined::finite;
use crate::{Alternative, Method, TestResult, Undefined, normal};

/// Mann and Whitney's U test: whether values of the first sample tend to be
/// greater than those of the second.
///
/// The statistic is U of the first sample: pairs where it is greater, ties counted
/// half. [`Method::Auto`] is exact where a sample has at most 8 values and none are
/// equal, else normal with the variance corrected for ties and U moved by 1/2
/// towards its mean (scipy's conventions).
///
/// # Errors
/// An empty sample, a value that is not finite; [`Method::Exact`] with equal values
/// or where the samples can be arranged in more than 1e300 ways; otherwise, all
/// values equal.
pub fn mann_whitney<T: Copy + Into<f64>>(
    first: &[T],
    second: &[T],
    alternative: Alternative,
    method: Method,
) -> Result<TestResult, Undefined> {
    let (n, m) = (first.len(), second.len());
    if n == 0 || m == 0 {
        return Err(Undefined::TooFew { found: 0, needed: 1 });
    }
    let mut values = finite("first", first)?;
    values.extend(finite("second", second)?);
    let ranks = mid_ranks(&values);
    let u = ranks[..n].iter().sum::<f64>() - n as f64 * (n as f64 + 1.0) / 2.0;
    let ties = tie_term(&ranks);
    let exact = match method {
        Method::Exact if ties > 0.0 => return Err(Undefined::Ties),
        Method::Exact => true,
        Method::Auto => n.min(m) <= 8 && ties == 0.0,
        Method::Asymptotic | Method::Uncorrected => false,
    };
    let p = if exact {
        let [lower, upper] = exact_tails(u as usize, n, m)?;
        alternative.of_tails(lower.ln(), upper.ln())
    } else {
        let (n, m) = (n as f64, m as f64);
        let all = n + m;
        let variance = n * m / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
        if variance <= 0.0 {
            return Err(Undefined::Constant { side: "first and second", value: values[0] });
        }
        let shift = if method == Method::Uncorrected { 0.0 } else { 0.5 };
        let tail = |u: f64| normal::ln_upper((u - n * m / 2.0 - shift) / variance.sqrt());
        alternative.of_tails(tail(n * m - u), tail(u))
    };
    Ok(TestResult { statistic: u, p })
}

/// P(U <= u) and P(U >= u) where no two values are equal.
fn exact_tails(u: usize, n: usize, m: usize) -> Result<[f64; 2], Undefined> {
    let ln_all = ln_choose((n + m) as u64, n as u64);
    if ln_all > 300.0 * std::f64::consts::LN_10 {
        return Err(Undefined::TooManyArrangements { first: n, second: m });
    }
    let most = n * m;
    // The distribution is symmetric about most / 2, so its lower half tells all.
    let half = lower_half(n, m);
    let all = ln_all.exp();
    let lower = |u: usize| half[..=u].iter().sum::<f64>() / all;
    let at_most = |u: usize| {
        if u < half.len() {
            lower(u)
        } else if u >= most {
            1.0
        } else {
            1.0 - lower(most - u - 1)
        }
    };
    Ok([at_most(u), at_most(most - u)])
}

/// How many arrangements have U = 0, 1, ..., n m / 2: the coefficients of the
/// Gaussian binomial, the product over i of (1 - q^(m + i)) / (1 - q^i), for
/// i up to the smaller sample.
fn lower_half(n: usize, m: usize) -> Vec<f64> {
    let (few, many) = (n.min(m), n.max(m));
    let mut counts = vec![0.0; n * m / 2 + 1];
    counts[0] = 1.0;
    for i in 1..=few {
        for u in (many + i..counts.len()).rev() {
            counts[u] -= counts[u - many - i];
        }
        for u in i..counts.len() {
            counts[u] += counts[u - i];
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of arrangements with every U, adding one value at a time.
    fn slow_distribution(n: usize, m: usize) -> Vec<f64> {
        let mut rows: Vec<Vec<f64>> = vec![vec![1.0]; m + 1];
        for i in 1..=n {
            rows[0] = vec![1.0];
            for j in 1..=m {
                let (total, mut next) = ((i + j) as f64, vec![0.0; i * j + 1]);
                // The greatest value is of the first sample, above j others, or not.
                for (u, p) in rows[j].iter().enumerate() {
                    next[u + j] += p * i as f64 / total;
                }
                for (u, p) in rows[j - 1].iter().enumerate() {
                    next[u] += p * j as f64 / total;
                }
                rows[j] = next;
            }
        }
        rows[m].clone()
    }

    #[test]
    fn exact_tails_agree_with_the_slow_distribution() {
        for (n, m) in [(1, 1), (1, 4), (3, 3), (8, 5), (6, 60), (25, 30), (60, 40)] {
            let slow = slow_distribution(n, m);
            for u in 0..=n * m {
                let lower: f64 = slow[..=u].iter().sum();
                let upper: f64 = slow[u..].iter().sum();
                let [l, g] = exact_tails(u, n, m).unwrap();
                assert!((l / lower - 1.0).abs() < 1e-10, "{n} {m} {u}: {l} {lower}");
                assert!((g / upper - 1.0).abs() < 1e-10, "{n} {m} {u}: {g} {upper}");
            }
        }
    }

    #[test]
    fn what_has_no_value_says_why() {
        let test = |a: &[f64], method| mann_whitney(a, &[1.0, 2.0], Alternative::Less, method);
        assert_eq!(test(&[1.0], Method::Exact), Err(Undefined::Ties));
        assert_eq!(test(&[], Method::Auto), Err(Undefined::TooFew { found: 0, needed: 1 }));
        let many: Vec<f64> = (0..1000).map(|i| f64::from(i) * 2.0).collect();
        let odd: Vec<f64> = (0..1000).map(|i| f64::from(i) * 2.0 + 1.0).collect();
        let exact = mann_whitney(&many, &odd, Alternative::Less, Method::Exact);
        assert_eq!(exact, Err(Undefined::TooManyArrangements { first: 1000, second: 1000 }));
        let alike = mann_whitney(&[1.0; 3], &[1.0; 4], Alternative::Less, Method::Auto);
        assert!(matches!(alike, Err(Undefined::Constant { .. })));
    }
}
