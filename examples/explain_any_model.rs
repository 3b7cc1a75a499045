//! Explaining models that are not ours: a linear one that knows its gradient,
//! and a closure that only gives numbers.
//!
//! ```text
//! cargo run --example explain_any_model
//! ```
#![allow(clippy::print_stdout)]

use isegnet::core::{Differentiable, EvaluationError, InputShape, Inputs};
use isegnet::explain::{
    DnaBaseline, ExplainError, IntegratedGradients, MixedBaseline, Rule, Steps,
};
use ndarray::{Array2, Axis, Zip};

/// Every position of every track counts by its weight, `(position, track)`.
struct Linear {
    shape: InputShape,
    weights: Array2<f32>,
}

impl Differentiable for Linear {
    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn values_into(&mut self, inputs: &Inputs, values: &mut [f64]) -> Result<(), EvaluationError> {
        EvaluationError::check(inputs, values.len(), &self.shape)?;
        for (value, row) in values.iter_mut().zip(inputs.tracks.outer_iter()) {
            *value = f64::from((&row * &self.weights).sum());
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
        gradient.tracks.outer_iter_mut().for_each(|mut slopes| slopes.assign(&self.weights));
        Ok(())
    }
}

/// A function of one row's tracks, whose slopes are found by going a little to both sides.
struct Closure<F> {
    shape: InputShape,
    function: F,
}

impl<F: Fn(&Array2<f64>) -> f64 + Send> Differentiable for Closure<F> {
    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn values_into(&mut self, inputs: &Inputs, values: &mut [f64]) -> Result<(), EvaluationError> {
        EvaluationError::check(inputs, values.len(), &self.shape)?;
        for (value, row) in values.iter_mut().zip(inputs.tracks.outer_iter()) {
            *value = (self.function)(&row.mapv(f64::from));
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
        let step = 1e-4;
        for (row, mut slopes) in inputs.tracks.outer_iter().zip(gradient.tracks.outer_iter_mut()) {
            let mut point = row.mapv(f64::from);
            for (at, slope) in slopes.indexed_iter_mut() {
                let here = point[at];
                let [above, below] = [step, -step].map(|step| {
                    point[at] = here + step;
                    (self.function)(&point)
                });
                point[at] = here;
                *slope = ((above - below) / (2.0 * step)) as f32;
            }
        }
        Ok(())
    }
}

/// Prints what each track contributes to each row, and whether it adds up.
fn explain(
    name: &str,
    model: &mut dyn Differentiable,
    inputs: &Inputs,
) -> Result<(), ExplainError> {
    let steps =
        Steps::Adaptive { rule: Rule::GaussLegendre, first: 8, tolerance: 0.001, limit: 512 };
    let method = IntegratedGradients { steps, spread: 1.0, ..Default::default() };
    let baseline = MixedBaseline::constant(&[0.0, 0.0], DnaBaseline::ZERO);
    let explained = method.attribute(model, inputs, &[0, 1], &baseline)?;

    println!("{name}");
    let tracks = explained.values.tracks.sum_axis(Axis(1));
    for (row, tracks) in explained.completeness.iter().zip(tracks.outer_iter()) {
        println!(
            "  value {:.3} = {:.3} of the baseline + DNase {:.3} + H3K27me3 {:.3}; \
             {} steps, difference {:.0e}",
            row.value,
            row.baseline_value,
            tracks[0],
            tracks[1],
            row.steps,
            row.relative(1.0),
        );
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tracks = vec!["DNase".into(), "H3K27me3".into()];
    let shape = InputShape { positions: 50, tracks, dna: false };
    // Open chromatin at the start of both genes, a repressive mark all over the second.
    let mut inputs = Inputs::zeros(2, &shape);
    Zip::indexed(&mut inputs.tracks).for_each(|(row, position, track), value| {
        *value = match (track, row) {
            (0, _) => (-((position as f32 - 25.0) / 5.0).powi(2)).exp(),
            (_, row) => 0.4 * row as f32,
        };
    });

    let weights = Array2::from_shape_fn((50, 2), |(_, track)| if track == 0 { 0.2 } else { -0.1 });
    explain("linear", &mut Linear { shape: shape.clone(), weights }, &inputs)?;

    // The repressive mark closes what is open: an interaction no linear model has.
    let function = |row: &Array2<f64>| {
        let [open, repressed] = [0, 1].map(|track| row.column(track).sum());
        open / (1.0 + (0.5 * (repressed - 8.0)).exp())
    };
    explain("closure", &mut Closure { shape, function }, &inputs)?;
    Ok(())
}
