use crate::ExplainError;
use isegnet_core::{Differentiable, EvaluationError, Inputs};
use ndarray::{Array3, Axis};

/// The model's value for each row, and how it changes with each number of the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// The value for each row.
    pub values: Vec<f64>,
    /// Its derivatives, in the shape of the input.
    pub slopes: Inputs,
}

/// Differentiates the model at some rows.
///
/// # Errors
/// The input does not fit the model, or the model failed.
pub fn gradient(model: &mut dyn Differentiable, inputs: &Inputs) -> Result<Gradient, ExplainError> {
    EvaluationError::check(inputs, inputs.rows(), model.shape())?;
    let mut values = vec![0.0; inputs.rows()];
    let mut slopes = Inputs::zeros(inputs.rows(), model.shape());
    let at_once = model.rows_at_once().max(1);
    for (chunk, values) in values.chunks_mut(at_once).enumerate() {
        let rows: Vec<usize> = (0..values.len()).map(|row| chunk * at_once + row).collect();
        let inputs = inputs.select(&rows);
        let mut part = inputs.clone();
        model.gradient_into(&inputs, values, &mut part)?;
        let at = ndarray::s![rows[0]..=rows[rows.len() - 1], .., ..];
        slopes.tracks.slice_mut(at).assign(&part.tracks);
        slopes.dna.slice_mut(at).assign(&part.dna);
    }
    Ok(Gradient { values, slopes })
}

impl Gradient {
    /// Takes the mean over the four bases from the slopes of DNA at each position.
    ///
    /// Real DNA has one base at each position, so what the model does when all four rise
    /// together was never trained and is noise (Majdandzic et al. 2023).
    pub fn centred(mut self) -> Self {
        centre_bases(&mut self.slopes.dna);
        self
    }

    /// Multiplies each slope with the input there: gradient x input (Shrikumar et al. 2016).
    ///
    /// # Panics
    /// The input has another shape than the one that was differentiated at.
    pub fn times(&self, inputs: &Inputs) -> Inputs {
        // One row would be stretched over all.
        let times = |slopes: &Array3<f32>, inputs: &Array3<f32>| {
            assert_eq!(slopes.dim(), inputs.dim(), "slopes of another input");
            slopes * inputs
        };
        let Inputs { tracks, dna } = &self.slopes;
        Inputs { tracks: times(tracks, &inputs.tracks), dna: times(dna, &inputs.dna) }
    }
}

/// Gradient x input of some rows.
///
/// # Errors
/// The input does not fit the model, or the model failed.
pub fn gradient_times_input(
    model: &mut dyn Differentiable,
    inputs: &Inputs,
) -> Result<Inputs, ExplainError> {
    Ok(gradient(model, inputs)?.times(inputs))
}

/// Takes the mean over the four bases from `dna`, `(row, position, 4)`, at each position.
pub fn centre_bases(dna: &mut Array3<f32>) {
    for mut bases in dna.lanes_mut(Axis(2)) {
        let mean = bases.iter().map(|&base| f64::from(base)).sum::<f64>() / bases.len() as f64;
        bases.mapv_inplace(|base| (f64::from(base) - mean) as f32);
    }
}
