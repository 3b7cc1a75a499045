//! Where the real data lies.

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// The folder of Plasmodium falciparum.
pub struct Data(PathBuf);

impl Data {
    /// Takes the folder named, else the one below `ISEGNET_DATA` or beside the checkout.
    pub fn find(named: Option<&Path>) -> anyhow::Result<Self> {
        let root = std::env::var_os("ISEGNET_DATA")
            .map_or_else(|| crate::step::root().join("../shared/data"), PathBuf::from);
        let folder = named.map_or_else(|| root.join("pf3d7"), Path::to_owned);
        let file = folder.join("folds.tsv");
        if !file.is_file() {
            bail!(
                "there is no {}; name the folder of genome.fa.gz, genes.gtf.gz, tracks, \
                 expression.*.tsv and folds.tsv with --data, or the one above pf3d7 with ISEGNET_DATA",
                file.display()
            );
        }
        let folder = folder.canonicalize().with_context(|| folder.display().to_string())?;
        Ok(Self(folder))
    }

    /// A file of the data, as the text of a configuration names it.
    pub fn file(&self, name: &str) -> String {
        toml_text(&self.0.join(name).to_string_lossy())
    }

    /// Names and files of the tracks whose file name ends with `suffix`, by name.
    pub fn tracks(&self, suffix: &str) -> anyhow::Result<Vec<(String, String)>> {
        let folder = self.0.join("tracks");
        let mut tracks = Vec::new();
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let file = entry?.file_name().to_string_lossy().into_owned();
            if let Some(name) = file.strip_suffix(suffix) {
                tracks.push((toml_text(name), self.file(&format!("tracks/{file}"))));
            }
        }
        if tracks.is_empty() {
            bail!("{} has no file that ends with {suffix}", folder.display());
        }
        tracks.sort();
        Ok(tracks)
    }
}

/// A text as TOML writes it.
fn toml_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
