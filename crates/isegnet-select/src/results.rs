use crate::score::{MEASURES, shown};
use crate::sealed::Sealed;
use crate::store::Outcome;
use crate::table::{Cell, Table};
use crate::{Comparison, Division, Entry, InputSet, Line, Rows, Score, SelectError, Trial};
use std::sync::Arc;

/// What the trials of a plan came to, all of them finished, with the test targets still
/// under seal.
///
/// Whatever is to be chosen is chosen from here; [`open`](Self::open) is the end.
pub struct Results<'a> {
    finished: Vec<Finished<'a>>,
}

/// A finished trial.
pub struct Finished<'a> {
    trial: Trial<'a>,
    outcome: Outcome,
}

impl<'a> Finished<'a> {
    /// The trial.
    pub fn trial(&self) -> &Trial<'a> {
        &self.trial
    }

    /// How well the validation rows are predicted, where there are any.
    pub fn validation(&self) -> Option<Score> {
        self.outcome.validation
    }

    /// One prediction a validation row.
    pub fn validation_predictions(&self) -> &[f32] {
        &self.outcome.validation_predicted
    }

    /// One prediction a test row.
    pub fn test_predictions(&self) -> &[f32] {
        &self.outcome.test_predicted
    }

    /// How long it took.
    pub fn seconds(&self) -> f64 {
        self.outcome.seconds
    }
}

impl<'a> Results<'a> {
    pub(crate) fn new(finished: Vec<(Trial<'a>, Outcome)>) -> Self {
        let finished = finished.into_iter();
        Self { finished: finished.map(|(trial, outcome)| Finished { trial, outcome }).collect() }
    }

    /// The finished trials, in the order of the plan.
    pub fn finished(&self) -> &[Finished<'a>] {
        &self.finished
    }

    /// How well each trial predicts its validation rows: what choices are made by.
    pub fn validation_table(&self) -> Table {
        let scored: Vec<(&Trial<'a>, Score)> =
            self.finished.iter().filter_map(|f| Some((&f.trial, f.outcome.validation?))).collect();
        let shown = shown(scored.iter().map(|(_, score)| score));
        let columns = ["model", "inputs", "division", "seed", "rows"];
        let mut table = Table::new(columns.into_iter().chain(MEASURES[..shown].iter().copied()));
        for (trial, score) in scored {
            let names = [trial.candidate.label(), trial.inputs.name(), trial.division.name()];
            let names = names.map(Cell::text).into_iter();
            let counts = [Cell::Count(trial.seed), Cell::from(score.rows)];
            table.line(names.chain(counts).chain(score.measures()[..shown].iter().map(Cell::of)));
        }
        table
    }

    /// Breaks the seal: compares the predictions with the targets of the test rows,
    /// which are read here and nowhere else.
    ///
    /// `rows` says whose rows these are. Trials without test rows are left out.
    ///
    /// # Errors
    /// The targets cannot be read, or those of training and validation rows are not
    /// those that a trial was fitted on.
    pub fn open(self, rows: &Rows) -> Result<Comparison, SelectError> {
        let mut opened: Vec<Opened<'a>> = Vec::new();
        let mut entries = Vec::new();
        for Finished { trial, outcome } in &self.finished {
            if trial.division.test().is_empty() {
                continue;
            }
            let at = match opened.iter().position(|known| known.serves(trial)) {
                Some(at) => at,
                None => {
                    opened.push(Opened::new(trial, rows)?);
                    opened.len() - 1
                }
            };
            let known = &opened[at];
            if known.shown != outcome.shown {
                let way = "say all that they follow from in the input set's settings";
                return Err(SelectError::OtherTargets { trial: trial.name(), way });
            }
            entries.push(Entry {
                line: Line {
                    model: trial.candidate.label().to_owned(),
                    inputs: trial.inputs.name().to_owned(),
                    seeds: vec![trial.seed],
                },
                division: trial.division.name().to_owned(),
                straddling_genes: trial.division.straddling_genes(),
                rows: trial.division.test().to_vec(),
                measured: known.measured.clone(),
                predicted: outcome.test_predicted.clone(),
            });
        }
        Ok(Comparison::new(rows.clone(), entries))
    }
}

/// The test targets of an input set and a division, out of the seal.
struct Opened<'a> {
    inputs: InputSet<'a>,
    division: Arc<Division>,
    shown: String,
    measured: Vec<f32>,
}

impl<'a> Opened<'a> {
    fn new(trial: &Trial<'a>, rows: &Rows) -> Result<Self, SelectError> {
        let (inputs, division) = (trial.inputs.clone(), trial.division.clone());
        if let Some(&row) = division.test().iter().find(|row| **row >= rows.len()) {
            let (division, rows) = (division.name().to_owned(), rows.len());
            return Err(SelectError::NoSuchRow { division, row, rows });
        }
        let sealed = Sealed::new(trial)?;
        let shown = sealed.shown();
        Ok(Self { inputs, division, shown, measured: sealed.open() })
    }

    fn serves(&self, trial: &Trial<'_>) -> bool {
        self.inputs.name() == trial.inputs.name()
            && self.inputs.from() == trial.inputs.from()
            && *self.division == *trial.division
    }
}
