use super::bgzip::Blocks;
use super::index::{self, Entry};
use crate::Error;
use crate::names;
use isegnet_core::{Chromosome, SequenceSource, SourceError};
use noodles::bgzf::gzi;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How an indexed FASTA file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Plain,
    Bgzf,
}

/// The text of a file, read at any place.
enum Text {
    Plain(BufReader<File>),
    Bgzf(Blocks),
}

impl Text {
    /// Fills `out` with the bytes from `at` on, which must be there.
    fn read_at(&mut self, at: u64, out: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Plain(file) => {
                file.seek(SeekFrom::Start(at))?;
                file.read_exact(out)
            }
            Self::Bgzf(blocks) => blocks.read_at(at, out),
        }
    }
}

/// A genome read through its index.
pub(super) struct Indexed {
    shared: Arc<Shared>,
    text: Text,
    lines: Vec<u8>,
}

struct Shared {
    path: PathBuf,
    blocks: Option<Arc<gzi::Index>>,
    sequences: HashMap<String, Entry>,
    chromosomes: Vec<Chromosome>,
}

impl Indexed {
    pub(super) fn open(path: &Path, compression: Compression) -> Result<Self, Error> {
        let blocks = match compression {
            Compression::Plain => None,
            Compression::Bgzf => Some(index::blocks(path)?),
        };
        let entries = index::sequences(path, compression, blocks.as_ref())?;
        let chromosomes =
            entries.iter().map(|e| Chromosome { name: e.name.clone(), length: Some(e.length) });
        let shared = Shared {
            path: path.into(),
            chromosomes: chromosomes.collect(),
            blocks: blocks.map(Arc::new),
            sequences: entries.into_iter().map(|e| (e.name.clone(), e)).collect(),
        };
        Self::with(Arc::new(shared)).map_err(|e| Error::open(path, e))
    }

    fn with(shared: Arc<Shared>) -> io::Result<Self> {
        let file = File::open(&shared.path)?;
        let text = match &shared.blocks {
            None => Text::Plain(BufReader::new(file)),
            Some(blocks) => Text::Bgzf(Blocks::new(file, blocks.clone())),
        };
        Ok(Self { shared, text, lines: Vec::new() })
    }

    fn error(&self, chrom: &str, start: u64, message: String) -> SourceError {
        SourceError::new(
            self.shared.path.display().to_string(),
            format!("{chrom}:{start}"),
            message,
        )
    }

    /// Reads the lines that hold bases `[from, to)` and takes the line ends out.
    fn read(&mut self, entry: &Entry, from: u64, to: u64, out: &mut [u8]) -> io::Result<()> {
        let (first, last) = (entry.byte_of(from), entry.byte_of(to - 1));
        self.lines.resize((last - first) as usize + 1, 0);
        self.text.read_at(first, &mut self.lines)?;
        let line_end = (entry.line_bytes - entry.line_bases) as usize;
        let mut left = (entry.line_bases - from % entry.line_bases) as usize;
        let (mut rest, mut at) = (self.lines.as_slice(), 0);
        while !rest.is_empty() {
            let (bases, after) = rest.split_at(left.min(rest.len()));
            out[at..at + bases.len()].copy_from_slice(bases);
            at += bases.len();
            rest = after.get(line_end..).unwrap_or_default();
            left = entry.line_bases as usize;
        }
        Ok(())
    }
}

impl SequenceSource for Indexed {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.shared.chromosomes
    }

    fn bases_into(&mut self, chrom: &str, start: i64, out: &mut [u8]) -> Result<(), SourceError> {
        out.fill(b'.');
        let shared = self.shared.clone();
        let Some(entry) = shared.sequences.get(chrom) else {
            return Err(unknown(&shared.path, chrom, &shared.chromosomes));
        };
        let Some((from, to, place)) = on_sequence(start, out.len(), entry.length) else {
            return Ok(());
        };
        let out = &mut out[place..place + (to - from) as usize];
        self.read(entry, from, to, out).map_err(|e| {
            let message = "cannot be read; if the file changed, delete its .fai and .gzi, if not, fetch it again";
            self.error(chrom, from, message.into()).caused_by(e)
        })?;
        match out.iter().position(|b| !is_base(*b)) {
            None => Ok(()),
            Some(at) => Err(self.error(chrom, from + at as u64, not_a_base(out[at]))),
        }
    }

    fn reopen(&self) -> Result<Box<dyn SequenceSource>, SourceError> {
        let again = Self::with(self.shared.clone());
        let path = self.shared.path.display().to_string();
        Ok(Box::new(
            again
                .map_err(|e| SourceError::new(path, "opening again", e.to_string()).caused_by(e))?,
        ))
    }
}

/// Tells whether a byte can stand for a base in FASTA.
pub(super) fn is_base(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'*' | b'.')
}

pub(super) fn not_a_base(byte: u8) -> String {
    let shown = char::from(byte).escape_default();
    format!(
        "{shown:?} where a base should be; if the file changed, delete its .fai and .gzi",
        shown = shown.to_string()
    )
}

/// Clips `length` bases from `start` to the sequence: (from, to, where `from` stands in the output).
pub(super) fn on_sequence(start: i64, length: usize, bases: u64) -> Option<(u64, u64, usize)> {
    let end = start.saturating_add_unsigned(length as u64);
    let from = u64::try_from(start).unwrap_or(0);
    let to = u64::try_from(end).unwrap_or(0).min(bases);
    (from < to).then(|| (from, to, (from.wrapping_sub(start as u64)) as usize))
}

pub(super) fn unknown(path: &Path, chrom: &str, known: &[Chromosome]) -> SourceError {
    let names = names::list(known.iter().map(|c| c.name.as_str()));
    let message = format!(
        "the genome has no chromosome {chrom:?}, it has {names}; use the genome and the genes of one assembly"
    );
    SourceError::new(path.display().to_string(), chrom, message)
}
