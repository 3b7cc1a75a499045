use crate::PValue;
use crate::numeric::ln_complement;

/// A correction of p-values for how many hypotheses were tested.
///
/// ```
/// use isegnet_stats::{Correction, PValue};
///
/// let p = PValue::all(&[0.01, 0.04, 0.03, 0.5])?;
/// let q = Correction::BenjaminiHochberg.adjust(&p);
/// assert_eq!(q[0].p(), 0.04);
/// assert!((q[2].p() - 0.16 / 3.0).abs() < 1e-15);
/// # Ok::<(), isegnet_stats::Undefined>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// m p: the chance of any false finding, whatever the dependence.
    Bonferroni,
    /// 1 - (1 - p)^m: the chance of any false finding among independent tests (Sidak 1967).
    Sidak,
    /// The chance of any false finding, stepping down from the smallest p (Holm 1979).
    Holm,
    /// The share of false findings, for independent or positively dependent tests
    /// (Benjamini and Hochberg 1995).
    BenjaminiHochberg,
    /// The share of false findings under any dependence: BH times 1 + 1/2 + ... + 1/m
    /// (Benjamini and Yekutieli 2001).
    BenjaminiYekutieli,
}

impl Correction {
    /// Gives the adjusted p-value of every p-value, in their order, both linear and
    /// in logarithms; the number of tests is the length of the slice.
    pub fn adjust(self, p: &[PValue]) -> Vec<PValue> {
        let m = p.len() as f64;
        match self {
            Self::Bonferroni => p.iter().map(|p| p.times(m)).collect(),
            Self::Sidak => p.iter().map(|&p| sidak(p, m)).collect(),
            Self::Holm => step_down(p),
            Self::BenjaminiHochberg => step_up(p, 1.0),
            Self::BenjaminiYekutieli => {
                step_up(p, (1..=p.len()).map(|i| 1.0 / i as f64).sum::<f64>())
            }
        }
    }
}

fn sidak(p: PValue, m: f64) -> PValue {
    let none = m * (-p.p()).ln_1p();
    // Where p is so small that 1 - p is 1, the chance is m p.
    let ln = if p.p() < 1e-300 { p.ln() + m.ln() } else { ln_complement(none) };
    PValue::with_ln(-none.exp_m1(), ln)
}

/// q of the i-th smallest of m: the least of factor m p_j / j over j >= i.
fn step_up(p: &[PValue], factor: f64) -> Vec<PValue> {
    let m = p.len();
    let mut adjusted = vec![PValue::ONE; m];
    let mut least = PValue::ONE;
    for (i, at) in order(p).into_iter().enumerate().rev() {
        let q = p[at].times((factor * m as f64 / (i + 1) as f64).max(1.0));
        if q < least {
            least = q;
        }
        adjusted[at] = least;
    }
    adjusted
}

/// The greatest of (m - j + 1) p_j over j <= i, for the i-th smallest of m.
fn step_down(p: &[PValue]) -> Vec<PValue> {
    let m = p.len();
    let mut adjusted = vec![PValue::ONE; m];
    let mut greatest = None;
    for (i, at) in order(p).into_iter().enumerate() {
        let q = p[at].times((m - i) as f64);
        let q = greatest.filter(|g| *g > q).unwrap_or(q);
        greatest = Some(q);
        adjusted[at] = q;
    }
    adjusted
}

/// The places of the p-values, smallest first.
fn order(p: &[PValue]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].ln().total_cmp(&p[b].ln()));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Correction; 5] = [
        Correction::Bonferroni,
        Correction::Sidak,
        Correction::Holm,
        Correction::BenjaminiHochberg,
        Correction::BenjaminiYekutieli,
    ];

    #[test]
    fn values_too_small_for_a_float_are_adjusted_too() {
        let p: Vec<PValue> =
            [-3000.0, -2000.0, -1.0].map(|ln| PValue::from_ln(ln).unwrap()).to_vec();
        let ln_first = |c: Correction| c.adjust(&p)[0].ln() + 3000.0;
        for c in ALL {
            let harmonic = if c == Correction::BenjaminiYekutieli { 11.0 / 6.0 } else { 1.0 };
            assert!((ln_first(c) - f64::ln(3.0 * harmonic)).abs() < 1e-12, "{c:?}");
        }
        let q = Correction::BenjaminiHochberg.adjust(&p);
        assert!((q[1].ln() + 2000.0 - 1.5_f64.ln()).abs() < 1e-12);
        assert_eq!(q[2].ln(), -1.0);
    }

    #[test]
    fn no_and_one_test_need_no_correction() {
        let one = [PValue::new(0.2).unwrap()];
        for c in ALL {
            assert!(c.adjust(&[]).is_empty());
            assert!((c.adjust(&one)[0].p() - 0.2).abs() < 1e-15, "{c:?}");
        }
    }

    #[test]
    fn zero_stays_zero() {
        let p = PValue::all(&[0.0, 0.5]).unwrap();
        for c in ALL {
            assert_eq!(c.adjust(&p)[0].p(), 0.0, "{c:?}");
            assert_eq!(c.adjust(&p)[0].ln(), f64::NEG_INFINITY, "{c:?}");
        }
    }
}
