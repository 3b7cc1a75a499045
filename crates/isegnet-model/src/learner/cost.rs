//! What a training would cost, from a few steps of it.

use super::moves::Moves;
use super::run::{Run, batches};
use crate::engine::Input;
use isegnet_core::LearnError;
use serde::Serialize;
use std::time::Instant;

/// Steps that are not timed: the first ones lay out memory.
const WARM_UP: usize = 2;

/// What training one network costs on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Numbers that are trained.
    pub parameters: usize,
    /// Steps an epoch.
    pub steps: usize,
    /// Seconds a step, reading included.
    pub step_s: f64,
    /// Seconds an epoch, batch-norm statistics and validation included.
    pub epoch_s: f64,
    /// Most epochs.
    pub epochs: usize,
    /// Networks that are to be trained.
    pub networks: usize,
}

impl Cost {
    /// Seconds all networks take for this many epochs each.
    pub fn seconds(&self, epochs: usize) -> f64 {
        self.epoch_s * (epochs * self.networks) as f64
    }
}

impl Run<'_> {
    /// Takes a few steps and times them.
    pub fn cost(&mut self, timed: usize) -> Result<Cost, LearnError> {
        let (settings, parts) = (&self.learner.training, self.parts);
        let order = self.order(1);
        let batches = batches(&order, settings.batch);
        let few: Vec<&[usize]> =
            batches.iter().copied().cycle().take(WARM_UP + timed.max(1)).collect();
        let rate = self.learning_rate(1);
        let mut ends = Vec::new();
        let moves = Moves::new(settings, self.context.seed, 1);
        self.each((&few, &parts.train, moves), |run, read| {
            run.step(read?, rate)?;
            ends.push(Instant::now());
            Ok(())
        })?;
        let mut steps: Vec<f64> =
            ends[WARM_UP - 1..].windows(2).map(|e| (e[1] - e[0]).as_secs_f64()).collect();
        steps.sort_by(f64::total_cmp);
        let step_s = steps[steps.len() / 2];

        let rows = batches[0].len();
        let measured = match self.recomputes_statistics() {
            true => self.second_of_two(batches[0], |run, input| {
                Ok(run.engine.measure(&run.state.weights, input, &mut run.gradient)?)
            })?,
            false => 0.0,
        };
        let mut out = vec![0.0; rows];
        let inferred = self.second_of_two(batches[0], |run, input| {
            Ok(run.engine.infer(&run.state.weights, input, &mut out)?)
        })?;
        let validation = parts.validation.targets.len() as f64 / rows as f64;
        Ok(Cost {
            parameters: self.network.weights.layout().trained(),
            steps: batches.len(),
            step_s,
            epoch_s: batches.len() as f64 * (step_s + measured) + validation * inferred,
            epochs: settings.epochs,
            networks: settings.seeds,
        })
    }

    /// Seconds that some work on a batch takes when it is done again.
    fn second_of_two(
        &mut self,
        rows: &[usize],
        mut work: impl FnMut(&mut Self, &Input<'_>) -> Result<(), LearnError> + Send,
    ) -> Result<f64, LearnError> {
        let mut seconds = 0.0;
        let parts = self.parts;
        self.each((&[rows, rows], &parts.train, None), |run, read| {
            let (batch, start) = (read?, Instant::now());
            work(run, &Input::from(batch))?;
            seconds = start.elapsed().as_secs_f64();
            Ok(())
        })?;
        Ok(seconds)
    }
}
