//! Small models with a closed form, for what every method must do.
#![allow(dead_code, clippy::unwrap_used)]

use isegnet_core::{Differentiable, EvaluationError, InputShape, Inputs, Random};

/// Value and gradient of one row, given as all track values and then all of DNA.
pub type Function = Box<dyn Fn(&[f64]) -> (f64, Vec<f64>) + Send>;

/// A function of a row as a model; counts the rows it was asked for.
pub struct Model {
    pub shape: InputShape,
    pub function: Function,
    pub gradients: usize,
}

impl Model {
    pub fn new(
        shape: &InputShape,
        function: impl Fn(&[f64]) -> (f64, Vec<f64>) + Send + 'static,
    ) -> Self {
        Self { shape: shape.clone(), function: Box::new(function), gradients: 0 }
    }

    /// The sum of all numbers times their weight.
    pub fn linear(shape: &InputShape, weights: Vec<f64>) -> Self {
        Self::new(shape, move |x| {
            (x.iter().zip(&weights).map(|(x, w)| x * w).sum(), weights.clone())
        })
    }

    /// A smooth function of the weighted sum.
    pub fn sigmoid(shape: &InputShape, weights: Vec<f64>) -> Self {
        Self::new(shape, move |x| {
            let sum: f64 = x.iter().zip(&weights).map(|(x, w)| x * w).sum();
            let value = 1.0 / (1.0 + (-sum).exp());
            (value, weights.iter().map(|w| w * value * (1.0 - value)).collect())
        })
    }

    pub fn value(&self, inputs: &Inputs, row: usize) -> f64 {
        (self.function)(&flat(inputs, row)).0
    }
}

impl Differentiable for Model {
    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn rows_at_once(&self) -> usize {
        3
    }

    fn values_into(&mut self, inputs: &Inputs, values: &mut [f64]) -> Result<(), EvaluationError> {
        EvaluationError::check(inputs, values.len(), &self.shape)?;
        for (row, value) in values.iter_mut().enumerate() {
            *value = self.value(inputs, row);
        }
        Ok(())
    }

    fn gradient_into(
        &mut self,
        inputs: &Inputs,
        values: &mut [f64],
        gradient: &mut Inputs,
    ) -> Result<(), EvaluationError> {
        self.values_into(inputs, values)?;
        self.gradients += values.len();
        for row in 0..values.len() {
            let mut slopes = (self.function)(&flat(inputs, row)).1.into_iter();
            let tracks = gradient.tracks.index_axis_mut(ndarray::Axis(0), row);
            let dna = gradient.dna.index_axis_mut(ndarray::Axis(0), row);
            for to in tracks.into_iter().chain(dna) {
                *to = slopes.next().unwrap() as f32;
            }
        }
        Ok(())
    }
}

/// A row as one list: its tracks, then its DNA.
pub fn flat(inputs: &Inputs, row: usize) -> Vec<f64> {
    let tracks = inputs.tracks.index_axis(ndarray::Axis(0), row);
    let dna = inputs.dna.index_axis(ndarray::Axis(0), row);
    tracks.iter().chain(dna.iter()).map(|&value| f64::from(value)).collect()
}

pub fn shape(positions: usize, tracks: usize, dna: bool) -> InputShape {
    InputShape { positions, tracks: (0..tracks).map(|t| format!("track{t}")).collect(), dna }
}

/// How many numbers a row has.
pub fn width(shape: &InputShape) -> usize {
    shape.positions * (shape.tracks.len() + if shape.dna { 4 } else { 0 })
}

/// Numbers in [-1, 1) that are exact in f32.
pub fn numbers(count: usize, seed: u64, purpose: &str) -> Vec<f64> {
    let random = Random::new(seed, purpose);
    (0..count).map(|i| f64::from((2.0 * random.uniform(0, i as u64) - 1.0) as f32)).collect()
}

/// Rows with any track values, and DNA with some absent bases.
pub fn rows(count: usize, shape: &InputShape, seed: u64) -> Inputs {
    let mut inputs = Inputs::zeros(count, shape);
    let values = numbers(inputs.tracks.len(), seed, "rows/tracks");
    inputs.tracks.iter_mut().zip(values).for_each(|(to, value)| *to = value as f32);
    let random = Random::new(seed, "rows/dna");
    for (i, mut bases) in inputs.dna.lanes_mut(ndarray::Axis(2)).into_iter().enumerate() {
        if let base @ 0..4 = random.below(0, i as u64, 5) {
            bases[base as usize] = 1.0;
        }
    }
    inputs
}
