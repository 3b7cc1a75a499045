use crate::Rows;
use isegnet_core::{Batch, Examples, FitContext, InputShape, LearnError, Learner, Predictor};
use std::sync::Arc;

/// Rows that are read at once.
const BATCH: usize = 256;

/// Predicts the mean of the training rows of the same gene in other samples, and the
/// mean of all training rows for a gene that has none: the trivial model, which knows
/// much where rows of a gene straddle a division and nothing where they do not.
///
/// It tells a row's gene by the row's number in a [`Batch`].
#[derive(Clone, Debug)]
pub struct SameGene {
    gene_of_row: Arc<[usize]>,
    genes: usize,
}

struct Means {
    shape: InputShape,
    gene_of_row: Arc<[usize]>,
    of_gene: Vec<f32>,
}

impl SameGene {
    /// Takes whose rows these are.
    pub fn new(rows: &Rows) -> Self {
        Self { gene_of_row: rows.gene_of_row().into(), genes: rows.genes().len() }
    }
}

fn gene(gene_of_row: &[usize], row: usize) -> Result<usize, LearnError> {
    gene_of_row.get(row).copied().ok_or_else(|| LearnError::Unsuitable {
        learner: NAME.to_owned(),
        message: format!(
            "the gene of row {row} is not known; there are {} rows with one",
            gene_of_row.len()
        ),
    })
}

const NAME: &str = "same gene";

impl Learner for SameGene {
    fn name(&self) -> &str {
        NAME
    }

    fn fit(
        &self,
        train: &dyn Examples,
        _: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<Box<dyn Predictor>, LearnError> {
        let mut sums = vec![(0.0, 0.0); self.genes];
        let rows: Vec<usize> = (0..train.len()).collect();
        let mut batch = Batch::default();
        for some in rows.chunks(BATCH) {
            if context.cancel.is_cancelled() {
                return Err(LearnError::Cancelled);
            }
            train.fill(some, &mut batch)?;
            for (&row, &target) in batch.rows.iter().zip(&batch.target) {
                let (sum, count) = &mut sums[gene(&self.gene_of_row, row)?];
                *sum += f64::from(target);
                *count += 1.0;
            }
        }
        let (sum, count) = sums.iter().fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
        let mean = |&(s, n): &(f64, f64)| (if n > 0.0 { s / n } else { sum / count }) as f32;
        Ok(Box::new(Means {
            shape: train.shape().clone(),
            gene_of_row: self.gene_of_row.clone(),
            of_gene: sums.iter().map(mean).collect(),
        }))
    }
}

impl Predictor for Means {
    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn predict_into(&mut self, batch: &Batch, out: &mut [f32]) -> Result<(), LearnError> {
        for (out, &row) in out.iter_mut().zip(&batch.rows) {
            *out = self.of_gene[gene(&self.gene_of_row, row)?];
        }
        Ok(())
    }
}
