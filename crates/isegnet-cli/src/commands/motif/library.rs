use crate::failure::Refusal;
use isegnet_io::atomic;
use isegnet_motif::{Background, Motif, read_motifs};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Motifs of a file.
pub struct Library {
    pub path: PathBuf,
    pub motifs: Vec<Motif>,
    /// The background that the file names.
    pub background: Option<Background>,
}

impl Library {
    /// Reads MEME text or JASPAR counts, told by content.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let file = read_motifs(path)?;
        Ok(Self { path: path.to_owned(), motifs: file.motifs, background: file.background })
    }

    /// Keeps the motifs with these identifiers or names, of either case.
    pub fn keep(&mut self, names: &[String]) -> anyhow::Result<()> {
        let is = |motif: &Motif, name: &str| {
            motif.id.eq_ignore_ascii_case(name)
                || motif.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        if let Some(unknown) = names.iter().find(|name| !self.motifs.iter().any(|m| is(m, name))) {
            let known = self.motifs.iter().flat_map(|m| m.name.iter().chain([&m.id]));
            let near = crate::near::nearest(unknown, known.map(String::as_str), 3);
            let near = match near.is_empty() {
                true => String::new(),
                false => format!("; did you mean {}?", near.join(", ")),
            };
            let place = self.path.display();
            return Err(Refusal::usage(format!("{place} has no motif {unknown:?}{near}")).into());
        }
        if !names.is_empty() {
            self.motifs.retain(|motif| names.iter().any(|name| is(motif, name)));
        }
        Ok(())
    }

    /// What the file is called.
    pub fn name(&self) -> String {
        let name = self.path.file_stem().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "motifs".to_owned())
    }

    /// Writes which motifs there are, for `isegnet enrich`.
    pub fn write_names(&self, path: &Path) -> anyhow::Result<()> {
        let write = |out: &mut dyn Write| {
            writeln!(out, "motif_ID\tmotif_alt_ID")?;
            self.motifs.iter().try_for_each(|motif| {
                writeln!(out, "{}\t{}", motif.id, motif.name.as_deref().unwrap_or_default())
            })
        };
        Ok(atomic::write(path, write)?)
    }
}
