use super::Part;
use std::path::PathBuf;

/// Why rows cannot be divided, or a division cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A part has no row.
    #[error(
        "the {part} part has no row (train {train}, validation {validation}, test {test}); change the split"
    )]
    Empty {
        /// The part.
        part: Part,
        /// Rows to be trained on.
        train: usize,
        /// Rows to be validated on.
        validation: usize,
        /// Rows to be tested on.
        test: usize,
    },
    /// A chromosome on which no gene is.
    #[error("chromosome {chrom:?} of the split has no gene of the data set; its chromosomes are [{}]", known.join(", "))]
    UnknownChromosome {
        /// The chromosome asked for.
        chrom: String,
        /// Chromosomes with genes.
        known: Vec<String>,
    },
    /// A chromosome in two parts.
    #[error("chromosome {chrom:?} is both test and validation; name it once")]
    ChromosomeTwice {
        /// The chromosome.
        chrom: String,
    },
    /// Folds that cannot be.
    #[error(
        "fold {test} cannot be tested and fold {validation} validated of {folds} folds; give at least 3 folds, and two different ones of 1 to {folds}"
    )]
    Folds {
        /// Number of folds.
        folds: usize,
        /// Fold tested on.
        test: usize,
        /// Fold validated on.
        validation: usize,
    },
    /// Fewer chromosomes than folds.
    #[error(
        "{chromosomes} chromosomes have genes, too few for {folds} folds of chromosomes; use fewer folds, or kind = \"groups\""
    )]
    FewChromosomes {
        /// Chromosomes with genes.
        chromosomes: usize,
        /// Number of folds.
        folds: usize,
    },
    /// Shares that cannot be.
    #[error(
        "test {test} and validation {validation} are no shares; give two numbers above 0 that leave something to train on, such as 0.2 and 0.2"
    )]
    Shares {
        /// Share tested on.
        test: f64,
        /// Share validated on.
        validation: f64,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be {action}: {cause}; check that it exists and its permissions", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: read, written.
        action: &'static str,
        /// The error below.
        #[source]
        cause: std::io::Error,
    },
    /// A file is not the table that it must be.
    #[error("{} is not as it must be at line {line}: {message}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there, and the way out.
        message: String,
    },
    /// A table has no such fold.
    #[error("{} has no fold {fold:?}; it has [{}]", path.display(), known.join(", "))]
    UnknownFold {
        /// The file.
        path: PathBuf,
        /// The fold asked for.
        fold: String,
        /// The folds there are.
        known: Vec<String>,
    },
    /// Nothing in a table of folds is in the data set.
    #[error("nothing in {} is in the data set: the table has [{}, ...], the data set [{}, ...]; use names of one annotation", path.display(), table.join(", "), dataset.join(", "))]
    NoneJoins {
        /// The file.
        path: PathBuf,
        /// Some names of the table.
        table: Vec<String>,
        /// Some names of the data set.
        dataset: Vec<String>,
    },
}
