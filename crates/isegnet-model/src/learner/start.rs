//! What a training starts from: its rows, its target's scale, its checkpoint.

use super::moves::{self, Moves};
use super::{NetworkLearner, unsuitable};
use crate::checkpoint::{Checkpoint, FILE, Standing};
use crate::config::{NetworkConfig, Output};
use crate::engine::Loss;
use crate::network::{Network, TargetScale};
use crate::optimiser::Adam;
use crate::training::TrainConfig;
use isegnet_core::{Batch, Examples, FitContext, LearnError, Random};
use sha2::{Digest, Sha256};

/// A part of the data: its examples, and the targets as the network is to give them.
pub(super) struct Part<'a> {
    pub examples: &'a dyn Examples,
    /// Targets in their own unit.
    pub targets: Vec<f32>,
    /// Targets as the network is to give them.
    pub scaled: Vec<f32>,
}

impl<'a> Part<'a> {
    pub fn new(examples: &'a dyn Examples, what: &str) -> Result<Self, LearnError> {
        let targets = examples.targets()?;
        if let Some(row) = targets.iter().position(|t| !t.is_finite()) {
            let value = targets[row];
            return Err(unsuitable(format!(
                "the target of {what} row {row} is {value}; give every gene a finite expression"
            )));
        }
        Ok(Self { examples, scaled: Vec::new(), targets })
    }

    pub fn fill(
        &self,
        rows: &[usize],
        moves: Option<&Moves>,
        batch: &mut Batch,
    ) -> Result<(), LearnError> {
        match moves {
            Some(moves) => {
                let moves: Vec<_> = rows.iter().map(|&row| moves.of(row)).collect();
                self.examples.fill_moved(rows, &moves, batch)?;
            }
            None => self.examples.fill(rows, batch)?,
        }
        for (target, &row) in batch.target.iter_mut().zip(rows) {
            *target = self.scaled[row];
        }
        Ok(())
    }
}

/// What a training reads: both parts, and the scale of their targets.
pub(super) struct Parts<'a> {
    pub train: Part<'a>,
    pub validation: Part<'a>,
    pub target: TargetScale,
}

impl<'a> Parts<'a> {
    pub fn new(
        learner: &NetworkLearner,
        train: &'a dyn Examples,
        validation: &'a dyn Examples,
        seed: u64,
    ) -> Result<Self, LearnError> {
        if train.len() < 2 || validation.len() < 2 {
            return Err(unsuitable(format!(
                "{} training and {} validation rows; each needs 2 at least, so change the split",
                train.len(),
                validation.len()
            )));
        }
        moves::check(&learner.training, train)?;
        let mut train = Part::new(train, "training")?;
        let mut validation = Part::new(validation, "validation")?;
        refuse_constant(&validation.targets)?;
        if learner.network.output == Output::Logit {
            refuse_amounts(&train.targets)?;
        }
        if learner.training.shuffle_labels {
            let random = Random::new(seed, "shuffle-labels");
            random.shuffle(0, &mut train.targets);
            random.shuffle(1, &mut validation.targets);
        }
        let target = target_scale(learner, &train.targets);
        for part in [&mut train, &mut validation] {
            part.scaled = part.targets.iter().map(|&t| target.standardise(t)).collect();
        }
        Ok(Self { train, validation, target })
    }
}

/// Refuses validation targets that are all the same: no epoch is better than another on them.
fn refuse_constant(targets: &[f32]) -> Result<(), LearnError> {
    match targets {
        [first, rest @ ..] if rest.iter().all(|t| t == first) => Err(unsuitable(format!(
            "the target of all {} validation rows is {first}, so that R2 is undefined and no \
             epoch can be told to be the best; change the split",
            targets.len()
        ))),
        _ => Ok(()),
    }
}

/// Refuses targets that are no chance of being high: cross-entropy has no least value on them.
fn refuse_amounts(targets: &[f32]) -> Result<(), LearnError> {
    match targets.iter().position(|target| !(0.0..=1.0).contains(target)) {
        None => Ok(()),
        Some(row) => Err(unsuitable(format!(
            "the target of training row {row} is {}, and output \"logit\" tells high (1) from low \
             (0); make classes of the targets, or set another output",
            targets[row]
        ))),
    }
}

/// The checkpoint of the folder, or the start.
pub(super) fn standing(
    learner: &NetworkLearner,
    context: &FitContext<'_>,
    network: &Network,
    parts: &Parts<'_>,
) -> Result<Checkpoint, LearnError> {
    let fingerprint =
        fingerprint(learner, context.seed, network, [&parts.train, &parts.validation]);
    let layout = network.weights.layout();
    let start = Checkpoint {
        standing: Standing {
            fingerprint: fingerprint.clone(),
            rate_factor: 1.0,
            ..Standing::default()
        },
        weights: network.weights.clone(),
        best: network.weights.clone(),
        adam: Adam::new(layout),
    };
    let Some(folder) = context.folder else { return Ok(start) };
    let Some(kept) = Checkpoint::load(folder, layout)? else { return Ok(start) };
    if kept.standing.fingerprint != fingerprint {
        return Err(unsuitable(format!(
            "{} belongs to a training with another configuration, seed or data \
             ({} against {}); remove it or choose another folder",
            folder.join(FILE).display(),
            &kept.standing.fingerprint[..12.min(kept.standing.fingerprint.len())],
            &fingerprint[..12],
        )));
    }
    if !kept.standing.finished {
        let at = (kept.standing.epochs + 1, kept.standing.batches);
        context.progress.line(&format!("resumes in epoch {} after {} batches", at.0, at.1));
    }
    Ok(kept)
}

pub(super) fn loss(learner: &NetworkLearner) -> Loss {
    match learner.network.output {
        // After standardising, 0 stands for the mean: the ReLU waits for the prediction.
        Output::Relu if learner.training.standardise_target => Loss::SquaredError,
        output => Loss::of(output),
    }
}

fn target_scale(learner: &NetworkLearner, targets: &[f32]) -> TargetScale {
    if !learner.training.standardise_target || learner.network.output == Output::Logit {
        return TargetScale::default();
    }
    let n = targets.len() as f64;
    let offset = targets.iter().map(|&t| f64::from(t)).sum::<f64>() / n;
    let variance = targets.iter().map(|&t| (f64::from(t) - offset).powi(2)).sum::<f64>() / n;
    let scale = if variance > 0.0 { variance.sqrt() } else { 1.0 };
    TargetScale { offset, scale }
}

pub(super) fn start_output_bias(learner: &NetworkLearner, scaled: &[f32], network: &mut Network) {
    if !learner.training.output_bias_at_mean {
        return;
    }
    let mean = scaled.iter().map(|&t| f64::from(t)).sum::<f64>() / scaled.len() as f64;
    let bias = match learner.network.output {
        Output::Logit => {
            let share = mean.clamp(0.01, 0.99);
            (share / (1.0 - share)).ln()
        }
        Output::Relu | Output::Linear => mean,
    };
    network.weights.get_mut("out.bias").fill(bias as f32);
}

/// A hash of everything a network's training depends on, the input values aside.
fn fingerprint(
    learner: &NetworkLearner,
    seed: u64,
    network: &Network,
    parts: [&Part<'_>; 2],
) -> String {
    let settings = TrainConfig { engine: Default::default(), seeds: 1, ..learner.training.clone() };
    let mut hash = Sha256::new();
    hash.update(format!("{}\n{settings:?}\n{seed}\n", spelled(&learner.network)));
    hash.update(format!("{:?}\n", network.plan.shape));
    for part in parts {
        hash.update((part.targets.len() as u64).to_le_bytes());
        part.targets.iter().for_each(|t| hash.update(t.to_le_bytes()));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A configuration as the first checkpoints spelled it: without the fields that came
/// later, where these say what always held before.
fn spelled(network: &NetworkConfig) -> String {
    let later = [", batch_norm: true", ", dropout_after: Relu"];
    later.iter().fold(format!("{network:?}"), |text, field| text.replace(field, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkpoints_from_before_some_fields_are_known_again() {
        let first = "NetworkConfig { k1: 64, k2: 128, kernel: 20, layers: 2, padding: Fixed, \
                     pooling: Average, pool_after: Last, pool: 5, merge: Script, \
                     dense: [256, 64, 16], dense_dropout: 2, dropout: 0.5, output: Relu }";
        assert_eq!(spelled(&NetworkConfig::gao2022()), first);
        let deepchrome = spelled(&NetworkConfig::deepchrome());
        assert!(deepchrome.contains("batch_norm: false"), "{deepchrome}");
        assert!(deepchrome.contains("dropout_after: Pool"), "{deepchrome}");
    }
}
