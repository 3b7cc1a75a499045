use crate::Undefined;
use std::cmp::Ordering;

/// A p-value (or q-value) and its natural logarithm, so that one below the
/// smallest `f64` is still told from others and from 0.
///
/// ```
/// use isegnet_stats::PValue;
///
/// let tiny = PValue::from_ln(-2000.0)?;
/// assert_eq!(tiny.p(), 0.0);
/// assert!((tiny.minus_log10() - 868.589).abs() < 1e-3);
/// # Ok::<(), isegnet_stats::Undefined>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PValue {
    p: f64,
    ln: f64,
}

impl PValue {
    /// Certainty: p = 1.
    pub const ONE: Self = Self { p: 1.0, ln: 0.0 };

    /// Takes a probability, in [0, 1].
    ///
    /// # Errors
    /// A number outside [0, 1], or NaN.
    pub fn new(p: f64) -> Result<Self, Undefined> {
        if (0.0..=1.0).contains(&p) {
            Ok(Self { p, ln: p.ln() })
        } else {
            Err(Undefined::NotProbability { value: p })
        }
    }

    /// Takes the natural logarithm of a probability, at most 0.
    ///
    /// # Errors
    /// A number above 0, or NaN.
    pub fn from_ln(ln: f64) -> Result<Self, Undefined> {
        if ln <= 0.0 {
            Ok(Self::clamped(ln))
        } else {
            Err(Undefined::NotProbability { value: ln.exp() })
        }
    }

    /// Takes many probabilities.
    ///
    /// # Errors
    /// As [`PValue::new`], for the first that is none.
    pub fn all(p: &[f64]) -> Result<Vec<Self>, Undefined> {
        p.iter().map(|&p| Self::new(p)).collect()
    }

    /// The probability; 0 where it is below the smallest `f64`.
    pub fn p(self) -> f64 {
        self.p
    }

    /// The natural logarithm of the probability.
    pub fn ln(self) -> f64 {
        self.ln
    }

    /// -log10 of the probability, as heatmaps show it; 0 for p = 1.
    pub fn minus_log10(self) -> f64 {
        // `0.0 -` rather than a sign, so that p = 1 gives 0 and not -0.
        0.0 - self.ln / std::f64::consts::LN_10
    }

    /// `factor` times the probability, at most 1.
    pub(crate) fn times(self, factor: f64) -> Self {
        Self { p: (self.p * factor).min(1.0), ln: (self.ln + factor.ln()).min(0.0) }
    }

    /// A logarithm that rounding may have carried just above 0.
    pub(crate) fn clamped(ln: f64) -> Self {
        let ln = ln.min(0.0);
        Self { p: ln.exp(), ln }
    }

    /// Keeps a probability given exactly beside a logarithm computed apart.
    pub(crate) fn with_ln(p: f64, ln: f64) -> Self {
        Self { p: p.clamp(0.0, 1.0), ln: ln.min(0.0) }
    }
}

/// By logarithm, so that probabilities that underflow keep their order.
impl PartialOrd for PValue {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.ln.partial_cmp(&other.ln)
    }
}

impl PartialEq for PValue {
    fn eq(&self, other: &Self) -> bool {
        self.ln == other.ln
    }
}

/// A test's statistic and the p-value it gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestResult {
    /// The number that the test compares with its distribution; each test says which.
    pub statistic: f64,
    /// The chance of a statistic at least as extreme, were there no effect.
    pub p: PValue,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_probabilities_are_taken() {
        for bad in [-1e-9, 1.0 + 1e-9, f64::NAN, f64::INFINITY] {
            assert!(matches!(PValue::new(bad), Err(Undefined::NotProbability { .. })), "{bad}");
        }
        assert!(PValue::from_ln(1e-9).is_err());
        assert!(PValue::from_ln(f64::NAN).is_err());
        assert_eq!(PValue::new(0.0).unwrap().ln(), f64::NEG_INFINITY);
        assert!(PValue::ONE.minus_log10().is_sign_positive());
    }

    #[test]
    fn order_outlives_underflow() {
        let (less, more) = (PValue::from_ln(-2000.0).unwrap(), PValue::from_ln(-1999.0).unwrap());
        assert_eq!(less.p(), more.p());
        assert!(less < more);
        assert!((less.times(std::f64::consts::E).ln() - more.ln()).abs() < 1e-12);
        assert_eq!(PValue::new(0.3).unwrap().times(4.0), PValue::ONE);
    }
}
