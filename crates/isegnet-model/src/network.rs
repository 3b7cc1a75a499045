//! A network with its weights: what training gives and prediction takes.

use crate::ahead::Ahead;
use crate::engine::candle::{CandleEngine, Device};
use crate::engine::cpu::CpuEngine;
use crate::engine::{Engine, EngineError, Input};
use crate::plan::Plan;
use crate::training::EngineKind;
use crate::weights::{Layout, Weights};
use isegnet_core::{Batch, Cancel, Examples, InputShape, LearnError, Predictor, Progress, Silent};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// From what the network predicts to the target: `offset + scale * value`.
///
/// (0, 1) unless the target was standardised; then the training rows' mean and
/// standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetScale {
    /// Added last.
    pub offset: f64,
    /// Multiplied with.
    pub scale: f64,
}

impl Default for TargetScale {
    fn default() -> Self {
        Self { offset: 0.0, scale: 1.0 }
    }
}

impl TargetScale {
    /// What the network has to give for this target.
    pub fn standardise(&self, target: f32) -> f32 {
        ((f64::from(target) - self.offset) / self.scale) as f32
    }

    /// The target for what the network gave.
    pub fn restore(&self, value: f64) -> f64 {
        self.offset + self.scale * value
    }
}

/// A network laid out for an input, with its weights.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its blocks.
    pub plan: Plan,
    /// Its numbers.
    pub weights: Weights,
    /// What its last number stands for.
    pub target: TargetScale,
}

impl Network {
    /// Makes the network a training starts from.
    pub fn initial(plan: Plan, seed: u64) -> Self {
        let layout = Arc::new(Layout::new(&plan));
        Self { weights: Weights::initial(&layout, seed), plan, target: TargetScale::default() }
    }

    /// Makes an engine that runs it.
    ///
    /// # Errors
    /// The device is not there, or its feature was not built in.
    pub fn engine(&self, kind: EngineKind) -> Result<Box<dyn Engine>, EngineError> {
        engine(&self.plan, kind)
    }

    /// Turns the network's last number into a prediction.
    pub fn prediction(&self, last: f32) -> f32 {
        self.plan.config.output.apply(self.target.restore(f64::from(last))) as f32
    }

    /// Makes it a predictor on an engine.
    ///
    /// # Errors
    /// The device is not there, or its feature was not built in.
    pub fn into_predictor(self, kind: EngineKind) -> Result<NetworkPredictor, EngineError> {
        let engine = self.engine(kind)?;
        Ok(NetworkPredictor { network: self, engine })
    }
}

pub(crate) fn engine(plan: &Plan, kind: EngineKind) -> Result<Box<dyn Engine>, EngineError> {
    let device = match kind {
        EngineKind::Cpu => return Ok(Box::new(CpuEngine::new(plan.clone()))),
        EngineKind::Candle => Device::Cpu,
        EngineKind::Cuda => Device::Cuda(0),
        EngineKind::Metal => Device::Metal(0),
    };
    Ok(Box::new(CandleEngine::new(plan.clone(), device)?))
}

/// A network on an engine.
pub struct NetworkPredictor {
    network: Network,
    engine: Box<dyn Engine>,
}

impl NetworkPredictor {
    /// The network it runs.
    pub fn network(&self) -> &Network {
        &self.network
    }
}

impl Predictor for NetworkPredictor {
    fn shape(&self) -> &InputShape {
        &self.network.plan.shape
    }

    fn predict_into(&mut self, batch: &Batch, out: &mut [f32]) -> Result<(), LearnError> {
        self.engine.infer(&self.network.weights, &Input::from(batch), out)?;
        out.iter_mut().for_each(|v| *v = self.network.prediction(*v));
        Ok(())
    }
}

impl From<EngineError> for LearnError {
    fn from(error: EngineError) -> Self {
        let learner = "the network".to_owned();
        match error {
            EngineError::Shape { .. } => Self::Unsuitable { learner, message: error.to_string() },
            other => Self::Failed { learner, message: other.to_string(), cause: None },
        }
    }
}

/// Predicts every row of `examples`, `batch` rows at a time.
///
/// # Errors
/// A row cannot be read, the shapes differ, or the work was cancelled.
pub fn predict_all(
    predictor: &mut dyn Predictor,
    examples: &dyn Examples,
    batch: usize,
    cancel: &Cancel,
) -> Result<Vec<f32>, LearnError> {
    predict_watched(predictor, examples, batch, &Silent, cancel)
}

/// As [`predict_all`], telling how many rows are done.
///
/// # Errors
/// A row cannot be read, the shapes differ, or the work was cancelled.
pub fn predict_watched(
    predictor: &mut dyn Predictor,
    examples: &dyn Examples,
    batch: usize,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Vec<f32>, LearnError> {
    let rows: Vec<usize> = (0..examples.len()).collect();
    let mut predictions = vec![0.0; rows.len()];
    let chunks: Vec<&[usize]> = rows.chunks(batch.max(1)).collect();
    let mut outs = predictions.chunks_mut(batch.max(1));
    progress.start("predicting", rows.len() as u64);
    Ahead::default().each(
        &chunks,
        |rows, batch| Ok(examples.fill(rows, batch)?),
        |read| {
            if cancel.is_cancelled() {
                return Err(LearnError::Cancelled);
            }
            let batch = read?;
            predictor.predict_into(batch, outs.next().unwrap_or_default())?;
            progress.advance(batch.len() as u64);
            Ok(())
        },
    )?;
    progress.finish();
    Ok(predictions)
}
