//! A training step, inference and integrated gradients of `gao2022`, and the same weights and batch for the peers.

use crate::Contestant;
use isegnet::core::{Batch, InputShape, Inputs, Random};
use isegnet::explain::IntegratedGradients;
use isegnet::model::{
    Adam, Dropout, Engine, EngineKind, Explained, Input, Layout, Loss, Network, NetworkConfig,
    NetworkFunction, Plan, Role, Step, TrainConfig, Weights, move_statistics,
};
use ndarray::{Array1, ArrayD, Axis, IxDyn};
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
        let mut engine = network.engine(EngineKind::Cpu)?;
        let batch = batch(&shape);
        unsettle(&mut network.weights);
        settle_statistics(&mut *engine, &mut network.weights, &Input::from(&batch))?;
        write(&folder.join(format!("network-{k1}-{kernel}.npz")), &network.weights, &batch)?;
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

/// Moves shifts and scales off their start, so that none can be mistaken for another.
fn unsettle(weights: &mut Weights) {
    let layout = weights.layout().clone();
    for p in layout.parameters() {
        let random = Random::new(1, &p.name);
        let (low, high) = match p.role {
            Role::Shift if p.name == "out.bias" => (3.0, 3.0),
            Role::Shift => (-0.2, 0.2),
            Role::Scale => (0.5, 1.5),
            Role::Kernel | Role::MovingMean | Role::MovingVariance => continue,
        };
        for (i, v) in weights.values_mut()[p.range.clone()].iter_mut().enumerate() {
            *v = (low + (high - low) * random.uniform(0, i as u64)) as f32;
        }
    }
}

/// Sets the moving statistics to those of the batch, as training would in the end.
fn settle_statistics(
    engine: &mut dyn Engine,
    weights: &mut Weights,
    input: &Input<'_>,
) -> Result<(), Box<dyn Error>> {
    let layout = weights.layout().clone();
    let mut measured = Weights::zeros(&layout);
    engine.measure(weights, input, &mut measured)?;
    for p in layout.parameters().iter().filter(|p| !p.role.is_trained()) {
        let statistics = &measured.values()[p.range.clone()];
        weights.values_mut()[p.range.clone()].copy_from_slice(statistics);
    }
    Ok(())
}

/// Rows that differ: each track has its height and the DNA its share of A and T in each.
fn batch(shape: &InputShape) -> Batch {
    let mut batch = Batch::default();
    batch.reshape(&Vec::from_iter(0..ROWS), shape);
    let uniform = |purpose: &str, i: [usize; 2]| {
        Random::new(1, purpose).uniform(i[0] as u64, i[1] as u64) as f32
    };
    for ((row, position, track), value) in batch.tracks.indexed_iter_mut() {
        let element = position * shape.tracks.len() + track;
        *value = uniform("height", [row, track]) * uniform("tracks", [row, element]);
    }
    for ((row, position), code) in batch.dna.indexed_iter_mut() {
        let (weak, base) = (uniform("weak", [row, 0]), uniform("dna", [row, position]));
        let [strong, second] = [base >= weak, uniform("pair", [row, position]) < 0.5];
        *code = match (strong, second) {
            (true, second) => 1 + u8::from(second),
            (false, second) => 3 * u8::from(second),
        };
    }
    batch.target = (0..ROWS).map(|row| 5.0 * uniform("target", [row, 0])).collect();
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

impl Train {
    /// One step; the outputs stay in the race.
    fn step(&mut self, dropout: Option<Dropout>) -> Result<(), Box<dyn Error>> {
        let Race { network, engine, batch, output } = &mut self.race;
        let loss = Loss::of(network.plan.config.output);
        let step = Step { target: &batch.target, loss, dropout };
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

impl Contestant for Train {
    /// Predictions, then the outputs of two steps without dropout: the first shows the
    /// network in training, the second what the first made of the weights.
    fn check(&mut self) -> Result<Vec<f64>, Box<dyn Error>> {
        let mut numbers = self.race.predictions()?;
        let weights = self.race.network.weights.clone();
        for _ in 0..2 {
            self.step(None)?;
            let network = &self.race.network;
            let outputs = self.race.output.iter().map(|&last| network.prediction(last));
            numbers.extend(outputs.map(f64::from));
        }
        self.adam = Adam::new(weights.layout());
        self.race.network.weights = weights;
        Ok(numbers)
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        self.step(Some(Dropout { seed: 1, step: self.adam.steps }))
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

/// Integrated gradients of the first rows from an input of zeros, 200 steps.
pub struct Explain {
    model: NetworkFunction,
    inputs: Inputs,
    baseline: Inputs,
    attributions: Inputs,
}

/// Rows that are explained in a run.
const EXPLAINED: usize = 2;

impl Explain {
    pub fn new(folder: &Path, k1: usize, kernel: usize) -> Result<Self, Box<dyn Error>> {
        let race = Race::new(folder, k1, kernel)?;
        let inputs = Inputs::from(&race.batch).select(&Vec::from_iter(0..EXPLAINED));
        let baseline = Inputs::zeros(1, &race.network.plan.shape);
        let model = race.network.into_function(EngineKind::Cpu, Explained::Linear)?;
        Ok(Self { model, attributions: inputs.clone(), inputs, baseline })
    }
}

impl Contestant for Explain {
    fn check(&mut self) -> Result<Vec<f64>, Box<dyn Error>> {
        self.run()?;
        let mut numbers = Vec::new();
        let Inputs { tracks, dna } = &self.attributions;
        for (tracks, dna) in tracks.outer_iter().zip(dna.outer_iter()) {
            let sum = |values: &mut dyn Iterator<Item = &f32>| values.map(|&v| f64::from(v)).sum();
            numbers.extend(tracks.axis_iter(Axis(1)).map(|track| sum(&mut track.iter())));
            numbers.push(sum(&mut dna.iter()));
        }
        Ok(numbers)
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        let ids: Vec<u64> = (0..EXPLAINED as u64).collect();
        let method = IntegratedGradients::default();
        let done = method.attribute(&mut self.model, &self.inputs, &ids, &self.baseline)?;
        self.attributions = done.values;
        Ok(())
    }
}
