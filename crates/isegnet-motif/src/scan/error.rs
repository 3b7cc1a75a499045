/// Why motifs cannot be scanned with.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// There is no motif.
    #[error("there is no motif to scan with; give a library with at least one")]
    NoMotif,
    /// A threshold is outside (0, 1].
    #[error("{value} is no threshold for a {name}; give a number above 0 and at most 1")]
    Threshold {
        /// p-value or q-value.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// A pseudocount is negative, NaN or infinite.
    #[error("{value} is no pseudocount; give a number of sites, 0 or more")]
    Pseudocount {
        /// What was given.
        value: f64,
    },
    /// Too few hits may be kept.
    #[error("{value} hits are too few to keep for a motif; give at least 2")]
    MostHits {
        /// What was given.
        value: usize,
    },
    /// Without pseudocounts a base cannot stand at a position.
    #[error(
        "{base} at position {position} of motif {motif:?} has probability 0, so its log-odds are not finite; give a pseudocount above 0"
    )]
    ImpossibleBase {
        /// The motif.
        motif: String,
        /// The position, from 1.
        position: usize,
        /// The base.
        base: char,
    },
    /// Log-odds differ too much for 1000 steps.
    #[error(
        "the log-odds of motif {motif:?} go from {least} to {greatest} bits, too far for 1000 steps; give a larger pseudocount"
    )]
    TooWideRange {
        /// The motif.
        motif: String,
        /// The least log-odds.
        least: f64,
        /// The greatest log-odds.
        greatest: f64,
    },
}
