mod arrays;
mod build;
mod error;
mod filter;
mod folder;
mod genes;
mod layout;
mod manifest;
mod names;
mod open;
mod read;
mod write;

pub use build::{DatasetBuilder, SampleInput};
pub use error::DatasetError;
pub use manifest::{
    ChromosomeLength, Counts, FORMAT_VERSION, InputFile, Manifest, SampleSummary, TrackKind,
    TrackSpec,
};
pub use names::MAX_BIN_BP;
#[doc(hidden)]
pub use open::check_bytes;

pub(crate) use arrays::Array;
pub(crate) use layout::{Layout, places};
pub(crate) use manifest::sha256;

use crate::{View, ViewConfig, ViewError};
use isegnet_core::Gene;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A row of a data set: one gene in one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// Index of the gene.
    pub gene: usize,
    /// Index of the sample.
    pub sample: usize,
}

/// A prepared data set: the windows of its genes, untransformed, in
/// memory-mapped files.
///
/// Rows go sample by sample, and within a sample in the order of the genes;
/// a gene without expression in a sample has no row there. Cloning is cheap.
#[derive(Clone)]
pub struct Dataset {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Dataset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dataset({:?}, {} rows)", self.folder(), self.rows().len())
    }
}

struct Inner {
    folder: PathBuf,
    manifest: Manifest,
    fingerprint: String,
    genes: Vec<Gene>,
    chrom_of: Vec<u32>,
    lengths: Vec<i64>,
    layouts: BTreeMap<usize, Layout>,
    dna: Option<Array<u8>>,
    samples: Vec<SampleArrays>,
    rows: Vec<Row>,
}

struct SampleArrays {
    expression: Option<Array<f64>>,
    tracks: Vec<TrackArrays>,
}

/// The kept values of one track of one sample.
pub(crate) enum TrackArrays {
    /// Means of the bins of the layout of `bin_bp`.
    Bins { bin_bp: usize, bins: Array<f32> },
    /// Covered bases, ascending within each stretch of the layout of single bases.
    Points { offsets: Array<u64>, positions: Array<u32>, values: Array<f32> },
}

/// The size of the bins that a track is kept in.
fn kept_bin_bp(track: &TrackSpec) -> usize {
    match track.kind {
        TrackKind::Signal => track.bin_bp,
        TrackKind::Methylation => 1,
    }
}

/// The array files of all samples, relative to the folder.
fn sample_paths(manifest: &Manifest) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for (i, sample) in manifest.samples.iter().enumerate() {
        let folder = folder::sample(Path::new(""), i);
        if sample.expression {
            paths.push(folder.join(folder::EXPRESSION));
        }
        paths.extend((0..manifest.tracks.len()).map(|track| folder.join(folder::track(track))));
    }
    paths
}

impl Dataset {
    /// Opens the data set in `folder`; arrays are mapped, not read.
    ///
    /// # Errors
    /// It is none, or of another version, or its files do not fit together.
    pub fn open(folder: &Path) -> Result<Self, DatasetError> {
        let path = folder.join(folder::MANIFEST);
        if !path.is_file() {
            return Err(DatasetError::NotADataset { path: folder.to_owned() });
        }
        let (manifest, fingerprint) = Manifest::read(&path)?;
        open::check_files(folder, &manifest)?;
        let genes = open::read_genes(folder, &manifest)?;
        let inner = Inner::open(folder, manifest, fingerprint, genes)?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Hashes every file and compares it with the manifest.
    ///
    /// # Errors
    /// A file cannot be read or is not as it was written.
    pub fn verify(&self) -> Result<(), DatasetError> {
        for file in &self.manifest().files {
            let path = self.folder().join(&file.path);
            let found = InputFile::of("", &path)?;
            if found.sha256 != file.sha256 {
                let message = format!("its SHA-256 is {}, and was {}", found.sha256, file.sha256);
                return Err(DatasetError::broken(&path, message));
            }
        }
        Ok(())
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// What the data set is and how it was made.
    pub fn manifest(&self) -> &Manifest {
        &self.inner.manifest
    }

    /// SHA-256 of the manifest, which holds the hash of every other file.
    pub fn fingerprint(&self) -> &str {
        &self.inner.fingerprint
    }

    /// Genes, in order.
    pub fn genes(&self) -> &[Gene] {
        &self.inner.genes
    }

    /// Rows, in order.
    pub fn rows(&self) -> &[Row] {
        &self.inner.rows
    }

    /// The gene of a row.
    ///
    /// # Panics
    /// There is no such row.
    pub fn gene_of(&self, row: usize) -> &Gene {
        &self.inner.genes[self.inner.rows[row].gene]
    }

    /// The sample of a row.
    ///
    /// # Panics
    /// There is no such row.
    pub fn sample_of(&self, row: usize) -> &SampleSummary {
        &self.inner.manifest.samples[self.inner.rows[row].sample]
    }

    /// Length of the gene body of a row, in bases.
    ///
    /// # Panics
    /// There is no such row.
    pub fn body_bp(&self, row: usize) -> usize {
        self.gene_of(row).body.len()
    }

    /// Expression of a row, as it was given; none in a sample that came without.
    ///
    /// # Panics
    /// There is no such row.
    pub fn expression(&self, row: usize) -> Option<f64> {
        let Row { gene, sample } = self.inner.rows[row];
        self.inner.samples[sample].expression.as_ref()?.get(gene)
    }

    /// Selects the rows that are worked on, in order.
    ///
    /// Rows without expression are in, unless zero expression is to be dropped.
    ///
    /// # Errors
    /// There is no such sample.
    pub fn select(&self, filter: &RowFilter) -> Result<Vec<usize>, ViewError> {
        let unknown = |name: &&String| self.manifest().sample(name).is_none();
        if let Some(name) = filter.samples.iter().flatten().find(unknown) {
            return Err(ViewError::UnknownName {
                what: "sample",
                name: name.clone(),
                known: self.manifest().samples.iter().map(|s| s.name.clone()).collect(),
            });
        }
        let wanted = |row: &usize| {
            let named = filter.samples.as_ref();
            named.is_none_or(|names| names.contains(&self.sample_of(*row).name))
                && (filter.zero_expression || self.expression(*row) != Some(0.0))
        };
        Ok((0..self.rows().len()).filter(wanted).collect())
    }

    /// Crops windows, chooses tracks and coarsens, without reading any source again.
    ///
    /// # Errors
    /// A window is not inside the prepared one, a track is unknown, or the
    /// bins do not fit the windows.
    pub fn view(&self, config: &ViewConfig) -> Result<View, ViewError> {
        View::new(self.clone(), config)
    }

    pub(crate) fn length_of(&self, gene: usize) -> (u32, i64) {
        let chrom = self.inner.chrom_of[gene];
        (chrom, self.inner.lengths[chrom as usize])
    }

    pub(crate) fn layout(&self, bin_bp: usize) -> Option<&Layout> {
        self.inner.layouts.get(&bin_bp)
    }

    pub(crate) fn dna(&self) -> Option<&Array<u8>> {
        self.inner.dna.as_ref()
    }

    pub(crate) fn track_arrays(&self, sample: usize, track: usize) -> &TrackArrays {
        &self.inner.samples[sample].tracks[track]
    }
}

/// Which rows of a data set are worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFilter {
    /// Whether rows of expression 0 are kept; the paper leaves them out.
    pub zero_expression: bool,
    /// Samples by name; none means all.
    pub samples: Option<Vec<String>>,
}

impl Default for RowFilter {
    fn default() -> Self {
        Self { zero_expression: true, samples: None }
    }
}
