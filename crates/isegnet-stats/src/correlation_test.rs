use crate::{Alternative, PValue, TestResult, Undefined, pearson, spearman, student};

/// Gives [`pearson`]'s correlation and whether it is 0, by Student's t with n - 2
/// degrees of freedom (exact where both sides are normal).
///
/// [`Alternative::Greater`] is a positive correlation. Two rows always lie on a
/// line, so p is 1.
///
/// # Errors
/// As [`pearson`].
pub fn pearson_test<T: Copy + Into<f64>, U: Copy + Into<f64>>(
    measured: &[T],
    predicted: &[U],
    alternative: Alternative,
) -> Result<TestResult, Undefined> {
    let r = pearson(measured, predicted)?;
    Ok(TestResult { statistic: r, p: p_value(r, measured.len(), alternative) })
}

/// Gives [`spearman`]'s correlation and whether it is 0, by the t approximation of
/// [`pearson_test`].
///
/// # Errors
/// As [`spearman`].
pub fn spearman_test<T: Copy + Into<f64>, U: Copy + Into<f64>>(
    measured: &[T],
    predicted: &[U],
    alternative: Alternative,
) -> Result<TestResult, Undefined> {
    let rho = spearman(measured, predicted)?;
    Ok(TestResult { statistic: rho, p: p_value(rho, measured.len(), alternative) })
}

fn p_value(r: f64, n: usize, alternative: Alternative) -> PValue {
    if n <= 2 {
        return PValue::ONE;
    }
    // t^2 = r^2 df / (1 - r^2), so df / (df + t^2) is 1 - r^2.
    student::of_shares(r, (1.0 - r) * (1.0 + r), r * r, (n - 2) as f64, alternative)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_rows_have_a_closed_form() {
        // One degree of freedom: P(|R| > r) = 1 - 2 asin(r) / pi.
        let test = pearson_test(&[0.0, 1.0, 2.0], &[0.0, 3.0, 2.0], Alternative::TwoSided).unwrap();
        let r = test.statistic;
        assert!((test.p.p() - (1.0 - 2.0 * r.asin() / std::f64::consts::PI)).abs() < 1e-14);
        let greater =
            pearson_test(&[0.0, 1.0, 2.0], &[0.0, 3.0, 2.0], Alternative::Greater).unwrap();
        assert!((greater.p.p() - test.p.p() / 2.0).abs() < 1e-14);
        let two = spearman_test(&[0.0, 1.0], &[5.0, 3.0], Alternative::Less).unwrap();
        assert!((two.statistic + 1.0).abs() < 1e-15);
        assert_eq!(two.p, PValue::ONE);
    }
}
