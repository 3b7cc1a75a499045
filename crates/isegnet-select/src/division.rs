use crate::{Folds, Rows, SelectError};

/// The rows that are trained on, that decide when to stop and what to choose, and
/// that are looked at last.
///
/// A row stands in one part at most, and so do all rows of a gene, unless it was
/// made to [straddle](Self::straddling).
#[derive(Clone, Debug, PartialEq)]
pub struct Division {
    name: String,
    parts: Parts,
    genes: Genes,
    straddling_genes: usize,
}

/// The rows of the parts of a division.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Fitted on.
    pub train: Vec<usize>,
    /// Decide when to stop and what to choose; may be empty.
    pub validation: Vec<usize>,
    /// Looked at last; may be empty.
    pub test: Vec<usize>,
}

impl Parts {
    fn named(&self) -> [(&'static str, &[usize]); 3] {
        [("training", &self.train), ("validation", &self.validation), (TEST, &self.test)]
    }
}

pub(crate) const TEST: &str = "test";

/// Whether rows of one gene may stand in several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Genes {
    Apart,
    Straddling,
}

impl Division {
    /// Divides rows under a name.
    ///
    /// # Errors
    /// A row that is not there or stands there twice, no training row, or a gene with
    /// rows in two parts.
    pub fn new(rows: &Rows, name: impl Into<String>, parts: Parts) -> Result<Self, SelectError> {
        Self::checked(rows, name.into(), parts, Genes::Apart)
    }

    /// Divides rows without regard to their genes: what is tested on is then partly
    /// known from training on the same gene in other samples.
    ///
    /// The number of such genes stands in every table.
    ///
    /// # Errors
    /// As [`new`](Self::new), but for genes in two parts.
    pub fn straddling(
        rows: &Rows,
        name: impl Into<String>,
        parts: Parts,
    ) -> Result<Self, SelectError> {
        Self::checked(rows, name.into(), parts, Genes::Straddling)
    }

    pub(crate) fn checked(
        rows: &Rows,
        name: String,
        parts: Parts,
        genes: Genes,
    ) -> Result<Self, SelectError> {
        if parts.train.is_empty() {
            let way = "train on some rows";
            return Err(SelectError::Empty { division: name, part: "training", way });
        }
        let mut taken = vec![false; rows.len()];
        let mut part_of_gene: Vec<Option<&'static str>> = vec![None; rows.genes().len()];
        let mut straddles = vec![false; rows.genes().len()];
        for (part, among) in parts.named() {
            for &row in among {
                let Some(&gene) = rows.gene_of_row().get(row) else {
                    let rows = rows.len();
                    return Err(SelectError::NoSuchRow { division: name, row, rows });
                };
                if std::mem::replace(&mut taken[row], true) {
                    return Err(SelectError::Twice { division: name, row });
                }
                let first = *part_of_gene[gene].get_or_insert(part);
                if first == part {
                    continue;
                }
                if genes == Genes::Apart {
                    let (gene, second) = (rows.genes()[gene].clone(), part);
                    return Err(SelectError::Straddles { division: name, gene, first, second });
                }
                straddles[gene] |= part == TEST;
            }
        }
        let straddling_genes = straddles.iter().filter(|s| **s).count();
        Ok(Self { name, parts, genes, straddling_genes })
    }

    /// What it is called in tables.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rows that are fitted on.
    pub fn train(&self) -> &[usize] {
        &self.parts.train
    }

    /// The rows that decide when to stop and what to choose.
    pub fn validation(&self) -> &[usize] {
        &self.parts.validation
    }

    /// The rows that are looked at last.
    pub fn test(&self) -> &[usize] {
        &self.parts.test
    }

    /// Number of genes of test rows with rows in another part too; 0 unless it was made
    /// to straddle.
    pub fn straddling_genes(&self) -> usize {
        self.straddling_genes
    }

    pub(crate) fn genes(&self) -> Genes {
        self.genes
    }

    /// The rows that may be looked at: those of training and validation, in order.
    pub fn development(&self) -> Vec<usize> {
        let mut rows = [self.train(), self.validation()].concat();
        rows.sort_unstable();
        rows
    }

    /// Trains on the validation rows too, for learners that need none to stop by.
    pub fn trained_on_validation(&self) -> Self {
        let parts = Parts {
            train: self.development(),
            validation: Vec::new(),
            test: self.parts.test.clone(),
        };
        Self { parts, ..self.clone() }
    }

    /// Divides its development rows once more, to choose by: each fold validates in
    /// turn and the others are trained on. Its test rows are in none of them.
    ///
    /// # Errors
    /// A gene with rows in two folds, unless they or this division were made to straddle,
    /// or fewer than two folds with development rows.
    pub fn inner(&self, rows: &Rows, folds: &Folds) -> Result<Vec<Self>, SelectError> {
        let genes = if self.genes == Genes::Apart { folds.genes() } else { self.genes };
        let mut developed = vec![false; rows.len()];
        self.development().iter().for_each(|&row| developed[row] = true);
        let among = |fold: &[usize]| -> Vec<usize> {
            fold.iter().copied().filter(|&row| developed.get(row) == Some(&true)).collect()
        };
        let mut kept: Vec<(&str, Vec<usize>)> =
            folds.iter().map(|(name, fold)| (name, among(fold))).collect();
        kept.retain(|(_, fold)| !fold.is_empty());
        let inner = |(i, (name, fold)): (usize, &(&str, Vec<usize>))| {
            let others = kept.iter().enumerate().filter(|(j, _)| *j != i);
            let mut train: Vec<usize> = others.flat_map(|(_, (_, fold))| fold.clone()).collect();
            train.sort_unstable();
            let parts = Parts { train, validation: fold.clone(), test: Vec::new() };
            Self::checked(rows, format!("{}, inner {name}", self.name), parts, genes)
        };
        kept.iter().enumerate().map(inner).collect()
    }

    /// Refuses another division that holds a row this one does not develop on.
    pub(crate) fn refuse_peeking(&self, inner: &Self) -> Result<(), SelectError> {
        let developed = self.development();
        let all = inner.parts.named().into_iter().flat_map(|(_, rows)| rows.iter().copied());
        match all.into_iter().find(|row| developed.binary_search(row).is_err()) {
            Some(row) => {
                let (inner, outer) = (inner.name.clone(), self.name.clone());
                Err(SelectError::Peeks { inner, outer, row })
            }
            None => Ok(()),
        }
    }
}
