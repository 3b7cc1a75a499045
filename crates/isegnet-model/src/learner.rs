//! The network as a learner: the training loop.

mod cost;
mod moves;
mod run;
mod start;

use crate::checkpoint::Checkpoint;
use crate::config::NetworkConfig;
use crate::ensemble::{Ensemble, member_folder};
use crate::network::Network;
use crate::store::StoreError;
use crate::training::{Epoch, TrainConfig};
pub use cost::Cost;
use isegnet_core::{Examples, FitContext, LearnError, Learner, Predictor};
use run::Run;
use start::Parts;

/// The network, to be trained.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkLearner {
    /// What it is made of.
    pub network: NetworkConfig,
    /// How it is trained.
    pub training: TrainConfig,
}

/// A trained network and how it got there.
pub struct Trained {
    /// What it was trained from.
    pub seed: u64,
    /// The network with the weights of the best epoch.
    pub network: Network,
    /// Every epoch.
    pub history: Vec<Epoch>,
    /// The epoch whose weights were kept, from 1.
    pub best_epoch: usize,
}

/// An epoch that has just ended.
#[derive(Clone, Copy, Debug)]
pub struct EpochEnd<'a> {
    /// The seed of the network that is trained.
    pub seed: u64,
    /// What the epoch came to.
    pub epoch: &'a Epoch,
    /// Whether validation was never better.
    pub best: bool,
}

/// Told of every epoch as it ends.
pub type EachEpoch<'a> = dyn Fn(EpochEnd<'_>) + Sync + 'a;

impl NetworkLearner {
    /// Trains one network, resuming from the context's folder where a checkpoint
    /// lies in it; each epoch is a line of the context's progress.
    ///
    /// The same seed gives the same bits at any number of threads, and after
    /// any number of interruptions.
    ///
    /// # Errors
    /// The examples cannot be read or do not suit the network, the loss is no
    /// longer a number, a checkpoint belongs to another training, or the work
    /// was cancelled (a checkpoint is then kept).
    pub fn train(
        &self,
        train: &dyn Examples,
        validation: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<Trained, LearnError> {
        let line = |end: EpochEnd<'_>| context.progress.line(&end.epoch.line(end.best));
        self.train_watched(train, validation, context, &line)
    }

    /// As [`train`](Self::train), with something else to be told of each epoch.
    ///
    /// # Errors
    /// As [`train`](Self::train).
    pub fn train_watched(
        &self,
        train: &dyn Examples,
        validation: &dyn Examples,
        context: &FitContext<'_>,
        each_epoch: &EachEpoch<'_>,
    ) -> Result<Trained, LearnError> {
        let parts = self.parts(train, validation, context)?;
        let mut run = Run::new(self, &parts, context)?;
        while !run.state.standing.finished {
            run.epoch(each_epoch)?;
        }
        let Checkpoint { standing, best, .. } = run.state;
        let network = Network { weights: best, ..run.network };
        let history = standing.history;
        Ok(Trained { seed: context.seed, network, history, best_epoch: standing.best_epoch })
    }

    /// Trains as many networks as [`TrainConfig::seeds`] says, from the context's
    /// seed on, each resuming from its [`member_folder`](crate::member_folder).
    ///
    /// # Errors
    /// As [`train`](Self::train).
    pub fn train_all(
        &self,
        train: &dyn Examples,
        validation: &dyn Examples,
        context: &FitContext<'_>,
        each_epoch: &EachEpoch<'_>,
    ) -> Result<Vec<Trained>, LearnError> {
        let networks = self.training.seeds.max(1);
        let one = |i: usize| {
            let seed = context.seed.wrapping_add(i as u64);
            let folder = context.folder.map(|folder| member_folder(folder, seed, networks));
            let context = FitContext { seed, folder: folder.as_deref(), ..*context };
            self.train_watched(train, validation, &context, each_epoch)
        };
        (0..networks).map(one).collect()
    }

    /// Tells what training costs here, from `timed` steps of it that leave no trace.
    ///
    /// # Errors
    /// The examples cannot be read or do not suit the network, or the work was cancelled.
    pub fn cost(
        &self,
        train: &dyn Examples,
        validation: &dyn Examples,
        context: &FitContext<'_>,
        timed: usize,
    ) -> Result<Cost, LearnError> {
        let parts = self.parts(train, validation, context)?;
        Run::new(self, &parts, &FitContext { folder: None, ..*context })?.cost(timed)
    }

    fn parts<'a>(
        &self,
        train: &'a dyn Examples,
        validation: &'a dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<Parts<'a>, LearnError> {
        match self.training.problem() {
            Some(problem) => Err(unsuitable(problem)),
            None => Parts::new(self, train, validation, context.seed),
        }
    }
}

impl Learner for NetworkLearner {
    fn name(&self) -> &str {
        "network"
    }

    fn fit(
        &self,
        train: &dyn Examples,
        validation: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<Box<dyn Predictor>, LearnError> {
        let line = |end: EpochEnd<'_>| context.progress.line(&end.epoch.line(end.best));
        let trained = self.train_all(train, validation, context, &line)?;
        let members = trained.into_iter().map(|t| (t.seed, t.network)).collect();
        let ensemble =
            Ensemble::new(members).ok_or_else(|| unsuitable("no network was trained"))?;
        Ok(Box::new(ensemble.into_predictor(self.training.engine)?))
    }
}

fn unsuitable(message: impl Into<String>) -> LearnError {
    LearnError::Unsuitable { learner: "the network".into(), message: message.into() }
}

impl From<StoreError> for LearnError {
    fn from(error: StoreError) -> Self {
        let (learner, message) = ("the network".to_owned(), error.to_string());
        Self::Failed { learner, message, cause: Some(Box::new(error)) }
    }
}
