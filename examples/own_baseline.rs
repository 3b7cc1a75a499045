//! A baseline of one's own: each row is compared with its own background, so
//! that what is as high everywhere explains nothing.
//!
//! ```text
//! cargo run --example own_baseline
//! ```
#![allow(clippy::print_stdout)]

use isegnet::core::{Differentiable, EvaluationError, InputShape, Inputs};
use isegnet::explain::{Baseline, ExplainError, IntegratedGradients};
use ndarray::Axis;

/// Each track of each row at the level that half of its positions reach.
struct OwnMedian;

impl Baseline for OwnMedian {
    fn reference_into(
        &self,
        _which: usize,
        inputs: &Inputs,
        _ids: &[u64],
        out: &mut Inputs,
    ) -> Result<(), ExplainError> {
        let rows = inputs.tracks.lanes(Axis(1)).into_iter();
        for (track, mut out) in rows.zip(out.tracks.lanes_mut(Axis(1))) {
            let mut sorted = track.to_vec();
            sorted.sort_by(f32::total_cmp);
            out.fill(sorted[sorted.len() / 2]);
        }
        // DNA is left as it comes, without bases.
        Ok(())
    }
}

/// ln(1 + the sum of all values).
struct LogSum(InputShape);

impl Differentiable for LogSum {
    fn shape(&self) -> &InputShape {
        &self.0
    }

    fn values_into(&mut self, inputs: &Inputs, values: &mut [f64]) -> Result<(), EvaluationError> {
        EvaluationError::check(inputs, values.len(), &self.0)?;
        for (value, row) in values.iter_mut().zip(inputs.tracks.outer_iter()) {
            *value = f64::from(row.sum()).ln_1p();
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
        for (value, mut slopes) in values.iter().zip(gradient.tracks.outer_iter_mut()) {
            slopes.fill((-value).exp() as f32);
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shape = InputShape { positions: 100, tracks: vec!["H3K4me3".into()], dna: false };
    // The same peak on a low and on a high background.
    let mut inputs = Inputs::zeros(2, &shape);
    for ((row, position, _), value) in inputs.tracks.indexed_iter_mut() {
        let peak = (40..60).contains(&position);
        *value = [0.01, 0.2][row] + if peak { 0.5 } else { 0.0 };
    }
    let mut model = LogSum(shape.clone());
    let zero = Inputs::zeros(1, &shape);
    let baselines: [(&str, &dyn Baseline); 2] = [("zero", &zero), ("own median", &OwnMedian)];
    for (name, baseline) in baselines {
        let method = IntegratedGradients::default();
        let explained = method.attribute(&mut model, &inputs, &[0, 1], baseline)?;
        for (row, values) in explained.values.tracks.outer_iter().enumerate() {
            let peak = values.slice(ndarray::s![40..60, ..]).sum();
            let share = peak / values.sum();
            let delta = explained.completeness[row].delta();
            println!("{name}, row {row}: {:.0}% is the peak's, delta {delta:.0e}", 100.0 * share);
        }
    }
    Ok(())
}
