use crate::Error;
use std::io::{BufRead, Chain, Cursor, Read};
use std::path::Path;

/// Longest header that is looked at; no column name is that long.
const LONGEST_HEADER: u64 = 1 << 20;

/// A table with a header, whose delimiter (tab, comma or semicolon) the header tells.
pub(super) struct Table<'a, R> {
    path: &'a Path,
    header: Vec<String>,
    /// Lines before the header.
    remarks: u64,
    reader: csv::Reader<Chain<Cursor<Vec<u8>>, R>>,
    record: csv::StringRecord,
}

impl<'a, R: BufRead> Table<'a, R> {
    pub(super) fn open(mut input: R, path: &'a Path) -> Result<Self, Error> {
        let (first, remarks) = header_line(&mut input).map_err(|e| Error::read(path, e))?;
        let delimiter = [b'\t', b',', b';'].into_iter().find(|d| first.contains(d));
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter.unwrap_or(b'\t'))
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_reader(Cursor::new(first).chain(input));
        let mut table =
            Self { path, header: Vec::new(), remarks, reader, record: csv::StringRecord::new() };
        let header = match table.reader.headers() {
            Ok(header) => header.iter().map(str::to_owned).collect(),
            Err(error) => return Err(table.error(error)),
        };
        table.header = header;
        Ok(table)
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// Gives the place of a column.
    pub(super) fn column(&self, name: &str) -> Result<usize, Error> {
        let mut places = self.header.iter().enumerate().filter(|(_, h)| *h == name);
        match (places.next(), places.next()) {
            (Some((at, _)), None) => Ok(at),
            (Some(_), Some(_)) => {
                let message =
                    format!("column {name:?} stands twice; give its columns distinct names");
                Err(Error::line(self.path, self.remarks + 1, message))
            }
            (None, _) => Err(Error::Column {
                path: self.path.into(),
                wanted: name.to_owned(),
                nearest_name: nearest(name, &self.header),
                available: self.header.clone(),
            }),
        }
    }

    /// Gives the next row and its line.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &csv::StringRecord)>, Error> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => Ok(None),
            Err(error) => Err(self.error(error)),
            Ok(true) => {
                let line = self.record.position().map_or(0, csv::Position::line);
                Ok(Some((line + self.remarks, &self.record)))
            }
        }
    }

    fn error(&self, error: csv::Error) -> Error {
        let line = error.position().map_or(0, csv::Position::line) + self.remarks;
        let message = match error.into_kind() {
            csv::ErrorKind::Io(source) => return Error::read(self.path, source),
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!(
                "{len} fields under a header of {expected_len}; every column, row names too, needs a name in the header"
            ),
            csv::ErrorKind::Utf8 { .. } => "not UTF-8 text; save the file as UTF-8".into(),
            _ => "the table cannot be read here; save it as plain TSV".into(),
        };
        Error::line(self.path, line, message)
    }
}

/// Gives the first line that is no remark, and how many stood before it.
fn header_line(input: &mut impl BufRead) -> std::io::Result<(Vec<u8>, u64)> {
    let (mut line, mut remarks) = (Vec::new(), 0);
    loop {
        line.clear();
        let n = input.by_ref().take(LONGEST_HEADER).read_until(b'\n', &mut line)?;
        if remarks == 0 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if n == 0 || !(line.starts_with(b"#") || line.trim_ascii().is_empty()) {
            return Ok((line, remarks));
        }
        remarks += 1;
    }
}

/// Gives the column most like a name, if any is like it.
fn nearest(name: &str, header: &[String]) -> Option<String> {
    let like = |h: &String| strsim::jaro_winkler(&h.to_lowercase(), &name.to_lowercase());
    let best = header.iter().max_by(|a, b| like(a).total_cmp(&like(b)))?;
    (like(best) > 0.75).then(|| best.clone())
}
