//! Lines of text files, plain or gzip, with their numbers.
//!
//! `isegnet-io` has the like of it; this crate reads two small formats and needs nothing else of
//! that one.

use crate::Error;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// No line that means something is longer; a file without line ends must not fill the memory.
const LONGEST_LINE: u64 = 1 << 20;

/// The lines of a text, counted from 1.
pub(crate) struct Lines<R> {
    input: R,
    path: PathBuf,
    line: u64,
    buffer: Vec<u8>,
}

/// Opens a text file, unpacked where it is gzip.
pub(crate) fn open(path: &Path) -> Result<Lines<Box<dyn BufRead>>, Error> {
    let file = File::open(path).map_err(|source| Error::Open { path: path.into(), source })?;
    let mut raw = BufReader::new(file);
    let start = raw.fill_buf().map_err(|source| Error::Read { path: path.into(), source })?;
    let input: Box<dyn BufRead> = match start.starts_with(b"\x1f\x8b") {
        true => Box::new(BufReader::new(MultiGzDecoder::new(raw))),
        false => Box::new(raw),
    };
    Ok(Lines::new(input, path))
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R, path: &Path) -> Self {
        Self { input, path: path.into(), line: 0, buffer: Vec::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the next line without its end; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, &str)>, Error> {
        self.buffer.clear();
        let mut limited = (&mut self.input).take(LONGEST_LINE + 1);
        let n = limited.read_until(b'\n', &mut self.buffer);
        let n = n.map_err(|source| Error::Read { path: self.path.clone(), source })?;
        if n == 0 {
            return Ok(None);
        }
        self.line += 1;
        if n as u64 > LONGEST_LINE {
            return Err(self.error(format!(
                "longer than {LONGEST_LINE} bytes; is this a text file with lines?"
            )));
        }
        let mut bytes = self.buffer.as_slice();
        if self.line == 1 {
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some((self.line, text.trim_end_matches(['\r', '\n'])))),
            Err(_) => Err(Error::line(
                &self.path,
                self.line,
                "not UTF-8 text; save the file as UTF-8, or unpack it",
            )),
        }
    }

    /// An error about the line given last.
    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        Error::line(&self.path, self.line, message)
    }
}

/// Reads a number of a matrix.
pub(crate) fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("{} is no number; correct it", quote(text)))
}

/// Shortens what a message quotes from a file.
pub(crate) fn quote(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{:?}...", &text[..cut]),
        None => format!("{text:?}"),
    }
}
