//! Many rows of real inputs (attributions, gradients) in one safetensors file:
//! written as a stream that can be interrupted, read through a map.

use super::ExportError;
use super::npz::Npz;
use isegnet_core::{Cancel, InputShape, Inputs};
use memmap2::Mmap;
use rayon::prelude::*;
use safetensors::{Dtype, SafeTensors};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The names of the arrays.
const EPI: &str = "epi";
const DNA: &str = "dna";

/// The key of the metadata under which the names of the columns stand, as JSON.
const COLUMNS: &str = "tracks";

/// Numbers of a row in each array.
fn widths(shape: &InputShape) -> [usize; 2] {
    let dna = if shape.dna { shape.positions * 4 } else { 0 };
    [shape.positions * shape.tracks.len(), dna]
}

/// Gives the header, its length before it: where every array lies is known from the start.
fn header(shape: &InputShape, rows: usize) -> Vec<u8> {
    let [epi, dna] = widths(shape).map(|width| width * rows * size_of::<f32>());
    let columns = serde_json::json!(shape.tracks).to_string();
    let mut object = serde_json::json!({ "__metadata__": { COLUMNS: columns } });
    let array = |dims: [usize; 3], start: usize, end: usize| serde_json::json!({ "dtype": "F32", "shape": dims, "data_offsets": [start, end] });
    if epi > 0 {
        object[EPI] = array([rows, shape.tracks.len(), shape.positions], 0, epi);
    }
    if dna > 0 {
        object[DNA] = array([rows, shape.positions, 4], epi, epi + dna);
    }
    let mut bytes = vec![0; 8];
    bytes.extend_from_slice(object.to_string().as_bytes());
    // Numbers start at a multiple of 64 bytes.
    bytes.resize(bytes.len().next_multiple_of(64), b' ');
    let length = (bytes.len() - 8) as u64;
    bytes.splice(..8, length.to_le_bytes());
    bytes
}

/// Writes rows one after the other into a file whose size is known beforehand.
///
/// The file is written under a name of its own and gets its final one in
/// [`finish`](Self::finish). What was pushed before the last [`sync`](Self::sync)
/// outlives an interruption: the caller keeps how many rows that was, and gives
/// the number back to [`open`](Self::open).
pub struct RowsWriter {
    path: PathBuf,
    file: File,
    shape: InputShape,
    rows: usize,
    next: usize,
    header: u64,
    bytes: Vec<u8>,
}

impl RowsWriter {
    /// Opens the unfinished file at `path` to go on after its first `done` rows.
    ///
    /// A file that is not there, or is not one of just these rows, is begun anew;
    /// [`next`](Self::next) tells.
    ///
    /// # Errors
    /// The file cannot be written, or the disk does not take one of this size.
    pub fn open(
        path: &Path,
        shape: &InputShape,
        rows: usize,
        done: usize,
    ) -> Result<Self, ExportError> {
        let error = |cause| ExportError::Io { path: path.to_owned(), cause };
        let header = header(shape, rows);
        let size = (header.len() + widths(shape).iter().sum::<usize>() * rows * 4) as u64;
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(error)?;
        let found = file.metadata().map_err(error)?.len();
        let mut before = vec![0; header.len()];
        let ours = found == size && file.read_exact(&mut before).is_ok() && before == header;
        if !ours {
            file.set_len(0).map_err(error)?;
            file.seek(SeekFrom::Start(0)).map_err(error)?;
            file.write_all(&header).map_err(error)?;
            file.set_len(size).map_err(error)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            shape: shape.clone(),
            rows,
            next: if ours { done.min(rows) } else { 0 },
            header: header.len() as u64,
            bytes: Vec::new(),
        })
    }

    /// How many rows there are already.
    pub fn next(&self) -> usize {
        self.next
    }

    /// Adds rows.
    ///
    /// # Errors
    /// They have another shape, are more than there is room for, or cannot be written.
    pub fn push(&mut self, values: &Inputs) -> Result<(), ExportError> {
        let rows = values.rows();
        if let Some((what, got, expected)) = values.misfit(rows, &self.shape) {
            return Err(ExportError::Shape { what, got, expected });
        }
        if self.next + rows > self.rows {
            let (got, expected) = (self.next + rows, self.rows);
            return Err(ExportError::Shape { what: "rows", got, expected });
        }
        let [epi, dna] = widths(&self.shape);
        let columns = self.shape.tracks.len();
        if epi > 0 && rows > 0 {
            self.bytes.resize(rows * epi * 4, 0);
            let values = values.tracks.as_standard_layout();
            let values = values.as_slice().unwrap_or_default();
            track_major(values, (self.shape.positions, columns), &mut self.bytes);
            self.put(self.next * epi)?;
        }
        if dna > 0 {
            self.bytes.clear();
            self.bytes.extend(values.dna.iter().flat_map(|value| value.to_le_bytes()));
            self.put(self.rows * epi + self.next * dna)?;
        }
        self.next += rows;
        Ok(())
    }

    /// Writes what is in `bytes` from number `first` of the file on.
    fn put(&mut self, first: usize) -> Result<(), ExportError> {
        let Self { file, bytes, path, .. } = self;
        let place = SeekFrom::Start(self.header + 4 * first as u64);
        file.seek(place)
            .and_then(|_| file.write_all(bytes))
            .map_err(|cause| ExportError::Io { path: path.clone(), cause })
    }

    /// Waits until all rows so far are on the disk.
    ///
    /// # Errors
    /// The disk did not take them.
    pub fn sync(&mut self) -> Result<(), ExportError> {
        let error = |cause| ExportError::Io { path: self.path.clone(), cause };
        self.file.sync_data().map_err(error)
    }

    /// Gives the file its final name, once all rows are there.
    ///
    /// # Errors
    /// Rows are missing, or the file cannot be renamed.
    pub fn finish(mut self, path: &Path) -> Result<(), ExportError> {
        if self.next != self.rows {
            let (got, expected) = (self.next, self.rows);
            return Err(ExportError::Shape { what: "rows", got, expected });
        }
        self.sync()?;
        std::fs::rename(&self.path, path)
            .map_err(|cause| ExportError::Io { path: path.to_owned(), cause })
    }
}

/// Turns rows of `(position, column)` into bytes of `(column, position)`.
fn track_major(values: &[f32], (positions, columns): (usize, usize), bytes: &mut [u8]) {
    let a_row = positions * columns;
    let work = bytes.par_chunks_mut(a_row * 4).zip(values.par_chunks(a_row));
    work.for_each(|(bytes, row)| {
        for (column, bytes) in bytes.chunks_mut(positions * 4).enumerate() {
            let values = row.iter().skip(column).step_by(columns);
            for (value, bytes) in values.zip(bytes.chunks_exact_mut(4)) {
                bytes.copy_from_slice(&value.to_le_bytes());
            }
        }
    });
}

/// The rows of a finished file, mapped and not read.
pub struct Rows {
    map: Mmap,
    shape: InputShape,
    rows: usize,
    epi: Range<usize>,
    dna: Range<usize>,
}

impl Rows {
    /// Opens a file that [`RowsWriter`] wrote, or one of the same arrays: `epi` f32
    /// `(rows, tracks, positions)`, `dna` f32 `(rows, positions, 4)`, either of which may
    /// be absent, and the names of the tracks as JSON in the metadata's `tracks`.
    ///
    /// # Errors
    /// The file cannot be read or is none of these.
    pub fn open(path: &Path) -> Result<Self, ExportError> {
        let error = |cause| ExportError::Read { path: path.to_owned(), cause };
        let broken = |message: String| ExportError::Broken { path: path.to_owned(), message };
        let file = File::open(path).map_err(error)?;
        if file.metadata().map_err(error)?.len() < 8 {
            return Err(broken("it is too short".into()));
        }
        // SAFETY: the map is read-only and private to this process. A finished file
        // is replaced by renaming, never written in place, so its bytes stay as they
        // are; they are read as plain numbers, of which any bits are valid.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file) }.map_err(error)?;
        let (header, metadata) =
            SafeTensors::read_metadata(&map).map_err(|cause| broken(cause.to_string()))?;
        let columns = metadata.metadata().as_ref().and_then(|texts| texts.get(COLUMNS));
        let columns = columns.ok_or_else(|| broken(format!("its metadata has no {COLUMNS:?}")))?;
        let columns: Vec<String> = serde_json::from_str(columns)
            .map_err(|cause| broken(format!("its {COLUMNS:?} are no list of names: {cause}")))?;
        let array = |name: &str| -> Result<([usize; 3], Range<usize>), ExportError> {
            let Some(info) = metadata.info(name) else { return Ok(([0; 3], 0..0)) };
            let (start, end) = info.data_offsets;
            let dims = <[usize; 3]>::try_from(info.shape.as_slice());
            match dims {
                Ok(dims) if info.dtype == Dtype::F32 && header + 8 + end <= map.len() => {
                    Ok((dims, header + 8 + start..header + 8 + end))
                }
                _ => Err(broken(format!(
                    "array {name:?} is {:?} {:?} and must be F32 of three dimensions",
                    info.dtype, info.shape
                ))),
            }
        };
        let (epi_dims, epi) = array(EPI)?;
        let (dna_dims, dna) = array(DNA)?;
        let rows = epi_dims[0].max(dna_dims[0]);
        let positions = epi_dims[2].max(dna_dims[1]);
        let shape = InputShape { positions, tracks: columns, dna: !dna.is_empty() };
        let expected = [
            [rows, shape.tracks.len(), positions],
            [rows, positions, if shape.dna { 4 } else { 0 }],
        ];
        let [epi_fits, dna_fits] =
            [(epi_dims, expected[0]), (dna_dims, expected[1])].map(|(found, expected)| {
                found == expected || (found == [0; 3] && expected.contains(&0))
            });
        if !(epi_fits && dna_fits) {
            let message = format!(
                "epi {epi_dims:?}, dna {dna_dims:?} and {} names of tracks do not fit together",
                shape.tracks.len()
            );
            return Err(broken(message));
        }
        Ok(Self { map, shape, rows, epi, dna })
    }

    /// The shape of a row.
    pub fn shape(&self) -> &InputShape {
        &self.shape
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Tells whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Numbers of the file from number `first` of `array` on, into `out`.
    fn fill(&self, array: &Range<usize>, first: usize, out: &mut [f32]) {
        let start = array.start + 4 * first;
        let end = start + 4 * out.len();
        assert!(end <= array.end, "there is no such row or column");
        let bytes = self.map.get(start..end).unwrap_or_default();
        for (out, bytes) in out.iter_mut().zip(bytes.chunks_exact(4)) {
            *out = bytes.try_into().map_or(f32::NAN, f32::from_le_bytes);
        }
    }

    /// Fills `out` with one column of a row, `(positions)`.
    ///
    /// # Panics
    /// There is no such row or column, or `out` has another length.
    pub fn column_into(&self, row: usize, column: usize, out: &mut [f32]) {
        assert_eq!(out.len(), self.shape.positions, "one value is needed for each position");
        let first = (row * self.shape.tracks.len() + column) * self.shape.positions;
        self.fill(&self.epi, first, out);
    }

    /// Fills `out` with a row's DNA, `(positions, 4)`.
    ///
    /// # Panics
    /// There is no such row or no DNA, or `out` has another length.
    pub fn dna_into(&self, row: usize, out: &mut [f32]) {
        assert_eq!(out.len(), 4 * self.shape.positions, "four values are needed a position");
        self.fill(&self.dna, row * 4 * self.shape.positions, out);
    }

    /// Writes the rows as `.npz`: `epi` and `dna` as they are here, `track`, and the
    /// named lists of texts.
    ///
    /// # Errors
    /// The file cannot be written, or the work was cancelled.
    pub fn write_npz(
        &self,
        path: &Path,
        texts: &[(&str, Vec<&str>)],
        cancel: &Cancel,
    ) -> Result<(), ExportError> {
        let error = |cause| ExportError::Io { path: path.to_owned(), cause };
        let InputShape { positions, tracks, .. } = &self.shape;
        isegnet_core::atomic::write(path, error, |file| {
            let mut npz = Npz::new(file, false);
            let arrays = [
                (EPI, &self.epi, [self.rows, tracks.len(), *positions]),
                (DNA, &self.dna, [self.rows, *positions, 4]),
            ];
            for (name, bytes, dims) in arrays.into_iter().filter(|(_, bytes, _)| !bytes.is_empty())
            {
                npz.begin(name, "<f4", &dims).map_err(error)?;
                for bytes in self.map.get(bytes.clone()).unwrap_or_default().chunks(1 << 20) {
                    if cancel.is_cancelled() {
                        return Err(ExportError::Cancelled);
                    }
                    npz.put(bytes).map_err(error)?;
                }
            }
            npz.text("track", tracks.iter().map(String::as_str)).map_err(error)?;
            for (name, texts) in texts {
                npz.text(name, texts.iter().copied()).map_err(error)?;
            }
            npz.finish().map_err(error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(tracks: &[&str], dna: bool) -> InputShape {
        InputShape { positions: 5, tracks: tracks.iter().map(ToString::to_string).collect(), dna }
    }

    /// Rows whose every number says where it belongs.
    fn rows(shape: &InputShape, from: usize, n: usize) -> Inputs {
        let mut inputs = Inputs::zeros(n, shape);
        let number = |row: usize, position: usize, column: usize| {
            (1000 * (from + row) + 10 * position + column) as f32
        };
        inputs.tracks.indexed_iter_mut().for_each(|((r, p, c), v)| *v = number(r, p, c));
        inputs.dna.indexed_iter_mut().for_each(|((r, p, c), v)| *v = -number(r, p, c));
        inputs
    }

    #[test]
    fn an_interrupted_file_goes_on_to_the_same_bytes() {
        for shape in [shape(&["a", "b, \"c\""], true), shape(&["a"], false), shape(&[], true)] {
            let folder = tempfile::tempdir().unwrap();
            let [part, whole, resumed] =
                ["part", "whole", "resumed"].map(|name| folder.path().join(name));
            let mut writer = RowsWriter::open(&part, &shape, 4, 0).unwrap();
            writer.push(&rows(&shape, 0, 4)).unwrap();
            writer.finish(&whole).unwrap();

            let mut writer = RowsWriter::open(&part, &shape, 4, 0).unwrap();
            writer.push(&rows(&shape, 0, 1)).unwrap();
            writer.sync().unwrap();
            // This one was not said to be done, and is written again.
            writer.push(&rows(&shape, 7, 2)).unwrap();
            drop(writer);
            let mut writer = RowsWriter::open(&part, &shape, 4, 1).unwrap();
            assert_eq!(writer.next(), 1);
            writer.push(&rows(&shape, 1, 2)).unwrap();
            writer.push(&rows(&shape, 3, 1)).unwrap();
            writer.finish(&resumed).unwrap();
            assert_eq!(std::fs::read(&whole).unwrap(), std::fs::read(&resumed).unwrap());

            let read = Rows::open(&whole).unwrap();
            assert_eq!((read.shape(), read.len()), (&shape, 4));
            let mut values = [0.0; 5];
            for column in 0..shape.tracks.len() {
                read.column_into(2, column, &mut values);
                let place = |p: usize| (2000 + 10 * p + column) as f32;
                assert_eq!(values, [0, 1, 2, 3, 4].map(place));
            }
            if shape.dna {
                let mut values = [0.0; 20];
                read.dna_into(3, &mut values);
                assert_eq!(values[4..8], [-3010.0, -3011.0, -3012.0, -3013.0]);
            }
        }
    }

    #[test]
    fn another_file_is_begun_anew_and_missing_rows_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let part = folder.path().join("part");
        let one = shape(&["a"], true);
        let mut writer = RowsWriter::open(&part, &one, 4, 0).unwrap();
        writer.push(&rows(&one, 0, 3)).unwrap();
        let unfinished = writer.finish(&folder.path().join("whole")).unwrap_err().to_string();
        assert!(unfinished.contains("3 rows where 4"), "{unfinished}");
        let mut other = RowsWriter::open(&part, &shape(&["b"], true), 4, 3).unwrap();
        assert_eq!(other.next(), 0);
        assert!(other.push(&rows(&one, 0, 5)).is_err());
        assert!(other.push(&rows(&shape(&[], true), 0, 1)).is_err());
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let refused = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            Rows::open(&path).err().unwrap().to_string()
        };
        refused(b"");
        refused(&[255; 64]);
        let good = header(&shape(&["a"], true), 1);
        refused(&good);
        let mut text = String::from_utf8_lossy(&good[8..]).replace("[1,1,5]", "[1,5]");
        text.insert(0, ' ');
        refused(&[&(text.len() as u64).to_le_bytes(), text.as_bytes(), &[0; 100]].concat());
    }
}
