use crate::correlation::mid_ranks;
use crate::numeric::tie_term;
use crate::t_test::differences;
use crate::{Alternative, Method, TestResult, Undefined, normal};

/// The most pairs for which every pattern of signs is counted.
const MOST_EXACT: usize = 1000;

/// Wilcoxon's signed-rank test of paired values: whether first - second is
/// symmetric about 0.
///
/// Pairs without difference are dropped, as Wilcoxon did. The statistic is the sum
/// of the ranks of |first - second| where first is greater;
/// [`Alternative::Greater`] is a large sum. [`Method::Auto`] is exact up to 50
/// differences, ties or not (the ranks are kept and all patterns of signs counted),
/// else normal without continuity correction, its variance corrected for ties.
///
/// # Errors
/// Lengths that differ, a value that is not finite, no difference at all, or
/// [`Method::Exact`] for more than 1000 differences.
pub fn wilcoxon<T: Copy + Into<f64>>(
    first: &[T],
    second: &[T],
    alternative: Alternative,
    method: Method,
) -> Result<TestResult, Undefined> {
    let mut differences = differences(first, second, 1)?;
    differences.retain(|d| *d != 0.0);
    let n = differences.len();
    if n == 0 {
        return Err(Undefined::Constant { side: "difference", value: 0.0 });
    }
    let sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
    let ranks = mid_ranks(&sizes);
    let sum = ranks.iter().zip(&differences).filter(|(_, d)| **d > 0.0).map(|(r, _)| r).sum();
    let exact = method == Method::Exact || method == Method::Auto && n <= 50;
    if exact && n > MOST_EXACT {
        return Err(Undefined::TooMany { found: n, limit: MOST_EXACT });
    }
    let p = if exact {
        let [lower, upper] = exact_tails(sum, &ranks);
        alternative.of_tails(lower.ln(), upper.ln())
    } else {
        let count = n as f64;
        let mean = count * (count + 1.0) / 4.0;
        let variance = count * (count + 1.0) * (2.0 * count + 1.0) / 24.0 - tie_term(&ranks) / 48.0;
        let shift = if method == Method::Asymptotic { 0.5 } else { 0.0 };
        let tail = |sum: f64| normal::ln_upper((sum - mean - shift) / variance.sqrt());
        alternative.of_tails(tail(2.0 * mean - sum), tail(sum))
    };
    Ok(TestResult { statistic: sum, p })
}

/// P(W <= sum) and P(W >= sum) where every rank counts or not with chance 1/2.
fn exact_tails(sum: f64, ranks: &[f64]) -> [f64; 2] {
    // Mid-ranks are halves, so that twice a rank is whole.
    let doubled: Vec<usize> = ranks.iter().map(|r| (2.0 * r) as usize).collect();
    let mut chance = vec![0.0; doubled.iter().sum::<usize>() + 1];
    chance[0] = 1.0;
    let mut top = 0;
    for rank in doubled {
        top += rank;
        for at in (0..=top).rev() {
            let with = if at >= rank { chance[at - rank] } else { 0.0 };
            chance[at] = 0.5 * (chance[at] + with);
        }
    }
    let at = (2.0 * sum) as usize;
    [chance[..=at].iter().sum(), chance[at..].iter().sum()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_of_one_sign() {
        let (a, b) = ([1.1, 2.2, 3.3, 4.4, 5.5, 7.0], [1.0, 2.0, 3.0, 4.0, 5.0, 7.0]);
        let test = |alternative, method| wilcoxon(&a, &b, alternative, method).unwrap();
        let greater = test(Alternative::Greater, Method::Auto);
        assert_eq!(greater.statistic, 15.0);
        assert!((greater.p.p() - 1.0 / 32.0).abs() < 1e-15);
        assert!((test(Alternative::TwoSided, Method::Auto).p.p() - 1.0 / 16.0).abs() < 1e-15);
        // z = 7.5 / sqrt(13.75), and 7 / sqrt(13.75) with the correction.
        let plain = test(Alternative::Greater, Method::Uncorrected).p.ln();
        assert!((plain - normal::ln_upper(7.5 / 13.75_f64.sqrt())).abs() < 1e-12);
        let corrected = test(Alternative::Greater, Method::Asymptotic).p.ln();
        assert!((corrected - normal::ln_upper(7.0 / 13.75_f64.sqrt())).abs() < 1e-12);
    }

    #[test]
    fn no_difference_and_too_many() {
        let same = wilcoxon(&[1.0, 2.0], &[1.0, 2.0], Alternative::Less, Method::Auto);
        assert_eq!(same, Err(Undefined::Constant { side: "difference", value: 0.0 }));
        let many = wilcoxon(&[1.0; 1001], &[0.0; 1001], Alternative::Less, Method::Exact);
        assert_eq!(many, Err(Undefined::TooMany { found: 1001, limit: 1000 }));
    }
}
