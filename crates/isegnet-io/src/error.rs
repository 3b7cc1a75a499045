use crate::sniff::Kind;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file could not be read or written.
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
        /// What the system or the decompressor said.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {}: {source}; check the folder, its permissions and the free space", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is of another kind than the one asked for.
    #[error("{} is {found}, and {expected} is needed; {remedy}", path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        expected: &'static str,
        /// What the file looks like.
        found: Kind,
        /// The way out.
        remedy: String,
    },
    /// A binary file does not hold together.
    #[error("{} is damaged: {place}: {message}; fetch or make the file again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: String,
        /// What does not hold there, with both values.
        message: String,
    },
    /// A line of a text file is wrong.
    #[error("{}, line {line}: {message}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it, and the way out.
        message: String,
    },
    /// A table does not have a column.
    #[error("{} has no column {wanted:?}{}; its columns are {}; name one of them", path.display(), nearest(nearest_name), available.join(", "))]
    Column {
        /// The table.
        path: PathBuf,
        /// The column asked for.
        wanted: String,
        /// The column most like it.
        nearest_name: Option<String>,
        /// All columns.
        available: Vec<String>,
    },
    /// A file holds nothing of what it was read for.
    #[error("{} has no {what}; {remedy}", path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// The way out.
        remedy: String,
    },
    /// Values given to a writer cannot be written.
    #[error("cannot write {}: {message}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What is wrong with them, and the way out.
        message: String,
    },
}

fn nearest(name: &Option<String>) -> String {
    name.as_ref().map(|n| format!(" (did you mean {n:?}?)")).unwrap_or_default()
}

impl Error {
    pub(crate) fn open(path: &Path, source: io::Error) -> Self {
        Self::Open { path: path.into(), source }
    }

    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.into(), source }
    }

    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.into(), source }
    }

    pub(crate) fn line(path: &Path, line: u64, message: impl Into<String>) -> Self {
        Self::Line { path: path.into(), line, message: message.into() }
    }

    pub(crate) fn wrong_kind(path: &Path, expected: &'static str, found: Kind) -> Self {
        let remedy = found.remedy();
        Self::WrongKind { path: path.into(), expected, found, remedy }
    }
}

impl From<Error> for isegnet_core::SourceError {
    /// Keeps the whole message; the file is named in it and as the source.
    fn from(error: Error) -> Self {
        let path = match &error {
            Error::Open { path, .. }
            | Error::Read { path, .. }
            | Error::Write { path, .. }
            | Error::WrongKind { path, .. }
            | Error::Damaged { path, .. }
            | Error::Line { path, .. }
            | Error::Column { path, .. }
            | Error::Nothing { path, .. }
            | Error::Unwritable { path, .. } => path.display().to_string(),
        };
        Self::new(path, "opening", error.to_string()).caused_by(error)
    }
}
