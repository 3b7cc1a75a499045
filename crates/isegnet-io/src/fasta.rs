//! Reads and writes genomes: FASTA, plain, bgzip or gzip.
//!
//! A plain or bgzip file is read through its index (`.fai`, `.gzi`) and is
//! never in memory as a whole. An index that is missing, older than the file or
//! does not fit it is built again, and kept beside the file where the folder can
//! be written. A gzip file that is not bgzip has no random access: it is read
//! once, and its bases stay in memory, one byte each. A [`Stream`] reads any file from
//! beginning to end instead, and keeps no more than a piece of it.

mod bgzip;
mod index;
mod indexed;
mod memory;
mod stream;
mod write;

pub use stream::{Piece, Record, Stream, records};
pub use write::write;

use crate::sniff::{self, Kind};
use crate::{Error, text};
use indexed::{Compression, Indexed};
use isegnet_core::SequenceSource;
use memory::Memory;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Opens a genome; its compression is told by content, never by name.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("genome.fa.gz");
/// use isegnet_io::fasta;
///
/// fasta::write(&path, [("chr1", "ACGTNacgt")])?;
/// let mut bases = [0; 5];
/// fasta::open(&path)?.bases_into("chr1", -1, &mut bases)?;
/// assert_eq!(&bases, b".ACGT");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The file cannot be read, is no FASTA, names a sequence twice, or its lines
/// differ in length.
pub fn open(path: impl AsRef<Path>) -> Result<Box<dyn SequenceSource>, Error> {
    let path = path.as_ref();
    let (input, kind) = text::open_any(path)?;
    if kind != Kind::Fasta {
        return Err(Error::wrong_kind(path, "a FASTA file", kind));
    }
    Ok(match compression(path)? {
        None => Box::new(Memory::read(input, path)?),
        Some(compression) => Box::new(Indexed::open(path, compression)?),
    })
}

/// Tells how a file can be read at any place; `None` where it cannot.
fn compression(path: &Path) -> Result<Option<Compression>, Error> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(|e| Error::open(path, e))?;
    file.take(18).read_to_end(&mut start).map_err(|e| Error::read(path, e))?;
    Ok(match start.as_slice() {
        s if !sniff::is_gzip(s) => Some(Compression::Plain),
        s if index::is_bgzf(s) => Some(Compression::Bgzf),
        _ => None,
    })
}
