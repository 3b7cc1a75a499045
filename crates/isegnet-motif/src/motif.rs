use crate::text::quote;
use crate::{Counts, LogOdds, Probabilities};
use std::collections::HashMap;

/// A matrix and what it is called. What can be done with it depends on the matrix:
/// counts become probabilities, and only those can be scanned with.
#[derive(Clone, Debug, PartialEq)]
pub struct Motif<M = Probabilities> {
    /// The identifier, such as `MA0147.3`; distinct within a library.
    pub id: String,
    /// The name, such as `MYC`; often that of the factor.
    pub name: Option<String>,
    /// The numbers.
    pub matrix: M,
}

impl<M> Motif<M> {
    /// Keeps the names beside another matrix.
    pub fn map<N>(&self, matrix: impl FnOnce(&M) -> N) -> Motif<N> {
        Motif { id: self.id.clone(), name: self.name.clone(), matrix: matrix(&self.matrix) }
    }
}

impl Motif<Counts> {
    /// Gives the motif with the shares of its counts.
    pub fn probabilities(&self) -> Motif {
        self.map(Counts::probabilities)
    }
}

impl Motif {
    /// Gives the motif as the other strand has it.
    pub fn reverse_complement(&self) -> Self {
        self.map(Probabilities::reverse_complement)
    }
}

impl Motif<LogOdds> {
    /// Gives the motif as the other strand has it.
    pub fn reverse_complement(&self) -> Self {
        self.map(LogOdds::reverse_complement)
    }
}

/// Remembers where each identifier of a file stands, and refuses it a second time.
#[derive(Default)]
pub(crate) struct Identifiers(HashMap<String, u64>);

impl Identifiers {
    pub(crate) fn take(&mut self, id: &str, line: u64) -> Result<(), String> {
        match self.0.insert(id.to_owned(), line) {
            None => Ok(()),
            Some(first) => Err(format!(
                "motif {} stands on line {first} already; rename one or leave it out",
                quote(id)
            )),
        }
    }
}
