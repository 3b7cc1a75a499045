use crate::shuffled::Shuffled;
use crate::{Division, SelectError, Settings};
use isegnet_core::{Batch, Examples, InputShape, Move, SourceError};
use std::sync::Arc;

type Make<'a> = dyn Fn(&Division) -> Result<Box<dyn Examples + 'a>, SelectError> + Send + Sync + 'a;

/// What a model sees of the rows: all tracks, DNA alone, other windows.
///
/// Its examples are made anew for each division, so that scales can be fitted on the
/// training rows of that division and no others. All input sets of a study have the same
/// rows.
#[derive(Clone)]
pub struct InputSet<'a> {
    name: String,
    from: Settings,
    make: Arc<Make<'a>>,
}

impl<'a> InputSet<'a> {
    /// Takes what makes the examples of all rows for a division.
    ///
    /// `from` is everything that they follow from beside the division: the data set's
    /// fingerprint, windows, tracks, scales. What differs in it is another trial.
    pub fn new(
        name: impl Into<String>,
        from: Settings,
        make: impl Fn(&Division) -> Result<Box<dyn Examples + 'a>, SelectError> + Send + Sync + 'a,
    ) -> Self {
        Self { name: name.into(), from, make: Arc::new(make) }
    }

    /// Takes examples that are the same for every division.
    pub fn whole(name: impl Into<String>, from: Settings, examples: &'a dyn Examples) -> Self {
        Self::new(name, from, move |_| Ok(Box::new(Borrowed(examples))))
    }

    /// Makes an input set of each combination of settings, such as the windows of a
    /// region sweep; each is called by its settings.
    pub fn swept(
        from: &Settings,
        combinations: &[Settings],
        make: impl Fn(&Settings, &Division) -> Result<Box<dyn Examples + 'a>, SelectError>
        + Send
        + Sync
        + 'a,
    ) -> Vec<Self> {
        let make = Arc::new(make);
        let one = |combination: &Settings| {
            let (make, settings) = (make.clone(), combination.clone());
            let all = combination.iter().fold(from.clone(), |all, (n, v)| all.with(n, v));
            Self::new(combination.to_string(), all, move |division| make(&settings, division))
        };
        combinations.iter().map(one).collect()
    }

    /// The control in which nothing can be learnt: targets are dealt out anew among the
    /// rows of each part of the division.
    pub fn shuffled(&self, seed: u64) -> Self {
        let make = self.make.clone();
        Self::new(
            format!("{}, labels shuffled", self.name),
            self.from.clone().with("labels shuffled with seed", seed),
            move |division| Ok(Box::new(Shuffled::new(make(division)?, division, seed)?)),
        )
    }

    /// What it is called in tables.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it follows from.
    pub fn from(&self) -> &Settings {
        &self.from
    }

    pub(crate) fn examples(
        &self,
        division: &Division,
    ) -> Result<Box<dyn Examples + 'a>, SelectError> {
        (self.make)(division)
    }
}

struct Borrowed<'a>(&'a dyn Examples);

impl Examples for Borrowed<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn shape(&self) -> &InputShape {
        self.0.shape()
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        self.0.fill(rows, batch)
    }

    fn margin(&self) -> Option<usize> {
        self.0.margin()
    }

    fn fill_moved(
        &self,
        rows: &[usize],
        moves: &[Move],
        batch: &mut Batch,
    ) -> Result<(), SourceError> {
        self.0.fill_moved(rows, moves, batch)
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        self.0.targets()
    }
}
