//! Folders that commands write, and whose they are.

use crate::failure::Refusal;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// The file that says which command wrote a folder, and from what.
const LABEL: &str = "isegnet.json";

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Label {
    /// `dataset`, `run`, `explanation`, `comparison` or `simulation`.
    kind: String,
    /// Hash of everything that the content follows from.
    key: String,
}

/// What was found where a command wants to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing; the folder is there now.
    Fresh,
    /// Work from the same inputs, finished or not.
    Ours,
}

/// Makes `folder` ready for content of this `kind` that follows from `key`.
///
/// A folder that holds anything else is refused. `overwrite` clears one of the
/// same kind; what isegnet did not write is never touched.
pub fn claim(folder: &Path, kind: &str, key: &str, overwrite: bool) -> anyhow::Result<Claim> {
    let label = Label { kind: kind.to_owned(), key: key.to_owned() };
    let place = folder.display();
    match found(folder)? {
        Found::Nothing => {}
        Found::Labelled(other) if other.kind == kind && overwrite => {
            fs::remove_dir_all(folder).with_context(|| format!("{place} cannot be cleared"))?;
        }
        Found::Labelled(other) if other == label => return Ok(Claim::Ours),
        Found::Labelled(other) => {
            let what = match other.kind == kind {
                true => {
                    let kind = article(kind);
                    format!("{kind} made from another configuration or other inputs")
                }
                false => article(&other.kind),
            };
            let way = match other.kind == kind {
                true => "name another folder with --out, or replace it with --overwrite",
                false => "name another folder with --out",
            };
            return Err(Refusal::usage(format!("{place} holds {what}; {way}")).into());
        }
        Found::Foreign => {
            let message = "holds files that isegnet did not write; name another folder with --out";
            return Err(Refusal::usage(format!("{place} {message}")).into());
        }
    }
    fs::create_dir_all(folder).with_context(|| format!("{place} cannot be made"))?;
    let text = serde_json::to_string_pretty(&label)? + "\n";
    fs::write(folder.join(LABEL), text).with_context(|| format!("{place} cannot be written"))?;
    Ok(Claim::Fresh)
}

/// Gives the key that a folder's content follows from.
pub fn key_of(folder: &Path, kind: &str) -> anyhow::Result<String> {
    let place = folder.display();
    match found(folder)? {
        Found::Labelled(label) if label.kind == kind => Ok(label.key),
        Found::Labelled(label) => {
            let (other, kind) = (article(&label.kind), article(kind));
            Err(Refusal::usage(format!("{place} is {other}, and {kind} is needed")).into())
        }
        Found::Nothing | Found::Foreign => {
            let maker = match kind {
                "run" => "isegnet train",
                "explanation" => "isegnet explain",
                _ => "isegnet prepare",
            };
            Err(Refusal::usage(format!("{place} is no {kind}; {maker} makes one")).into())
        }
    }
}

/// Puts `a` or `an` before a kind of folder.
fn article(kind: &str) -> String {
    format!("{} {kind}", if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

enum Found {
    Nothing,
    Labelled(Label),
    Foreign,
}

fn found(folder: &Path) -> anyhow::Result<Found> {
    let label = folder.join(LABEL);
    if label.is_file() {
        let text = fs::read(&label).with_context(|| format!("{} unreadable", label.display()))?;
        return Ok(serde_json::from_slice(&text).map_or(Found::Foreign, Found::Labelled));
    }
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            Ok(if entries.next().is_none() { Found::Nothing } else { Found::Foreign })
        }
        Err(_) if !folder.exists() => Ok(Found::Nothing),
        Err(cause) => Err(cause).with_context(|| format!("{} cannot be used", folder.display())),
    }
}

/// Hashes what something follows from, as JSON.
pub fn key(parts: &impl Serialize) -> anyhow::Result<String> {
    let digest = Sha256::digest(serde_json::to_vec(parts)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_again_by_the_same_work_only() {
        let parent = tempfile::tempdir().unwrap();
        let run = parent.path().join("run");
        assert_eq!(claim(&run, "run", "a", false).unwrap(), Claim::Fresh);
        fs::write(run.join("weights"), "w").unwrap();
        assert_eq!(claim(&run, "run", "a", false).unwrap(), Claim::Ours);
        assert_eq!(key_of(&run, "run").unwrap(), "a");

        let other = claim(&run, "run", "b", false).unwrap_err().to_string();
        assert!(other.contains("--overwrite"), "{other}");
        let kind = claim(&run, "dataset", "a", true).unwrap_err().to_string();
        assert!(kind.contains("holds a run"), "{kind}");
        assert!(run.join("weights").exists());
        assert_eq!(claim(&run, "run", "b", true).unwrap(), Claim::Fresh);
        assert!(!run.join("weights").exists());
    }

    #[test]
    fn what_isegnet_did_not_write_is_never_touched() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.tex"), "").unwrap();
        let refused = claim(folder.path(), "run", "a", true).unwrap_err().to_string();
        assert!(refused.contains("did not write"), "{refused}");
        assert!(key_of(folder.path(), "run").is_err());
        assert!(folder.path().join("thesis.tex").exists());
    }
}
