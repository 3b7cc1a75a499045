use crate::t_test::differences;
use crate::undefined::finite;
use crate::{Alternative, PValue, TestResult, Undefined};

/// Two statistics this near, relative to the observed one, are taken for equal, since
/// sums in another order differ in their last digits.
const TIED: f64 = 1e-12;

/// Tests any statistic of two samples against what it gives when their values are
/// dealt out anew, `repeats` times.
///
/// p is (1 + as extreme) / (1 + repeats), never 0, because the observed arrangement is
/// one of those possible (Phipson and Smyth 2010); two-sided is twice the smaller
/// tail. `below(repeat, item, n)` gives a whole number in `0..n`, uniform: any
/// generator, or a function of its arguments so that results do not depend on
/// anything else.
///
/// ```
/// use isegnet_core::Random;
/// use isegnet_stats::{Alternative, permutation_test};
///
/// let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
/// let random = Random::new(7, "permutation");
/// let test = permutation_test(
///     &[5.0, 6.0, 7.0, 8.0],
///     &[1.0, 2.0, 3.0, 4.0],
///     |a, b| mean(a) - mean(b),
///     Alternative::Greater,
///     9999,
///     |repeat, item, n| random.below(repeat, item, n),
/// )?;
/// // One of C(8, 4) = 70 arrangements is as extreme.
/// assert!((test.p.p() - 1.0 / 70.0).abs() < 0.005);
/// # Ok::<(), isegnet_stats::Undefined>(())
/// ```
///
/// # Errors
/// An empty sample, a value or a statistic that is not finite, or no repeat.
pub fn permutation_test<T: Copy + Into<f64>>(
    first: &[T],
    second: &[T],
    mut statistic: impl FnMut(&[f64], &[f64]) -> f64,
    alternative: Alternative,
    repeats: u64,
    mut below: impl FnMut(u64, u64, u64) -> u64,
) -> Result<TestResult, Undefined> {
    let n = first.len();
    if n == 0 || second.is_empty() {
        return Err(Undefined::TooFew { found: 0, needed: 1 });
    }
    let mut pool = finite("first", first)?;
    pool.extend(finite("second", second)?);
    let observed = statistic(&pool[..n], &pool[n..]);
    compare(observed, alternative, repeats, |repeat| {
        // Only who is in the first sample counts, so only its places are drawn.
        for i in 0..n {
            let left = (pool.len() - i) as u64;
            let other = i + below(repeat, i as u64, left).min(left - 1) as usize;
            pool.swap(i, other);
        }
        statistic(&pool[..n], &pool[n..])
    })
}

/// Tests whether the mean of first - second is 0, against the means after the sign of
/// every difference is drawn anew, `repeats` times.
///
/// The statistic is the mean difference; p and `below` are as in
/// [`permutation_test`].
///
/// # Errors
/// No pair, lengths that differ, a value that is not finite, or no repeat.
pub fn sign_flip_test<T: Copy + Into<f64>>(
    first: &[T],
    second: &[T],
    alternative: Alternative,
    repeats: u64,
    mut below: impl FnMut(u64, u64, u64) -> u64,
) -> Result<TestResult, Undefined> {
    let differences = differences(first, second, 1)?;
    let n = differences.len() as f64;
    let observed = differences.iter().sum::<f64>() / n;
    compare(observed, alternative, repeats, |repeat| {
        let signed = |(i, d): (usize, &f64)| if below(repeat, i as u64, 2) == 0 { *d } else { -d };
        differences.iter().enumerate().map(signed).sum::<f64>() / n
    })
}

fn compare(
    observed: f64,
    alternative: Alternative,
    repeats: u64,
    mut draw: impl FnMut(u64) -> f64,
) -> Result<TestResult, Undefined> {
    if repeats == 0 {
        return Err(Undefined::NoPermutation);
    }
    let slack = observed.abs() * TIED;
    let (mut low, mut high) = (1_u64, 1_u64);
    for repeat in 0..repeats {
        let value = draw(repeat);
        if !(value.is_finite() && observed.is_finite()) {
            return Err(Undefined::Overflow);
        }
        low += u64::from(value <= observed + slack);
        high += u64::from(value >= observed - slack);
    }
    let all = (repeats + 1) as f64;
    let p = match alternative {
        Alternative::Less => low as f64 / all,
        Alternative::Greater => high as f64 / all,
        Alternative::TwoSided => (2.0 * low.min(high) as f64 / all).min(1.0),
    };
    Ok(TestResult { statistic: observed, p: PValue::new(p)? })
}
