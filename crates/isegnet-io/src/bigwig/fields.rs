use super::origin::Raw;
use crate::Error;
use std::io::{self, Read};
use std::path::Path;

/// What is wrong with a bigWig, before the file's name is put to it.
#[derive(Debug)]
pub(super) enum Defect {
    Io(io::Error),
    At { place: String, message: String },
}

impl Defect {
    pub(super) fn at(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::At { place: place.into(), message: message.into() }
    }

    pub(super) fn of(self, path: &Path) -> Error {
        match self {
            Self::Io(source) => Error::read(path, source),
            Self::At { place, message } => Error::Damaged { path: path.into(), place, message },
        }
    }
}

/// Numbers of a binary file, one after another, never past its end.
pub(super) struct Fields {
    raw: Raw,
    length: u64,
    at: u64,
    big_endian: bool,
}

impl Fields {
    pub(super) fn new(raw: Raw, length: u64) -> Self {
        Self { raw, length, at: 0, big_endian: false }
    }

    pub(super) fn set_big_endian(&mut self, big: bool) {
        self.big_endian = big;
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Goes to `to` for `bytes` bytes, which must lie inside the file.
    pub(super) fn go(&mut self, to: u64, bytes: u64, place: &str) -> Result<(), Defect> {
        if to.checked_add(bytes).is_none_or(|end| end > self.length) {
            let message = format!(
                "{bytes} bytes at {to} reach past the end of the file, {} bytes long: it is cut short or damaged",
                self.length
            );
            return Err(Defect::at(place, message));
        }
        self.raw.go(self.at, to).map_err(Defect::Io)?;
        self.at = to;
        Ok(())
    }

    /// Fills `out` with the next bytes.
    pub(super) fn bytes(&mut self, out: &mut [u8]) -> Result<(), Defect> {
        self.raw.read_exact(out).map_err(Defect::Io)?;
        self.at += out.len() as u64;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Defect> {
        let mut out = [0; N];
        self.bytes(&mut out)?;
        Ok(out)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Defect> {
        Ok(self.array::<1>()?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, Defect> {
        let b = self.array()?;
        Ok(if self.big_endian { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) })
    }

    pub(super) fn u32(&mut self) -> Result<u32, Defect> {
        let b = self.array()?;
        Ok(if self.big_endian { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) })
    }

    pub(super) fn u64(&mut self) -> Result<u64, Defect> {
        let b = self.array()?;
        Ok(if self.big_endian { u64::from_be_bytes(b) } else { u64::from_le_bytes(b) })
    }
}
