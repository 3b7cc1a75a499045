//! A folder of tables that one process works in at a time.

use anyhow::{Context, bail};
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held as long as this lives.
pub struct Lock(#[expect(dead_code, reason = "closing it gives the folder back")] File);

impl Lock {
    /// Takes the folder, or says that another process has it.
    pub fn take(out: &Path) -> anyhow::Result<Self> {
        let path = out.join("lock");
        let file = File::options().create(true).append(true).open(&path);
        let file = file.with_context(|| path.display().to_string())?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => bail!(
                "another cargo xtask tables works in {}; wait for it, choose another folder \
                 with --out, or write what is finished with --report",
                out.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).context(path.display().to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_once_and_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        let error = Lock::take(folder.path()).err().unwrap().to_string();
        assert!(error.contains("another cargo xtask tables"), "{error}");
        drop(lock);
        assert!(Lock::take(folder.path()).is_ok());
    }
}
