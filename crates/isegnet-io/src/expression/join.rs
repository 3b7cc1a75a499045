use super::Expression;
use crate::names;
use std::collections::HashMap;

/// Genes and values put together.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Joined {
    /// (place of the gene, value), in the order of the genes.
    pub pairs: Vec<(usize, f64)>,
    /// Genes without a value.
    pub genes_without: usize,
    /// Values without a gene, such as spike-ins.
    pub values_without: usize,
    /// Of the genes without a value, those that several ids of the table, or
    /// whose id several genes, share but for what looks like a version.
    pub ambiguous: usize,
}

/// Why genes and values cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// No id is on both sides.
    #[error(
        "no gene id is on both sides: the genes have {genes}, the expression table has {table}; \
         use tables of one annotation, or name another id column"
    )]
    NoneJoins {
        /// The first ids of the genes.
        genes: String,
        /// The first ids of the table.
        table: String,
    },
}

/// Gives an id without its version suffix: `ENSG1.2` is `ENSG1`, and
/// `ENSG1.2_PAR_Y` is `ENSG1_PAR_Y`, which stays another gene than `ENSG1`.
///
/// ```
/// use isegnet_io::expression::join_key;
///
/// assert_eq!(join_key("ENSG00000182378.15_PAR_Y"), "ENSG00000182378_PAR_Y");
/// assert_eq!(join_key("BRCA1"), "BRCA1");
/// ```
pub fn join_key(id: &str) -> String {
    let (id, copy) = match id.strip_suffix("_PAR_Y") {
        Some(id) => (id, "_PAR_Y"),
        None => (id, ""),
    };
    let version = |v: &str| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit());
    let plain = match id.rsplit_once('.') {
        Some((plain, v)) if version(v) && !plain.is_empty() => plain,
        _ => id,
    };
    format!("{plain}{copy}")
}

/// Puts values to genes: by the same id where there is one, else by the id
/// without its version, where that means one gene and one row only (in some
/// species `Y74C9A.2` and `Y74C9A.3` are two genes, not two versions).
///
/// # Errors
/// No id is on both sides.
pub fn join<'a>(
    genes: impl IntoIterator<Item = &'a str>,
    expression: &Expression,
) -> Result<Joined, JoinError> {
    let genes: Vec<&str> = genes.into_iter().collect();
    let rows = Keys::new(expression.ids().iter().map(String::as_str));
    let gene_keys = Keys::new(genes.iter().copied());
    let mut used = vec![false; expression.len()];
    let mut joined = Joined::default();
    for (at, gene) in genes.iter().enumerate() {
        let key = join_key(gene);
        let row = match (expression.by_id.get(*gene), rows.0.get(&key), gene_keys.0.get(&key)) {
            (Some(&row), _, _) => Some(row),
            (None, Some(&(row, Times::Once)), Some((_, Times::Once))) => Some(row),
            (None, found, _) => {
                joined.ambiguous += usize::from(found.is_some());
                None
            }
        };
        match row {
            None => joined.genes_without += 1,
            Some(row) => {
                used[row] = true;
                joined.pairs.push((at, expression.values()[row]));
            }
        }
    }
    joined.values_without = used.iter().filter(|u| !**u).count();
    match joined.pairs.is_empty() {
        false => Ok(joined),
        true => Err(JoinError::NoneJoins {
            genes: names::list(genes.iter().copied()),
            table: names::list(expression.ids().iter().map(String::as_str)),
        }),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    MoreOften,
}

/// The first place of each key, and whether it stands elsewhere too.
struct Keys(HashMap<String, (usize, Times)>);

impl Keys {
    fn new<'a>(ids: impl Iterator<Item = &'a str>) -> Self {
        let mut keys: HashMap<String, (usize, Times)> = HashMap::new();
        for (at, id) in ids.enumerate() {
            let again = |k: &mut (usize, Times)| k.1 = Times::MoreOften;
            keys.entry(join_key(id)).and_modify(again).or_insert((at, Times::Once));
        }
        Self(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(ids: &[&str]) -> Expression {
        ids.iter().enumerate().map(|(i, id)| (*id, i as f64)).collect()
    }

    #[test]
    fn versions_are_ignored_and_par_copies_kept_distinct() {
        let expression = table(&["E1.7", "E2", "E3.1_PAR_Y", "spike"]);
        let joined = join(["E3.2", "E2.5", "E1.7", "E3.2_PAR_Y"], &expression).unwrap();
        assert_eq!(joined.pairs, [(1, 1.0), (2, 0.0), (3, 2.0)]);
        assert_eq!((joined.genes_without, joined.values_without), (1, 1));
    }

    #[test]
    fn a_dot_that_is_no_version_joins_by_the_whole_id() {
        let expression = table(&["Y74C9A.2", "Y74C9A.3"]);
        let joined = join(["Y74C9A.3", "Y74C9A.2"], &expression).unwrap();
        assert_eq!(joined.pairs, [(0, 1.0), (1, 0.0)]);
        let joined = join(["Y74C9A.4", "Y74C9A.2"], &expression).unwrap();
        assert_eq!(joined.pairs, [(1, 0.0)]);
        assert_eq!((joined.genes_without, joined.ambiguous), (1, 1));
    }

    #[test]
    fn ids_that_never_meet_are_shown_from_both_sides() {
        let error = join(["TP53", "MYC", "A", "B"], &table(&["E1", "E2"])).unwrap_err().to_string();
        assert!(error.contains("genes have \"TP53\", \"MYC\", \"A\" and 1 more"), "{error}");
        assert!(error.contains("table has \"E1\", \"E2\";"), "{error}");
    }
}
