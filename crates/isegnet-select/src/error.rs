use isegnet_core::{LearnError, SourceError};
use isegnet_stats::Undefined;
use std::error::Error;
use std::io;
use std::path::PathBuf;

/// Why rows could not be divided, trials not run, or results not compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// Rows of one gene stand in two parts.
    #[error(
        "rows of gene {gene} stand in {first} and in {second} of {division:?}; divide by gene, or \
         ask for a division that straddles by its name"
    )]
    Straddles {
        /// The division.
        division: String,
        /// The first such gene.
        gene: String,
        /// A part it stands in.
        first: &'static str,
        /// The other part.
        second: &'static str,
    },
    /// A row stands in a division twice.
    #[error("row {row} stands in {division:?} twice; give every row one place")]
    Twice {
        /// The division.
        division: String,
        /// The row.
        row: usize,
    },
    /// A row is not there.
    #[error("{division:?} names row {row}, where there are {rows}; number the rows from 0")]
    NoSuchRow {
        /// The division.
        division: String,
        /// The row.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// A part of a division that is needed has no rows.
    #[error("{division:?} has no {part} rows; {way}")]
    Empty {
        /// The division.
        division: String,
        /// The part.
        part: &'static str,
        /// What to do.
        way: &'static str,
    },
    /// A search without anything to choose from or by.
    #[error("there are no {what} to search with; give one at least")]
    Nothing {
        /// What is missing.
        what: &'static str,
    },
    /// Folds that cannot be cut.
    #[error("{genes} genes cannot be cut into {folds} folds; ask for 2 folds up to one a gene")]
    Folds {
        /// Genes (or rows) there are.
        genes: usize,
        /// Folds asked for.
        folds: usize,
    },
    /// Something that should have one value a row, a gene or a sample has another number.
    #[error("{got} {what} came where {expected} belong; give one each")]
    Count {
        /// Of what.
        what: &'static str,
        /// How many came.
        got: usize,
        /// How many belong there.
        expected: usize,
    },
    /// A choice would have seen rows that are to be tested on.
    #[error(
        "{inner:?} holds row {row}, which {outer:?} does not develop on; choose on rows of its \
         training and validation parts only"
    )]
    Peeks {
        /// The division that is chosen on.
        inner: String,
        /// The division that is tested on.
        outer: String,
        /// The first such row.
        row: usize,
    },
    /// A setting that is not there or has no meaning.
    #[error("setting {name} is {value:?}; give {allowed}")]
    Setting {
        /// Its name.
        name: String,
        /// Its value; empty where it is not set.
        value: String,
        /// What can be given.
        allowed: String,
    },
    /// The examples of an input set could not be made.
    #[error("the inputs {inputs:?} cannot be made: {error}")]
    Inputs {
        /// The input set.
        inputs: String,
        /// Why not.
        #[source]
        error: Box<dyn Error + Send + Sync>,
    },
    /// A row could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A learner gave no predictor, or a predictor no predictions.
    #[error(transparent)]
    Learn(LearnError),
    /// A prediction is no number.
    #[error("{learner} predicted {value} for row {row}; look at its settings and the row's input")]
    NotFinite {
        /// The learner.
        learner: String,
        /// The row.
        row: usize,
        /// NaN or an infinity.
        value: f32,
    },
    /// A file could not be read or written.
    #[error("{}: {error}; check the folder and the space on its disk", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// What was kept of a trial is not what is written there.
    #[error("{}: {message}; remove the folder it is in, and the trial is run again", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// Another process runs trials in the folder.
    #[error("another process runs trials in {}; wait for it, or give another folder", folder.display())]
    Taken {
        /// The folder.
        folder: PathBuf,
    },
    /// Trials failed; the others are finished and kept.
    #[error("{} of {trials} trials failed: {}; the same command tries them again", failed.len(), list(failed))]
    Failed {
        /// How many there were.
        trials: usize,
        /// Name and reason of each that failed.
        failed: Vec<(String, String)>,
    },
    /// Finished trials are of other targets than the examples give now.
    #[error("{trial} was fitted on other targets than its examples give now; {way}")]
    OtherTargets {
        /// The trial.
        trial: String,
        /// What to do.
        way: &'static str,
    },
    /// Something to compare is not there.
    #[error("there is no {name:?} among what was compared: {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A measure or a test has no value.
    #[error(transparent)]
    Undefined(#[from] Undefined),
    /// The work was asked to stop; what was finished is kept.
    #[error("interrupted; run the same command again to resume")]
    Cancelled,
}

impl From<LearnError> for SelectError {
    fn from(error: LearnError) -> Self {
        match error {
            LearnError::Cancelled => Self::Cancelled,
            LearnError::Source(error) => Self::Source(error),
            other => Self::Learn(other),
        }
    }
}

impl SelectError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl Fn(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path: path.clone(), error }
    }
}

fn list(failed: &[(String, String)]) -> String {
    let lines: Vec<String> = failed.iter().map(|(name, why)| format!("{name}: {why}")).collect();
    lines.join("; ")
}
