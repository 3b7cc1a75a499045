//! The indexes of a FASTA file: `.fai`, and `.gzi` where it is bgzip.

use super::indexed::Compression;
use crate::{Error, atomic};
use noodles::bgzf::{self, gzi};
use noodles::fasta::{self, fai};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of a bgzip block's header, its own extra field included.
const BGZF_HEADER_BYTES: usize = 18;

/// Tells whether bytes begin as a bgzip block does.
pub(super) fn is_bgzf(start: &[u8]) -> bool {
    start.starts_with(&[0x1f, 0x8b, 8, 4]) && start.get(10..16) == Some(&[6, 0, b'B', b'C', 2, 0])
}

/// Gives the index of the blocks of a bgzip file, from beside it or built.
pub(super) fn blocks(path: &Path) -> Result<gzi::Index, Error> {
    let beside = beside(path, "gzi");
    let length = std::fs::metadata(path).map_err(|e| Error::open(path, e))?.len();
    if up_to_date(&beside, path)
        && let Ok(index) = gzi::fs::read(&beside)
        && blocks_fit(&index, length)
    {
        return Ok(index);
    }
    let index = build_blocks(path).map_err(|e| Error::read(path, e))?;
    // Only a saving of time: where it cannot be written, the one in memory serves.
    atomic::write(&beside, |out| gzi::io::Writer::new(out).write_index(&index)).ok();
    Ok(index)
}

fn blocks_fit(index: &gzi::Index, length: u64) -> bool {
    let entries = index.as_ref();
    let rising = |w: &[(u64, u64)]| w[0].0 < w[1].0 && w[0].1 <= w[1].1;
    entries.windows(2).all(rising) && entries.iter().all(|e| e.0 < length)
}

/// Walks the blocks by their headers, without decompressing them.
fn build_blocks(path: &Path) -> io::Result<gzi::Index> {
    let mut file = BufReader::new(File::open(path)?);
    let (mut compressed, mut plain, mut entries) = (0u64, 0u64, Vec::new());
    while !file.fill_buf()?.is_empty() {
        let mut header = [0; BGZF_HEADER_BYTES];
        file.read_exact(&mut header)?;
        let size = u64::from(u16::from_le_bytes([header[16], header[17]])) + 1;
        let rest = size.checked_sub(BGZF_HEADER_BYTES as u64 + 4);
        let rest = rest
            .filter(|_| is_bgzf(&header))
            .ok_or_else(|| io::Error::other(format!("no bgzip block at byte {compressed}")))?;
        file.seek_relative(rest as i64)?;
        let mut bytes = [0; 4];
        file.read_exact(&mut bytes)?;
        if compressed > 0 {
            entries.push((compressed, plain));
        }
        compressed += size;
        plain += u64::from(u32::from_le_bytes(bytes));
    }
    Ok(gzi::Index::from(entries))
}

/// One sequence of an index, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) offset: u64,
    pub(super) line_bases: u64,
    pub(super) line_bytes: u64,
}

impl Entry {
    fn new(record: &fai::Record) -> Self {
        Self {
            name: record.name().to_string(),
            length: record.length(),
            offset: record.position(),
            line_bases: record.line_base_count().get(),
            line_bytes: record.line_width().get(),
        }
    }

    /// Gives the byte where base `base` stands.
    pub(super) fn byte_of(&self, base: u64) -> u64 {
        self.offset + base / self.line_bases * self.line_bytes + base % self.line_bases
    }

    /// Tells whether the sequence can stand in a file of `length` bytes.
    fn fits(&self, length: u64) -> bool {
        let ends = self.line_bytes.checked_sub(self.line_bases);
        let lines = self.length / self.line_bases;
        let bytes = lines.checked_mul(self.line_bytes).and_then(|b| b.checked_add(self.offset));
        let end = bytes.and_then(|b| b.checked_add(self.length % self.line_bases));
        // The end of the last line may be missing.
        ends.is_some_and(|e| e <= 2) && end.is_some_and(|e| e <= length.saturating_add(2))
    }
}

/// Gives the sequences of a file, from the index beside it or built.
///
/// `length` is the length of the text, decompressed.
pub(super) fn sequences(
    path: &Path,
    compression: Compression,
    blocks: Option<&gzi::Index>,
) -> Result<Vec<Entry>, Error> {
    let beside = beside(path, "fai");
    let length = text_length(path, blocks)?;
    let index = match read_sequences(&beside) {
        Some(index) if up_to_date(&beside, path) && fit(&index, length) => index,
        _ => {
            let index = build_sequences(path, compression)?;
            atomic::write(&beside, |out| fai::io::Writer::new(out).write_index(&index)).ok();
            index
        }
    };
    distinct(index.as_ref().iter().map(Entry::new).collect(), path)
}

/// Gives the length of the text, or the most it can be where the file is compressed.
fn text_length(path: &Path, blocks: Option<&gzi::Index>) -> Result<u64, Error> {
    let length = std::fs::metadata(path).map_err(|e| Error::open(path, e))?.len();
    let last_block = |index: &gzi::Index| index.as_ref().last().map_or(0, |e| e.1);
    Ok(blocks.map_or(length, |index| last_block(index) + (1 << 16)))
}

fn read_sequences(beside: &Path) -> Option<fai::Index> {
    fai::fs::read(beside).ok().filter(|index| !index.as_ref().is_empty())
}

fn fit(index: &fai::Index, length: u64) -> bool {
    index.as_ref().iter().all(|record| Entry::new(record).fits(length))
}

fn build_sequences(path: &Path, compression: Compression) -> Result<fai::Index, Error> {
    let file = File::open(path).map_err(|e| Error::open(path, e))?;
    let mut records: Vec<fai::Record> = Vec::new();
    let mut input: Box<dyn BufRead> = match compression {
        Compression::Plain => Box::new(BufReader::with_capacity(1 << 16, file)),
        Compression::Bgzf => Box::new(bgzf::io::Reader::new(file)),
    };
    skip_byte_order_mark(&mut input).map_err(|e| Error::read(path, e))?;
    let mut indexer = fasta::io::Indexer::new(input);
    loop {
        match indexer.index_record() {
            Ok(Some(record)) => records.push(record),
            Ok(None) => return Ok(fai::Index::from(records)),
            Err(error) => return Err(not_indexable(path, &records, &error)),
        }
    }
}

fn not_indexable(path: &Path, before: &[fai::Record], error: &dyn std::error::Error) -> Error {
    let place = match before.last() {
        Some(record) => format!("the sequence after {:?}", record.name().to_string()),
        None => "the first sequence".into(),
    };
    let message = format!("{error}; wrap all lines to one length (seqkit seq -w 60)");
    Error::Damaged { path: path.into(), place, message }
}

/// A byte order mark would shift every offset; such a file is refused with the way out.
fn skip_byte_order_mark(input: &mut impl BufRead) -> io::Result<()> {
    match input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        true => Err(io::Error::other(
            "it begins with a byte order mark, which FASTA has not: save it without",
        )),
        false => Ok(()),
    }
}

fn distinct(entries: Vec<Entry>, path: &Path) -> Result<Vec<Entry>, Error> {
    let mut names = std::collections::HashSet::new();
    match entries.iter().find(|e| !names.insert(e.name.as_str())) {
        None => Ok(entries),
        Some(twice) => Err(named_twice(path, &twice.name)),
    }
}

pub(super) fn named_twice(path: &Path, name: &str) -> Error {
    Error::Damaged {
        path: path.into(),
        place: format!("sequence {name:?}"),
        message: "its name stands twice".into(),
    }
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

/// Tells whether an index is there and no older than its file.
fn up_to_date(index: &Path, path: &Path) -> bool {
    let changed = |p: &Path| std::fs::metadata(p).and_then(|m| m.modified()).ok();
    match (changed(index), changed(path)) {
        (Some(index), Some(file)) => index >= file,
        _ => false,
    }
}
