use super::Counts;
use isegnet_core::{Interval, SourceError};
use std::path::PathBuf;

/// Why a data set could not be built or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// A file or folder cannot be read or written.
    #[error("{} cannot be {action}: {cause}; check that it exists, its permissions and the free space", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried: read, written.
        action: &'static str,
        /// The error below.
        #[source]
        cause: std::io::Error,
    },
    /// The folder is no data set.
    #[error("{} is no data set: it has no manifest.json; make one with `isegnet prepare`", path.display())]
    NotADataset {
        /// The folder.
        path: PathBuf,
    },
    /// The data set was written by another version of the format.
    #[error("{} has format version {found}, and this isegnet reads version {known}; prepare it again", path.display())]
    Version {
        /// The manifest.
        path: PathBuf,
        /// The version it says.
        found: u64,
        /// The version that is understood.
        known: u64,
    },
    /// A file of the data set does not hold what it must.
    #[error("{} is broken: {message}; prepare the data set again", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A genome or track could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The work was asked to stop; nothing was left behind.
    #[error("interrupted; no data set was written, run the same command again")]
    Cancelled,
    /// There is neither a genome nor a track.
    #[error("there is neither a genome nor a track; give one of them")]
    NoInput,
    /// There is no sample.
    #[error("there is no sample; give at least one, with its expression and tracks")]
    NoSample,
    /// Two things have one name.
    #[error("{what} {name:?} is there twice; rename or remove one")]
    Duplicate {
        /// Gene, track or sample.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A name that cannot stand in a table.
    #[error("{what} {name:?} is empty or holds a control character, which no table can; rename it")]
    Name {
        /// Gene, track or sample.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The size of a track's bins cannot be.
    #[error("track {track:?} has bins of {bin_bp} bases; give 1 to {limit}", limit = super::MAX_BIN_BP)]
    Bin {
        /// The track.
        track: String,
        /// The size given.
        bin_bp: usize,
    },
    /// A sample does not have just the declared tracks.
    #[error(
        "sample {sample:?} has tracks [{}], and [{}] are declared; give one source for each",
        given.join(", "), declared.join(", ")
    )]
    Tracks {
        /// The sample.
        sample: String,
        /// The tracks it came with.
        given: Vec<String>,
        /// The tracks declared.
        declared: Vec<String>,
    },
    /// A sample does not have one expression entry a gene.
    #[error(
        "sample {sample:?} has {given} expression entries for {genes} genes; give one a gene, none where it is unknown"
    )]
    ExpressionLength {
        /// The sample.
        sample: String,
        /// Entries given.
        given: usize,
        /// Genes given.
        genes: usize,
    },
    /// An expression value that cannot be.
    #[error(
        "gene {gene:?} has expression {value} in sample {sample:?}; expression is a finite number, 0 or more: correct it or leave the gene out"
    )]
    Expression {
        /// The sample.
        sample: String,
        /// The gene.
        gene: String,
        /// Its value.
        value: f64,
    },
    /// Two tracks say different lengths of one chromosome.
    #[error(
        "chromosome {chrom:?} has {} bases in {}, and {} in {}: the tracks are of different assemblies; use files of one assembly",
        first.1, first.0, second.1, second.0
    )]
    Lengths {
        /// The chromosome.
        chrom: String,
        /// The first track, with its sample, and its length.
        first: (String, u64),
        /// The other one.
        second: (String, u64),
    },
    /// A gene that lies off its chromosome.
    #[error(
        "gene {gene:?} at {body} is off its chromosome, which has {length} bases (and {more} genes more): the annotation and the genome are of different assemblies; use files of one assembly"
    )]
    GeneOffChromosome {
        /// The first such gene.
        gene: String,
        /// Where it is said to be.
        body: Interval,
        /// Length of the chromosome.
        length: i64,
        /// How many more genes are.
        more: usize,
    },
    /// No gene is left.
    #[error("no gene is left of {}: {counts}; check chromosome names, regions and gene ids", counts.annotation)]
    NoGene {
        /// How many were left after each filter.
        counts: Box<Counts>,
    },
    /// A track has no value in any window.
    #[error(
        "track {track:?} of sample {sample:?} has no data in any window of {genes} genes; check that its chromosome names (such as {chrom:?}) and assembly are the genome's"
    )]
    NoData {
        /// The track.
        track: String,
        /// The sample.
        sample: String,
        /// Number of genes.
        genes: usize,
        /// A chromosome that genes are on.
        chrom: String,
    },
    /// A track holds a value that is no number.
    #[error("track {track:?} of sample {sample:?} holds {value} in {place}; correct the file")]
    NotFinite {
        /// The track.
        track: String,
        /// The sample.
        sample: String,
        /// Where, within a bin.
        place: Interval,
        /// The value.
        value: f64,
    },
    /// Methylation that is no percentage.
    #[error(
        "methylation track {track:?} of sample {sample:?} holds {value} at {place}, and is read as percent, 0 to 100; multiply fractions by 100 or declare the track kind = \"signal\""
    )]
    Percent {
        /// The track.
        track: String,
        /// The sample.
        sample: String,
        /// Where.
        place: Interval,
        /// The value.
        value: f64,
    },
    /// The folder to be written exists and is something else.
    #[error("{} exists and is no data set, or holds other files too; remove it or give another folder", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The data set that was to be replaced could not be put back in its place.
    #[error(
        "{} cannot be written: {cause}; the data set that was there is now {}: move it back", path.display(), kept.display()
    )]
    Aside {
        /// The folder.
        path: PathBuf,
        /// Where the data set is that was there.
        kept: PathBuf,
        /// The error below.
        #[source]
        cause: std::io::Error,
    },
    /// The configuration to be kept in the manifest cannot be written as JSON.
    #[error(
        "the configuration cannot be kept as JSON: {message}; use text keys and finite numbers"
    )]
    Configuration {
        /// What the writer says.
        message: String,
    },
}

impl DatasetError {
    pub(crate) fn read(path: &std::path::Path, cause: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), action: "read", cause }
    }

    pub(crate) fn written(path: &std::path::Path, cause: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), action: "written", cause }
    }

    pub(crate) fn broken(path: &std::path::Path, message: impl Into<String>) -> Self {
        Self::Broken { path: path.to_owned(), message: message.into() }
    }
}
