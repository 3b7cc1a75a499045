use crate::failure::Refusal;
use anyhow::Context;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Columns of tables that name factors, the best first.
const NAMES: [&str; 3] = ["motif_alt_ID", "motif_alt_id", "factor"];
/// Columns that stand in where a motif has no other name.
const IDS: [&str; 2] = ["motif_ID", "motif_id"];

/// A list of factors as it was given.
pub struct Factors {
    /// What the list is called.
    pub name: String,
    pub path: PathBuf,
    /// Names of motifs, each once.
    pub names: Vec<String>,
}

impl Factors {
    /// Reads a folder of enrichment, a table with a header, or names one a line.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let file = if path.is_dir() { path.join("factors.tsv") } else { path.to_owned() };
        let place = file.display();
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{place} cannot be read"))
            .map_err(|cause| Refusal::input(format!("{cause:#}")))?;
        let names = named(&text);
        if names.is_empty() {
            return Err(Refusal::input(format!(
                "{place} has no factor; give a list with names in its first column, or find more \
                 with --alpha of isegnet motif enrich"
            ))
            .into());
        }
        let own = if path.is_dir() { path } else { &file };
        let name = own.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| "factors".to_owned());
        let stem = name.trim_end_matches(".txt").trim_end_matches(".tsv").to_owned();
        Ok(Self { name: stem, path: file, names })
    }
}

/// The names that a text holds, each once, in order.
pub fn named(text: &str) -> Vec<String> {
    let mut lines = text
        .trim_start_matches('\u{feff}')
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').map(str::trim).collect::<Vec<&str>>())
        .peekable();
    let header = lines.peek().cloned().unwrap_or_default();
    let column =
        |names: &[&str]| names.iter().find_map(|name| header.iter().position(|h| h == name));
    let (name, id) = (column(&NAMES), column(&IDS));
    if name.is_some() || id.is_some() {
        lines.next();
    }
    let of = |fields: Vec<&str>| {
        let get = |at: Option<usize>| at.and_then(|at| fields.get(at)).copied();
        let own = match (name, id) {
            (None, None) => fields.first().copied(),
            _ => get(name).filter(|name| !name.is_empty()).or(get(id)),
        };
        own.unwrap_or_default().to_owned()
    };
    let mut seen = HashSet::new();
    lines.map(of).filter(|name| !name.is_empty() && seen.insert(name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_ame_and_fimo_and_plain_lists_are_read() {
        assert_eq!(named("# mine\nMYC\tx\n\nMAX\nMYC\n"), ["MYC", "MAX"]);
        assert_eq!(named("\u{feff}motif_ID\tmotif_alt_ID\r\nMA1\tMYC\r\nMA2\tMAX"), ["MYC", "MAX"]);
        let ame = "rank\tmotif_DB\tmotif_ID\tmotif_alt_ID\n1\tj\tMA1\tFOS::JUN\n2\tj\tMA2\t\n";
        assert_eq!(named(ame), ["FOS::JUN", "MA2"]);
        let fimo = "motif_id\tmotif_alt_id\tsequence_name\nMA1\tMYC\tchr1\nMA1\tMYC\tchr2\n";
        assert_eq!(named(fimo), ["MYC"]);
        assert!(named("motif_ID\tmotif_alt_ID\n").is_empty());
    }
}
