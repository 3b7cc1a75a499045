//! Opens a track whatever its format.

use crate::sniff::Kind;
use crate::text::{self, Lines, columns, is_remark};
use crate::{Error, bedgraph, bedmethyl, bigwig};
use isegnet_core::SignalSource;
use std::path::Path;

/// Opens a bigWig, bedGraph or bedMethyl file; the format is told by content,
/// never by name.
///
/// bedMethyl sites need one read; ask for more with [`bedmethyl::open`].
///
/// # Errors
/// The file cannot be read, is of none of these formats, or is damaged.
pub fn open(path: impl AsRef<Path>) -> Result<Box<dyn SignalSource>, Error> {
    let path = path.as_ref();
    match format(path)? {
        Format::BigWig => bigwig::open(path),
        Format::BedGraph => bedgraph::open(path),
        Format::BedMethyl => bedmethyl::open(path, 1),
    }
}

/// A format of tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// bigWig.
    BigWig,
    /// bedGraph, plain or gzip.
    BedGraph,
    /// bedMethyl, plain or gzip.
    BedMethyl,
}

/// Tells the format of a track by its content.
///
/// # Errors
/// The file cannot be read, or is of none of these formats.
pub fn format(path: impl AsRef<Path>) -> Result<Format, Error> {
    let path = path.as_ref();
    let (input, kind) = text::open_any(path)?;
    match kind {
        Kind::BigWig => return Ok(Format::BigWig),
        Kind::Text => {}
        other => {
            return Err(Error::wrong_kind(path, "a bigWig, bedGraph or bedMethyl file", other));
        }
    }
    let mut lines = Lines::new(input, path);
    while let Some((_, line)) = lines.next()? {
        if !is_remark(line) {
            let columns = columns(line).count().max(line.split_ascii_whitespace().count());
            return Ok(if columns >= 11 { Format::BedMethyl } else { Format::BedGraph });
        }
    }
    Err(Error::Nothing {
        path: path.into(),
        what: "value",
        remedy: "check that the file was written to its end".into(),
    })
}
