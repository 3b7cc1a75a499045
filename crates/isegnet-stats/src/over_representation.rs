use crate::{Correction, Hypergeometric, PValue, Undefined};
use std::collections::HashSet;

/// A named set of genes, such as a pathway of a GMT library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneSet {
    /// The name that is printed.
    pub name: String,
    /// The symbols; a repeated one counts once.
    pub genes: Vec<String>,
}

/// The genes that could have been found; p-values depend on it more than on
/// anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Universe {
    /// These genes: the list and the sets are first restricted to them.
    Genes(HashSet<String>),
    /// All genes of the library's sets.
    Library,
    /// This many genes; the list and the sets are taken as they are, as Enrichr does.
    Size(u64),
}

/// How a gene set meets a list of genes.
#[derive(Clone, Debug, PartialEq)]
pub struct OverRepresentation {
    /// The set's name.
    pub set: String,
    /// The genes of the list that are in the set, in the order of the list.
    pub hits: Vec<String>,
    /// How many genes of the universe the set has.
    pub set_size: usize,
    /// How many genes of the universe the list has.
    pub list_size: usize,
    /// How many genes the universe has.
    pub universe: u64,
    /// The chance of at least so many hits: the upper hypergeometric tail, which is
    /// Fisher's exact test for more.
    pub p: PValue,
    /// `p` by Benjamini and Hochberg over the sets with a hit.
    pub adjusted: PValue,
    /// The odds of a listed gene to be in the set over those of any other gene, with
    /// 1/2 added to each count.
    pub odds_ratio: f64,
    /// -ln(p) times the odds ratio.
    pub combined_score: f64,
}

/// Tests which gene sets a list of genes meets more often than chance would, as
/// Enrichr and gseapy print it; sets without a hit are left out, here and in the
/// correction.
///
/// Symbols are compared as they are written: fold the case and map aliases before.
/// Sets come in the library's order; repeated genes count once.
///
/// ```
/// use isegnet_stats::{GeneSet, Universe, over_representation};
///
/// let genes = |names: &str| names.split(' ').map(String::from).collect::<Vec<_>>();
/// let library = [
///     GeneSet { name: "cycle".into(), genes: genes("MYC E2F1 CDK1") },
///     GeneSet { name: "shock".into(), genes: genes("HSF1 HSPA1A") },
/// ];
/// let found = over_representation(&genes("MYC E2F1 TP53"), &library, &Universe::Size(100))?;
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].hits, ["MYC", "E2F1"]);
/// // (C(3, 2) * 97 + 1) / C(100, 3)
/// assert!((found[0].p.p() - 292.0 / 161_700.0).abs() < 1e-15);
/// # Ok::<(), isegnet_stats::Undefined>(())
/// ```
///
/// # Errors
/// A universe, given as a number, that is smaller than the list, than a set, or
/// than the two together.
pub fn over_representation(
    list: &[String],
    library: &[GeneSet],
    universe: &Universe,
) -> Result<Vec<OverRepresentation>, Undefined> {
    let known: Option<HashSet<&str>> = match universe {
        Universe::Genes(genes) => Some(genes.iter().map(String::as_str).collect()),
        Universe::Library => {
            Some(library.iter().flat_map(|s| &s.genes).map(String::as_str).collect())
        }
        Universe::Size(_) => None,
    };
    let size = match (universe, &known) {
        (Universe::Size(size), _) => *size,
        (_, Some(genes)) => genes.len() as u64,
        (_, None) => 0,
    };
    let list = distinct(list, known.as_ref());
    fits(list.len(), size, || "of the list".to_string())?;
    let mut found = Vec::new();
    for set in library {
        let genes = distinct(&set.genes, known.as_ref());
        let members: HashSet<&str> = genes.iter().copied().collect();
        let hits: Vec<&str> = list.iter().copied().filter(|gene| members.contains(gene)).collect();
        let either = list.len() + genes.len() - hits.len();
        fits(either, size, || format!("of the list or of {:?}", set.name))?;
        if !hits.is_empty() {
            found.push(row(&set.name, &hits, genes.len(), list.len(), size)?);
        }
    }
    let p: Vec<PValue> = found.iter().map(|row| row.p).collect();
    for (row, adjusted) in found.iter_mut().zip(Correction::BenjaminiHochberg.adjust(&p)) {
        row.adjusted = adjusted;
    }
    Ok(found)
}

fn row(
    name: &str,
    hits: &[&str],
    set_size: usize,
    list_size: usize,
    universe: u64,
) -> Result<OverRepresentation, Undefined> {
    let chance = Hypergeometric::new(universe, set_size as u64, list_size as u64)?;
    let p = chance.upper(hits.len() as u64);
    let (both, set_only) = (hits.len() as f64, (set_size - hits.len()) as f64);
    let list_only = (list_size - hits.len()) as f64;
    let neither = universe as f64 - both - set_only - list_only;
    let odds_ratio = (both + 0.5) * (neither + 0.5) / ((list_only + 0.5) * (set_only + 0.5));
    Ok(OverRepresentation {
        set: name.to_string(),
        hits: hits.iter().map(ToString::to_string).collect(),
        set_size,
        list_size,
        universe,
        p,
        adjusted: p,
        odds_ratio,
        combined_score: (0.0 - p.ln()) * odds_ratio,
    })
}

/// The genes that the universe knows, each once, in their order.
fn distinct<'a>(genes: &'a [String], known: Option<&HashSet<&str>>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    let genes = genes.iter().map(String::as_str);
    genes.filter(|g| known.is_none_or(|k| k.contains(g)) && seen.insert(*g)).collect()
}

fn fits(found: usize, universe: u64, place: impl Fn() -> String) -> Result<(), Undefined> {
    if found as u64 > universe {
        return Err(Undefined::UniverseTooSmall { place: place(), found, universe });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genes(names: &str) -> Vec<String> {
        names.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn the_universe_restricts_both_sides() {
        let library = [GeneSet { name: "s".into(), genes: genes("A A B X") }];
        let universe = Universe::Genes(genes("A B C D E").into_iter().collect());
        let found = over_representation(&genes("A X C A"), &library, &universe).unwrap();
        let row = &found[0];
        assert_eq!((row.hits.len(), row.set_size, row.list_size, row.universe), (1, 2, 2, 5));
        // 1 - C(3, 2) / C(5, 2)
        assert!((row.p.p() - 0.7).abs() < 1e-15);
        assert_eq!(row.odds_ratio, 1.5 * 2.5 / (1.5 * 1.5));
    }

    #[test]
    fn a_universe_too_small_is_named() {
        let library = [GeneSet { name: "s".into(), genes: genes("A B C") }];
        let too_small = over_representation(&genes("A D"), &library, &Universe::Size(3));
        let message = too_small.unwrap_err().to_string();
        assert!(message.contains("4 genes of the list or of \"s\""), "{message}");
        assert!(over_representation(&genes("A D"), &[], &Universe::Size(1)).is_err());
        assert!(over_representation(&[], &library, &Universe::Library).unwrap().is_empty());
    }
}
