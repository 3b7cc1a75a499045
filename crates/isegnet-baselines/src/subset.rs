use isegnet_core::{Batch, Examples, InputShape, SourceError};

/// Some rows of other examples, which keep their row ids in a [`Batch`].
///
/// So training, validation and test rows of one data set are numbered alike,
/// and what is known of a row beside its input (the gene's length) can be
/// looked up by it.
#[derive(Clone)]
pub struct Subset<'a> {
    examples: &'a dyn Examples,
    rows: Vec<usize>,
}

impl<'a> Subset<'a> {
    /// Takes the given rows, in that order.
    ///
    /// # Panics
    /// A row is not below the number of rows of `examples`.
    pub fn new(examples: &'a dyn Examples, rows: Vec<usize>) -> Self {
        assert!(rows.iter().all(|&r| r < examples.len()), "a row is not among the examples");
        Self { examples, rows }
    }
}

impl Examples for Subset<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn shape(&self) -> &InputShape {
        self.examples.shape()
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        let rows: Vec<usize> = rows.iter().map(|&r| self.rows[r]).collect();
        self.examples.fill(&rows, batch)
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        let all = self.examples.targets()?;
        Ok(self.rows.iter().map(|&r| all[r]).collect())
    }
}
