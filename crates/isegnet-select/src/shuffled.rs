use crate::Division;
use isegnet_core::{Batch, Examples, InputShape, Move, Random, SourceError};

/// Examples whose targets were dealt out anew among the rows of each part of a
/// division: the control in which nothing can be learnt.
///
/// No target crosses from one part to another, so test targets stay where they are.
/// Rows outside the division keep theirs.
pub struct Shuffled<'a> {
    examples: Box<dyn Examples + 'a>,
    targets: Vec<f32>,
}

impl<'a> Shuffled<'a> {
    /// Deals the targets out.
    ///
    /// # Errors
    /// The targets cannot be read, or a row of the division has none.
    pub fn new(
        examples: Box<dyn Examples + 'a>,
        division: &Division,
        seed: u64,
    ) -> Result<Self, SourceError> {
        let random = Random::new(seed, "shuffled labels");
        let mut targets = examples.targets()?;
        for (part, rows) in
            [division.train(), division.validation(), division.test()].into_iter().enumerate()
        {
            let dealt: Result<Vec<f32>, SourceError> = rows
                .iter()
                .map(|&row| targets.get(row).copied().ok_or_else(|| none(row)))
                .collect();
            let mut dealt = dealt?;
            random.part(part as u64).shuffle(0, &mut dealt);
            rows.iter().zip(dealt).for_each(|(&row, target)| targets[row] = target);
        }
        Ok(Self { examples, targets })
    }

    fn relabel(&self, rows: &[usize], batch: &mut Batch) {
        batch.target.clear();
        batch.target.extend(rows.iter().map(|&row| self.targets[row]));
    }
}

fn none(row: usize) -> SourceError {
    let way = "has no target; divide the rows that these examples have";
    SourceError::new("examples", format!("row {row}"), way)
}

impl Examples for Shuffled<'_> {
    fn len(&self) -> usize {
        self.examples.len()
    }

    fn shape(&self) -> &InputShape {
        self.examples.shape()
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        self.examples.fill(rows, batch)?;
        self.relabel(rows, batch);
        Ok(())
    }

    fn margin(&self) -> Option<usize> {
        self.examples.margin()
    }

    fn fill_moved(
        &self,
        rows: &[usize],
        moves: &[Move],
        batch: &mut Batch,
    ) -> Result<(), SourceError> {
        self.examples.fill_moved(rows, moves, batch)?;
        self.relabel(rows, batch);
        Ok(())
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        Ok(self.targets.clone())
    }
}
