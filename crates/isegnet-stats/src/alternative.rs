use crate::PValue;
use crate::numeric::ln_add;

/// The side on which a test looks for an effect; each test says what is greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alternative {
    /// Either side.
    #[default]
    TwoSided,
    /// The first less than the second.
    Less,
    /// The first greater than the second.
    Greater,
}

impl Alternative {
    /// The p-value from the logarithms of both tails, each with the observed
    /// value in it; two-sided is twice the smaller tail.
    pub(crate) fn of_tails(self, ln_lower: f64, ln_upper: f64) -> PValue {
        PValue::clamped(match self {
            Self::Less => ln_lower,
            Self::Greater => ln_upper,
            Self::TwoSided => {
                let tail = ln_lower.min(ln_upper);
                ln_add(tail, tail)
            }
        })
    }
}

/// How a test finds its p-value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Exact where that is cheap and defined, else asymptotic; each test says where.
    #[default]
    Auto,
    /// From the distribution over all arrangements.
    Exact,
    /// From the limit for many values, with a continuity correction where the
    /// test has one.
    Asymptotic,
    /// From the limit for many values, without a continuity correction.
    Uncorrected,
}
