//! Reads and writes bigWig files.
//!
//! A damaged file must not make a panic, a recursion without end or a demand
//! for more memory than there is. So a file is looked through first (header,
//! chromosome tree, every node of every index, and that each block lies inside
//! the file), and each block is decompressed into a bounded buffer and looked
//! through before a value is taken from it.
//!
//! The last blocks stay decoded, so that reading in order of position decodes
//! each block once.

mod blocks;
mod check;
mod fields;
mod index;
mod origin;
mod section;
mod write;

pub use write::write;

use crate::{Error, sniff};
use blocks::Blocks;
use fields::{Defect, Fields};
use isegnet_core::{Chromosome, SignalSource, SourceError};
use origin::Origin;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Opens a bigWig file as a track.
///
/// # Errors
/// As [`Reader::open`].
pub fn open(path: impl AsRef<Path>) -> Result<Box<dyn SignalSource>, Error> {
    Ok(Box::new(Reader::open(path)?))
}

/// A reader of a bigWig file: one `f32` a base, NaN where there is no data.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("a.bw");
/// use isegnet_core::{Chromosome, SignalSource};
/// use isegnet_io::bigwig;
///
/// let chromosomes = [Chromosome { name: "chr1".into(), length: Some(1000) }];
/// bigwig::write(&path, &chromosomes, [("chr1", 10, 12, 2.5)])?;
///
/// let mut values = [0.0; 4];
/// bigwig::Reader::open(&path)?.values_into("chr1", 9, &mut values)?;
/// assert!(values[0].is_nan());
/// assert_eq!(values[1..3], [2.5, 2.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Reader {
    shared: Arc<Shared>,
    blocks: Blocks,
}

/// What every reader of one file knows, found out once.
struct Shared {
    origin: Origin,
    path: PathBuf,
    length: u64,
    layout: Arc<check::Layout>,
    chromosomes: Vec<Chromosome>,
    by_name: HashMap<String, check::Sequence>,
}

impl Reader {
    /// Opens a bigWig file and looks through its header, chromosomes and indexes.
    ///
    /// # Errors
    /// The file cannot be read, is of another kind (a bigBed, text, nothing), or
    /// is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        match sniff::kind(path)? {
            sniff::Kind::BigWig if sniff::is_gzip_file(path)? => {
                Err(Error::wrong_kind(path, "a bigWig file", sniff::Kind::Gzip))
            }
            sniff::Kind::BigWig => Self::new(Origin::File(path.into()), path),
            other => Err(Error::wrong_kind(path, "a bigWig file", other)),
        }
    }

    /// Opens a bigWig that is in memory; `name` stands for its path in messages.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(name: impl AsRef<Path>, bytes: impl Into<Arc<[u8]>>) -> Result<Self, Error> {
        let (name, bytes) = (name.as_ref(), bytes.into());
        match sniff::of_bytes(&bytes[..bytes.len().min(16)]) {
            sniff::Kind::BigWig => Self::new(Origin::Bytes(bytes), name),
            other => Err(Error::wrong_kind(name, "a bigWig file", other)),
        }
    }

    fn new(origin: Origin, path: &Path) -> Result<Self, Error> {
        let (raw, length) = origin.open().map_err(|e| Error::open(path, e))?;
        let layout = check::look_through(raw, length).map_err(|defect| defect.of(path))?;
        let layout = Arc::new(layout);
        let shared = Shared {
            origin,
            path: path.into(),
            length,
            chromosomes: layout.chromosomes(),
            by_name: layout.sequences.iter().map(|s| (s.name.clone(), s.clone())).collect(),
            layout,
        };
        let blocks = shared.blocks().map_err(|e| Error::read(path, e))?;
        Ok(Self { shared: Arc::new(shared), blocks })
    }

    /// Opens the same file for another thread; it is not looked through again.
    ///
    /// # Errors
    /// The file cannot be opened, or its length changed.
    pub fn reopened(&self) -> Result<Self, SourceError> {
        let blocks = self.shared.blocks();
        let blocks = blocks.map_err(|e| self.error("opening again".into(), e.to_string()))?;
        Ok(Self { shared: self.shared.clone(), blocks })
    }

    /// Counts the blocks of data in the file.
    pub fn block_count(&self) -> u64 {
        self.shared.layout.blocks
    }

    /// Counts the blocks that this reader decoded so far.
    pub fn blocks_decoded(&self) -> u64 {
        self.blocks.decoded()
    }

    fn error(&self, place: String, message: String) -> SourceError {
        SourceError::new(self.shared.path.display().to_string(), place, message)
    }
}

impl Shared {
    /// Opens the file once more; it must be as long as when it was looked through.
    fn blocks(&self) -> io::Result<Blocks> {
        let (raw, now) = self.origin.open()?;
        if now != self.length {
            let message = format!("the file changed from {} to {now} bytes", self.length);
            return Err(io::Error::other(message));
        }
        Ok(Blocks::new(Fields::new(raw, now), self.layout.clone()))
    }
}

impl SignalSource for Reader {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.shared.chromosomes
    }

    fn values_into(&mut self, chrom: &str, start: i64, out: &mut [f32]) -> Result<(), SourceError> {
        out.fill(f32::NAN);
        let shared = self.shared.clone();
        let Some(sequence) = shared.by_name.get(chrom) else { return Ok(()) };
        let length = i64::from(sequence.length);
        let end = start.saturating_add_unsigned(out.len() as u64).clamp(0, length);
        let first = start.clamp(0, length);
        if first >= end {
            return Ok(());
        }
        // Both lie in 0..=length, a u32, and `first` is at or after `start`.
        let skipped = first.abs_diff(start) as usize;
        let covered = &mut out[skipped..skipped + (end - first) as usize];
        let Err(defect) = self.blocks.fill(sequence.id, first as u32, covered) else {
            return Ok(());
        };
        out.fill(f32::NAN);
        let message = match defect {
            Defect::Io { at, source } => format!("byte {at}: {source}"),
            Defect::At { place, message } => {
                format!("{place}: {message}; fetch or make the file again")
            }
        };
        Err(self.error(format!("{chrom}:{first}-{end}"), message))
    }

    fn reopen(&self) -> Result<Box<dyn SignalSource>, SourceError> {
        Ok(Box::new(self.reopened()?))
    }
}
