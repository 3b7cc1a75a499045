use super::Args;
use super::aliases::Aliases;
use super::factors::named;
use crate::commands::motif::Library;
use crate::failure::Refusal;
use anyhow::Context;
use isegnet_stats::{GeneSet, Universe};
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// As many genes as Enrichr takes a genome to have.
const GENOME: u64 = 20_000;

/// The genes that could have been found, as the command line says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Motifs,
    Library,
    Genome,
    Size(u64),
    File(PathBuf),
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match (text, text.parse()) {
            ("motifs", _) => Self::Motifs,
            ("library", _) => Self::Library,
            ("genome", _) => Self::Genome,
            (_, Ok(size)) => Self::Size(size),
            (path, _) if Path::new(path).is_file() => Self::File(path.into()),
            (other, _) => {
                return Err(format!(
                    "{other:?} is no file; give motifs, library, genome, a number or a file"
                ));
            }
        })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Motifs => f.write_str("motifs"),
            Self::Library => f.write_str("library"),
            Self::Genome => f.write_str("genome"),
            Self::Size(size) => write!(f, "{size}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The genes that could have been found.
pub struct Chosen {
    pub universe: Universe,
    /// In words.
    pub what: String,
}

impl Chosen {
    pub fn of(args: &Args, aliases: &Aliases) -> anyhow::Result<Self> {
        Ok(match &args.universe {
            Wanted::Motifs => {
                let (names, what) = library(args)?;
                let symbols = names.iter().flat_map(|name| aliases.symbols(name).symbols);
                Self { universe: Universe::Genes(symbols.collect()), what }
            }
            Wanted::Library => {
                Self { universe: Universe::Library, what: "all genes of the sets".to_owned() }
            }
            Wanted::Genome => {
                Self { universe: Universe::Size(GENOME), what: format!("{GENOME} genes") }
            }
            Wanted::Size(size) => {
                Self { universe: Universe::Size(*size), what: format!("{size} genes") }
            }
            Wanted::File(path) => {
                let place = path.display();
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("{place} cannot be read"))?;
                let genes: HashSet<String> =
                    named(&text).iter().map(|gene| gene.to_uppercase()).collect();
                if genes.is_empty() {
                    let message = format!("{place} has no gene; write one symbol a line");
                    return Err(Refusal::input(message).into());
                }
                Self {
                    universe: Universe::Genes(genes),
                    what: format!("the genes of {}", file_name(path)),
                }
            }
        })
    }

    /// Tells whether a symbol could have been found.
    pub fn has(&self, symbol: &str) -> bool {
        match &self.universe {
            Universe::Genes(genes) => genes.contains(symbol),
            Universe::Library | Universe::Size(_) => true,
        }
    }

    /// How many genes there are.
    pub fn size(&self, sets: &[GeneSet]) -> u64 {
        match &self.universe {
            Universe::Genes(genes) => genes.len() as u64,
            Universe::Library => {
                sets.iter().flat_map(|set| &set.genes).collect::<HashSet<_>>().len() as u64
            }
            Universe::Size(size) => *size,
        }
    }
}

/// The names of all motifs that could have been found, and what they are called.
fn library(args: &Args) -> anyhow::Result<(Vec<String>, String)> {
    if let Some(path) = &args.motifs {
        let library = Library::read(path)?;
        let name = |motif: &isegnet_motif::Motif| motif.name.clone().unwrap_or(motif.id.clone());
        let what = format!("the factors of {}", file_name(path));
        return Ok((library.motifs.iter().map(name).collect(), what));
    }
    let folder = match args.factors.is_dir() {
        true => args.factors.clone(),
        false => args.factors.parent().map(Path::to_owned).unwrap_or_default(),
    };
    let beside = folder.join("motifs.tsv");
    let place = beside.display();
    match std::fs::read_to_string(&beside) {
        Ok(text) => Ok((named(&text), "the factors of the motif library".to_owned())),
        Err(_) => Err(Refusal::usage(format!(
            "there is no {place}, so what the factors were found among is not known; name the \
             motif library with --motifs, or another --universe (genome is what Enrichr takes)"
        ))
        .into()),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
