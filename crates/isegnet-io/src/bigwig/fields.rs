use super::origin::Raw;
use crate::Error;
use std::io::{self, Read};
use std::path::Path;

/// What is wrong with a bigWig, before the file's name is put to it.
#[derive(Debug)]
pub(super) enum Defect {
    Io { at: u64, source: io::Error },
    At { place: String, message: String },
}

impl Defect {
    pub(super) fn at(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::At { place: place.into(), message: message.into() }
    }

    pub(super) fn of(self, path: &Path) -> Error {
        match self {
            Self::Io { at, source } => {
                let message = format!("byte {at}: {source}");
                Error::read(path, io::Error::new(source.kind(), message))
            }
            Self::At { place, message } => Error::Damaged { path: path.into(), place, message },
        }
    }
}

/// Numbers of a binary file, one after another, never past its end.
pub(super) struct Fields {
    raw: Raw,
    length: u64,
    at: u64,
    /// Whether a read failed, so that the file may be anywhere.
    lost: bool,
    big_endian: bool,
}

impl Fields {
    pub(super) fn new(raw: Raw, length: u64) -> Self {
        Self { raw, length, at: 0, lost: false, big_endian: false }
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
        let from = if self.lost { None } else { Some(self.at) };
        let gone = self.raw.go(from, to);
        self.at = to;
        self.note(gone)?;
        self.lost = false;
        Ok(())
    }

    /// Fills `out` with the next bytes.
    pub(super) fn bytes(&mut self, out: &mut [u8]) -> Result<(), Defect> {
        let read = self.raw.read_exact(out);
        self.note(read)?;
        self.at += out.len() as u64;
        Ok(())
    }

    /// Names the place of a failure, after which the place is no longer known.
    fn note(&mut self, result: io::Result<()>) -> Result<(), Defect> {
        self.lost |= result.is_err();
        result.map_err(|source| Defect::Io { at: self.at, source })
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

#[cfg(test)]
mod tests {
    use super::super::origin::Origin;
    use super::*;

    #[test]
    fn after_a_read_that_failed_the_next_one_is_at_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bw");
        let bytes: Vec<u8> = (0..100).collect();
        std::fs::write(&path, &bytes).unwrap();
        let (raw, length) = Origin::File(path.clone()).open().unwrap();
        let mut fields = Fields::new(raw, length);
        std::fs::write(&path, &bytes[..10]).unwrap();
        fields.go(4, 20, "data").unwrap();
        let defect = fields.bytes(&mut [0; 20]).unwrap_err();
        assert!(matches!(defect, Defect::Io { at: 4, .. }), "{defect:?}");
        let message = defect.of(&path).to_string();
        assert!(message.contains("byte 4") && message.contains("a.bw"), "{message}");
        std::fs::write(&path, &bytes).unwrap();
        for place in [8, 60] {
            fields.go(place, 1, "data").unwrap();
            assert_eq!(u64::from(fields.u8().unwrap()), place);
        }
    }
}
