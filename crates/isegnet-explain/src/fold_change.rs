use crate::SummaryError;
use ndarray::{ArrayView1, ArrayView2};
use std::collections::HashMap;

/// Which genes are differential by how much their expression changes.
///
/// The change is log2((mean of the first + pseudocount) / (mean of the second +
/// pseudocount)) over samples, in TPM.
///
/// ```
/// use isegnet_explain::FoldChange;
/// use ndarray::array;
///
/// let (tumour, normal) = (array![[7.0, 7.0], [3.0, 5.0]], array![[1.0], [4.0]]);
/// let genes = FoldChange::default().genes(tumour.view(), normal.view())?;
/// assert_eq!(genes.len(), 1);
/// assert_eq!((genes[0].row, genes[0].log2), (0, 2.0));
/// # Ok::<(), isegnet_explain::SummaryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoldChange {
    /// The least |log2| of a differential gene.
    pub least: f64,
    /// Added to both means, in TPM.
    pub pseudocount: f64,
}

impl Default for FoldChange {
    /// Twice as much or half as much, one TPM added.
    fn default() -> Self {
        Self { least: 1.0, pseudocount: 1.0 }
    }
}

/// A gene and how its expression changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeneChange {
    /// The row (gene), from 0.
    pub row: usize,
    /// log2 of the first condition's mean over the second's.
    pub log2: f64,
}

impl FoldChange {
    /// The differential genes, in order, of two tables of TPM, `(gene, sample)`.
    ///
    /// # Errors
    /// As [`FoldChange::changes`].
    pub fn genes(
        &self,
        first: ArrayView2<'_, f64>,
        second: ArrayView2<'_, f64>,
    ) -> Result<Vec<GeneChange>, SummaryError> {
        let mut changes = self.changes(first, second)?;
        changes.retain(|change| change.log2.abs() >= self.least);
        Ok(changes)
    }

    /// How every gene changes.
    ///
    /// # Errors
    /// The tables have different genes or no sample, an expression is negative or not
    /// finite, or a setting is.
    pub fn changes(
        &self,
        first: ArrayView2<'_, f64>,
        second: ArrayView2<'_, f64>,
    ) -> Result<Vec<GeneChange>, SummaryError> {
        let range = "a finite number above 0";
        for (name, value) in [("least fold change", self.least), ("pseudocount", self.pseudocount)]
        {
            if !(value > 0.0 && value.is_finite()) {
                return Err(SummaryError::Setting { name, value, range });
            }
        }
        SummaryError::same("genes of the second condition", second.nrows(), first.nrows())?;
        let pairs = first.rows().into_iter().zip(second.rows()).enumerate();
        pairs
            .map(|(row, (first, second))| {
                let level = |samples| Ok(mean(samples, row)? + self.pseudocount);
                Ok(GeneChange { row, log2: level(first)?.log2() - level(second)?.log2() })
            })
            .collect()
    }
}

fn mean(samples: ArrayView1<'_, f64>, row: usize) -> Result<f64, SummaryError> {
    if samples.is_empty() {
        return Err(SummaryError::TooFew { what: "samples", got: 0, needed: 1 });
    }
    match samples.iter().find(|&&tpm| !(tpm >= 0.0 && tpm.is_finite())) {
        Some(&value) => Err(SummaryError::Expression { row, value }),
        None => Ok(samples.sum() / samples.len() as f64),
    }
}

/// The rows of the genes of a list, in the order of the list, each once.
///
/// # Errors
/// A gene of the list is not among `ids`.
pub fn listed_genes<S: AsRef<str>>(ids: &[S], list: &[S]) -> Result<Vec<usize>, SummaryError> {
    let mut rows: HashMap<&str, (usize, bool)> =
        ids.iter().enumerate().map(|(row, id)| (id.as_ref(), (row, false))).collect();
    let mut listed = Vec::new();
    let mut unknown = Vec::new();
    for id in list.iter().map(AsRef::as_ref) {
        match rows.get_mut(id) {
            Some((row, taken)) if !*taken => {
                *taken = true;
                listed.push(*row);
            }
            Some(_) => {}
            None => unknown.push(id),
        }
    }
    match unknown.first() {
        Some(&first) => {
            Err(SummaryError::UnknownGenes { count: unknown.len(), first: first.into() })
        }
        None => Ok(listed),
    }
}
