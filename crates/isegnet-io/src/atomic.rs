//! Files that are there whole or not at all.

use crate::Error;
use flate2::{Compression, write::GzEncoder};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes a file through `fill` so that it is there whole or not at all.
///
/// The bytes go to a file beside `path`, are flushed to disk, and the file is
/// then renamed. What stood at `path` before stays until that moment, and stays
/// when `fill` fails.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("genes.txt");
/// isegnet_io::atomic::write(&path, |out| writeln!(out, "ENSG1"))?;
/// assert_eq!(std::fs::read_to_string(&path)?, "ENSG1\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Write`]: the folder cannot be written, or `fill` failed.
pub fn write(
    path: impl AsRef<Path>,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let path = path.as_ref();
    write_beside(path, |file| {
        let mut out = BufWriter::new(file);
        fill(&mut out)?;
        out.flush()
    })
    .map_err(|e| Error::write(path, e))
}

/// Writes a gzip file as [`write()`] does.
///
/// # Errors
/// [`Error::Write`]: the folder cannot be written, or `fill` failed.
pub fn write_gzip(
    path: impl AsRef<Path>,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    write(path, |out| {
        let mut out = GzEncoder::new(out, Compression::default());
        fill(&mut out)?;
        out.finish().map(|_| ())
    })
}

/// Runs `fill` on a new file beside `path`, which is renamed to `path` in the end.
pub(crate) fn write_beside(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    isegnet_core::atomic::write(path, |e| e, fill)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_is_named() {
        let failed = write("/no/such/folder/file", |_| Ok(())).unwrap_err();
        assert!(failed.to_string().contains("/no/such/folder/file"), "{failed}");
    }
}
