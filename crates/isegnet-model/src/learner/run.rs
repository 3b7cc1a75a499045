//! A training under way: epochs, steps, validation, and what is kept.

use super::moves::Moves;
use super::start::{Part, Parts, loss, standing, start_output_bias};
use super::{EachEpoch, EpochEnd, NetworkLearner, unsuitable};
use crate::ahead::Ahead;
use crate::checkpoint::Checkpoint;
use crate::config::Output;
use crate::engine::{Dropout, Engine, Input, Loss, Step};
use crate::network::Network;
use crate::optimiser::{clip_norm, move_statistics};
use crate::plan::Plan;
use crate::training::{Epoch, Schedule};
use crate::weights::Weights;
use isegnet_core::{Batch, FitContext, LearnError, Random};

/// A training under way.
pub(super) struct Run<'a> {
    pub(super) learner: &'a NetworkLearner,
    pub(super) context: &'a FitContext<'a>,
    pub(super) parts: &'a Parts<'a>,
    pub network: Network,
    pub(super) engine: Box<dyn Engine>,
    loss: Loss,
    pub(super) gradient: Weights,
    ahead: Ahead,
    output: Vec<f32>,
    pub state: Checkpoint,
}

impl<'a> Run<'a> {
    pub fn new(
        learner: &'a NetworkLearner,
        parts: &'a Parts<'a>,
        context: &'a FitContext<'a>,
    ) -> Result<Self, LearnError> {
        let plan = Plan::new(&learner.network, parts.train.examples.shape())
            .map_err(|error| unsuitable(error.to_string()))?;
        let mut network = Network::initial(plan, context.seed);
        network.target = parts.target;
        start_output_bias(learner, &parts.train.scaled, &mut network);
        let engine = network.engine(learner.training.engine)?;
        let state = standing(learner, context, &network, parts)?;
        Ok(Self {
            learner,
            context,
            parts,
            gradient: Weights::zeros(network.weights.layout()),
            ahead: Ahead::default(),
            output: Vec::new(),
            loss: loss(learner),
            network,
            engine,
            state,
        })
    }

    /// Goes through one epoch, or what is left of it; keeps the state where the
    /// work was cancelled.
    pub fn epoch(&mut self, each_epoch: &EachEpoch<'_>) -> Result<(), LearnError> {
        let done = self.steps_and_validation(each_epoch);
        if let Err(LearnError::Cancelled) = done {
            self.keep()?;
        }
        done
    }

    fn steps_and_validation(&mut self, each_epoch: &EachEpoch<'_>) -> Result<(), LearnError> {
        let settings = &self.learner.training;
        let number = self.state.standing.epochs + 1;
        let order = self.order(number);
        let batches = batches(&order, settings.batch);
        let rate = self.learning_rate(number);
        self.context.progress.start(&format!("epoch {number}"), batches.len() as u64);
        self.context.progress.advance(self.state.standing.batches as u64);
        let left = &batches[self.state.standing.batches.min(batches.len())..];
        let moves = Moves::new(settings, self.context.seed, number);
        self.each((left, &self.parts.train, moves), |run, read| {
            run.step(read?, rate)?;
            run.context.progress.advance(1);
            Ok(())
        })?;
        let predictions = self.measure_and_validate(&batches)?;
        self.context.progress.finish();
        self.close_epoch((number, rate), &predictions, each_epoch)
    }

    /// Lets `take` work on the batches of a part in order, rows moved where moves
    /// are given; the next batch is read meanwhile. Before each
    /// it is looked whether the work was cancelled.
    pub(super) fn each(
        &mut self,
        (batches, part, moves): (&[&[usize]], &Part<'_>, Option<Moves>),
        mut take: impl FnMut(&mut Self, Result<&Batch, LearnError>) -> Result<(), LearnError> + Send,
    ) -> Result<(), LearnError> {
        let mut ahead = std::mem::take(&mut self.ahead);
        let done = ahead.each(
            batches,
            |rows, batch| part.fill(rows, moves.as_ref(), batch),
            |read| {
                if self.context.cancel.is_cancelled() {
                    return Err(LearnError::Cancelled);
                }
                take(self, read)
            },
        );
        self.ahead = ahead;
        done
    }

    /// The training rows in the order of an epoch.
    pub(super) fn order(&self, number: usize) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.parts.train.targets.len()).collect();
        Random::new(self.context.seed, "epoch-order").shuffle(number as u64, &mut rows);
        rows
    }

    pub(super) fn learning_rate(&self, number: usize) -> f64 {
        let settings = &self.learner.training;
        match settings.schedule {
            Schedule::Cosine => {
                let done = (number - 1) as f64 / settings.epochs as f64;
                let half = (1.0 + (std::f64::consts::PI * done).cos()) / 2.0;
                settings.learning_rate * (0.01 + 0.99 * half)
            }
            Schedule::Constant | Schedule::Plateau { .. } => {
                settings.learning_rate * self.state.standing.rate_factor
            }
        }
    }

    pub(super) fn step(&mut self, batch: &Batch, rate: f64) -> Result<(), LearnError> {
        let settings = &self.learner.training;
        self.output.resize(batch.len(), 0.0);
        let dropout = Dropout { seed: self.context.seed, step: self.state.adam.steps };
        let weights = &mut self.state.weights;
        let loss = self.engine.train_step(
            weights,
            &Input::from(batch),
            Step { target: &batch.target, loss: self.loss, dropout: Some(dropout) },
            &mut self.gradient,
            &mut self.output,
        )?;
        let penalty = settings.penalty.add_gradient(settings.lambda, weights, &mut self.gradient);
        if !(loss + penalty).is_finite() {
            let number = self.state.standing.batches + 1;
            return Err(self.not_a_number(&format!("batch {number}: the loss is {loss}"), batch));
        }
        if let Some(limit) = settings.clip_norm {
            clip_norm(&mut self.gradient, limit);
        }
        self.state.adam.step(weights, &self.gradient, rate);
        move_statistics(weights, &self.gradient);
        let standing = &mut self.state.standing;
        standing.batches += 1;
        standing.loss_sum += loss * batch.len() as f64;
        standing.penalty = penalty;
        standing.steps = self.state.adam.steps;
        Ok(())
    }

    /// Says where a number stopped being one, and the likely cause.
    fn not_a_number(&self, what: &str, batch: &Batch) -> LearnError {
        let bad = batch.tracks.indexed_iter().find(|(_, v)| !v.is_finite());
        let cause = match bad {
            Some(((row, position, track), value)) => format!(
                "row {} has the value {value} in track {} at position {position}; \
                 check that track's transform and scale",
                batch.rows[row], self.network.plan.shape.tracks[track]
            ),
            None => format!(
                "the inputs are finite, so the weights grew too large; lower learning_rate \
                 (now {}) or set clip_norm",
                self.learner.training.learning_rate
            ),
        };
        let message = format!("epoch {}, {what}: {cause}", self.state.standing.epochs + 1);
        LearnError::Failed { learner: "the network".into(), message, cause: None }
    }

    /// Predicts the validation rows, in the targets' unit, with statistics
    /// computed anew where that is asked for.
    ///
    /// Without success the weights are as the last step left them: what is
    /// measured depends on the moving statistics by its rounding.
    fn measure_and_validate(&mut self, batches: &[&[usize]]) -> Result<Vec<f32>, LearnError> {
        let stepped = self.state.weights.clone();
        let measured = match self.recomputes_statistics() {
            true => self.recompute_statistics(batches),
            false => Ok(()),
        };
        let predictions = measured.and_then(|()| self.validate());
        if predictions.is_err() {
            self.state.weights = stepped;
        }
        predictions
    }

    /// Tells whether there are statistics, and whether they are to be computed anew.
    pub(super) fn recomputes_statistics(&self) -> bool {
        let layout = self.network.weights.layout();
        self.learner.training.recompute_statistics && layout.has_statistics()
    }

    /// Sets the moving statistics to the mean of what the batches measure without dropout.
    fn recompute_statistics(&mut self, batches: &[&[usize]]) -> Result<(), LearnError> {
        let layout = self.state.weights.layout().clone();
        let mut sums = vec![0.0f64; layout.len()];
        self.each((batches, &self.parts.train, None), |run, read| {
            let batch = read?;
            run.engine.measure(&run.state.weights, &Input::from(batch), &mut run.gradient)?;
            for p in layout.parameters().iter().filter(|p| !p.role.is_trained()) {
                let range = p.range.clone();
                let measured = &run.gradient.values()[range.clone()];
                for (sum, &v) in sums[range].iter_mut().zip(measured) {
                    *sum += f64::from(v) * batch.len() as f64;
                }
            }
            Ok(())
        })?;
        let rows: usize = batches.iter().map(|b| b.len()).sum();
        for p in layout.parameters().iter().filter(|p| !p.role.is_trained()) {
            let range = p.range.clone();
            let values = &mut self.state.weights.values_mut()[range.clone()];
            for (value, sum) in values.iter_mut().zip(&sums[range]) {
                *value = (sum / rows as f64) as f32;
            }
        }
        Ok(())
    }

    /// Predicts the validation rows, in the targets' unit.
    fn validate(&mut self) -> Result<Vec<f32>, LearnError> {
        let rows: Vec<usize> = (0..self.parts.validation.targets.len()).collect();
        let mut predictions = vec![0.0; rows.len()];
        let size = self.learner.training.batch;
        let chunks: Vec<&[usize]> = rows.chunks(size).collect();
        let mut outs = predictions.chunks_mut(size);
        self.each((&chunks, &self.parts.validation, None), |run, read| {
            let (batch, out) = (read?, outs.next().unwrap_or_default());
            run.engine.infer(&run.state.weights, &Input::from(batch), out)?;
            out.iter_mut().for_each(|p| *p = run.network.prediction(*p));
            match out.iter().find(|p| !p.is_finite()) {
                Some(p) => {
                    Err(run.not_a_number(&format!("validation: a prediction is {p}"), batch))
                }
                None => Ok(()),
            }
        })?;
        Ok(predictions)
    }

    fn close_epoch(
        &mut self,
        (number, rate): (usize, f64),
        predictions: &[f32],
        each_epoch: &EachEpoch<'_>,
    ) -> Result<(), LearnError> {
        let targets = &self.parts.validation.targets;
        let epoch = Epoch {
            epoch: number,
            learning_rate: rate,
            train_loss: self.state.standing.loss_sum / self.parts.train.targets.len() as f64,
            penalty: self.state.standing.penalty,
            validation_mse: isegnet_stats::mse(targets, predictions).map_err(undefined)?,
            validation_r2: isegnet_stats::r2(targets, predictions).map_err(undefined)?,
            validation_pearson: isegnet_stats::pearson(targets, predictions).unwrap_or(0.0),
        };
        let best = self.note(epoch.clone());
        each_epoch(EpochEnd { seed: self.context.seed, epoch: &epoch, best });
        self.warn_if_constant(predictions);
        self.keep()
    }

    /// Takes an epoch into the standing; tells whether it is the best so far.
    fn note(&mut self, epoch: Epoch) -> bool {
        let settings = &self.learner.training;
        let standing = &mut self.state.standing;
        let so_far = standing.history.iter().map(|e| e.validation_r2).fold(f64::MIN, f64::max);
        let best = epoch.validation_r2 > so_far;
        if best {
            standing.best_epoch = epoch.epoch;
            standing.waited = 0;
            self.state.best.values_mut().copy_from_slice(self.state.weights.values());
        } else {
            standing.waited += 1;
        }
        if let Schedule::Plateau { factor, patience } = settings.schedule
            && standing.waited > 0
            && standing.waited.is_multiple_of(patience)
        {
            standing.rate_factor *= factor;
        }
        standing.epochs = epoch.epoch;
        standing.batches = 0;
        standing.loss_sum = 0.0;
        standing.finished = epoch.epoch >= settings.epochs
            || epoch.epoch - standing.best_epoch >= settings.patience;
        standing.history.push(epoch);
        best
    }

    fn warn_if_constant(&self, predictions: &[f32]) {
        let Some((first, rest)) = predictions.split_first() else { return };
        if rest.iter().all(|p| p == first) {
            let why = match self.learner.network.output {
                Output::Relu if *first == 0.0 => {
                    "the final ReLU is closed for every gene; if this lasts, set output_bias_at_mean"
                }
                _ => "no unit before the output is active; lower the learning rate or the penalty",
            };
            self.context.progress.line(&format!("  every prediction is {first}: {why}"));
        }
    }

    fn keep(&self) -> Result<(), LearnError> {
        match self.context.folder {
            Some(folder) => Ok(self.state.save(folder)?),
            None => Ok(()),
        }
    }
}

fn undefined(error: isegnet_stats::Undefined) -> LearnError {
    let message = format!("validation cannot be measured: {error}");
    LearnError::Failed { learner: "the network".into(), message, cause: Some(Box::new(error)) }
}

/// Cuts an epoch into batches; the last one is kept unless it has a single
/// row, which has no batch statistics and joins the one before.
pub(super) fn batches(order: &[usize], size: usize) -> Vec<&[usize]> {
    let whole = if order.len() > size && order.len() % size == 1 {
        order.len() - size - 1
    } else {
        order.len()
    };
    let (whole, rest) = order.split_at(whole);
    let mut batches: Vec<&[usize]> = whole.chunks(size).collect();
    if !rest.is_empty() {
        batches.push(rest);
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_batch_never_has_one_row() {
        let rows: Vec<usize> = (0..201).collect();
        let sizes: Vec<usize> = batches(&rows, 100).iter().map(|b| b.len()).collect();
        assert_eq!(sizes, [100, 101]);
        let sizes: Vec<usize> = batches(&rows[..199], 100).iter().map(|b| b.len()).collect();
        assert_eq!(sizes, [100, 99]);
        let sizes: Vec<usize> = batches(&rows[..1], 100).iter().map(|b| b.len()).collect();
        assert_eq!(sizes, [1]);
    }
}
