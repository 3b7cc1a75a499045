//! From names of motifs to gene symbols.

use crate::failure::Refusal;
use anyhow::Context;
use std::collections::HashMap;
use std::path::Path;

/// Names of JASPAR that are no human gene symbols.
const KNOWN: [(&str, &[&str]); 7] = [
    ("ARNTL", &["BMAL1"]),
    ("DUX", &["DUX4"]),
    ("EWSR1-FLI1", &["EWSR1", "FLI1"]),
    ("MIX-A", &["MIXL1"]),
    ("T", &["TBXT"]),
    ("ZFP335", &["ZNF335"]),
    ("ZFP423", &["ZNF423"]),
];

/// A table of names, in capitals, and the symbols they stand for.
pub struct Aliases(HashMap<String, Vec<String>>);

/// The symbols of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbols {
    pub symbols: Vec<String>,
    /// Whether the table of aliases was asked.
    pub by_alias: bool,
}

impl Aliases {
    /// Our own table, and before it that of a file.
    pub fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let owned = |symbols: &[&str]| symbols.iter().map(ToString::to_string).collect();
        let mut table: HashMap<String, Vec<String>> =
            KNOWN.iter().map(|(name, symbols)| (name.to_string(), owned(symbols))).collect();
        let Some(path) = path else { return Ok(Self(table)) };
        let place = path.display();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{place} cannot be read"))?;
        let lines = text.trim_start_matches('\u{feff}');
        let lines =
            lines.lines().zip(1..).filter(|(l, _)| !l.trim().is_empty() && !l.starts_with('#'));
        for (line, number) in lines {
            let both = line.split_once('\t').map(|(name, symbols)| {
                let symbols = symbols.split(',').map(|s| s.trim().to_uppercase());
                (name, symbols.filter(|s| !s.is_empty()).collect::<Vec<_>>())
            });
            let Some((name, symbols)) = both.filter(|(_, symbols)| !symbols.is_empty()) else {
                return Err(Refusal::input(format!(
                    "{place}, line {number}: {line:?} is no alias; write the name, a tab and \
                     symbols separated by commas"
                ))
                .into());
            };
            table.insert(name.trim().to_uppercase(), symbols);
        }
        Ok(Self(table))
    }

    /// The gene symbols of a motif's name: its parts at `::`, without `(var.2)`, in capitals.
    pub fn symbols(&self, name: &str) -> Symbols {
        let mut found = Symbols { symbols: Vec::new(), by_alias: false };
        for part in name.split("::") {
            let bare = part.split('(').next().unwrap_or_default().trim().to_uppercase();
            match self.0.get(&bare) {
                Some(symbols) => {
                    found.symbols.extend_from_slice(symbols);
                    found.by_alias = true;
                }
                None if bare.is_empty() => {}
                None => found.symbols.push(bare),
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimers_are_two_and_variants_and_case_do_not_matter() {
        let aliases = Aliases::read(None).unwrap();
        let symbols = |name: &str| aliases.symbols(name).symbols;
        assert_eq!(symbols("FOS::JUN"), ["FOS", "JUN"]);
        assert_eq!(symbols("Fos::Jun(var.2)"), ["FOS", "JUN"]);
        assert_eq!(symbols("EWSR1-FLI1"), ["EWSR1", "FLI1"]);
        assert_eq!(symbols("NKX2-5"), ["NKX2-5"]);
        assert!(symbols("").is_empty());
        assert!(aliases.symbols("mix-a").by_alias && !aliases.symbols("MYC").by_alias);
    }

    #[test]
    fn a_file_comes_before_our_own_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("aliases.tsv");
        std::fs::write(&path, "# mine\nDux\tDUXA, duxb\n").unwrap();
        let aliases = Aliases::read(Some(&path)).unwrap();
        assert_eq!(aliases.symbols("DUX").symbols, ["DUXA", "DUXB"]);
        std::fs::write(&path, "Dux\tX\nT TBXT\n").unwrap();
        let error = Aliases::read(Some(&path)).err().unwrap().to_string();
        assert!(error.contains("line 2") && error.contains("a tab"), "{error}");
    }
}
