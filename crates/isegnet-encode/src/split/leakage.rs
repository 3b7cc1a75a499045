use super::file;
use super::folds::genes_of;
use super::neighbours::Neighbourhood;
use super::{Part, Split, SplitError};
use crate::{View, Windows};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::Path;

/// What the parts of a split have in common, judged by a view's windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeakageReport {
    /// The windows.
    pub windows: Windows,
    /// Each part.
    pub parts: Vec<PartSummary>,
    /// Each pair of parts.
    pub pairs: Vec<PairReport>,
    /// Genes shorter than what their windows take of them: their own windows
    /// overlap, which shows their length.
    pub short_genes: usize,
    /// Rows in no part.
    pub left_out: usize,
}

/// How large a part is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartSummary {
    /// The part.
    pub part: Part,
    /// Rows.
    pub rows: usize,
    /// Different genes.
    pub genes: usize,
    /// Different chromosomes.
    pub chromosomes: usize,
}

/// What two parts have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairReport {
    /// One part.
    pub first: Part,
    /// The other.
    pub second: Part,
    /// Genes with rows in both.
    pub shared_genes: usize,
    /// Bases of the genome in windows of both.
    pub shared_bases: u64,
    /// Genes of the first part with a window that overlaps one of the second.
    pub overlapping_first: usize,
    /// Genes of the second part with a window that overlaps one of the first.
    pub overlapping_second: usize,
    /// Pairs of genes, one in each part, head to head with TSSs within 1 kb.
    pub divergent_pairs: usize,
}

impl PairReport {
    /// Tells whether nothing is shared.
    pub fn is_clean(&self) -> bool {
        self.shared_genes == 0 && self.shared_bases == 0 && self.divergent_pairs == 0
    }
}

impl LeakageReport {
    /// Looks for what the parts of `split` share.
    ///
    /// # Panics
    /// A row is not in the data set.
    pub fn new(view: &View, split: &Split) -> Self {
        let genes = Part::ALL.map(|part| genes_of(view, split.rows(part)));
        let mut all: Vec<usize> = genes.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        let near = Neighbourhood::new(view, &all);
        let known = view.dataset().genes();
        let parts = Part::ALL.iter().zip(&genes).map(|(&part, genes)| PartSummary {
            part,
            rows: split.rows(part).len(),
            genes: genes.len(),
            chromosomes: {
                let chroms = genes.iter().map(|&gene| known[gene].body.chrom.as_str());
                chroms.collect::<HashSet<_>>().len()
            },
        });
        let [train, validation, test] = &genes;
        let pairs = vec![
            pair(&near, (Part::Train, train), (Part::Validation, validation)),
            pair(&near, (Part::Train, train), (Part::Test, test)),
            pair(&near, (Part::Validation, validation), (Part::Test, test)),
        ];
        let short = all.iter().filter(|&&gene| view.windows().overlap_in(&known[gene]));
        Self {
            windows: view.windows(),
            parts: parts.collect(),
            pairs,
            short_genes: short.count(),
            left_out: split.left_out.len(),
        }
    }

    /// Tells whether no two parts share anything.
    pub fn is_clean(&self) -> bool {
        self.pairs.iter().all(PairReport::is_clean)
    }

    /// Writes the report as JSON.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), SplitError> {
        let json = serde_json::to_vec_pretty(self).map_err(|cause| SplitError::Io {
            path: path.to_owned(),
            action: "written",
            cause: cause.into(),
        })?;
        file::write(path, &json)
    }
}

fn pair(
    near: &Neighbourhood,
    (first, a): (Part, &HashSet<usize>),
    (second, b): (Part, &HashSet<usize>),
) -> PairReport {
    let (in_a, in_b) = (|gene: usize| a.contains(&gene), |gene: usize| b.contains(&gene));
    let (cover_a, cover_b) = (near.cover(in_a), near.cover(in_b));
    let straddles =
        |&&(x, y): &&(usize, usize)| x != y && ((in_a(x) && in_b(y)) || (in_a(y) && in_b(x)));
    PairReport {
        first,
        second,
        shared_genes: a.intersection(b).count(),
        shared_bases: cover_a.shared_bases(&cover_b),
        overlapping_first: near.touching(&cover_b, in_a).len(),
        overlapping_second: near.touching(&cover_a, in_b).len(),
        divergent_pairs: near.divergent().iter().filter(straddles).count(),
    }
}

impl std::fmt::Display for LeakageReport {
    /// Writes a line a part, a line a pair, and what else there is to know.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "leakage between the parts of the split ({})", self.windows)?;
        for PartSummary { part, rows, genes, chromosomes } in &self.parts {
            let part = part.to_string();
            writeln!(f, "  {part:<10} rows: {rows}, genes: {genes}, chromosomes: {chromosomes}")?;
        }
        for pair in &self.pairs {
            let name = format!("{} and {}", pair.first, pair.second);
            if pair.is_clean() {
                writeln!(f, "  {name:<20} share nothing")?;
                continue;
            }
            writeln!(
                f,
                "  {name:<20} share {} genes and {} bases; windows of {} and {} genes overlap; {} \
                 divergent neighbours",
                pair.shared_genes,
                pair.shared_bases,
                pair.overlapping_first,
                pair.overlapping_second,
                pair.divergent_pairs
            )?;
        }
        if self.left_out > 0 {
            writeln!(f, "  {} rows are in no part", self.left_out)?;
        }
        write!(
            f,
            "  {} genes are so short that their own windows overlap, which shows their length",
            self.short_genes
        )
    }
}
