use crate::sealed::Sealed;
use crate::{Candidate, Division, InputSet, SelectError, Settings};
use isegnet_core::Examples;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Raised when the same trial of this version would give other numbers, so that no old one
/// is taken for a new one.
const FORMAT: u32 = 2;

/// One fit: a learner with its settings, what it sees, a division of the rows, a seed.
#[derive(Clone)]
pub struct Trial<'a> {
    /// The learner.
    pub candidate: Arc<Candidate<'a>>,
    /// What it sees.
    pub inputs: InputSet<'a>,
    /// What it is fitted, judged and tested on.
    pub division: Arc<Division>,
    /// Everything random follows from it.
    pub seed: u64,
}

impl Trial<'_> {
    /// Learner, inputs, division and seed in words.
    pub fn name(&self) -> String {
        let Self { candidate, inputs, division, seed } = self;
        format!("{} / {} / {} / seed {seed}", candidate.label(), inputs.name(), division.name())
    }

    /// The trial's key: a hash of everything that its result follows from.
    ///
    /// # Errors
    /// Never in practice: what it follows from can always be written.
    pub fn key(&self) -> Result<String, SelectError> {
        Ok(self.identity()?.key)
    }

    /// Hands training and validation rows to something that times a few steps of a fit on
    /// them; test rows are not among them.
    ///
    /// # Errors
    /// The examples cannot be made, or do not have the rows.
    pub fn timed<T>(
        &self,
        time: impl FnOnce(&dyn Examples, &dyn Examples) -> T,
    ) -> Result<T, SelectError> {
        let sealed = Sealed::new(self)?;
        Ok(time(&sealed.train(), &sealed.validation()))
    }

    pub(crate) fn identity(&self) -> Result<Identity, SelectError> {
        let Self { candidate, inputs, division, seed } = self;
        let text = serde_json::to_string_pretty(&FollowsFrom {
            isegnet: env!("CARGO_PKG_VERSION"),
            format: FORMAT,
            learner: candidate.name(),
            settings: candidate.settings(),
            inputs: inputs.name(),
            inputs_from: inputs.from(),
            seed: *seed,
            train: RowsOf::new(division.train()),
            validation: RowsOf::new(division.validation()),
            test: RowsOf::new(division.test()),
        });
        let text = text.map_err(|error| SelectError::Broken {
            path: self.name().into(),
            message: error.to_string(),
        })?;
        let key = hex(&Sha256::digest(text.as_bytes()))[..16].to_owned();
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = candidate.name().chars().take(40).map(plain).collect();
        Ok(Identity { folder: format!("{name}-{key}"), key, text })
    }
}

/// What tells a trial from every other one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) key: String,
    /// The name of its folder.
    pub(crate) folder: String,
    /// Everything that it follows from, as JSON.
    pub(crate) text: String,
}

#[derive(Serialize)]
struct FollowsFrom<'t> {
    /// What another version's learners come to may be something else.
    isegnet: &'static str,
    format: u32,
    learner: &'t str,
    settings: &'t Settings,
    inputs: &'t str,
    inputs_from: &'t Settings,
    seed: u64,
    train: RowsOf,
    validation: RowsOf,
    test: RowsOf,
}

/// Rows in their order, told by their hash.
#[derive(Serialize)]
struct RowsOf {
    rows: usize,
    sha256: String,
}

impl RowsOf {
    fn new(rows: &[usize]) -> Self {
        let mut hash = Sha256::new();
        rows.iter().for_each(|&row| hash.update((row as u64).to_le_bytes()));
        Self { rows: rows.len(), sha256: hex(&hash.finalize()) }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
