//! What stands between examples and those who use them, so that targets of test rows are
//! given out in one place and at one time.

use crate::trial::Trial;
use crate::{Division, SelectError};
use isegnet_core::{Batch, Cancel, Examples, InputShape, LearnError, Move, Predictor, SourceError};
use sha2::{Digest, Sha256};

/// Rows that are read at once where a model predicts.
const BATCH: usize = 256;

/// The examples of a trial with its test targets under seal: learners see the
/// targets of training and validation rows, and test rows without theirs.
pub(crate) struct Sealed<'a> {
    examples: Box<dyn Examples + 'a>,
    division: &'a Division,
    targets: Vec<f32>,
}

impl<'a> Sealed<'a> {
    pub(crate) fn new(trial: &'a Trial<'_>) -> Result<Self, SelectError> {
        let division = &*trial.division;
        let examples = trial.inputs.examples(division)?;
        let targets = examples.targets()?;
        let expected = examples.len();
        if targets.len() != expected {
            return Err(SelectError::Count { what: "targets", got: targets.len(), expected });
        }
        let all = [division.train(), division.validation(), division.test()];
        if let Some(&row) = all.into_iter().flatten().find(|row| **row >= expected) {
            let division = division.name().to_owned();
            return Err(SelectError::NoSuchRow { division, row, rows: expected });
        }
        Ok(Self { examples, division, targets })
    }

    pub(crate) fn train(&self) -> PartOf<'_> {
        self.labelled(self.division.train())
    }

    pub(crate) fn validation(&self) -> PartOf<'_> {
        self.labelled(self.division.validation())
    }

    pub(crate) fn test(&self) -> PartOf<'_> {
        PartOf { examples: &*self.examples, rows: self.division.test(), targets: None }
    }

    fn labelled<'s>(&'s self, rows: &'s [usize]) -> PartOf<'s> {
        let targets = Some(rows.iter().map(|&row| self.targets[row]).collect());
        PartOf { examples: &*self.examples, rows, targets }
    }

    /// What was shown of the targets, as a hash.
    pub(crate) fn shown(&self) -> String {
        let mut hash = Sha256::new();
        for &row in self.division.train().iter().chain(self.division.validation()) {
            hash.update(self.targets[row].to_le_bytes());
        }
        crate::trial::hex(&hash.finalize())
    }

    /// Breaks the seal: the targets of the test rows. Only finished results do.
    pub(crate) fn open(self) -> Vec<f32> {
        self.division.test().iter().map(|&row| self.targets[row]).collect()
    }
}

/// The rows of one part; they keep their numbers among all rows in a [`Batch`].
pub(crate) struct PartOf<'a> {
    examples: &'a dyn Examples,
    rows: &'a [usize],
    /// One a row; none where they are under seal.
    targets: Option<Vec<f32>>,
}

impl PartOf<'_> {
    /// Predicts every row.
    pub(crate) fn predict(
        &self,
        predictor: &mut dyn Predictor,
        learner: &str,
        cancel: &Cancel,
    ) -> Result<Vec<f32>, SelectError> {
        let all: Vec<usize> = (0..self.len()).collect();
        let mut predicted = vec![0.0; self.len()];
        let mut batch = Batch::default();
        for (rows, out) in all.chunks(BATCH).zip(predicted.chunks_mut(BATCH)) {
            if cancel.is_cancelled() {
                return Err(LearnError::Cancelled.into());
            }
            self.fill(rows, &mut batch)?;
            predictor.predict_into(&batch, out)?;
        }
        match predicted.iter().position(|value| !value.is_finite()) {
            Some(at) => {
                let (learner, row, value) = (learner.to_owned(), self.rows[at], predicted[at]);
                Err(SelectError::NotFinite { learner, row, value })
            }
            None => Ok(predicted),
        }
    }

    fn among_all(&self, rows: &[usize]) -> Vec<usize> {
        rows.iter().map(|&row| self.rows[row]).collect()
    }

    fn seal(&self, batch: &mut Batch) {
        if self.targets.is_none() {
            batch.target.fill(f32::NAN);
        }
    }
}

impl Examples for PartOf<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn shape(&self) -> &InputShape {
        self.examples.shape()
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        self.examples.fill(&self.among_all(rows), batch)?;
        self.seal(batch);
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
        self.examples.fill_moved(&self.among_all(rows), moves, batch)?;
        self.seal(batch);
        Ok(())
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        let way = "test targets are under seal until all trials are finished";
        self.targets.clone().ok_or_else(|| SourceError::new("examples", "test rows", way))
    }
}
