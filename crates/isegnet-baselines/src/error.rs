/// Why a tabular model could not be fitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no penalty to choose from, or one is not a positive number.
    #[error("{alpha} is no penalty; give one or more positive numbers")]
    Alpha {
        /// What was given; NaN where there was none.
        alpha: f64,
    },
    /// There are too few folds to choose a penalty by.
    #[error("a penalty cannot be chosen with {folds} inner folds; give 2 or more")]
    Folds {
        /// What was given.
        folds: usize,
    },
    /// There are too few rows.
    #[error("{rows} rows are too few, {needed} are needed at least; train on more genes")]
    TooFew {
        /// Rows there are.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// Features and targets do not describe the same rows.
    #[error("there are features of {features} rows and targets of {targets}; give both of each")]
    LengthsDiffer {
        /// Rows of the feature matrix.
        features: usize,
        /// Number of targets.
        targets: usize,
    },
    /// A feature or a target is NaN or infinite.
    #[error("{what} of row {row} is {value}; drop the row or set how missing values are filled")]
    NotFinite {
        /// The feature's number, or the target.
        what: String,
        /// The row.
        row: usize,
        /// NaN or an infinity.
        value: f64,
    },
    /// A matrix that must be positive definite is not.
    #[error("the features cannot be told apart in double precision at penalty {alpha}; raise it")]
    Singular {
        /// The penalty.
        alpha: f64,
    },
    /// A parameter is out of its range.
    #[error("{name} is {value}; give {allowed}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What can be given.
        allowed: &'static str,
    },
    /// The solver did not get to its tolerance.
    #[error(
        "not optimal after {steps} steps; standardise the features, lower C (or raise alpha), or raise the tolerance or the number of steps"
    )]
    NotConverged {
        /// Steps taken.
        steps: usize,
    },
    /// The kernel of some rows is not finite.
    #[error(
        "the kernel of these rows is beyond the range of numbers; standardise the features, or lower gamma, coef0 or the degree"
    )]
    Kernel,
    /// The work was asked to stop.
    #[error("interrupted; run the same command again to resume")]
    Cancelled,
    /// What linfa itself reports.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

impl Error {
    /// Refuses a parameter that does not fit.
    pub(crate) fn parameter(
        fits: bool,
        name: &'static str,
        value: f64,
        allowed: &'static str,
    ) -> Result<(), Self> {
        if fits { Ok(()) } else { Err(Self::Parameter { name, value, allowed }) }
    }
}
