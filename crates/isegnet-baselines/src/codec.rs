//! What fitted models are stored in: a header that says what follows and how much of
//! it, and bincode. Nothing is believed before it was compared with the file.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"isegbase";
/// Raised whenever what is stored changes.
const VERSION: u32 = 1;
/// Bytes of a model at most.
const LIMIT: usize = 1 << 30;
/// Bytes of a model that is called small.
const SMALL: usize = 1 << 20;
/// Magic, version, length and SHA-256 of what follows.
const HEADER: usize = 8 + 4 + 8 + 32;

/// Why a file of a fitted model cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelFileError {
    /// The file system refuses.
    #[error("{}: {source}; check the path and its permissions", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// It is another kind of file.
    #[error("{} is no fitted baseline; give a file that a baseline was saved to", path.display())]
    NotAModel {
        /// The file.
        path: PathBuf,
    },
    /// It was written by another version.
    #[error("{} is of version {found}, this program reads {VERSION}; fit the baseline again", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// It is too large.
    #[error("{} would hold {bytes} bytes, the limit is {LIMIT}; fit fewer or smaller trees, or fewer rows", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes of the model.
        bytes: u64,
    },
    /// It is shorter or longer than it says.
    #[error("{} holds {found} bytes and says {said}; copy it again", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Bytes it says.
        said: u64,
        /// Bytes it holds.
        found: u64,
    },
    /// Its bytes were changed, or were never a model.
    #[error("{} is damaged: {what}; copy it again or fit the baseline again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
}

/// How numbers are written; reading may ask for so many bytes of memory. Small whole numbers
/// take less in a file: all of a small model at most 8 times as much, trees less than twice.
fn config<const MEMORY: usize>() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<MEMORY>()
}

/// Writes a model beside its place and renames it.
pub(crate) fn write(path: &Path, model: &impl Serialize) -> Result<(), ModelFileError> {
    let damaged = |what: String| ModelFileError::Damaged { path: path.to_owned(), what };
    let bytes = bincode::serde::encode_to_vec(model, config::<LIMIT>())
        .map_err(|e| damaged(e.to_string()))?;
    if bytes.len() > LIMIT {
        return Err(ModelFileError::TooLarge { path: path.to_owned(), bytes: bytes.len() as u64 });
    }
    let mut header = MAGIC.to_vec();
    header.extend(VERSION.to_le_bytes());
    header.extend((bytes.len() as u64).to_le_bytes());
    header.extend(Sha256::digest(&bytes));
    let failed = |source| ModelFileError::Io { path: path.to_owned(), source };
    isegnet_core::atomic::write(path, failed, |file| {
        file.write_all(&header).and_then(|()| file.write_all(&bytes)).map_err(failed)
    })
}

/// Reads what [`write`] wrote.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, ModelFileError> {
    let failed = |source| ModelFileError::Io { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let mut header = [0; HEADER];
    if size < HEADER as u64 {
        return Err(ModelFileError::NotAModel { path: path.to_owned() });
    }
    file.read_exact(&mut header).map_err(failed)?;
    let length = check_header(path, &header, size)?;
    let mut bytes = Vec::with_capacity(length);
    file.take(length as u64).read_to_end(&mut bytes).map_err(failed)?;
    decode(&header, &bytes).map_err(|what| ModelFileError::Damaged { path: path.to_owned(), what })
}

/// Gives the number of bytes that follow the header.
fn check_header(path: &Path, header: &[u8; HEADER], size: u64) -> Result<usize, ModelFileError> {
    let path = || path.to_owned();
    if !header.starts_with(MAGIC) {
        return Err(ModelFileError::NotAModel { path: path() });
    }
    let number = |at: usize, n: usize| {
        header[at..at + n].iter().rev().fold(0, |v, &byte| v << 8 | u64::from(byte))
    };
    let version = number(8, 4) as u32;
    if version != VERSION {
        return Err(ModelFileError::Version { path: path(), found: version });
    }
    let (said, found) = (number(12, 8), size - HEADER as u64);
    match usize::try_from(said) {
        _ if said != found => Err(ModelFileError::Length { path: path(), said, found }),
        Ok(length) if length <= LIMIT => Ok(length),
        _ => Err(ModelFileError::TooLarge { path: path(), bytes: said }),
    }
}

fn decode<T: DeserializeOwned>(header: &[u8; HEADER], bytes: &[u8]) -> Result<T, String> {
    if Sha256::digest(bytes)[..] != header[HEADER - 32..] {
        return Err("its SHA-256 is another".into());
    }
    decode_body(bytes)
}

/// Reads what follows the header.
pub(crate) fn decode_body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let decoded = match bytes.len() <= SMALL {
        true => bincode::serde::decode_from_slice(bytes, config::<{ 8 * SMALL }>()),
        false => bincode::serde::decode_from_slice(bytes, config::<{ 2 * LIMIT }>()),
    };
    let (value, used) = decoded.map_err(|e| e.to_string())?;
    if used != bytes.len() {
        return Err(format!("{} bytes follow the model", bytes.len() - used));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with a right header around any bytes: a hash keeps no enemy out.
    fn forged(path: &Path, bytes: &[u8]) {
        let mut file = MAGIC.to_vec();
        file.extend(VERSION.to_le_bytes());
        file.extend((bytes.len() as u64).to_le_bytes());
        file.extend(Sha256::digest(bytes));
        file.extend(bytes);
        std::fs::write(path, file).unwrap();
    }

    #[test]
    fn a_small_file_cannot_ask_for_much_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        // A list of 2^60 numbers.
        let mut bytes = vec![253];
        bytes.extend((1u64 << 60).to_le_bytes());
        forged(&path, &bytes);
        let read = read::<Vec<f64>>(&path);
        assert!(matches!(read, Err(ModelFileError::Damaged { .. })), "{read:?}");
        // A name of half a gigabyte, for which memory is asked before it is read.
        let mut bytes = vec![252];
        bytes.extend((1u32 << 29).to_le_bytes());
        forged(&path, &bytes);
        let read = super::read::<String>(&path);
        assert!(read.as_ref().is_err_and(|e| e.to_string().contains("LimitExceeded")), "{read:?}");
    }

    #[test]
    fn what_follows_a_value_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        forged(&path, &[1, 2]);
        assert!(read::<u32>(&path).unwrap_err().to_string().contains("1 bytes follow"));
        forged(&path, &[1]);
        assert_eq!(read::<u32>(&path).unwrap(), 1);
    }

    #[test]
    fn a_wrong_header_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        write(&path, &7u32).unwrap();
        let good = std::fs::read(&path).unwrap();
        let changed = |at: usize, to: u8| {
            let mut bytes = good.clone();
            bytes[at] = to;
            std::fs::write(&path, bytes).unwrap();
            read::<u32>(&path).unwrap_err()
        };
        assert!(matches!(changed(0, 0), ModelFileError::NotAModel { .. }));
        assert!(matches!(changed(8, 9), ModelFileError::Version { found: 9, .. }));
        assert!(matches!(changed(12, 9), ModelFileError::Length { said: 9, found: 1, .. }));
        assert!(matches!(changed(25, !good[25]), ModelFileError::Damaged { .. }));
        assert!(matches!(changed(HEADER, 8), ModelFileError::Damaged { .. }));
        for end in 0..good.len() {
            std::fs::write(&path, &good[..end]).unwrap();
            assert!(read::<u32>(&path).is_err());
        }
    }
}
