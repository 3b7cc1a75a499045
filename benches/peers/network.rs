//! A training step and inference of `gao2022`, and the same weights and batch for the peers.

use crate::Contestant;
use isegnet::core::{Batch, InputShape, Random};
use isegnet::model::{
    Adam, Dropout, Engine, EngineKind, Input, Layout, Loss, Network, NetworkConfig, Plan, Role,
    Step, TrainConfig, Weights, move_statistics,
};
use ndarray::{Array1, ArrayD, IxDyn};
use ndarray_npy::NpzWriter;
use std::error::Error;
use std::fs::File;
use std::path::Path;

/// Rows of the batch.
const ROWS: usize = 100;

/// A network whose every parameter matters, its engine, and a batch.
struct Race {
    network: Network,
    engine: Box<dyn Engine>,
    batch: Batch,
    output: Vec<f32>,
}

impl Race {
    /// Makes the same race each time, and writes it into `folder` for the peers.
    fn new(folder: &Path, k1: usize, kernel: usize) -> Result<Self, Box<dyn Error>> {
        let tracks = (1..=7).map(|i| format!("track{i}")).collect();
        let shape = InputShape { positions: 2500, tracks, dna: true };
        let config = NetworkConfig { k1, k2: 2 * k1, kernel, ..NetworkConfig::gao2022() };
        let mut network = Network::initial(Plan::new(&config, &shape)?, 1);
        unsettle(&mut network.weights);
        let batch = batch(&shape);
        write(&folder.join(format!("network-{k1}-{kernel}.npz")), &network.weights, &batch)?;
        let engine = network.engine(EngineKind::Cpu)?;
        Ok(Self { network, engine, batch, output: vec![0.0; ROWS] })
    }

    fn infer(&mut self) -> Result<(), Box<dyn Error>> {
        let input = Input::from(&self.batch);
        self.engine.infer(&self.network.weights, &input, &mut self.output)?;
        Ok(())
    }

    /// Predictions, after the last ReLU.
    fn predictions(&mut self) -> Result<Vec<f64>, Box<dyn Error>> {
        self.infer()?;
        Ok(self.output.iter().map(|&last| f64::from(self.network.prediction(last))).collect())
    }
}

/// Moves shifts, scales and statistics off their start, so that none can be mistaken for another.
fn unsettle(weights: &mut Weights) {
    let layout = weights.layout().clone();
    for p in layout.parameters() {
        let random = Random::new(1, &p.name);
        let (low, high) = match p.role {
            Role::Kernel => continue,
            Role::Shift if p.name == "out.bias" => (3.0, 3.0),
            Role::Shift | Role::MovingMean => (-0.2, 0.2),
            Role::Scale | Role::MovingVariance => (0.5, 1.5),
        };
        for (i, v) in weights.values_mut()[p.range.clone()].iter_mut().enumerate() {
            *v = (low + (high - low) * random.uniform(0, i as u64)) as f32;
        }
    }
}

/// Tracks in [0, 1), one of four bases everywhere, and targets between 0 and 5.
fn batch(shape: &InputShape) -> Batch {
    let mut batch = Batch::default();
    batch.reshape(&Vec::from_iter(0..ROWS), shape);
    let random = Random::new(1, "batch");
    let uniform = |part: u64, i: usize| random.uniform(part, i as u64);
    batch.tracks.iter_mut().enumerate().for_each(|(i, v)| *v = uniform(0, i) as f32);
    batch.dna.iter_mut().enumerate().for_each(|(i, code)| *code = (4.0 * uniform(1, i)) as u8);
    batch.target = (0..ROWS).map(|i| 5.0 * uniform(2, i) as f32).collect();
    batch
}

/// Writes weights by name, each in the Keras layout, and the batch.
fn write(path: &Path, weights: &Weights, batch: &Batch) -> Result<(), Box<dyn Error>> {
    let mut file = NpzWriter::new(File::create(path)?);
    for p in weights.layout().parameters() {
        let values = weights.get(&p.name).to_vec();
        file.add_array(&*p.name, &ArrayD::from_shape_vec(IxDyn(&p.shape), values)?)?;
    }
    file.add_array("tracks", &batch.tracks)?;
    file.add_array("dna", &batch.dna)?;
    file.add_array("target", &Array1::from_vec(batch.target.clone()))?;
    file.finish()?;
    Ok(())
}

/// Training steps as the trainer takes them: gradient, penalty, Adam, moving statistics.
pub struct Train {
    race: Race,
    settings: TrainConfig,
    gradient: Weights,
    adam: Adam,
}

impl Train {
    pub fn new(folder: &Path, k1: usize, kernel: usize) -> Result<Self, Box<dyn Error>> {
        let race = Race::new(folder, k1, kernel)?;
        let layout: &std::sync::Arc<Layout> = race.network.weights.layout();
        let (gradient, adam) = (Weights::zeros(layout), Adam::new(layout));
        Ok(Self { gradient, adam, settings: TrainConfig::gao2022(), race })
    }
}

impl Contestant for Train {
    fn check(&mut self) -> Result<Vec<f64>, Box<dyn Error>> {
        self.race.predictions()
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        let Race { network, engine, batch, output } = &mut self.race;
        let dropout = Dropout { seed: 1, step: self.adam.steps };
        let step = Step {
            target: &batch.target,
            loss: Loss::of(network.plan.config.output),
            dropout: Some(dropout),
        };
        let (weights, gradient) = (&mut network.weights, &mut self.gradient);
        let loss = engine.train_step(weights, &Input::from(&*batch), step, gradient, output)?;
        let penalty = self.settings.penalty.add_gradient(self.settings.lambda, weights, gradient);
        if !(loss + penalty).is_finite() {
            return Err(format!("the loss is {loss} and the penalty {penalty}").into());
        }
        self.adam.step(weights, gradient, self.settings.learning_rate);
        move_statistics(weights, gradient);
        Ok(())
    }
}

/// Inference of a batch.
pub struct Infer(Race);

impl Infer {
    pub fn new(folder: &Path, k1: usize, kernel: usize) -> Result<Self, Box<dyn Error>> {
        Ok(Self(Race::new(folder, k1, kernel)?))
    }
}

impl Contestant for Infer {
    fn check(&mut self) -> Result<Vec<f64>, Box<dyn Error>> {
        self.0.predictions()
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        self.0.infer()
    }
}
