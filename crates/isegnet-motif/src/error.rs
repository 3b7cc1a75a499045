use std::io;
use std::path::{Path, PathBuf};

/// Why a file of motifs or of base frequencies could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened.
    #[error("cannot open {}: {source}; check the path and its permissions", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file was opened, and reading it failed.
    #[error("cannot read {}: {source}; if the file is cut short or damaged, fetch or make it again", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line is wrong.
    #[error("{}, line {line}: {message}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it, and the way out.
        message: String,
    },
    /// The file holds nothing of what it was read for.
    #[error("{} has no {what}; {remedy}", path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// The way out.
        remedy: &'static str,
    },
}

impl Error {
    pub(crate) fn line(path: &Path, line: u64, message: impl Into<String>) -> Self {
        Self::Line { path: path.into(), line, message: message.into() }
    }
}

/// Why numbers are no matrix of a motif, or no frequencies of bases.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// There is no position.
    #[error("a motif of 0 positions; give one row of A, C, G and T for each position")]
    Empty,
    /// There are too many positions.
    #[error("a motif of {width} positions, and at most {limit} are taken; cut it to its core")]
    TooWide {
        /// How many there are.
        width: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A number is negative, NaN or beyond any count.
    #[error("{value} for {base} at position {position} is no {what}; give a number from 0 to 1e12")]
    NotANumber {
        /// Count, probability or frequency.
        what: &'static str,
        /// The position, from 1.
        position: usize,
        /// The base.
        base: char,
        /// The number.
        value: f64,
    },
    /// The probabilities of a position do not sum to 1.
    #[error(
        "the probabilities of row {row} sum to {sum}, not to 1; if these are counts, give them as a JASPAR PFM, else correct the row"
    )]
    RowSum {
        /// The position, from 1.
        row: usize,
        /// What its probabilities sum to.
        sum: f64,
    },
    /// No base was counted at a position.
    #[error("the counts of position {position} are all 0; leave the position out")]
    NoCounts {
        /// The position, from 1.
        position: usize,
    },
    /// The number of sites is negative, NaN or infinite.
    #[error("{sites} sites; give the number of sites that the motif was made from")]
    Sites {
        /// What was given.
        sites: f64,
    },
    /// The frequencies of the bases cannot be a background.
    #[error(
        "base frequencies {frequencies:?} (A, C, G, T); each has to be above 0 and their sum finite"
    )]
    Background {
        /// What was given.
        frequencies: [f64; 4],
    },
}
