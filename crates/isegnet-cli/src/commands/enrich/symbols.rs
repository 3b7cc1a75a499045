//! What became of each factor of a list.

use super::aliases::Aliases;
use super::factors::Factors;
use super::universe::Chosen;
use crate::failure::Refusal;
use isegnet_io::atomic;
use isegnet_stats::GeneSet;
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

/// Names that are shown in a message.
const SHOWN: usize = 12;

/// The symbols of a list.
pub struct Mapped(Vec<Symbol>);

/// A symbol that a factor stands for.
struct Symbol {
    factor: String,
    symbol: String,
    by_alias: bool,
    /// Whether it could have been found.
    in_universe: bool,
    /// Whether any set has it.
    in_sets: bool,
}

impl Mapped {
    pub fn of(list: &Factors, aliases: &Aliases, sets: &[GeneSet], chosen: &Chosen) -> Self {
        let known: HashSet<&str> =
            sets.iter().flat_map(|set| &set.genes).map(String::as_str).collect();
        let mut all = Vec::new();
        for factor in &list.names {
            let found = aliases.symbols(factor);
            for symbol in found.symbols {
                all.push(Symbol {
                    factor: factor.clone(),
                    in_universe: chosen.has(&symbol),
                    in_sets: known.contains(symbol.as_str()),
                    by_alias: found.by_alias,
                    symbol,
                });
            }
        }
        Self(all)
    }

    /// All symbols, each once.
    pub fn symbols(&self) -> Vec<String> {
        self.each(|_| true).into_iter().map(str::to_owned).collect()
    }

    /// Symbols of a kind, each once.
    fn each(&self, is: impl Fn(&Symbol) -> bool) -> Vec<&str> {
        let mut seen = HashSet::new();
        let symbols = self.0.iter().filter(|symbol| is(symbol)).map(|s| s.symbol.as_str());
        symbols.filter(|symbol| seen.insert(*symbol)).collect()
    }

    /// Refuses a list of which nothing can be found.
    pub fn check(&self, list: &Factors, gmt: &Path, chosen: &Chosen) -> anyhow::Result<()> {
        let (place, all) = (list.path.display(), self.each(|_| true));
        let problem = if all.is_empty() {
            format!("{place}: no name becomes a gene symbol; give names of factors")
        } else if !self.0.iter().any(|symbol| symbol.in_universe) {
            format!(
                "{place}: none of {} symbols ({}) is among {}; name the library they were found \
                 with in --motifs",
                all.len(),
                shown(&all),
                chosen.what
            )
        } else if !self.0.iter().any(|symbol| symbol.in_sets) {
            format!(
                "{place}: none of {} symbols ({}) is in a set of {}; give sets of this organism's \
                 symbols, or map the names with --aliases",
                all.len(),
                shown(&all),
                gmt.display()
            )
        } else {
            return Ok(());
        };
        Err(Refusal::input(problem).into())
    }

    /// How many names became how many symbols, and which did not make it.
    pub fn summary(&self, list: &Factors, chosen: &Chosen) -> String {
        let mut text = format!(
            "{}: {} factors are {} symbols, among {}",
            list.name,
            list.names.len(),
            self.each(|_| true).len(),
            chosen.what
        );
        let aliased: Vec<String> = self
            .0
            .iter()
            .filter(|symbol| symbol.by_alias)
            .map(|symbol| format!("{} -> {}", symbol.factor, symbol.symbol))
            .collect();
        let aliased: Vec<&str> = aliased.iter().map(String::as_str).collect();
        for (what, which) in [
            ("by the table of aliases", aliased),
            ("not in the universe, left out", self.each(|symbol| !symbol.in_universe)),
            ("in no gene set", self.each(|symbol| symbol.in_universe && !symbol.in_sets)),
        ] {
            if !which.is_empty() {
                text += &format!("\n  {} {what}: {}", which.len(), shown(&which));
            }
        }
        text
    }
}

fn shown(names: &[&str]) -> String {
    let first = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// Writes a line a symbol of a factor of a list.
pub fn write(lists: &[Factors], mapped: &[Mapped], path: &Path) -> anyhow::Result<()> {
    let write = |out: &mut dyn Write| {
        writeln!(out, "list\tfactor\tsymbol\tby_alias\tin_universe\tin_sets")?;
        for (list, mapped) in lists.iter().zip(mapped) {
            for symbol in &mapped.0 {
                let Symbol { factor, symbol, by_alias, in_universe, in_sets } = symbol;
                writeln!(
                    out,
                    "{}\t{factor}\t{symbol}\t{by_alias}\t{in_universe}\t{in_sets}",
                    list.name
                )?;
            }
        }
        Ok(())
    };
    Ok(atomic::write(path, write)?)
}
