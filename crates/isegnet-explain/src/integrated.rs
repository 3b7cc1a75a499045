use crate::evaluate::{Chunk, references, values};
use crate::gradient::centre_bases;
use crate::{Baseline, Completeness, ExplainError, Quadrature, Steps};
use isegnet_core::{Differentiable, Inputs, Path};
use ndarray::{Array3, Axis, Zip};

/// Integrated gradients (Sundararajan, Taly & Yan 2017): how much each number of an input
/// brings the model from its value for the baseline, x', to its value for the input, x.
///
/// `attribution_j = (x_j - x'_j) * integral over a in [0, 1] of dF(x' + a (x - x')) / dx_j`,
/// averaged over the references of the baseline; sums are in f64. Memory does not depend on
/// the number of steps.
///
/// Differs from Gao et al.: the formula they print has one more factor a inside the
/// integral, with which attributions would not add up. Their software does without it too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IntegratedGradients {
    /// Steps of the integral.
    pub steps: Steps,
    /// Standard deviation of the model's target, below a twentieth of which no difference
    /// from the baseline counts as one (see [`Completeness::relative`]); 0 where unknown.
    pub spread: f64,
    /// Whether the mean over the four bases is taken from gradients of DNA (see
    /// [`Gradient::centred`](crate::Gradient::centred)). Completeness is of what was before.
    pub centre_bases: bool,
}

/// What each number of an input contributes to the model's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// Contributions, in the shape of the input and the units of the model's value.
    pub values: Inputs,
    /// How they add up, row by row.
    pub completeness: Vec<Completeness>,
}

impl IntegratedGradients {
    /// Explains some rows; `ids` name them whatever chunk they come in.
    ///
    /// A row's result does not depend on the other rows.
    ///
    /// # Errors
    /// Input, ids or baseline do not fit the model or each other, the steps make no sense,
    /// or the model failed.
    pub fn attribute(
        &self,
        model: &mut dyn Differentiable,
        inputs: &Inputs,
        ids: &[u64],
        baseline: &dyn Baseline,
    ) -> Result<Attribution, ExplainError> {
        if !(self.spread >= 0.0 && self.spread.is_finite()) {
            return Err(ExplainError::Spread(self.spread));
        }
        let tries = self.steps.tries()?;
        let rows = Chunk::new(model, inputs, ids)?;
        let mut completeness = ends(model, rows, baseline)?;
        let mut attributions = Inputs::zeros(inputs.rows(), model.shape());
        let mut open: Vec<usize> = (0..inputs.rows()).collect();
        for steps in tries {
            if open.is_empty() {
                break;
            }
            let some = inputs.select(&open);
            let ids: Vec<u64> = open.iter().map(|&row| ids[row]).collect();
            let rows = Chunk { inputs: &some, ids: &ids };
            let quadrature = self.steps.rule().quadrature(steps)?;
            let (means, sums) = self.mean(model, rows, baseline, &quadrature)?;
            write_rows(&mut attributions.tracks, &open, &means.tracks);
            write_rows(&mut attributions.dna, &open, &means.dna);
            for (&row, sum) in open.iter().zip(sums) {
                completeness[row] = Completeness { sum, steps, ..completeness[row] };
            }
            let tolerance = self.steps.tolerance();
            open.retain(|&row| !completeness[row].within(tolerance, self.spread));
        }
        Ok(Attribution { values: attributions, completeness })
    }

    /// The attributions with one quadrature, averaged over references, and their sum in each
    /// row.
    fn mean(
        &self,
        model: &mut dyn Differentiable,
        rows: Chunk<'_>,
        baseline: &dyn Baseline,
        quadrature: &Quadrature,
    ) -> Result<(Inputs<f64>, Vec<f64>), ExplainError> {
        let (nodes, weights) = (quadrature.nodes(), quadrature.weights());
        let count = rows.inputs.rows();
        let share = 1.0 / references(baseline)? as f64;
        let (mut means, mut sums) = (Inputs::zeros(count, model.shape()), vec![0.0; count]);
        let mut gradient = Inputs::zeros(count, model.shape());
        let mut visited = vec![0.0; count * nodes.len()];
        for which in 0..references(baseline)? {
            let from = rows.reference(baseline, which)?;
            let path = Path { from: &from, to: rows.inputs, nodes, weights };
            model.path_gradient_into(&path, &mut visited, &mut gradient)?;
            let mut terms = terms(rows.inputs, &from, &gradient);
            for (row, sum) in sums.iter_mut().enumerate() {
                let [tracks, dna] = [&terms.tracks, &terms.dna].map(|a| a.index_axis(Axis(0), row));
                *sum += share * (tracks.sum() + dna.sum());
            }
            if self.centre_bases {
                centre_bases(&mut gradient.dna);
                terms.dna = products(&rows.inputs.dna, &from.dna, &gradient.dna);
            }
            means.tracks.scaled_add(share, &terms.tracks);
            means.dna.scaled_add(share, &terms.dna);
        }
        Ok((means, sums))
    }
}

/// The model's values at both ends of each row's paths.
fn ends(
    model: &mut dyn Differentiable,
    rows: Chunk<'_>,
    baseline: &dyn Baseline,
) -> Result<Vec<Completeness>, ExplainError> {
    let ends = values(model, rows.inputs)?;
    let end = |value| Completeness { value, baseline_value: 0.0, sum: 0.0, steps: 0 };
    let mut ends: Vec<Completeness> = ends.into_iter().map(end).collect();
    let references = references(baseline)?;
    for which in 0..references {
        let reference = rows.reference(baseline, which)?;
        for (end, value) in ends.iter_mut().zip(values(model, &reference)?) {
            end.baseline_value += value / references as f64;
        }
    }
    Ok(ends)
}

/// What each number contributes: (x - x') times the mean gradient.
fn terms(to: &Inputs, from: &Inputs, gradient: &Inputs) -> Inputs<f64> {
    Inputs {
        tracks: products(&to.tracks, &from.tracks, &gradient.tracks),
        dna: products(&to.dna, &from.dna, &gradient.dna),
    }
}

fn products(to: &Array3<f32>, from: &Array3<f32>, gradient: &Array3<f32>) -> Array3<f64> {
    Zip::from(to).and(from).and(gradient).map_collect(|&to, &from, &gradient| {
        (f64::from(to) - f64::from(from)) * f64::from(gradient)
    })
}

fn write_rows(to: &mut Array3<f32>, rows: &[usize], from: &Array3<f64>) {
    for (&row, from) in rows.iter().zip(from.outer_iter()) {
        to.index_axis_mut(Axis(0), row).zip_mut_with(&from, |to, &from| *to = from as f32);
    }
}
