//! The network as a learner: the training loop.

mod run;
mod start;

use crate::checkpoint::Checkpoint;
use crate::config::NetworkConfig;
use crate::network::{Network, NetworkPredictor};
use crate::store::StoreError;
use crate::training::{Epoch, TrainConfig};
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
    /// The network with the weights of the best epoch.
    pub network: Network,
    /// Every epoch.
    pub history: Vec<Epoch>,
    /// The epoch whose weights were kept, from 1.
    pub best_epoch: usize,
}

impl NetworkLearner {
    /// Trains, resuming from the context's folder where a checkpoint lies in it.
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
        if let Some(problem) = self.training.problem() {
            return Err(unsuitable(problem));
        }
        let parts = Parts::new(self, train, validation, context.seed)?;
        let mut run = Run::new(self, &parts, context)?;
        while !run.state.standing.finished {
            run.epoch()?;
        }
        let Checkpoint { standing, best, .. } = run.state;
        let network = Network { weights: best, ..run.network };
        let history = standing.history;
        Ok(Trained { network, history, best_epoch: standing.best_epoch })
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
        let trained = self.train(train, validation, context)?;
        let predictor: NetworkPredictor = trained.network.into_predictor(self.training.engine)?;
        Ok(Box::new(predictor))
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
