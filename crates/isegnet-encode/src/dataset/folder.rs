//! The files of a data set's folder, and the folder's coming into being.

use super::manifest::{InputFile, Manifest};
use super::{DatasetError, sample_paths};
use isegnet_core::Cancel;
use rayon::prelude::*;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const GENES: &str = "genes.tsv";
pub(super) const DNA: &str = "dna.safetensors";
pub(super) const EXPRESSION: &str = "expression.safetensors";
const SAMPLES: &str = "samples";
/// Name of a data set that is set aside.
const OLD: &str = "old";

/// The folder of sample `number`.
pub(super) fn sample(path: &Path, number: usize) -> PathBuf {
    path.join(SAMPLES).join(format!("{number:03}"))
}

/// The file of track `number` in a sample's folder.
pub(super) fn track(number: usize) -> String {
    format!("track{number:03}.safetensors")
}

/// Writes the file `name` in `folder` and waits until it is on the disk.
pub(super) fn write(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), DatasetError> {
    let path = folder.join(name);
    let error = |cause| DatasetError::written(&path, cause);
    let mut out = BufWriter::new(File::create(&path).map_err(error)?);
    fill(&mut out).map_err(error)?;
    out.flush().map_err(error)?;
    out.get_ref().sync_all().map_err(error)
}

/// Waits until every file but the manifest is on the disk, and measures them.
pub(super) fn files(
    path: &Path,
    manifest: &Manifest,
    cancel: &Cancel,
) -> Result<Vec<InputFile>, DatasetError> {
    let mut names = vec![PathBuf::from(GENES)];
    if manifest.dna {
        names.push(PathBuf::from(DNA));
    }
    names.extend(sample_paths(manifest));
    let measured = names.into_par_iter().map(|name| {
        if cancel.is_cancelled() {
            return Err(DatasetError::Cancelled);
        }
        let place = path.join(&name);
        let written = OpenOptions::new().write(true).open(&place).and_then(|file| file.sync_all());
        written.map_err(|cause| DatasetError::written(&place, cause))?;
        let mut file = InputFile::of("data set", &place)?;
        file.path = name;
        Ok(file)
    });
    measured.collect()
}

/// A data set's folder while it is being written, beside its place.
pub(super) struct Folder {
    target: PathBuf,
    parent: PathBuf,
    writing: TempDir,
}

impl Folder {
    /// Makes the folder to write in; the target must be free, or a data set.
    pub fn create(target: &Path) -> Result<Self, DatasetError> {
        let error = |cause| DatasetError::written(target, cause);
        if !replaceable(target).map_err(error)? {
            return Err(DatasetError::Exists { path: target.to_owned() });
        }
        let parent = match target.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&parent).map_err(error)?;
        let writing =
            tempfile::Builder::new().prefix(".dataset-").tempdir_in(&parent).map_err(error)?;
        Ok(Self { target: target.to_owned(), parent, writing })
    }

    pub fn path(&self) -> &Path {
        self.writing.path()
    }

    /// Writes the manifest and moves the whole folder to its place.
    pub fn commit(self, manifest: &Manifest) -> Result<(), DatasetError> {
        let error = |cause| DatasetError::written(&self.target, cause);
        let json = serde_json::to_vec_pretty(manifest)
            .map_err(|cause| DatasetError::Configuration { message: cause.to_string() })?;
        write(self.path(), MANIFEST, |out| {
            out.write_all(&json)?;
            out.write_all(b"\n")
        })?;
        for number in 0..manifest.samples.len() {
            sync(&sample(self.path(), number)).map_err(error)?;
        }
        for folder in [self.path().join(SAMPLES), self.path().to_owned()] {
            sync(&folder).map_err(error)?;
        }
        open_to_others(self.path()).map_err(error)?;
        let old = self.set_aside().map_err(error)?;
        let moved = fs::rename(self.writing.path(), &self.target);
        if let Err(cause) = moved {
            // What was there is worth more than nothing.
            let kept = old.and_then(|old| put_back(old, &self.target));
            return Err(match kept {
                Some(kept) => DatasetError::Aside { path: self.target, kept, cause },
                None => error(cause),
            });
        }
        // The folder has another name now: nothing is left to be removed.
        let _ = self.writing.keep();
        sync(&self.parent).map_err(error)
    }

    /// Moves what stands in the target's place into a folder that is removed later.
    fn set_aside(&self) -> std::io::Result<Option<TempDir>> {
        if !self.target.try_exists()? {
            return Ok(None);
        }
        let aside = tempfile::Builder::new().prefix(".dataset-").tempdir_in(&self.parent)?;
        fs::rename(&self.target, aside.path().join(OLD))?;
        Ok(Some(aside))
    }
}

/// Tells whether nothing would be lost at `target` but another data set.
fn replaceable(target: &Path) -> std::io::Result<bool> {
    if !target.try_exists()? {
        return Ok(true);
    }
    if !target.is_dir() {
        return Ok(false);
    }
    let ours = |name: &OsString| [MANIFEST, GENES, DNA, SAMPLES].iter().any(|our| name == our);
    let names = fs::read_dir(target)?.map(|entry| Ok(entry?.file_name()));
    let names = names.collect::<std::io::Result<Vec<OsString>>>()?;
    Ok(names.is_empty() || names.iter().all(ours) && is_manifest(&target.join(MANIFEST)))
}

/// Tells whether a file is a data set's manifest, of this or another version.
fn is_manifest(path: &Path) -> bool {
    matches!(Manifest::read(path), Ok(_) | Err(DatasetError::Version { .. }))
}

/// Moves what was set aside back; where that fails, keeps it and says where it is.
fn put_back(old: TempDir, target: &Path) -> Option<PathBuf> {
    match fs::rename(old.path().join(OLD), target) {
        Ok(()) => None,
        Err(_) => Some(old.keep().join(OLD)),
    }
}

/// Waits until the names in a folder are on the disk, where a system can.
fn sync(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Gives a temporary folder, which only its owner may enter, a folder's usual rights.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let usual = fs::metadata(folder.join(SAMPLES))?.permissions().mode();
    fs::set_permissions(folder, fs::Permissions::from_mode(usual))
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_put_back_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let aside = || {
            let old = tempfile::tempdir_in(folder.path()).unwrap();
            fs::create_dir(old.path().join(OLD)).unwrap();
            fs::write(old.path().join(OLD).join(GENES), "g").unwrap();
            old
        };
        let target = folder.path().join("set");
        assert_eq!(put_back(aside(), &target), None);
        // A folder that is not empty is not replaced.
        let kept = put_back(aside(), &target).unwrap();
        assert!(kept.join(GENES).is_file());
        assert!(target.join(GENES).is_file());
    }
}
