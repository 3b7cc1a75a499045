use crate::numeric::ln_add;
use crate::undefined::finite;
use crate::{Alternative, Method, PValue, Undefined, kolmogorov};

/// How far apart the distributions of two samples are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KolmogorovSmirnov {
    /// The largest distance of the cumulative distributions, in [0, 1].
    pub distance: f64,
    /// The value where it is reached.
    pub location: f64,
    /// Whether the first sample's cumulative distribution is the higher one there.
    pub first_above: bool,
    /// The chance of a distance at least as large between samples of one distribution.
    pub p: PValue,
}

/// The larger sample up to which [`Method::Auto`] is exact, as in scipy.
const AUTO_EXACT: usize = 10_000;

/// Compares the distributions of two samples of any sizes (Kolmogorov-Smirnov).
///
/// [`Alternative::Greater`] looks for places where the first sample's cumulative
/// distribution is above the second's, so that the first sample's *values* are
/// smaller (scipy's convention). The exact p-value counts lattice paths in
/// O(n m) and is that of samples without ties; with ties it is too large.
/// [`Method::Auto`] is exact up to 10,000 values a sample. The asymptotic p-value
/// takes one sample of n m / (n + m) values, rounded, against its own distribution
/// (two-sided), or Hodges' formula (1958, one-sided).
///
/// # Errors
/// An empty sample, or a value that is not finite.
pub fn kolmogorov_smirnov<T: Copy + Into<f64>>(
    first: &[T],
    second: &[T],
    alternative: Alternative,
    method: Method,
) -> Result<KolmogorovSmirnov, Undefined> {
    let first = sorted("first", first)?;
    let second = sorted("second", second)?;
    let (n, m) = (first.len(), second.len());
    let common = greatest_common_divisor(n, m);
    let (step, fall) = ((m / common) as i64, (n / common) as i64);
    let gaps = first.iter().chain(&second).map(|&at| {
        let below = |values: &[f64]| values.partition_point(|v| *v <= at) as i64;
        (below(&first) * step - below(&second) * fall, at)
    });
    // The gap in units of common / (n m), so that equal gaps are equal; the first
    // of them counts.
    let (mut above, mut below) = ((i64::MIN, f64::NAN), (i64::MAX, f64::NAN));
    for (gap, at) in gaps {
        if gap > above.0 {
            above = (gap, at);
        }
        if gap < below.0 {
            below = (gap, at);
        }
    }
    let first_above = match alternative {
        Alternative::Greater => true,
        Alternative::Less => false,
        Alternative::TwoSided => above.0 >= -below.0,
    };
    let (gap, location) = if first_above { above } else { (-below.0, below.1) };
    let gap = gap.max(0);
    let distance = gap as f64 / (step * n as i64) as f64;
    let exact = match method {
        Method::Exact => true,
        Method::Auto => n.max(m) <= AUTO_EXACT,
        Method::Asymptotic | Method::Uncorrected => false,
    };
    let ln = match (gap, exact, alternative) {
        (0, ..) => 0.0,
        (_, true, Alternative::TwoSided) => ln_reaching([n, m], [step, fall], |g| g.abs() >= gap),
        (_, true, _) => ln_reaching([n, m], [step, fall], |g| g >= gap),
        (_, false, Alternative::TwoSided) => {
            let (n, m) = (n as f64, m as f64);
            let size = (n * m / (n + m)).round_ties_even();
            kolmogorov::ln_two_sided(size as u64, distance)
        }
        (_, false, _) => ln_one_sided_limit(n as f64, m as f64, distance),
    };
    Ok(KolmogorovSmirnov { distance, location, first_above, p: PValue::clamped(ln) })
}

fn sorted<T: Copy + Into<f64>>(side: &'static str, values: &[T]) -> Result<Vec<f64>, Undefined> {
    if values.is_empty() {
        return Err(Undefined::TooFew { found: 0, needed: 1 });
    }
    let mut values = finite(side, values)?;
    values.sort_by(f64::total_cmp);
    Ok(values)
}

fn greatest_common_divisor(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// ln of the share of lattice paths from (0, 0) to (n, m) that pass a point whose
/// gap is outside; one-sided cases are mirror images, so one direction serves both.
fn ln_reaching(ends: [usize; 2], steps: [i64; 2], outside: impl Fn(i64) -> bool) -> f64 {
    let share = walk(ends, steps, &outside, 1.0, 0.0, |a, x, b, y| (a * x + b * y) / (a + b));
    if share > 1e-280 {
        return share.ln();
    }
    walk(ends, steps, &outside, 0.0, f64::NEG_INFINITY, |a, x, b, y| {
        ln_add(a.ln() + x, b.ln() + y) - (a + b).ln()
    })
}

/// Of the paths to (i, j), i / (i + j) come from (i - 1, j): the share that was
/// outside is a mean of two shares, so nothing cancels.
fn walk(
    [n, m]: [usize; 2],
    [step, fall]: [i64; 2],
    outside: &impl Fn(i64) -> bool,
    all: f64,
    none: f64,
    mean: impl Fn(f64, f64, f64, f64) -> f64,
) -> f64 {
    let mut row = vec![none; m + 1];
    for i in 0..=n {
        for j in 0..=m {
            row[j] = if outside(i as i64 * step - j as i64 * fall) {
                all
            } else {
                match (i, j) {
                    (0, 0) => none,
                    (0, _) => row[j - 1],
                    (_, 0) => row[0],
                    _ => mean(i as f64, row[j], j as f64, row[j - 1]),
                }
            };
        }
    }
    row[m]
}

fn ln_one_sided_limit(n: f64, m: f64, distance: f64) -> f64 {
    let (large, small) = (n.max(m), n.min(m));
    let z = (n * m / (n + m)).sqrt() * distance;
    let correction = 2.0 * z * (large + 2.0 * small) / (3.0 * (n * m * (n + m)).sqrt());
    -2.0 * z * z - correction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separated_samples_have_two_paths() {
        let test = |alternative| {
            kolmogorov_smirnov(&[1.0, 2.0], &[3.0, 4.0, 5.0], alternative, Method::Auto).unwrap()
        };
        let both = test(Alternative::TwoSided);
        assert_eq!((both.distance, both.location, both.first_above), (1.0, 2.0, true));
        // Two of C(5, 2) = 10 paths.
        assert!((both.p.p() - 0.2).abs() < 1e-15);
        assert!((test(Alternative::Greater).p.p() - 0.1).abs() < 1e-15);
        assert_eq!(test(Alternative::Less).p, PValue::ONE);
    }

    #[test]
    fn logarithms_go_below_the_smallest_float() {
        let low: Vec<f64> = (0..600).map(f64::from).collect();
        let high: Vec<f64> = (1000..1600).map(f64::from).collect();
        let test = kolmogorov_smirnov(&low, &high, Alternative::Greater, Method::Exact).unwrap();
        assert_eq!(test.p.p(), 0.0);
        assert!((test.p.ln() + crate::binomial::ln_choose(1200, 600)).abs() < 1e-9);
    }

    #[test]
    fn no_values_and_no_numbers() {
        let test = |a: &[f64], b: &[f64]| {
            kolmogorov_smirnov(a, b, Alternative::TwoSided, Method::Auto).unwrap_err()
        };
        assert_eq!(test(&[], &[1.0]), Undefined::TooFew { found: 0, needed: 1 });
        assert!(matches!(test(&[1.0], &[f64::NAN]), Undefined::NotFinite { side: "second", .. }));
    }
}
