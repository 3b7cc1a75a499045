use std::error::Error;

/// A chromosome as one file knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chromosome {
    /// Name, as that file spells it.
    pub name: String,
    /// Length in bases; formats such as bedGraph do not say.
    pub length: Option<u64>,
}

/// What went wrong while values or bases were read from a source.
#[derive(Debug, thiserror::Error)]
#[error("{source_name}: {place}: {message}")]
#[non_exhaustive]
pub struct SourceError {
    /// The file, or whatever else the source is known by.
    pub source_name: String,
    /// Where in it: an interval, a line, a row.
    pub place: String,
    /// What is wrong there, and the way out.
    pub message: String,
    /// The error below, if any.
    #[source]
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

impl SourceError {
    /// Makes an error without a cause below it.
    pub fn new(
        source_name: impl Into<String>,
        place: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            source_name: source_name.into(),
            place: place.into(),
            message: message.into(),
            cause: None,
        }
    }

    /// Adds the error below.
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }
}

/// Values of one track along the genome.
///
/// Reading takes `&mut self` because a reader keeps its place in the file;
/// [`reopen`](Self::reopen) gives each thread its own.
pub trait SignalSource: Send {
    /// Chromosomes that the source knows, in its own order.
    fn chromosomes(&self) -> &[Chromosome];

    /// Fills `out` with the values of the bases from `start` on, one a base.
    ///
    /// A base without data, off the chromosome, or on a chromosome that the
    /// source does not know is NaN. Every element of `out` is written.
    /// Calls in order of position are cheapest.
    ///
    /// # Errors
    /// The source cannot be read, or holds what cannot be right.
    fn values_into(&mut self, chrom: &str, start: i64, out: &mut [f32]) -> Result<(), SourceError>;

    /// Opens the same source once more, for another thread.
    ///
    /// # Errors
    /// The source cannot be opened again.
    fn reopen(&self) -> Result<Box<dyn SignalSource>, SourceError>;
}

/// Bases along the genome.
pub trait SequenceSource: Send {
    /// Chromosomes of the genome, in its own order.
    fn chromosomes(&self) -> &[Chromosome];

    /// Fills `out` with the letters of the bases from `start` on, forward strand.
    ///
    /// Letters are ASCII as the source has them, case kept; a position off
    /// the chromosome is `.`. Every element of `out` is written.
    ///
    /// # Errors
    /// The source cannot be read, or has no such chromosome.
    fn bases_into(&mut self, chrom: &str, start: i64, out: &mut [u8]) -> Result<(), SourceError>;

    /// Opens the same source once more, for another thread.
    ///
    /// # Errors
    /// The source cannot be opened again.
    fn reopen(&self) -> Result<Box<dyn SequenceSource>, SourceError>;
}
