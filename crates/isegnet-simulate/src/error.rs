/// Why an organism could not be simulated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number of the configuration is out of its range.
    #[error("{field} is {value}; choose from {least} to {most}")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// What it is.
        value: usize,
        /// The least it can be.
        least: usize,
        /// The most it can be.
        most: usize,
    },
    /// There is no scenario of that name.
    #[error("no scenario is called {name:?}; choose easy, default, null or two-condition")]
    UnknownScenario {
        /// What was asked for.
        name: String,
    },
    /// A folder cannot be made.
    #[error("the folder {} cannot be made; choose another", path.display())]
    Folder {
        /// The folder.
        path: std::path::PathBuf,
        /// The error below.
        #[source]
        cause: std::io::Error,
    },
    /// The truth cannot be read.
    #[error("{} cannot be read; give the truth.tsv of a simulated organism", path.display())]
    Unreadable {
        /// The file.
        path: std::path::PathBuf,
        /// The error below.
        #[source]
        cause: std::io::Error,
    },
    /// A line is none of a truth.
    #[error(
        "line {line} of {} is none of a truth.tsv; give the one that `isegnet simulate` wrote",
        path.display()
    )]
    NotTruth {
        /// The file.
        path: std::path::PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A file could not be written.
    #[error(transparent)]
    Io(#[from] isegnet_io::Error),
}
