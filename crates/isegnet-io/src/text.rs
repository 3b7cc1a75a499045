//! Lines of text files, plain or gzip, with their numbers.

use crate::sniff::{self, Kind};
use crate::{Error, sniff::is_gzip};
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

/// A text file, decompressed where it is gzip.
pub(crate) type TextFile = Box<dyn BufRead + Send>;

/// Opens a text file; `expected` says what it should be (`a GTF file`).
pub(crate) fn open(path: &Path, expected: &'static str) -> Result<Lines<TextFile>, Error> {
    let (input, kind) = open_any(path)?;
    match kind {
        Kind::Text => Ok(Lines::new(input, path)),
        other => Err(Error::wrong_kind(path, expected, other)),
    }
}

/// Opens a file, decompressed where it is gzip, and tells what it looks like inside.
pub(crate) fn open_any(path: &Path) -> Result<(TextFile, Kind), Error> {
    if path.is_dir() {
        return Ok((Box::new(std::io::empty()), Kind::Folder));
    }
    let file = File::open(path).map_err(|e| Error::open(path, e))?;
    let mut raw = BufReader::with_capacity(1 << 16, file);
    let read = |e| Error::read(path, e);
    let mut input: TextFile = if is_gzip(raw.fill_buf().map_err(read)?) {
        let plain = flate2::bufread::MultiGzDecoder::new(raw);
        Box::new(BufReader::with_capacity(1 << 16, plain))
    } else {
        Box::new(raw)
    };
    let kind = sniff::of_bytes(input.fill_buf().map_err(read)?);
    Ok((input, kind))
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
        let n = n.map_err(|e| Error::read(&self.path, e))?;
        if n == 0 {
            return Ok(None);
        }
        self.line += 1;
        if n as u64 > LONGEST_LINE {
            let message =
                format!("longer than {LONGEST_LINE} bytes; is this a text file with lines?");
            return Err(self.error(message));
        }
        let mut bytes = self.buffer.as_slice();
        if self.line == 1 {
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some((self.line, text))),
            Err(_) => {
                Err(Error::line(&self.path, self.line, "not UTF-8 text; save the file as UTF-8"))
            }
        }
    }

    /// An error about the line given last.
    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        Error::line(&self.path, self.line, message)
    }
}

/// Chromosome, start and end of a BED-like line, 0-based and half-open.
pub(crate) struct Place<'a> {
    pub(crate) chrom: &'a str,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl<'a> Place<'a> {
    /// Takes the first three fields of a line; the message is for its error.
    pub(crate) fn take(fields: &mut impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut next =
            |what: &str| {
                fields.next().ok_or_else(|| {
            format!("no {what}; a line needs a chromosome, a start and an end, separated by tabs")
        })
            };
        let chrom = next("chromosome")?;
        let (start, end) = (position(next("start")?, "start")?, position(next("end")?, "end")?);
        if start >= end {
            return Err(format!(
                "start {start} is not below end {end}; positions are 0-based, the end is not part"
            ));
        }
        Ok(Self { chrom, start, end })
    }
}

/// Reads a position; no chromosome is longer than 32 bits count.
pub(crate) fn position(text: &str, what: &str) -> Result<u32, String> {
    text.parse().map_err(|_| {
        format!(
            "{what} {} is no position; a whole number from 0 to {} is needed",
            quote(text),
            u32::MAX
        )
    })
}

/// Tells whether a line of a BED-like file holds no data.
pub(crate) fn is_remark(line: &str) -> bool {
    let first = line.split_ascii_whitespace().next();
    line.starts_with('#') || matches!(first, None | Some("track" | "browser"))
}

/// Splits a line at tabs, or at blanks where it has no tab.
pub(crate) fn columns(line: &str) -> impl Iterator<Item = &str> {
    let tabs = line.contains('\t');
    line.split(move |c: char| if tabs { c == '\t' } else { c == ' ' })
        .filter(move |field| tabs || !field.is_empty())
}

/// Shortens what a message quotes from a file.
pub(crate) fn quote(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{:?}...", &text[..cut]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Result<Vec<(u64, String)>, Error> {
        let mut lines = Lines::new(bytes, Path::new("x.txt"));
        let mut all = Vec::new();
        while let Some((n, text)) = lines.next()? {
            all.push((n, text.to_owned()));
        }
        Ok(all)
    }

    #[test]
    fn line_ends_of_any_system_and_a_byte_order_mark_are_taken_off() {
        let got = lines(b"\xef\xbb\xbfa\r\n\nb").unwrap();
        assert_eq!(got, [(1, "a".into()), (2, "".into()), (3, "b".into())]);
    }

    #[test]
    fn a_text_without_line_ends_is_refused_before_it_fills_the_memory() {
        let long = vec![b'A'; LONGEST_LINE as usize + 10];
        assert!(lines(&long).unwrap_err().to_string().contains("line 1: longer than"));
        assert!(lines(b"ok\n\xff\xfe\n").unwrap_err().to_string().contains("line 2: not UTF-8"));
    }

    #[test]
    fn a_quote_is_short() {
        assert_eq!(quote("a\tb"), "\"a\\tb\"");
        assert!(quote(&"é".repeat(500)).len() < 200);
    }
}
