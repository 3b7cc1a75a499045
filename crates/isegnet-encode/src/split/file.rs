//! Tables of folds, and the split's own file.

use super::{FoldName, Part, Split, SplitError};
use crate::Dataset;
use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};

const HEADER: &str = "gene_id\tsample\tpart";

/// What the lines of a table of folds are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Chromosome,
    Gene,
}

/// A table that gives chromosomes or genes their folds.
pub(super) struct FoldTable {
    pub path: PathBuf,
    pub unit: Unit,
    folds: HashMap<String, String>,
    /// By id without its version; none where several ids have that.
    unversioned: HashMap<String, Option<String>>,
    names: Vec<String>,
}

impl FoldName {
    /// The folds that a table names, numbers by their value and before words.
    ///
    /// # Errors
    /// The table cannot be read or has no folds.
    pub fn all(path: &Path) -> Result<Vec<Self>, SplitError> {
        let folds: BTreeSet<String> = FoldTable::read(path)?.folds.into_values().collect();
        let mut folds: Vec<Self> = folds.into_iter().map(Self).collect();
        folds.sort_by_key(|Self(name)| {
            let number = name.parse::<u64>();
            (number.is_err(), number.unwrap_or(0))
        });
        Ok(folds)
    }
}

impl FoldTable {
    pub fn read(path: &Path) -> Result<Self, SplitError> {
        Self::parse(path, &read(path)?)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, SplitError> {
        let wrong = |line: usize, message: String| SplitError::Table {
            path: path.to_owned(),
            line,
            message,
        };
        let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
        let (header, at) = lines.next().unwrap_or(("", 1));
        let columns: Vec<String> =
            header.split('\t').map(|name| name.trim().to_lowercase()).collect();
        let find = |names: &[&str]| columns.iter().position(|c| names.contains(&c.as_str()));
        let chrom = find(&["chrom", "chromosome", "chr"]);
        let gene = find(&["gene_id", "gene", "id"]);
        let (Some(fold), Some(name)) = (find(&["fold"]), gene.or(chrom)) else {
            let way = "the first line must name columns chrom (or gene_id) and fold, tab-separated";
            return Err(wrong(at, format!("it says {header:?}; {way}")));
        };
        let unit = if gene.is_some() { Unit::Gene } else { Unit::Chromosome };
        let mut table = Self {
            path: path.to_owned(),
            unit,
            folds: HashMap::new(),
            unversioned: HashMap::new(),
            names: Vec::new(),
        };
        for (line, at) in lines {
            let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
            let (Some(&name), Some(&fold)) = (fields.get(name), fields.get(fold)) else {
                return Err(wrong(at, "a field is missing; add it".into()));
            };
            match table.folds.insert(name.to_owned(), fold.to_owned()) {
                Some(before) if before != fold => {
                    return Err(wrong(at, format!("{name:?} has two folds; keep one")));
                }
                Some(_) => continue,
                None => {}
            }
            let plain = table.unversioned.entry(unversioned(name));
            plain.and_modify(|fold| *fold = None).or_insert_with(|| Some(fold.to_owned()));
            table.names.push(name.to_owned());
        }
        Ok(table)
    }

    /// The fold of a chromosome or gene as it is written in the table.
    pub fn fold(&self, name: &str) -> Option<&str> {
        self.folds.get(name).map(String::as_str)
    }

    /// The folds of genes: by the same id where there is one, else by the id
    /// without its version, where that means one gene and one line only.
    pub fn folds<'t>(&'t self, genes: &[&str]) -> Vec<Option<&'t str>> {
        let mut times: HashMap<String, usize> = HashMap::new();
        for gene in genes {
            *times.entry(unversioned(gene)).or_default() += 1;
        }
        let fold = |gene: &&str| {
            let plain = unversioned(gene);
            let once = times.get(&plain) == Some(&1);
            let near = || self.unversioned.get(&plain).filter(|_| once)?.as_deref();
            self.fold(gene).or_else(near)
        };
        genes.iter().map(fold).collect()
    }

    pub fn check(&self, fold: &FoldName) -> Result<(), SplitError> {
        let known: BTreeSet<&String> = self.folds.values().collect();
        if known.contains(&fold.0) {
            return Ok(());
        }
        let known = known.into_iter().cloned().collect();
        Err(SplitError::UnknownFold { path: self.path.clone(), fold: fold.0.clone(), known })
    }

    pub fn some_names(&self) -> Vec<String> {
        self.names.iter().take(3).cloned().collect()
    }
}

/// A gene id without its version: `G.5` is `G`, `G.5_PAR_Y` is `G_PAR_Y`.
fn unversioned(id: &str) -> String {
    let (stem, par) = match id.strip_suffix("_PAR_Y") {
        Some(stem) => (stem, "_PAR_Y"),
        None => (id, ""),
    };
    let stem = match stem.rsplit_once('.') {
        Some((stem, version)) if version.bytes().all(|b| b.is_ascii_digit()) => stem,
        _ => stem,
    };
    format!("{stem}{par}")
}

/// One line a row that is in a part.
pub(super) fn lines(split: &Split, dataset: &Dataset) -> Vec<String> {
    let mut lines = Vec::new();
    for part in Part::ALL {
        for &row in split.rows(part) {
            let (gene, sample) = (&dataset.gene_of(row).id, &dataset.sample_of(row).name);
            lines.push(format!("{gene}\t{sample}\t{part}"));
        }
    }
    lines
}

impl Split {
    /// Writes the split as a table of `gene_id`, `sample` and `part`.
    ///
    /// # Errors
    /// The file cannot be written.
    ///
    /// # Panics
    /// A row is not in the data set.
    pub fn write(&self, path: &Path, dataset: &Dataset) -> Result<(), SplitError> {
        let mut text = format!("{HEADER}\n");
        for line in lines(self, dataset) {
            text.push_str(&line);
            text.push('\n');
        }
        write(path, text.as_bytes())
    }

    /// Reads a split's file; rows of the data set that it does not list are left out.
    ///
    /// # Errors
    /// The file cannot be read, is no such table, lists a row twice or one that
    /// the data set does not have, or leaves a part empty.
    pub fn read(path: &Path, dataset: &Dataset) -> Result<Self, SplitError> {
        let text = read(path)?;
        let wrong = |line: usize, message: String| SplitError::Table {
            path: path.to_owned(),
            line,
            message,
        };
        let mut lines = text.lines().zip(1..);
        if lines.next().is_none_or(|(line, _)| line != HEADER) {
            return Err(wrong(1, format!("it must say {HEADER:?}; write the split again")));
        }
        let names = (0..dataset.rows().len()).map(|row| {
            ((dataset.gene_of(row).id.as_str(), dataset.sample_of(row).name.as_str()), row)
        });
        let numbers: HashMap<(&str, &str), usize> = names.collect();
        let mut part_of = vec![None; numbers.len()];
        for (line, at) in lines {
            let fields: Vec<&str> = line.split('\t').collect();
            let &[gene, sample, part] = fields.as_slice() else {
                return Err(wrong(
                    at,
                    "it does not have three fields; write the split again".into(),
                ));
            };
            let Some(part) = Part::ALL.into_iter().find(|p| p.to_string() == part) else {
                let known = "train, validation or test";
                return Err(wrong(at, format!("{part:?} is no part; it must be {known}")));
            };
            let Some(&row) = numbers.get(&(gene, sample)) else {
                let what = format!("gene {gene:?} of sample {sample:?}");
                let message = format!("the data set has no {what}; use the split made for it");
                return Err(wrong(at, message));
            };
            if part_of.get_mut(row).and_then(|place| place.replace(part)).is_some() {
                return Err(wrong(at, format!("gene {gene:?} is listed twice; keep one line")));
            }
        }
        let mut split = Self::default();
        for (row, part) in part_of.into_iter().enumerate() {
            split.rows_mut(part).push(row);
        }
        split.check()?;
        Ok(split)
    }
}

fn read(path: &Path) -> Result<String, SplitError> {
    std::fs::read_to_string(path).map_err(|cause| SplitError::Io {
        path: path.to_owned(),
        action: "read",
        cause,
    })
}

/// Writes a file beside its place and renames it when it is on the disk.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), SplitError> {
    let failed = |cause| SplitError::Io { path: path.to_owned(), action: "written", cause };
    isegnet_core::atomic::write(path, failed, |file| file.write_all(bytes).map_err(failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fold_tables_name_their_columns() {
        let path = Path::new("folds.tsv");
        let table = FoldTable::parse(path, "fold\tChrom\n1\tc1\n\n2\tc2\n").unwrap();
        assert_eq!(
            (table.unit, table.fold("c2"), table.fold("c3")),
            (Unit::Chromosome, Some("2"), None)
        );
        let table = FoldTable::parse(path, "gene_id\tfold\nG.5\ta\nH.1_PAR_Y\tb\n").unwrap();
        assert_eq!(table.folds(&["G.7", "H", "H_PAR_Y"]), [Some("a"), None, Some("b")]);
        // In some species these are two genes, not two versions of one.
        assert_eq!(table.folds(&["G.7", "G.8", "G.5"]), [None, None, Some("a")]);
        assert!(table.check(&"c".into()).unwrap_err().to_string().contains("[a, b]"));
        assert!(FoldTable::parse(path, "").is_err());
        assert!(FoldTable::parse(path, "chrom\tpart\n").is_err());
        assert!(FoldTable::parse(path, "chrom\tfold\nc1\n").is_err());
        assert!(FoldTable::parse(path, "chrom\tfold\nc1\t1\nc1\t2\n").is_err());
    }
}
