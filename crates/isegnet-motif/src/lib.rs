#![doc = include_str!("../README.md")]

mod background;
mod digits;
mod enrichment;
mod error;
mod filter;
pub mod jaspar;
mod library;
mod matching;
mod matrix;
pub mod meme;
mod motif;
mod names;
mod output;
mod scan;
mod scores;
mod shuffle;
mod similarity;
mod text;
mod words;

pub use background::Background;
pub use enrichment::{
    EnrichError, Enriched, Enrichment, EnrichmentTable, EnrichmentTest, Groups, Outcome, Partition,
    Rules, Scoring, Sequence, adjust_over_tracks,
};
pub use error::{Error, MatrixError};
pub use library::read_motifs;
pub use matching::{Matched, Matching, Window, match_windows};
pub use matrix::{Counts, LogOdds, MAX_WIDTH, Probabilities, Row};
pub use motif::Motif;
pub use names::coordinates_in_name;
pub use output::{write_bed, write_gff, write_tsv};
pub use scan::{
    Hit, MotifHits, Scan, ScanError, ScanOptions, Scanner, Scanning, Strands, Threshold,
};
pub use scores::{ScoreDistribution, ScoreMatrix};
pub use shuffle::shuffle_dinucleotides;
pub use similarity::{Family, Similarity, families, similarity};
