//! What a file looks like, from its first bytes.

use crate::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// What a file looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A bigWig file, of either byte order.
    BigWig,
    /// A bigBed file, of either byte order.
    BigBed,
    /// FASTA text.
    Fasta,
    /// Other text.
    Text,
    /// A web page, such as a failed download leaves.
    WebPage,
    /// BAM alignments.
    Bam,
    /// A gzip file, where what is in it cannot be read from there.
    Gzip,
    /// A zip archive.
    Zip,
    /// An HDF5 file.
    Hdf5,
    /// A 2bit genome.
    TwoBit,
    /// An image, a PDF file or anything else that is not text.
    Binary,
    /// A file of no bytes.
    Empty,
    /// A folder.
    Folder,
}

impl fmt::Display for Kind {
    /// Writes the kind with its article: `a bigBed file`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BigWig => "a bigWig file",
            Self::BigBed => "a bigBed file",
            Self::Fasta => "a FASTA file",
            Self::Text => "a text file",
            Self::WebPage => "a web page",
            Self::Bam => "a BAM file",
            Self::Gzip => "a gzip file",
            Self::Zip => "a zip archive",
            Self::Hdf5 => "an HDF5 file",
            Self::TwoBit => "a 2bit file",
            Self::Binary => "a binary file of an unknown kind",
            Self::Empty => "an empty file",
            Self::Folder => "a folder",
        })
    }
}

impl Kind {
    /// The way out of having given a file of this kind.
    pub(crate) fn remedy(self) -> String {
        match self {
            Self::BigBed => {
                "bigBed holds intervals, not a signal: use the bigWig of the same experiment"
            }
            Self::WebPage => "the download failed: fetch the file itself",
            Self::Empty => "the file was not written or not fetched: make it again",
            Self::Folder => "name a file in it",
            Self::Gzip => "unpack it first (gunzip)",
            Self::Zip => "unpack it first",
            Self::Bam => "make a bigWig of it first (bamCoverage, bedGraphToBigWig)",
            Self::TwoBit => "turn it into FASTA first (twoBitToFa)",
            _ => "check which file is named here",
        }
        .into()
    }
}

/// Gives the kind of a file by its content, never by its name; gzip is looked into.
///
/// # Errors
/// The file cannot be opened or read.
pub fn kind(path: &Path) -> Result<Kind, Error> {
    if path.is_dir() {
        return Ok(Kind::Folder);
    }
    let file = File::open(path).map_err(|e| Error::open(path, e))?;
    let start = start_of(&mut BufReader::new(file)).map_err(|e| Error::read(path, e))?;
    Ok(of_bytes(&start))
}

/// How many bytes are enough to tell.
const ENOUGH: u64 = 1024;

/// Gives the first bytes, decompressed where they are gzip.
fn start_of(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    if is_gzip(input.fill_buf()?) {
        flate2::bufread::MultiGzDecoder::new(input).take(ENOUGH).read_to_end(&mut start)?;
    } else {
        input.take(ENOUGH).read_to_end(&mut start)?;
    }
    Ok(start)
}

/// Tells whether a file is gzip, whatever is in it.
pub(crate) fn is_gzip_file(path: &Path) -> Result<bool, Error> {
    let file = File::open(path).map_err(|e| Error::open(path, e))?;
    let mut start = Vec::new();
    file.take(2).read_to_end(&mut start).map_err(|e| Error::read(path, e))?;
    Ok(is_gzip(&start))
}

/// Tells whether bytes begin as gzip (bgzip included) does.
pub(crate) fn is_gzip(start: &[u8]) -> bool {
    start.starts_with(&[0x1f, 0x8b])
}

/// Gives the kind of a file that begins so, not compressed.
pub(crate) fn of_bytes(start: &[u8]) -> Kind {
    let four = start.first_chunk::<4>().copied().map(u32::from_le_bytes).unwrap_or(0);
    let either = |magic: u32| four == magic || four == magic.swap_bytes();
    match start {
        [] => Kind::Empty,
        _ if either(0x888F_FC26) => Kind::BigWig,
        _ if either(0x8789_F2EB) => Kind::BigBed,
        _ if either(0x1A41_2743) => Kind::TwoBit,
        _ if start.starts_with(b"BAM\x01") => Kind::Bam,
        _ if start.starts_with(b"PK\x03\x04") => Kind::Zip,
        _ if start.starts_with(b"\x89HDF") => Kind::Hdf5,
        _ if start.contains(&0) => Kind::Binary,
        _ => of_text(start),
    }
}

fn of_text(start: &[u8]) -> Kind {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let opening: Vec<u8> = text.iter().take(9).map(u8::to_ascii_lowercase).collect();
    let control = |b: &u8| *b < 9 || (14..32).contains(b) && *b != 27;
    if opening.starts_with(b"<!doctype") || opening.starts_with(b"<html") {
        Kind::WebPage
    } else if start.iter().any(control) {
        Kind::Binary
    } else if text.starts_with(b">") {
        Kind::Fasta
    } else {
        Kind::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_content() {
        assert_eq!(of_bytes(&[0x26, 0xfc, 0x8f, 0x88, 4, 0]), Kind::BigWig);
        assert_eq!(of_bytes(&[0x88, 0x8f, 0xfc, 0x26, 0, 4]), Kind::BigWig);
        assert_eq!(of_bytes(&[0xeb, 0xf2, 0x89, 0x87, 4, 0]), Kind::BigBed);
        assert_eq!(of_bytes(b">chr1\nACGT\n"), Kind::Fasta);
        assert_eq!(of_bytes(b"chr1\t0\t10\t1.5\n"), Kind::Text);
        assert_eq!(of_bytes(b"\n<!DOCTYPE html><html>"), Kind::WebPage);
        assert_eq!(of_bytes(b""), Kind::Empty);
        assert_eq!(of_bytes(b"\x89PNG\r\n\x1a\n\0\0"), Kind::Binary);
    }
}
