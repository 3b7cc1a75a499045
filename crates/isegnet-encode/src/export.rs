//! Arrays for Python: one `.npz` or safetensors file, written as a stream.

mod npy;
mod npz;
mod profile;
mod rows;

use crate::{ScaleError, ScaledView, Scaler, Target, View};
use isegnet_core::{Batch, Cancel, Examples, Progress, SourceError};
use npz::Npz;
pub use profile::Profile;
use rayon::prelude::*;
pub use rows::{Rows, RowsWriter};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

/// Values of a chunk of rows that are held at once.
const CHUNK_VALUES: usize = 4 << 20;

/// What is exported, and how.
#[derive(Clone, Copy)]
pub struct Export<'a> {
    /// Rows of the data set, in the order wanted.
    pub rows: &'a [usize],
    /// What a model saw: values scaled, nothing missing, targets transformed,
    /// masks as tracks. Without, values and expression as they were read, NaN
    /// where missing.
    pub seen: Option<(&'a Scaler, &'a Target)>,
    /// Whether arrays are compressed (smaller, slower).
    pub compress: bool,
}

/// Writes rows of `view` to the file `path`, for `numpy.load`.
///
/// Arrays: `epi` f32 `(rows, tracks, positions)`, `dna` u8 `(rows, positions, 4)`
/// (columns A, C, G, T; only where the view has DNA), `target` f32 `(rows)`,
/// `gene_id` and `sample` text `(rows)`, `track` text `(tracks)`. The file is
/// written beside its place and renamed when it is whole; memory holds some
/// rows at a time.
///
/// # Errors
/// A row is not in the data set, the scaler is not the view's, a value cannot
/// be scaled, the file cannot be written, or the work was cancelled.
pub fn write_npz(
    view: &View,
    export: &Export<'_>,
    path: &Path,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<(), ExportError> {
    crate::scale::check_rows(view, export.rows)?;
    let seen = match export.seen {
        Some((scaler, target)) => {
            let rows = export.rows.to_vec();
            Some(ScaledView::new(view.clone(), scaler.clone(), target, rows)?)
        }
        None => None,
    };
    let error = |cause: std::io::Error| ExportError::Io { path: path.to_owned(), cause };
    isegnet_core::atomic::write(path, error, |file| {
        let npz = Npz::new(file, export.compress);
        let mut writer = Writer { view, export, seen, path, npz, progress, cancel };
        writer.all()?;
        writer.npz.finish().map_err(error)
    })?;
    progress.finish();
    Ok(())
}

struct Writer<'a, W: Write + Seek> {
    view: &'a View,
    export: &'a Export<'a>,
    seen: Option<ScaledView>,
    path: &'a Path,
    npz: Npz<W>,
    progress: &'a dyn Progress,
    cancel: &'a Cancel,
}

impl<W: Write + Seek> Writer<'_, W> {
    fn all(&mut self) -> Result<(), ExportError> {
        let passes = 1 + u64::from(self.view.dna());
        self.progress.start("exporting rows", passes * self.export.rows.len() as u64);
        self.epi()?;
        if self.view.dna() {
            self.dna()?;
        }
        self.labels()
    }

    fn begin(&mut self, name: &str, descr: &str, shape: &[usize]) -> Result<(), ExportError> {
        let written = self.npz.begin(name, descr, shape);
        self.checked(written)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        let written = self.npz.put(bytes);
        self.checked(written)
    }

    fn checked(&self, written: std::io::Result<()>) -> Result<(), ExportError> {
        written.map_err(|cause| ExportError::Io { path: self.path.to_owned(), cause })
    }

    fn stop(&self) -> Result<(), ExportError> {
        if self.cancel.is_cancelled() { Err(ExportError::Cancelled) } else { Ok(()) }
    }

    fn columns(&self) -> Vec<String> {
        match &self.seen {
            Some(seen) => seen.shape().tracks.clone(),
            None => self.view.tracks().map(|track| track.name.clone()).collect(),
        }
    }

    fn epi(&mut self) -> Result<(), ExportError> {
        let (columns, positions) = (self.columns().len(), self.view.positions());
        self.begin("epi", "<f4", &[self.export.rows.len(), columns, positions])?;
        let chunk = (CHUNK_VALUES / (columns * positions).max(1)).max(1);
        let mut batch = Batch::default();
        for start in (0..self.export.rows.len()).step_by(chunk) {
            self.stop()?;
            let end = (start + chunk).min(self.export.rows.len());
            let bytes = match &self.seen {
                Some(seen) => {
                    let rows: Vec<usize> = (start..end).collect();
                    seen.fill(&rows, &mut batch)?;
                    seen_bytes(&batch)
                }
                None => self.raw_bytes(start..end, columns, positions),
            };
            self.put(&bytes)?;
            self.progress.advance((end - start) as u64);
        }
        Ok(())
    }

    /// Untransformed values, `(row, track, position)`.
    fn raw_bytes(&self, rows: std::ops::Range<usize>, columns: usize, positions: usize) -> Vec<u8> {
        let rows = self.export.rows.get(rows).unwrap_or_default();
        let mut bytes = vec![0; rows.len() * columns * positions * 4];
        let a_row = (columns * positions * 4).max(1);
        let work = bytes.par_chunks_mut(a_row).zip(rows);
        work.for_each_init(Vec::new, |values: &mut Vec<f32>, (bytes, &row)| {
            values.resize(positions, f32::NAN);
            for (track, bytes) in bytes.chunks_mut(positions * 4).enumerate() {
                self.view.values_into(row, track, values);
                for (value, bytes) in values.iter().zip(bytes.chunks_exact_mut(4)) {
                    bytes.copy_from_slice(&value.to_le_bytes());
                }
            }
        });
        bytes
    }

    fn dna(&mut self) -> Result<(), ExportError> {
        let positions = self.view.positions();
        let rows = self.export.rows;
        self.begin("dna", "|u1", &[rows.len(), positions, 4])?;
        for rows in rows.chunks((CHUNK_VALUES / (4 * positions).max(1)).max(1)) {
            self.stop()?;
            let mut bytes = vec![0; rows.len() * positions * 4];
            bytes.par_chunks_mut((positions * 4).max(1)).zip(rows).for_each_init(
                || vec![0; positions],
                |codes, (bytes, &row)| {
                    self.view.dna_into(row, codes);
                    crate::dna::one_hot_into(codes, bytes);
                },
            );
            self.put(&bytes)?;
            self.progress.advance(rows.len() as u64);
        }
        Ok(())
    }

    fn labels(&mut self) -> Result<(), ExportError> {
        let dataset = self.view.dataset();
        let rows = self.export.rows;
        let targets = match &self.seen {
            Some(seen) => seen.targets()?,
            None => {
                let raw = |&row: &usize| dataset.expression(row).map_or(f32::NAN, |x| x as f32);
                rows.iter().map(raw).collect()
            }
        };
        self.begin("target", "<f4", &[rows.len()])?;
        self.put(&targets.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())?;
        self.text("gene_id", rows.iter().map(|&row| dataset.gene_of(row).id.as_str()))?;
        self.text("sample", rows.iter().map(|&row| dataset.sample_of(row).name.as_str()))?;
        let columns = self.columns();
        self.text("track", columns.iter().map(String::as_str))
    }

    fn text<'t>(
        &mut self,
        name: &str,
        texts: impl ExactSizeIterator<Item = &'t str> + Clone,
    ) -> Result<(), ExportError> {
        let written = self.npz.text(name, texts);
        self.checked(written)
    }
}

/// What a model saw, `(row, column, position)`.
fn seen_bytes(batch: &Batch) -> Vec<u8> {
    let (_, positions, columns) = batch.tracks.dim();
    let a_row = positions * columns;
    let Some(values) = batch.tracks.as_slice().filter(|values| !values.is_empty()) else {
        return Vec::new();
    };
    let mut bytes = vec![0; values.len() * 4];
    let work = bytes.par_chunks_mut(a_row * 4).zip(values.par_chunks(a_row));
    work.for_each(|(bytes, row)| {
        for (column, bytes) in bytes.chunks_mut(positions * 4).enumerate() {
            let values = row.iter().skip(column).step_by(columns);
            for (value, bytes) in values.zip(bytes.chunks_exact_mut(4)) {
                bytes.copy_from_slice(&value.to_le_bytes());
            }
        }
    });
    bytes
}

/// Why arrays were not exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The file cannot be written.
    #[error("{} cannot be written: {cause}; check its folder, the permissions and the free space", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error below.
        #[source]
        cause: std::io::Error,
    },
    /// A file of rows cannot be read.
    #[error("{} cannot be read: {cause}; check that it exists and its permissions", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error below.
        #[source]
        cause: std::io::Error,
    },
    /// A file of rows does not hold what it must.
    #[error("{} holds no rows of inputs: {message}; make it again", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// Rows do not have the shape of the file.
    #[error(
        "there are {got} {what} where {expected} belong; write rows of one shape, as many as were announced"
    )]
    Shape {
        /// What differs.
        what: &'static str,
        /// What came.
        got: usize,
        /// What belongs there.
        expected: usize,
    },
    /// The scaler does not fit, or a row is not in the data set.
    #[error(transparent)]
    Scale(#[from] ScaleError),
    /// A row cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The work was asked to stop.
    #[error("interrupted; nothing was exported, run the same command again")]
    Cancelled,
}
