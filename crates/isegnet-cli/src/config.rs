//! The configuration file: what may stand in it, checked once.
//!
//! [`Config::parse`] reads the TOML, names everything that is wrong at once
//! (each with its line, an unknown field with the nearest name), and gives a
//! value that needs no further checking. Relative paths are relative to the
//! folder of the file that names them.

mod check;
mod file;
mod template;
mod terms;
mod tree;

pub use isegnet_encode::{
    Missing, Scale, TargetTransform, TrackKind, TrackScaling, Transform, Windows,
};
pub use isegnet_io::genes::Anchor;
pub use isegnet_io::names::Aliases;
pub use template::TEMPLATE;
pub use terms::{SplitKind, ZeroExpression};

use isegnet_encode::SplitConfig;
use isegnet_model::{NetworkConfig, TrainConfig};
use std::path::{Path, PathBuf};

/// Everything that a configuration file says, defaults filled in.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from.
    pub path: PathBuf,
    /// The file's text, to be kept beside what is made from it.
    pub text: String,
    /// The genome and its genes.
    pub genome: Genome,
    /// At least one; a row of the data set is a gene of a sample.
    pub samples: Vec<Sample>,
    /// Tracks, in the order of the file; may be none when there is DNA.
    pub tracks: Vec<Track>,
    /// The stretches of every gene that are read.
    pub windows: Windows,
    /// Which genes are kept.
    pub filter: Filter,
    /// What is done to expression values before they are predicted.
    pub target: TargetTransform,
    /// Which rows are trained on, validated on and tested on.
    pub split: SplitConfig,
    /// What a random split follows from; training's seed, when left out.
    pub split_seed: Option<u64>,
    /// Which of the data set's inputs the model sees.
    pub input: Input,
    /// The network and how it is trained.
    pub model: Model,
}

/// Section `[genome]`.
#[derive(Clone, Debug)]
pub struct Genome {
    /// FASTA file; without it only tracks are read.
    pub fasta: Option<PathBuf>,
    /// GTF, GFF3 or BED6 file.
    pub genes: PathBuf,
    /// What a gene's TSS and TTS are taken from.
    pub anchor: Anchor,
    /// Biotypes that are kept; empty keeps all.
    pub biotypes: Vec<String>,
    /// How chromosome names of different files are made to agree.
    pub chrom_alias: Aliases,
}

/// A sample: section `[expression]` alone, or one `[[sample]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Name, unique.
    pub name: String,
    /// Condition, such as `treated`.
    pub condition: Option<String>,
    /// Group, such as a patient.
    pub group: Option<String>,
    /// Where its expression values are; without, it can only be predicted.
    pub expression: Option<Expression>,
    /// One file for each track of [`Config::tracks`], in that order.
    pub tracks: Vec<PathBuf>,
}

/// An expression table and its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// TSV or CSV file.
    pub path: PathBuf,
    /// Name of the column of gene ids.
    pub id: String,
    /// Name of the column of values.
    pub value: String,
}

/// Section `[[track]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// Name, unique.
    pub name: String,
    /// What its values are.
    pub kind: TrackKind,
    /// Bases of a bin of the genome's grid; 1 for methylation.
    pub bin_bp: usize,
    /// bedMethyl only: reads that a position must have.
    pub min_coverage: u32,
    /// How its values become input.
    pub scaling: TrackScaling,
}

/// Section `[filter]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// BED file; genes whose windows are not inside a region are left out.
    pub include: Option<PathBuf>,
    /// BED file; genes whose windows touch a region are left out.
    pub blacklist: Option<PathBuf>,
    /// What becomes of genes without expression.
    pub zero_expression: ZeroExpression,
}

/// Section `[input]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Tracks the model sees, by name.
    pub tracks: Vec<String>,
    /// Whether it sees the DNA.
    pub dna: bool,
    /// Bases of one position; above 1 there is no DNA.
    pub bin_bp: usize,
    /// Whether scaled values are clamped to [0, 1].
    pub clip: bool,
}

/// Sections `[model]` and `[train]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The preset that the fields were laid over.
    pub preset: String,
    /// The network.
    pub network: NetworkConfig,
    /// How it is trained.
    pub training: TrainConfig,
    /// Everything random follows from it.
    pub seed: u64,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// The file cannot be read, or something in it is wrong.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| Error::Unreadable { path: path.to_owned(), cause })?;
        Self::parse(path, &text)
    }

    /// Checks the text of the configuration file `path`, which is not opened.
    ///
    /// # Errors
    /// Something in it is wrong; the error lists everything.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        check::config(path, text)
    }
}

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("{} cannot be read; `isegnet init` writes a new one", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error below.
        #[source]
        cause: std::io::Error,
    },
    /// Something in the file is wrong.
    #[error("{}", listed(path, problems))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong, by line.
        problems: Vec<Problem>,
    },
}

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1; none where something is missing altogether.
    pub line: Option<usize>,
    /// The section and field, such as `[[track]] 2, scale`.
    pub place: String,
    /// What is wrong and the way out.
    pub message: String,
}

impl Problem {
    fn new(line: Option<usize>, place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { line, place: place.into(), message: message.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts =
            [self.line.map(|n| format!("line {n}")).unwrap_or_default(), self.place.clone()];
        let place: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(&self.message)
    }
}

fn listed(path: &Path, problems: &[Problem]) -> String {
    match problems {
        [one] => format!("{}: {one}", path.display()),
        many => {
            let mut text = format!("{} has {} problems", path.display(), many.len());
            for problem in many {
                text.push_str(&format!("\n- {problem}"));
            }
            text
        }
    }
}

#[cfg(test)]
mod tests;
