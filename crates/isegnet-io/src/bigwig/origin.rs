use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

/// No larger than most compressed blocks, which then go where they are read to.
const BUFFER_BYTES: usize = 1 << 12;

/// Where the bytes of a bigWig are.
pub(super) enum Origin {
    File(PathBuf),
    Bytes(Arc<[u8]>),
}

impl Origin {
    /// Opens the bytes and says how many there are.
    pub(super) fn open(&self) -> io::Result<(Raw, u64)> {
        match self {
            Self::File(path) => {
                let file = File::open(path)?;
                let length = file.metadata()?.len();
                Ok((Raw::File(BufReader::with_capacity(BUFFER_BYTES, file)), length))
            }
            Self::Bytes(bytes) => Ok((Raw::Bytes(Cursor::new(bytes.clone())), bytes.len() as u64)),
        }
    }
}

/// The bytes of a bigWig, opened.
pub(super) enum Raw {
    File(BufReader<File>),
    Bytes(Cursor<Arc<[u8]>>),
}

impl Raw {
    /// Moves from `at`, where that is known, to `to`; bytes that are in the buffer then stay there.
    pub(super) fn go(&mut self, at: Option<u64>, to: u64) -> io::Result<()> {
        let by = at.and_then(|at| i64::try_from(i128::from(to) - i128::from(at)).ok());
        match (self, by) {
            (Self::File(file), Some(by)) => file.seek_relative(by),
            (Self::File(file), None) => file.seek(SeekFrom::Start(to)).map(|_| ()),
            (Self::Bytes(bytes), _) => {
                bytes.set_position(to);
                Ok(())
            }
        }
    }
}

impl Read for Raw {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(out),
            Self::Bytes(bytes) => bytes.read(out),
        }
    }
}
