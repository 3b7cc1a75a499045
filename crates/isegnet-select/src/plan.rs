use crate::{Candidate, Division, InputSet, Trial};
use std::sync::Arc;

/// Trials, in the order in which they stand in tables.
#[derive(Clone, Default)]
pub struct Plan<'a> {
    trials: Vec<Trial<'a>>,
}

impl<'a> Plan<'a> {
    /// Takes some trials.
    pub fn new(trials: Vec<Trial<'a>>) -> Self {
        Self { trials }
    }

    /// Tries every candidate on every input set and division with every seed.
    pub fn every(
        candidates: &[Arc<Candidate<'a>>],
        inputs: &[InputSet<'a>],
        divisions: &[Arc<Division>],
        seeds: &[u64],
    ) -> Self {
        let mut trials = Vec::new();
        for candidate in candidates {
            for inputs in inputs {
                for division in divisions {
                    trials.extend(seeds.iter().map(|&seed| Trial {
                        candidate: candidate.clone(),
                        inputs: inputs.clone(),
                        division: division.clone(),
                        seed,
                    }));
                }
            }
        }
        Self { trials }
    }

    /// Puts another plan's trials behind this one's.
    pub fn and(mut self, other: Self) -> Self {
        self.trials.extend(other.trials);
        self
    }

    /// The trials.
    pub fn trials(&self) -> &[Trial<'a>] {
        &self.trials
    }
}
