//! How a network is trained: the settings, and what is noted of every epoch.

use crate::optimiser::Penalty;
use serde::{Deserialize, Serialize};

/// How the learning rate changes from epoch to epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum Schedule {
    /// It stays.
    Constant,
    /// Half a cosine, from the learning rate down to 1% of it at the last epoch.
    Cosine,
    /// Multiplied by `factor` each time validation has not improved for `patience` epochs.
    Plateau {
        /// What the rate is multiplied by.
        factor: f64,
        /// Epochs without improvement.
        patience: usize,
    },
}

impl Schedule {
    /// Names the first field that is out of range, with what is allowed.
    fn problem(self) -> Option<String> {
        match self {
            Self::Plateau { factor, .. } if !(factor > 0.0 && factor <= 1.0) => {
                Some(format!("the schedule's factor = {factor}; it must be above 0 and at most 1"))
            }
            Self::Plateau { patience: 0, .. } => {
                Some("the schedule's patience = 0; it must be 1 or more".into())
            }
            _ => None,
        }
    }
}

/// What computes the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineKind {
    /// Our kernels on the CPU.
    #[default]
    Cpu,
    /// candle tensors on the CPU: the slow reference.
    Candle,
    /// candle tensors on the first CUDA device.
    Cuda,
    /// candle tensors on the first Metal device.
    Metal,
}

/// How a network is trained. `Default` is [`isegnet`](Self::isegnet).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// Most epochs.
    pub epochs: usize,
    /// Rows a step.
    pub batch: usize,
    /// Adam's learning rate.
    pub learning_rate: f64,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// Epochs without a better validation R2 after which training stops.
    pub patience: usize,
    /// What keeps kernels small.
    pub penalty: Penalty,
    /// Strength of the penalty.
    pub lambda: f64,
    /// Largest norm of a gradient, if it is to be clipped.
    pub clip_norm: Option<f64>,
    /// Whether the network predicts (target - mean) / deviation of the training rows.
    pub standardise_target: bool,
    /// Whether the output's bias starts at the mean of what it predicts.
    pub output_bias_at_mean: bool,
    /// Whether batch-norm statistics are computed anew over the training rows,
    /// without dropout, before each validation.
    pub recompute_statistics: bool,
    /// Bases by which the windows of a training row are moved at random, at most,
    /// up or down, anew each epoch; the data set's windows must reach that far.
    pub shift: usize,
    /// Whether the windows of a random half of the training rows are read from
    /// their other end, on the other strand, another half each epoch.
    pub reverse: bool,
    /// How many networks are trained, with seeds that follow each other, and
    /// predict together as their mean.
    pub seeds: usize,
    /// Negative control: expression is shuffled among the genes of each part.
    pub shuffle_labels: bool,
    /// What computes the network.
    pub engine: EngineKind,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self::isegnet()
    }
}

impl TrainConfig {
    /// The training of the authors' script, with the paper's 200 epochs.
    pub fn gao2022() -> Self {
        Self {
            epochs: 200,
            batch: 100,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            patience: 10,
            penalty: Penalty::Squares,
            lambda: 1e-4,
            clip_norm: None,
            standardise_target: false,
            output_bias_at_mean: false,
            recompute_statistics: false,
            shift: 0,
            reverse: false,
            seeds: 1,
            shuffle_labels: false,
            engine: EngineKind::Cpu,
        }
    }

    /// The training in the paper's words: the penalty on unsquared norms.
    pub fn gao2022_text() -> Self {
        Self { penalty: Penalty::Norms, ..Self::gao2022() }
    }

    /// The recommended training: a standardised target, batch-norm statistics
    /// that never lag behind the weights, and a stronger penalty.
    pub fn isegnet() -> Self {
        Self {
            epochs: 60,
            schedule: Schedule::Plateau { factor: 0.3, patience: 4 },
            lambda: 1e-3,
            clip_norm: Some(5.0),
            standardise_target: true,
            output_bias_at_mean: true,
            recompute_statistics: true,
            ..Self::gao2022()
        }
    }

    /// The training of DeepChrome's layers, without a penalty. Batches of 100, early
    /// stopping, Adam and, where it is to predict expression, a standardised target (without
    /// batch norm nothing else sets the scale) are ours: the original took stochastic gradient
    /// descent, and how a network is optimised is no part of its layers.
    pub fn deepchrome() -> Self {
        Self { lambda: 0.0, standardise_target: true, output_bias_at_mean: true, ..Self::gao2022() }
    }

    /// Gives the training that belongs to a preset of
    /// [`NetworkConfig::preset`](crate::NetworkConfig::preset).
    pub fn preset(name: &str) -> Option<Self> {
        match name {
            "gao2022" | "dense-merge" => Some(Self::gao2022()),
            "gao2022-text" => Some(Self::gao2022_text()),
            "deepchrome" => Some(Self::deepchrome()),
            "isegnet" => Some(Self::isegnet()),
            _ => None,
        }
    }

    /// Names the first field that is out of range, with what is allowed.
    pub(crate) fn problem(&self) -> Option<String> {
        let at_least_one = [("epochs", self.epochs), ("batch", self.batch), ("seeds", self.seeds)];
        for (field, value) in at_least_one {
            if value == 0 {
                return Some(format!("{field} = 0; it must be 1 or more"));
            }
        }
        if self.batch == 1 {
            return Some("batch = 1; batch norm needs at least 2 rows a batch".into());
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return Some(format!("learning_rate = {}; it must be above 0", self.learning_rate));
        }
        if !(self.lambda >= 0.0 && self.lambda.is_finite()) {
            return Some(format!("lambda = {}; it must be 0 or more", self.lambda));
        }
        if self.clip_norm.is_some_and(|limit| limit.is_nan() || limit <= 0.0) {
            return Some("clip_norm must be above 0; leave it out for no clipping".into());
        }
        if self.patience == 0 {
            return Some("patience = 0; it must be 1 or more".into());
        }
        self.schedule.problem()
    }
}

/// What one epoch came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Which one, from 1.
    pub epoch: usize,
    /// The learning rate it ran at.
    pub learning_rate: f64,
    /// Mean loss over the training rows as they were seen, no penalty.
    pub train_loss: f64,
    /// The penalty at the last step.
    pub penalty: f64,
    /// Mean squared error on the validation rows.
    pub validation_mse: f64,
    /// R2 on the validation rows; of the probabilities, for a classifier.
    pub validation_r2: f64,
    /// Pearson correlation on the validation rows; 0 where the predictions are constant.
    pub validation_pearson: f64,
}

impl Epoch {
    /// One line for the person watching.
    pub fn line(&self, best: bool) -> String {
        format!(
            "epoch {:>3}  train loss {:.4}  validation mse {:.4}  R2 {:+.4}  r {:+.4}{}",
            self.epoch,
            self.train_loss,
            self.validation_mse,
            self.validation_r2,
            self.validation_pearson,
            if best { "  *" } else { "" }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NetworkConfig;

    #[test]
    fn what_is_out_of_range_is_named() {
        let problem = |training: TrainConfig| training.problem().unwrap();
        let plateau = |factor, patience| TrainConfig {
            schedule: Schedule::Plateau { factor, patience },
            ..TrainConfig::isegnet()
        };
        for factor in [-0.3, 0.0, f64::NAN, 1.5] {
            let message = problem(plateau(factor, 4));
            assert!(message.contains(&format!("factor = {factor};")), "{message}");
        }
        assert!(problem(plateau(0.3, 0)).contains("schedule's patience = 0"));
        let patience = TrainConfig { patience: 0, ..TrainConfig::isegnet() };
        assert!(problem(patience).starts_with("patience = 0"));
        for name in NetworkConfig::PRESETS {
            assert_eq!(TrainConfig::preset(name).unwrap().problem(), None);
        }
        assert_eq!(plateau(1.0, 1).problem(), None);
    }
}
