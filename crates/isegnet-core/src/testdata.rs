//! Where the tests of this workspace find their reference numbers and real data.
#![allow(clippy::print_stderr)]

use std::path::{Path, PathBuf};

/// Gives the folder of reference numbers `name`.
///
/// `ISEGNET_FIXTURES` names another folder than the repository's
/// `tests/fixtures`. `None`, said on standard error, where there is none, as in
/// a published package.
///
/// # Panics
/// `ISEGNET_FIXTURES` is set and has no such folder: a test that was asked for
/// does not pass by being skipped.
pub fn fixtures(name: &str) -> Option<PathBuf> {
    find("ISEGNET_FIXTURES", "../../tests/fixtures", name)
}

/// Gives the folder of real data `name`, below `ISEGNET_DATA` or `../shared/data`
/// beside the repository. `None`, said on standard error, where it is absent.
///
/// # Panics
/// `ISEGNET_DATA` is set and has no such folder.
pub fn real_data(name: &str) -> Option<PathBuf> {
    find("ISEGNET_DATA", "../../../shared/data", name)
}

fn find(variable: &str, default: &str, name: &str) -> Option<PathBuf> {
    let asked = std::env::var_os(variable);
    let root = asked
        .as_ref()
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(default));
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(asked.is_none(), "{variable} is set, and {} is no folder", folder.display());
    eprintln!("SKIPPED: no {} here; set {variable} to run this test", folder.display());
    None
}
