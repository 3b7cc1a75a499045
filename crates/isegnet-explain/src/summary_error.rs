use std::error::Error;

/// Why attributions could not be summarised or compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SummaryError {
    /// Two arrays do not describe the same sites.
    #[error(
        "{what}: {got} where {expected} belong; give arrays of the same rows, windows and columns"
    )]
    Shape {
        /// What differs, such as `"positions of sample 2"`.
        what: String,
        /// How many came.
        got: usize,
        /// How many belong there.
        expected: usize,
    },
    /// A row is not there.
    #[error("row {row} of {rows}; ask for rows that are there")]
    NoRow {
        /// The row, from 0.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// A value is NaN or infinite where it must not be.
    #[error("row {row}, position {position}, column {column} is {value}; explain the row again")]
    NotFinite {
        /// The row, from 0.
        row: usize,
        /// The position in the row, from 0.
        position: usize,
        /// The column, from 0.
        column: usize,
        /// NaN or an infinity.
        value: f32,
    },
    /// There are too few of something.
    #[error("{got} {what} where at least {needed} are needed; add more of them")]
    TooFew {
        /// What is lacking: samples, seeds, positions.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// How many are needed.
        needed: usize,
    },
    /// Samples cannot be paired.
    #[error(
        "{first} samples of the first condition and {second} of the second cannot be paired; \
         give both in one order, or compare them unpaired"
    )]
    Unpaired {
        /// Samples of the first condition.
        first: usize,
        /// Samples of the second.
        second: usize,
    },
    /// A setting is outside what it can be.
    #[error("{name} = {value}; choose {range}")]
    Setting {
        /// Which one.
        name: &'static str,
        /// What it was.
        value: f64,
        /// What it can be.
        range: &'static str,
    },
    /// An expression is none.
    #[error("gene {row} is expressed at {value}; give TPM, finite and at least 0")]
    Expression {
        /// The row of the gene, from 0.
        row: usize,
        /// What it was.
        value: f64,
    },
    /// Genes of a list are not among those explained.
    #[error(
        "{count} genes of the list are not among those explained, the first {first:?}; take them out or explain them too"
    )]
    UnknownGenes {
        /// How many are not there.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// Values could not be read.
    #[error("row {row} could not be read: {cause}")]
    Read {
        /// The row, from 0.
        row: usize,
        /// The error below.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// The work was asked to stop.
    #[error("stopped as asked; start it again to begin anew")]
    Cancelled,
}

impl SummaryError {
    /// A share that is none.
    pub(crate) fn share(name: &'static str, value: f64) -> Self {
        Self::Setting { name, value, range: "a share above 0, up to 1" }
    }

    /// Checks that there are as many as belong there.
    pub(crate) fn same(what: &str, got: usize, expected: usize) -> Result<(), Self> {
        match got == expected {
            true => Ok(()),
            false => Err(Self::Shape { what: what.into(), got, expected }),
        }
    }
}
