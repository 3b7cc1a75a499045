use isegnet_core::EvaluationError;
use std::ops::Range;

/// Why something could not be explained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The model could not be evaluated.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// A baseline is not made for the input that is explained.
    #[error(
        "the baseline of {part} has the shape {got:?} where {expected:?} belongs; \
         make it for the windows and the tracks of this model"
    )]
    BaselineShape {
        /// Tracks or DNA.
        part: &'static str,
        /// Its shape, without rows unless they are what differs.
        got: Vec<usize>,
        /// The shape of the input.
        expected: Vec<usize>,
    },
    /// A baseline holds what is no number.
    #[error(
        "the baseline of {part} is {value} at position {position} of column {column}; \
         give it a number everywhere"
    )]
    BaselineValue {
        /// Tracks or DNA.
        part: &'static str,
        /// The first position that is none.
        position: usize,
        /// Its track or base.
        column: usize,
        /// What stands there.
        value: f32,
    },
    /// A baseline without any reference.
    #[error("the baseline has no reference input; give it one at least")]
    NoReferences,
    /// Rows and their ids differ in number.
    #[error("{got} row ids came with {expected} rows; give one a row")]
    Ids {
        /// Number of ids.
        got: usize,
        /// Number of rows.
        expected: usize,
    },
    /// An integral without steps.
    #[error("an integral of 0 steps was asked for; give one at least")]
    NoSteps,
    /// An integral of more steps than can be placed.
    #[error("an integral of {steps} steps was asked for; {most} are the most")]
    TooManySteps {
        /// What was asked for.
        steps: usize,
        /// The most there can be.
        most: usize,
    },
    /// Steps that would have to be doubled downwards.
    #[error("the limit of {limit} steps is below the first {first}; raise the limit")]
    StepLimit {
        /// Steps of the first try.
        first: usize,
        /// Most steps.
        limit: usize,
    },
    /// A tolerance that nothing or anything reaches.
    #[error("the tolerance {0} is not a positive number; 0.02 is usual")]
    Tolerance(f64),
    /// A spread of the target that is none.
    #[error(
        "the spread {0} is no standard deviation; give the target's over the training rows, or 0"
    )]
    Spread(f64),
    /// A place that the input does not have.
    #[error("positions {} to {} were asked for where the input has {positions}", .stretch.start, .stretch.end)]
    Place {
        /// What was asked for, half-open.
        stretch: Range<usize>,
        /// Positions of the input.
        positions: usize,
    },
    /// A model without DNA has no bases to change.
    #[error("the model reads no DNA, so no base can be changed; change its tracks")]
    NoDna,
    /// Shares of the sites that are no way from nothing to everything.
    #[error("the shares of sites {0:?} do not ascend from 0 to 1; begin with 0 and end with 1")]
    Shares(Vec<f64>),
    /// Nothing to compare with.
    #[error("no random draw was asked for to compare with; ask for one at least")]
    NoDraws,
    /// Attributions that belong to other rows.
    #[error("the attributions have {got} {what} where {expected} belong; give those of these rows")]
    Attributions {
        /// What differs.
        what: &'static str,
        /// What came.
        got: usize,
        /// What belongs there.
        expected: usize,
    },
}
