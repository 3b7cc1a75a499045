//! One-dimensional arrays in safetensors files: written as a stream, read
//! through a memory map.

use super::DatasetError;
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensors};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes kept for the header, which is written last; with its length before it,
/// what follows is aligned for every element type.
const HEADER: usize = 1016;

/// A number that an array may hold, little-endian.
pub(crate) trait Element: Copy + Send + Sync {
    const DTYPE: Dtype;
    const NAME: &'static str;
    const SIZE: usize;
    fn read(bytes: &[u8]) -> Self;
    fn put(self, out: &mut Vec<u8>);
}

macro_rules! element {
    ($type:ty, $dtype:ident) => {
        impl Element for $type {
            const DTYPE: Dtype = Dtype::$dtype;
            const NAME: &'static str = stringify!($dtype);
            const SIZE: usize = size_of::<$type>();
            fn read(bytes: &[u8]) -> Self {
                bytes.try_into().map_or_else(|_| Self::default(), Self::from_le_bytes)
            }
            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
    };
}

element!(u8, U8);
element!(u32, U32);
element!(u64, U64);
element!(f32, F32);
element!(f64, F64);

/// Writes arrays one after the other; the header comes when all lengths are known.
pub(super) struct ArrayWriter {
    path: PathBuf,
    file: BufWriter<File>,
    entries: Vec<String>,
    written: u64,
    begun: u64,
    bytes: Vec<u8>,
}

impl ArrayWriter {
    pub fn create(path: &Path) -> Result<Self, DatasetError> {
        let error = |cause| DatasetError::written(path, cause);
        let mut file = BufWriter::with_capacity(1 << 18, File::create(path).map_err(error)?);
        file.write_all(&[b' '; 8 + HEADER]).map_err(error)?;
        let path = path.to_owned();
        Ok(Self { path, file, entries: Vec::new(), written: 0, begun: 0, bytes: Vec::new() })
    }

    /// Adds elements to the array being written.
    pub fn push<T: Element>(&mut self, values: &[T]) -> Result<(), DatasetError> {
        self.bytes.clear();
        for &value in values {
            value.put(&mut self.bytes);
        }
        let error = |cause| DatasetError::written(&self.path, cause);
        self.file.write_all(&self.bytes).map_err(error)?;
        self.written += self.bytes.len() as u64;
        Ok(())
    }

    /// Adds everything in `from`, whose elements were written by [`Spool`].
    pub fn append(&mut self, from: &mut Spool) -> Result<(), DatasetError> {
        let error = |cause| DatasetError::written(&self.path, cause);
        from.file.flush().map_err(error)?;
        let file = from.file.get_mut();
        file.seek(SeekFrom::Start(0)).map_err(error)?;
        self.written += std::io::copy(file, &mut self.file).map_err(error)?;
        Ok(())
    }

    /// Ends the array being written, of elements `T`.
    pub fn end<T: Element>(&mut self, name: &str) {
        let length = (self.written - self.begun) / T::SIZE as u64;
        self.entries.push(format!(
            r#""{name}":{{"dtype":"{}","shape":[{length}],"data_offsets":[{},{}]}}"#,
            T::NAME,
            self.begun,
            self.written
        ));
        self.begun = self.written;
    }

    /// Writes the header.
    pub fn finish(mut self) -> Result<(), DatasetError> {
        let error = |cause| DatasetError::written(&self.path, cause);
        let header = format!("{{{}}}", self.entries.join(","));
        let padded = format!("{header:<HEADER$}");
        self.file.seek(SeekFrom::Start(0)).map_err(error)?;
        self.file.write_all(&(padded.len() as u64).to_le_bytes()).map_err(error)?;
        self.file.write_all(padded.as_bytes()).map_err(error)?;
        self.file.flush().map_err(error)
    }
}

/// Elements kept aside, in an unnamed file, until those before them are written.
pub(super) struct Spool {
    file: BufWriter<File>,
    folder: PathBuf,
}

impl Spool {
    pub fn create(folder: &Path) -> Result<Self, DatasetError> {
        let file =
            tempfile::tempfile_in(folder).map_err(|cause| DatasetError::written(folder, cause))?;
        Ok(Self { file: BufWriter::new(file), folder: folder.to_owned() })
    }

    pub fn push<T: Element>(&mut self, values: &[T]) -> Result<(), DatasetError> {
        let mut bytes = Vec::with_capacity(values.len() * T::SIZE);
        for &value in values {
            value.put(&mut bytes);
        }
        self.file.write_all(&bytes).map_err(|cause| DatasetError::written(&self.folder, cause))
    }
}

/// The arrays of one file.
pub(super) struct Arrays {
    path: PathBuf,
    map: Arc<Mmap>,
    arrays: HashMap<String, (Dtype, Range<usize>)>,
}

impl Arrays {
    /// Maps a file and checks its header against its size.
    pub fn open(path: &Path) -> Result<Self, DatasetError> {
        let read = |cause| DatasetError::read(path, cause);
        let file = File::open(path).map_err(read)?;
        let size = file.metadata().map_err(read)?.len();
        if size < 8 {
            let message = format!("it has {size} bytes, too few for an array file");
            return Err(DatasetError::broken(path, message));
        }
        // SAFETY: the map is read-only and private to this process. A data set
        // is replaced by renaming, never written in place, so its bytes stay as
        // they are; they are read as plain numbers, of which any bits are valid.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file) }.map_err(read)?;
        let arrays = header(path, &map)?;
        Ok(Self { path: path.to_owned(), map: Arc::new(map), arrays })
    }

    /// Gives the array `name`, which must have `length` elements where that is known.
    pub fn array<T: Element>(
        &self,
        name: &str,
        length: Option<u64>,
    ) -> Result<Array<T>, DatasetError> {
        let broken = |message| DatasetError::broken(&self.path, message);
        let Some((dtype, range)) = self.arrays.get(name) else {
            return Err(broken(format!("it has no array {name:?}")));
        };
        if *dtype != T::DTYPE {
            return Err(broken(format!("array {name:?} is {dtype:?}, not {}", T::NAME)));
        }
        let found = range.len() / T::SIZE;
        if let Some(length) = length.filter(|&length| length != found as u64) {
            let message = format!("array {name:?} has {found} elements, and genes need {length}");
            return Err(broken(message));
        }
        Ok(Array {
            map: Arc::clone(&self.map),
            start: range.start,
            length: found,
            element: PhantomData,
        })
    }
}

/// Reads the header of an array file's bytes: where each array lies.
pub(super) fn header(
    path: &Path,
    bytes: &[u8],
) -> Result<HashMap<String, (Dtype, Range<usize>)>, DatasetError> {
    let broken = |message: String| DatasetError::broken(path, message);
    let (length, metadata) =
        SafeTensors::read_metadata(bytes).map_err(|cause| broken(cause.to_string()))?;
    let data = length + 8;
    let mut arrays = HashMap::new();
    for (name, info) in metadata.tensors() {
        let (start, end) = info.data_offsets;
        let inside = start <= end && data.checked_add(end).is_some_and(|end| end <= bytes.len());
        if !inside || info.shape.len() != 1 {
            return Err(broken(format!("array {name:?} does not lie in the file")));
        }
        arrays.insert(name, (info.dtype, data + start..data + end));
    }
    Ok(arrays)
}

/// Numbers in a memory-mapped file.
pub(crate) struct Array<T> {
    map: Arc<Mmap>,
    start: usize,
    length: usize,
    element: PhantomData<T>,
}

impl<T: Element> Array<T> {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Element `i`; none off the end.
    pub fn get(&self, i: usize) -> Option<T> {
        self.slice(i..i.checked_add(1)?).next()
    }

    /// Elements of `range`, as far as there are such.
    pub fn slice(&self, range: Range<usize>) -> impl DoubleEndedIterator<Item = T> + '_ {
        let end = range.end.min(self.length);
        let start = range.start.min(end);
        let bytes = self.start + start * T::SIZE..self.start + end * T::SIZE;
        self.map.get(bytes).unwrap_or_default().chunks_exact(T::SIZE).map(T::read)
    }

    /// Number of elements of `range` before which `before` holds, in ascending order.
    pub fn partition(&self, range: Range<usize>, before: impl Fn(T) -> bool) -> usize {
        let (mut low, mut high) = (range.start, range.end.min(self.length));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        let mut spool = Spool::create(folder.path()).unwrap();
        spool.push(&[0.5f32, f32::NAN, -1e30]).unwrap();
        let mut writer = ArrayWriter::create(&path).unwrap();
        writer.push(&[1u32, 5]).unwrap();
        writer.push(&[9u32]).unwrap();
        writer.end::<u32>("positions");
        writer.append(&mut spool).unwrap();
        writer.end::<f32>("values");
        writer.push::<u64>(&[]).unwrap();
        writer.end::<u64>("offsets");
        writer.finish().unwrap();
        let arrays = Arrays::open(&path).unwrap();
        let positions = arrays.array::<u32>("positions", Some(3)).unwrap();
        assert_eq!(positions.slice(0..9).collect::<Vec<_>>(), [1, 5, 9]);
        assert_eq!(positions.partition(0..3, |p| p < 6), 2);
        let values = arrays.array::<f32>("values", None).unwrap();
        assert_eq!((values.get(0), values.get(2), values.get(3)), (Some(0.5), Some(-1e30), None));
        assert!(values.get(1).unwrap().is_nan());
        assert_eq!(arrays.array::<u64>("offsets", None).unwrap().len(), 0);
        assert!(arrays.array::<u32>("values", None).is_err());
        assert!(arrays.array::<f32>("values", Some(4)).is_err());
        assert!(arrays.array::<f32>("absent", None).is_err());
    }
}
