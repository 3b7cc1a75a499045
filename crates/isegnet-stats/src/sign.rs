use crate::binomial::ln_fair_upper;
use crate::t_test::differences;
use crate::{Alternative, TestResult, Undefined};

/// The sign test of paired values: whether first is greater than second as often
/// as it is less, by the binomial distribution.
///
/// Pairs without difference are dropped. The statistic is the number of pairs where
/// first is greater.
///
/// # Errors
/// Lengths that differ, a value that is not finite, or no difference at all.
pub fn sign_test<T: Copy + Into<f64>>(
    first: &[T],
    second: &[T],
    alternative: Alternative,
) -> Result<TestResult, Undefined> {
    let differences = differences(first, second, 1)?;
    let greater = differences.iter().filter(|d| **d > 0.0).count() as u64;
    let less = differences.iter().filter(|d| **d < 0.0).count() as u64;
    let n = greater + less;
    if n == 0 {
        return Err(Undefined::Constant { side: "difference", value: 0.0 });
    }
    let p = alternative.of_tails(ln_fair_upper(less, n), ln_fair_upper(greater, n));
    Ok(TestResult { statistic: greater as f64, p })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_of_five() {
        let (a, b) = ([2.0, 3.0, 4.0, 5.0, 0.0, 1.0], [1.0; 6]);
        let test = |alternative| sign_test(&a, &b, alternative).unwrap();
        // (5 + 1) / 32 have four or more; 31 / 32 have four or fewer.
        assert_eq!(test(Alternative::Greater).statistic, 4.0);
        assert!((test(Alternative::Greater).p.p() - 6.0 / 32.0).abs() < 1e-15);
        assert!((test(Alternative::Less).p.p() - 31.0 / 32.0).abs() < 1e-15);
        assert!((test(Alternative::TwoSided).p.p() - 12.0 / 32.0).abs() < 1e-15);
        let same = sign_test(&[1.0], &[1.0], Alternative::Less);
        assert_eq!(same, Err(Undefined::Constant { side: "difference", value: 0.0 }));
    }
}
