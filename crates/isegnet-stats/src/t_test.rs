use crate::undefined::{centre, finite, same_length};
use crate::{Alternative, TestResult, Undefined, student};

/// Student's t-test of paired values: whether the mean of first - second is 0.
///
/// The statistic is t = mean / (sd / sqrt n), with n - 1 in the variance and n - 1
/// degrees of freedom; [`Alternative::Greater`] is a mean above 0.
///
/// # Errors
/// Fewer than two pairs, lengths that differ, a value that is not finite, or
/// differences all alike.
pub fn paired_t_test<T: Copy + Into<f64>>(
    first: &[T],
    second: &[T],
    alternative: Alternative,
) -> Result<TestResult, Undefined> {
    let mut differences = differences(first, second, 2)?;
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let unit = centre("difference", &mut differences)?;
    let variance = differences.iter().map(|d| d * d).sum::<f64>() / (n - 1.0);
    let t = mean / unit / (variance / n).sqrt();
    Ok(TestResult { statistic: t, p: student::p_value(t, n - 1.0, alternative) })
}

/// First - second of every pair, at least `needed` of them.
pub(crate) fn differences<T: Copy + Into<f64>>(
    first: &[T],
    second: &[T],
    needed: usize,
) -> Result<Vec<f64>, Undefined> {
    same_length(first.len(), second.len(), needed)?;
    let (first, second) = (finite("first", first)?, finite("second", second)?);
    let differences: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
    if differences.iter().any(|d| !d.is_finite()) {
        return Err(Undefined::Overflow);
    }
    Ok(differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_sums_done_by_hand() {
        // Differences 1, 2, 3: mean 2, variance 1, t = 2 sqrt 3; with two degrees
        // of freedom P(T > t) = (1 - t / sqrt(2 + t^2)) / 2.
        let r = paired_t_test(&[1.0, 3.0, 6.0], &[0.0, 1.0, 3.0], Alternative::Greater).unwrap();
        assert!((r.statistic - 12.0_f64.sqrt()).abs() < 1e-14);
        assert!((r.p.p() - 0.5 * (1.0 - (12.0_f64 / 14.0).sqrt())).abs() < 1e-14);
    }

    #[test]
    fn what_has_no_value_says_why() {
        let test = |a: &[f64], b: &[f64]| paired_t_test(a, b, Alternative::TwoSided);
        assert_eq!(
            test(&[1.0, 2.0], &[0.0, 1.0]),
            Err(Undefined::Constant { side: "difference", value: 1.0 })
        );
        assert_eq!(test(&[1.0], &[2.0]), Err(Undefined::TooFew { found: 1, needed: 2 }));
        assert_eq!(test(&[1e308, 0.0], &[-1e308, 0.0]), Err(Undefined::Overflow));
    }
}
