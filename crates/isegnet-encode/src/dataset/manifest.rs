use super::DatasetError;
use crate::Windows;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The version of the folder's format that this crate writes and reads.
pub const FORMAT_VERSION: u64 = 1;

/// The largest manifest that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// What a data set is, how it was made and from what: `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format.
    pub format_version: u64,
    /// Version of the crate that wrote it.
    pub crate_version: String,
    /// The prepared windows; a view may be smaller.
    pub windows: Windows,
    /// Whether the DNA is part of it.
    pub dna: bool,
    /// Tracks, in order.
    pub tracks: Vec<TrackSpec>,
    /// Samples, in order.
    pub samples: Vec<SampleSummary>,
    /// How many genes were left after each filter.
    pub counts: Counts,
    /// Chromosomes that genes are on.
    pub chromosomes: Vec<ChromosomeLength>,
    /// The files that it was made from.
    pub inputs: Vec<InputFile>,
    /// Everything else that the caller was told to do.
    configuration: serde_json::Value,
    /// The files of the folder.
    pub(super) files: Vec<InputFile>,
}

/// What the values of a track are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackKind {
    /// A signal, kept as means of the bins of the genome's grid.
    #[default]
    Signal,
    /// Percent of methylated reads at single bases, 0 to 100, kept exactly.
    Methylation,
}

/// A track that every sample has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackSpec {
    /// Name, unique.
    pub name: String,
    /// What its values are.
    #[serde(default)]
    pub kind: TrackKind,
    /// Bases of a bin of the grid that starts at each chromosome's base 0;
    /// methylation is kept base by base whatever stands here.
    #[serde(default = "TrackSpec::default_bin_bp")]
    pub bin_bp: usize,
}

impl TrackSpec {
    /// The bins that are used when nothing is said: 20 bases.
    pub fn default_bin_bp() -> usize {
        20
    }

    /// A signal track in bins of 20 bases.
    pub fn signal(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: TrackKind::Signal, bin_bp: Self::default_bin_bp() }
    }

    /// A methylation track, base by base.
    pub fn methylation(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: TrackKind::Methylation, bin_bp: 1 }
    }
}

/// A sample, and how many rows it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleSummary {
    /// Name, unique.
    pub name: String,
    /// Condition, such as `treated`.
    pub condition: Option<String>,
    /// Group, such as a patient.
    pub group: Option<String>,
    /// Whether it came with expression values; without, every gene is a row.
    pub expression: bool,
    /// Number of rows: genes with expression.
    pub rows: usize,
    /// Rows whose expression is 0.
    pub zero_expression: usize,
}

/// How many genes were left after each filter, in the filters' order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Genes given.
    pub annotation: usize,
    /// On a chromosome that the genome (or, without one, a track) has.
    pub known_chromosome: usize,
    /// With each window inside an included region.
    pub included: usize,
    /// With no window touching the blacklist.
    pub not_blacklisted: usize,
    /// With no window wholly off the chromosome.
    pub on_chromosome: usize,
    /// With expression in at least one sample: the genes of the data set.
    pub with_expression: usize,
    /// Of those, shorter than what their windows take of them: the windows overlap.
    pub short: usize,
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} genes in the annotation, {} on known chromosomes, {} in included regions, {} not \
             blacklisted, {} with windows on the chromosome, {} with expression",
            self.annotation,
            self.known_chromosome,
            self.included,
            self.not_blacklisted,
            self.on_chromosome,
            self.with_expression
        )
    }
}

/// A chromosome and its length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChromosomeLength {
    /// Name, as the genome spells it.
    pub name: String,
    /// Length in bases; formats such as bedGraph do not say.
    pub length: Option<u64>,
}

/// A file, and what tells it from any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFile {
    /// What it was used for, such as `genome` or `track H3K4me3`.
    pub role: String,
    /// Path as it was given.
    pub path: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl InputFile {
    /// Measures and hashes the file at `path`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(role: impl Into<String>, path: &Path) -> Result<Self, DatasetError> {
        let measured = File::open(path).and_then(measure);
        let (bytes, sha256) = measured.map_err(|cause| DatasetError::read(path, cause))?;
        Ok(Self { role: role.into(), path: path.to_owned(), bytes, sha256 })
    }
}

/// Counts the bytes of `source` and gives their SHA-256 in hexadecimal.
fn measure(mut source: impl Read) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let n = match source.read(&mut buffer) {
            Ok(n) => n,
            // A signal arrived: nothing was read, and nothing is lost.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let Some(read) = buffer.get(..n).filter(|read| !read.is_empty()) else { break };
        hash.update(read);
        bytes += n as u64;
    }
    Ok((bytes, hex(&hash.finalize())))
}

/// Gives the SHA-256 of `bytes` in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is looked at before the rest, since another version may look otherwise.
#[derive(Deserialize)]
struct Version {
    format_version: u64,
}

impl Manifest {
    pub(super) fn new(windows: Windows, configuration: serde_json::Value) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            crate_version: env!("CARGO_PKG_VERSION").to_owned(),
            windows,
            dna: false,
            tracks: Vec::new(),
            samples: Vec::new(),
            counts: Counts::default(),
            chromosomes: Vec::new(),
            inputs: Vec::new(),
            configuration,
            files: Vec::new(),
        }
    }

    /// Reads a manifest's bytes; `path` stands in the errors.
    ///
    /// # Errors
    /// They are no manifest, or one of another version, or one that contradicts itself.
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self, DatasetError> {
        let broken = |cause: serde_json::Error| DatasetError::broken(path, cause.to_string());
        let version: Version = serde_json::from_slice(bytes).map_err(broken)?;
        if version.format_version != FORMAT_VERSION {
            let (found, known) = (version.format_version, FORMAT_VERSION);
            return Err(DatasetError::Version { path: path.to_owned(), found, known });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(broken)?;
        super::names::check_manifest(path, &manifest)?;
        Ok(manifest)
    }

    pub(super) fn read(path: &Path) -> Result<(Self, String), DatasetError> {
        let read = |cause| DatasetError::read(path, cause);
        let size = std::fs::metadata(path).map_err(read)?.len();
        if size > LARGEST {
            let message = format!("it has {size} bytes, more than the {LARGEST} that are read");
            return Err(DatasetError::broken(path, message));
        }
        let bytes = std::fs::read(path).map_err(read)?;
        Ok((Self::from_bytes(path, &bytes)?, sha256(&bytes)))
    }

    /// Gives the configuration that the builder was given.
    ///
    /// # Errors
    /// It does not have the form asked for.
    pub fn configuration<T: DeserializeOwned>(&self) -> Result<T, DatasetError> {
        T::deserialize(&self.configuration)
            .map_err(|cause| DatasetError::Configuration { message: cause.to_string() })
    }

    /// Index of the track called `name`.
    pub fn track(&self, name: &str) -> Option<usize> {
        self.tracks.iter().position(|track| track.name == name)
    }

    /// Index of the sample called `name`.
    pub fn sample(&self, name: &str) -> Option<usize> {
        self.samples.iter().position(|sample| sample.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Is interrupted before each read.
    struct Interrupted(&'static [u8], bool);

    impl Read for Interrupted {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(io::ErrorKind::Interrupted.into()) } else { self.0.read(out) }
        }
    }

    #[test]
    fn a_signal_does_not_end_a_measurement() {
        assert_eq!(measure(Interrupted(b"abc", false)).unwrap(), (3, sha256(b"abc")));
    }
}
