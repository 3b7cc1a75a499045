use super::indexed::is_base;
use crate::{Error, sniff::is_gzip};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// No name line that means something is longer.
const LONGEST_NAME_LINE: u64 = 1 << 16;
/// Bases of a piece, at least, where a sequence has as many.
const PIECE: usize = 1 << 16;

/// Sequences of a FASTA file one after the other, in pieces, so that none has to be in memory.
///
/// Names may be given twice, and lines may be of any length.
pub struct Stream {
    input: Box<dyn BufRead + Send>,
    path: PathBuf,
    /// How much of the file was read, packed as it is.
    done: Arc<AtomicU64>,
    length: u64,
    line: u64,
    /// Whether the next byte begins a line.
    at_line_start: bool,
    name: String,
    description: String,
    /// Bases of the sequence that were given.
    given: u64,
    began: bool,
    bases: Vec<u8>,
}

/// A sequence, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The sequence's name.
    pub name: &'a str,
    /// What stands behind the name.
    pub description: &'a str,
    /// The position of the first base, 0-based: 0 for the first piece of every sequence.
    pub start: u64,
    /// Letters; none only where the sequence has none.
    pub bases: &'a [u8],
}

/// A whole sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// What stands behind the name.
    pub description: String,
    /// Its letters.
    pub bases: Vec<u8>,
}

/// Reads all sequences of a file, plain or gzip, with what stands behind their names.
///
/// # Errors
/// The file cannot be read, is no FASTA, or has no sequence.
pub fn records(path: impl AsRef<Path>) -> Result<Vec<Record>, Error> {
    let mut stream = Stream::open(path)?;
    let mut records: Vec<Record> = Vec::new();
    while let Some(piece) = stream.next()? {
        if piece.start == 0 {
            let (name, description) = (piece.name.to_owned(), piece.description.to_owned());
            records.push(Record { name, description, bases: Vec::new() });
        }
        if let Some(record) = records.last_mut() {
            record.bases.extend_from_slice(piece.bases);
        }
    }
    Ok(records)
}

impl Stream {
    /// Opens a file, plain or gzip.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|e| Error::open(path, e))?;
        let length = file.metadata().map_or(0, |about| about.len());
        let done = Arc::new(AtomicU64::new(0));
        let counted = Counted { file, done: done.clone() };
        let mut raw = BufReader::with_capacity(1 << 16, counted);
        let packed = is_gzip(raw.fill_buf().map_err(|e| Error::read(path, e))?);
        let input: Box<dyn BufRead + Send> = match packed {
            true => Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(raw))),
            false => Box::new(raw),
        };
        Ok(Self { done, length, ..Self::new(input, path) })
    }

    /// Reads plain text; `name` stands for the path in messages.
    ///
    /// ```
    /// use isegnet_io::fasta::Stream;
    ///
    /// let mut stream = Stream::from_reader(&b">a first\nAC\nGT\n>b\n"[..], "x.fa");
    /// let piece = stream.next()?.ok_or("no sequence")?;
    /// assert_eq!((piece.name, piece.description, piece.bases), ("a", "first", &b"ACGT"[..]));
    /// let empty = stream.next()?.ok_or("one sequence")?;
    /// assert_eq!((empty.name, empty.bases), ("b", &b""[..]));
    /// assert!(stream.next()?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_reader(input: impl BufRead + Send + 'static, name: impl AsRef<Path>) -> Self {
        Self::new(Box::new(input), name.as_ref())
    }

    fn new(input: Box<dyn BufRead + Send>, path: &Path) -> Self {
        Self {
            input,
            path: path.into(),
            done: Arc::default(),
            length: 0,
            line: 1,
            at_line_start: true,
            name: String::new(),
            description: String::new(),
            given: 0,
            began: false,
            bases: Vec::new(),
        }
    }

    /// Bytes of the file, packed as it is.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Bytes of the file that were read.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Gives the next sequence, or the next part of a long one; `None` after the last.
    ///
    /// # Errors
    /// Reading failed, the text is no FASTA, or it has no sequence at all.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Piece<'_>>, Error> {
        self.given += self.bases.len() as u64;
        self.bases.clear();
        let mut new = false;
        loop {
            let chunk = self.input.fill_buf().map_err(|e| Error::read(&self.path, e))?;
            let Some(&first) = chunk.first() else {
                return match (self.began, new || !self.bases.is_empty()) {
                    (true, true) => Ok(Some(self.piece())),
                    (true, false) => Ok(None),
                    (false, _) => Err(self.empty()),
                };
            };
            if self.at_line_start && first == b'>' {
                if new || !self.bases.is_empty() {
                    return Ok(Some(self.piece()));
                }
                self.begin()?;
                new = true;
                continue;
            }
            // A line, or as much of it as is there.
            let end = chunk.iter().position(|&byte| byte == b'\n');
            let text = &chunk[..end.unwrap_or(chunk.len())];
            if self.began && text.iter().all(|&byte| is_base(byte)) {
                self.bases.extend_from_slice(text);
            } else {
                for &byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
                    let problem = match (self.began, is_base(byte)) {
                        (true, true) => {
                            self.bases.push(byte);
                            continue;
                        }
                        (true, false) => format!(
                            "{:?} where a base should be; is this FASTA?",
                            char::from(byte).escape_default().to_string()
                        ),
                        (false, _) => "before the first name; a sequence begins with '>'".into(),
                    };
                    return Err(Error::line(&self.path, self.line, problem));
                }
            }
            let taken = text.len() + usize::from(end.is_some());
            self.input.consume(taken);
            self.line += u64::from(end.is_some());
            self.at_line_start = end.is_some();
            if self.bases.len() >= PIECE {
                return Ok(Some(self.piece()));
            }
        }
    }

    /// Reads a name line.
    fn begin(&mut self) -> Result<(), Error> {
        let mut line = Vec::new();
        let mut limited = (&mut self.input).take(LONGEST_NAME_LINE + 1);
        let n = limited.read_until(b'\n', &mut line).map_err(|e| Error::read(&self.path, e))?;
        let error = |message: &str| Error::line(&self.path, self.line, message);
        if n as u64 > LONGEST_NAME_LINE {
            return Err(error("the name is too long; is this FASTA?"));
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.strip_prefix('>').unwrap_or(&line);
        let (name, description) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if name.is_empty() {
            return Err(error("a sequence without a name; write one after '>'"));
        }
        (self.name, self.description) = (name.to_owned(), description.trim().to_owned());
        (self.given, self.began, self.at_line_start) = (0, true, true);
        self.line += 1;
        Ok(())
    }

    fn piece(&self) -> Piece<'_> {
        let Self { name, description, given, bases, .. } = self;
        Piece { name, description, start: *given, bases }
    }

    fn empty(&self) -> Error {
        let remedy = "give a FASTA file with at least one '>name' and its bases".into();
        Error::Nothing { path: self.path.clone(), what: "sequence", remedy }
    }
}

/// A file that counts what is read of it.
struct Counted {
    file: File,
    done: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(out)?;
        self.done.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Result<Vec<(String, u64, String)>, String> {
        // A buffer of three bytes cuts lines and names anywhere.
        let input = BufReader::with_capacity(3, io::Cursor::new(text.to_vec()));
        let mut stream = Stream::from_reader(input, "x.fa");
        let mut all = Vec::new();
        while let Some(p) = stream.next().map_err(|e| e.to_string())? {
            all.push((p.name.to_owned(), p.start, String::from_utf8_lossy(p.bases).into_owned()));
        }
        Ok(all)
    }

    #[test]
    fn sequences_come_whole_or_in_pieces_whatever_their_lines() {
        let got = all(b"\n>a x y\r\nACG\r\nT\n\n>b\n>a\nnn NN").unwrap();
        let names: Vec<_> = got.iter().map(|(n, s, b)| (n.as_str(), *s, b.as_str())).collect();
        assert_eq!(names, [("a", 0, "ACGT"), ("b", 0, ""), ("a", 0, "nnNN")]);

        let long = "ACGTN".repeat(40_000);
        let got = all(format!(">long\n{long}\n>short\nA\n").as_bytes()).unwrap();
        assert!(got.len() > 3);
        let mut joined = String::new();
        for (name, start, bases) in &got[..got.len() - 1] {
            assert_eq!((name.as_str(), *start), ("long", joined.len() as u64));
            joined += bases;
        }
        assert_eq!((joined, got[got.len() - 1].2.as_str()), (long, "A"));
    }

    #[test]
    fn files_are_read_packed_or_not_and_say_how_far() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["x.fa", "x.fa.gz"] {
            let path = folder.path().join(name);
            super::super::write(&path, [("a", "ACGT"), ("b", "GG")]).unwrap();
            let got = records(&path).unwrap();
            assert_eq!((got.len(), &got[1].bases[..]), (2, &b"GG"[..]));
            let mut stream = Stream::open(&path).unwrap();
            while stream.next().unwrap().is_some() {}
            assert_eq!(stream.done(), stream.length());
        }
    }

    #[test]
    fn what_is_no_fasta_is_told_with_its_line() {
        assert!(all(b"\nACGT\n").unwrap_err().contains("x.fa, line 2: before the first name"));
        assert!(all(b">a\nAC\nA-1\n").unwrap_err().contains("line 3"));
        assert!(all(b"> a\nAC\n").unwrap_err().contains("line 1: a sequence without a name"));
        assert!(all(b"\n\n").unwrap_err().contains("has no sequence"));
        let long = format!(">{}\nA\n", "x".repeat(1 << 17));
        assert!(all(long.as_bytes()).unwrap_err().contains("name is too long"));
    }
}
