/// Why enrichment cannot be tested.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EnrichError {
    /// There is no motif.
    #[error("there is no motif to test; give a library with at least one")]
    NoMotif,
    /// A side has no sequence that is long enough.
    #[error(
        "there is no {side} sequence of at least {shortest} bases; give longer ones or narrower motifs"
    )]
    NoSequence {
        /// Primary or control.
        side: &'static str,
        /// The length that is needed.
        shortest: usize,
    },
    /// A number is out of range.
    #[error("{value} is no {name}; give a number above 0, a fraction at most 1")]
    Setting {
        /// Which.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// Scores and sequences are not as many.
    #[error("{scores} scores for {sequences} sequences; give one for each")]
    ScoresDiffer {
        /// Number of sequences.
        sequences: usize,
        /// Number of scores.
        scores: usize,
    },
    /// A score is not a number.
    #[error("sequence {name:?} has no number for a score; leave it out or give one")]
    NotAScore {
        /// The sequence.
        name: String,
    },
    /// A list is cut where there is nothing on one side.
    #[error("a cut after {cut} of {sequences} sequences leaves a side empty; cut between them")]
    Cut {
        /// Where it is cut.
        cut: usize,
        /// Number of sequences.
        sequences: usize,
    },
    /// The test does not know the partition.
    #[error("only Fisher's test can cut a list by the motif; take it, or cut by the scores")]
    PartitionOfTest,
    /// Numbers that describe windows are NaN or infinite.
    #[error("window {index} has {what} {value}; give finite numbers")]
    Window {
        /// Which window, from 0.
        index: usize,
        /// GC share or distance.
        what: &'static str,
        /// What was given.
        value: f64,
    },
}
