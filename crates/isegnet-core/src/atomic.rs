//! Files that are there whole or not at all.

use std::fs::File;
use std::io;
use std::path::Path;

/// Lets `fill` write a file beside `path`, flushes it to disk, and renames it.
///
/// What stood at `path` before stays until that moment, and stays when `fill`
/// fails; then nothing is left of the new file. `failed` turns an error of the
/// file system into the caller's.
///
/// ```
/// use std::io::Write;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("genes.txt");
/// isegnet_core::atomic::write(&path, |e| e, |file| writeln!(file, "ENSG1"))?;
/// assert_eq!(std::fs::read_to_string(&path)?, "ENSG1\n");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// The folder cannot be written, or `fill` failed.
pub fn write<E>(
    path: &Path,
    failed: impl Fn(io::Error) -> E,
    fill: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<(), E> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".isegnet-");
    #[cfg(unix)]
    builder.permissions(mode_of_new_files());
    let mut beside = builder.tempfile_in(folder).map_err(&failed)?;
    fill(beside.as_file_mut())?;
    beside.as_file().sync_all().map_err(&failed)?;
    beside.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder);
    Ok(())
}

/// The mode that new files have, before the user's mask; temporary files are private by default.
#[cfg(unix)]
fn mode_of_new_files() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

/// A rename is durable once its folder is synced; some file systems refuse, and that is no error.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        folder.sync_all().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, |e| e, |file| file.write_all(b"old")).unwrap();
        let failed = write(
            &path,
            |e| e,
            |file| {
                file.write_all(b"new")?;
                Err(io::Error::other("full"))
            },
        );
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
