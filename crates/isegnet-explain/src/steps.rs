use crate::{ExplainError, Quadrature, Rule};

/// How many steps an integral takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Steps {
    /// As many for every row.
    Fixed(Rule, usize),
    /// Doubled, for the rows that need it, until completeness holds.
    Adaptive {
        /// How nodes are placed.
        rule: Rule,
        /// Steps of the first try.
        first: usize,
        /// Relative completeness difference that is small enough.
        tolerance: f64,
        /// Most steps; rows that are still over the tolerance stay so.
        limit: usize,
    },
}

impl Steps {
    /// The paper's: Gauss-Legendre with 200 steps.
    pub const GAO2022: Self = Self::Fixed(Rule::GaussLegendre, 200);

    /// How nodes are placed.
    pub(crate) fn rule(&self) -> Rule {
        match *self {
            Self::Fixed(rule, _) | Self::Adaptive { rule, .. } => rule,
        }
    }

    /// The relative difference from which a row is done; none is asked of fixed steps.
    pub(crate) fn tolerance(&self) -> f64 {
        match *self {
            Self::Fixed(..) => f64::INFINITY,
            Self::Adaptive { tolerance, .. } => tolerance,
        }
    }

    /// The numbers of steps to try, one after the other.
    pub(crate) fn tries(&self) -> Result<Vec<usize>, ExplainError> {
        let (Self::Fixed(_, first) | Self::Adaptive { first, .. }) = *self;
        Quadrature::check(first)?;
        match *self {
            Self::Fixed(_, steps) => Ok(vec![steps]),
            Self::Adaptive { tolerance, .. } if !(tolerance > 0.0 && tolerance.is_finite()) => {
                Err(ExplainError::Tolerance(tolerance))
            }
            Self::Adaptive { first, limit, .. } if limit < first => {
                Err(ExplainError::StepLimit { first, limit })
            }
            Self::Adaptive { first, limit, .. } => {
                Quadrature::check(limit)?;
                let doubled = std::iter::successors(Some(first), |steps| steps.checked_mul(2));
                Ok(doubled.take_while(|&steps| steps < limit).chain([limit]).collect())
            }
        }
    }
}

impl Default for Steps {
    fn default() -> Self {
        Self::GAO2022
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adaptive(first: usize, tolerance: f64, limit: usize) -> Steps {
        Steps::Adaptive { rule: Rule::Midpoint, first, tolerance, limit }
    }

    #[test]
    fn steps_double_up_to_the_limit() {
        assert_eq!(adaptive(25, 0.02, 200).tries().unwrap(), [25, 50, 100, 200]);
        assert_eq!(adaptive(30, 0.02, 100).tries().unwrap(), [30, 60, 100]);
        assert_eq!(adaptive(7, 0.02, 7).tries().unwrap(), [7]);
        assert_eq!(Steps::GAO2022.tries().unwrap(), [200]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(matches!(Steps::Fixed(Rule::Midpoint, 0).tries(), Err(ExplainError::NoSteps)));
        assert!(matches!(adaptive(0, 0.1, 5).tries(), Err(ExplainError::NoSteps)));
        let endless = [Steps::Fixed(Rule::Midpoint, usize::MAX), adaptive(25, 0.02, usize::MAX)];
        for steps in endless {
            assert!(matches!(steps.tries(), Err(ExplainError::TooManySteps { .. })));
        }
        for tolerance in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let refused = adaptive(1, tolerance, 5).tries();
            assert!(matches!(refused, Err(ExplainError::Tolerance(_))));
        }
        let refused = adaptive(10, 0.1, 5).tries();
        assert!(matches!(refused, Err(ExplainError::StepLimit { first: 10, limit: 5 })));
    }
}
