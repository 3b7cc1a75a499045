//! Files written beside their place and renamed when they are whole.

use std::fs::File;
use std::io::Error;
use std::path::Path;
use tempfile::NamedTempFile;

/// Lets `fill` write a file, waits until it is on the disk, and moves it to `path`.
pub(crate) fn write<E>(
    path: &Path,
    failed: impl Fn(Error) -> E,
    fill: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<(), E> {
    let mut file = create(path).map_err(&failed)?;
    fill(file.as_file_mut())?;
    file.as_file().sync_all().map_err(&failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn create(path: &Path) -> Result<NamedTempFile, Error> {
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    let mut builder = tempfile::Builder::new();
    // As any new file, not as a secret one.
    #[cfg(unix)]
    let usual = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(usual);
    builder.tempfile_in(parent.unwrap_or(Path::new(".")))
}
