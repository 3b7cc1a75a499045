use crate::{SelectError, Settings};
use isegnet_core::Learner;
use std::sync::Arc;

/// A learner that several threads may hold.
pub type SharedLearner<'a> = Arc<dyn Learner + Send + Sync + 'a>;

/// The threads that one fit makes use of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// One: as many are fitted at a time as there are cores.
    One,
    /// All there are: they are fitted one after the other.
    All,
}

/// What one fit will take, and how that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// Seconds.
    pub seconds: f64,
    /// Where the number comes from, such as `"32 steps of 0.06 s, 60 epochs at most"`.
    pub basis: String,
}

/// A learner with its settings.
#[derive(Clone)]
pub struct Candidate<'a> {
    name: String,
    settings: Settings,
    label: String,
    learner: SharedLearner<'a>,
    threads: Threads,
    cost: Option<Cost>,
}

impl<'a> Candidate<'a> {
    /// Takes a learner under a name.
    ///
    /// `settings` are everything that its numbers follow from beside examples and seed:
    /// what differs in them is another trial.
    pub fn new(
        name: impl Into<String>,
        settings: Settings,
        learner: impl Learner + Send + Sync + 'a,
    ) -> Self {
        Self::shared(name, settings, Arc::new(learner))
    }

    /// As [`new`](Self::new), of a learner whose type is not known.
    pub fn shared(name: impl Into<String>, settings: Settings, learner: SharedLearner<'a>) -> Self {
        let name = name.into();
        let label = if settings.is_empty() { name.clone() } else { format!("{name} {settings}") };
        Self { name, settings, label, learner, threads: Threads::One, cost: None }
    }

    /// Calls it otherwise in tables; its trials stay the same.
    pub fn labelled(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// Says how many threads a fit uses; one if not said.
    pub fn on(self, threads: Threads) -> Self {
        Self { threads, ..self }
    }

    /// Says what a fit will take, where that was timed or is known.
    pub fn costing(self, cost: Cost) -> Self {
        Self { cost: Some(cost), ..self }
    }

    /// Its name without settings.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What it is called in tables: name and settings, if not said otherwise.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The threads that one fit uses.
    pub fn threads(&self) -> Threads {
        self.threads
    }

    /// What a fit will take, where it was said.
    pub fn cost(&self) -> Option<&Cost> {
        self.cost.as_ref()
    }

    pub(crate) fn learner(&self) -> &(dyn Learner + Send + Sync + 'a) {
        &*self.learner
    }
}

type Make<'a> = dyn Fn(&Settings) -> Result<SharedLearner<'a>, SelectError> + Send + Sync + 'a;
type CostOf<'a> = dyn Fn(&Settings) -> Option<Cost> + Send + Sync + 'a;

/// Learners of one kind, made from settings: what a search looks through.
#[derive(Clone)]
pub struct Family<'a> {
    name: String,
    base: Settings,
    threads: Threads,
    make: Arc<Make<'a>>,
    cost: Arc<CostOf<'a>>,
}

impl<'a> Family<'a> {
    /// Takes what makes a learner from settings.
    pub fn new(
        name: impl Into<String>,
        make: impl Fn(&Settings) -> Result<SharedLearner<'a>, SelectError> + Send + Sync + 'a,
    ) -> Self {
        let cost = Arc::new(|_: &Settings| None);
        let (name, base) = (name.into(), Settings::new());
        Self { name, base, threads: Threads::One, make: Arc::new(make), cost }
    }

    /// Says what all members follow from beside the settings that are searched, such as
    /// the rest of a network's configuration: what differs in it is another trial.
    pub fn resting_on(self, base: Settings) -> Self {
        Self { base, ..self }
    }

    /// Says how many threads a fit uses; one if not said.
    pub fn on(self, threads: Threads) -> Self {
        Self { threads, ..self }
    }

    /// Says what a fit with some settings will take.
    pub fn costing(self, cost: impl Fn(&Settings) -> Option<Cost> + Send + Sync + 'a) -> Self {
        Self { cost: Arc::new(cost), ..self }
    }

    /// What its members are called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes the member with these settings.
    ///
    /// # Errors
    /// The settings have no meaning.
    pub fn member(&self, settings: &Settings) -> Result<Candidate<'a>, SelectError> {
        let learner = (self.make)(settings)?;
        let label = Candidate::shared(&self.name, settings.clone(), learner.clone()).label;
        let all = settings.iter().fold(self.base.clone(), |all, (name, v)| all.with(name, v));
        let made = Candidate::shared(&self.name, all, learner).labelled(label);
        Ok(Candidate { cost: (self.cost)(settings), ..made.on(self.threads) })
    }
}
