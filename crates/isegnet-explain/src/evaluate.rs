//! What every method asks of a model.

use crate::{Baseline, ExplainError};
use isegnet_core::{Differentiable, EvaluationError, InputShape, Inputs};
use ndarray::{Array3, ArrayView1, ArrayView2, ArrayViewMut2, Axis};
use std::ops::Range;

/// Rows that are explained together, with what names each of them.
#[derive(Clone, Copy)]
pub(crate) struct Chunk<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) ids: &'a [u64],
}

impl<'a> Chunk<'a> {
    /// Takes rows of the model's shape, each with its id.
    pub(crate) fn new(
        model: &dyn Differentiable,
        inputs: &'a Inputs,
        ids: &'a [u64],
    ) -> Result<Self, ExplainError> {
        EvaluationError::check(inputs, inputs.rows(), model.shape())?;
        match ids.len() == inputs.rows() {
            true => Ok(Self { inputs, ids }),
            false => Err(ExplainError::Ids { got: ids.len(), expected: inputs.rows() }),
        }
    }

    /// Makes the reference number `which` of each row.
    pub(crate) fn reference(
        &self,
        baseline: &dyn Baseline,
        which: usize,
    ) -> Result<Inputs, ExplainError> {
        let mut reference = Inputs {
            tracks: Array3::zeros(self.inputs.tracks.dim()),
            dna: Array3::zeros(self.inputs.dna.dim()),
        };
        baseline.reference_into(which, self.inputs, self.ids, &mut reference)?;
        let parts = [
            ("tracks", &reference.tracks, &self.inputs.tracks),
            ("DNA", &reference.dna, &self.inputs.dna),
        ];
        for (part, got, expected) in parts {
            if got.dim() != expected.dim() {
                let [got, expected] = [got, expected].map(|array| array.shape().to_vec());
                return Err(ExplainError::BaselineShape { part, got, expected });
            }
            if let Some(((_, position, column), &value)) =
                got.indexed_iter().find(|(_, value)| !value.is_finite())
            {
                return Err(ExplainError::BaselineValue { part, position, column, value });
            }
        }
        Ok(reference)
    }
}

/// Number of references, which is not 0.
pub(crate) fn references(baseline: &dyn Baseline) -> Result<usize, ExplainError> {
    match baseline.references() {
        0 => Err(ExplainError::NoReferences),
        references => Ok(references),
    }
}

/// Checks that stretches have positions, all of them the input's.
pub(crate) fn check_places(
    stretches: impl IntoIterator<Item = Range<usize>>,
    positions: usize,
) -> Result<(), ExplainError> {
    match stretches.into_iter().find(|at| at.is_empty() || at.end > positions) {
        None => Ok(()),
        Some(stretch) => Err(ExplainError::Place { stretch, positions }),
    }
}

/// Checks that attributions are those of rows of the model's shape.
pub(crate) fn check_attributions(
    attributions: &Inputs,
    rows: usize,
    shape: &InputShape,
) -> Result<(), ExplainError> {
    match attributions.misfit(rows, shape) {
        None => Ok(()),
        Some((what, got, expected)) => Err(ExplainError::Attributions { what, got, expected }),
    }
}

/// The base that four columns of DNA say, where they say one.
pub(crate) fn base_at(bases: ArrayView1<'_, f32>) -> Option<usize> {
    let others = bases.iter().filter(|&&base| base != 0.0).count();
    bases.iter().position(|&base| base == 1.0).filter(|_| others == 1)
}

/// The model's value for each row, as many rows at a time as it likes.
pub(crate) fn values(
    model: &mut dyn Differentiable,
    inputs: &Inputs,
) -> Result<Vec<f64>, ExplainError> {
    let mut values = vec![0.0; inputs.rows()];
    let at_once = model.rows_at_once().max(1);
    for (chunk, values) in values.chunks_mut(at_once).enumerate() {
        let rows: Vec<usize> = (0..values.len()).map(|row| chunk * at_once + row).collect();
        model.values_into(&inputs.select(&rows), values)?;
    }
    Ok(values)
}

/// One row: its tracks, `(position, track)`, and its DNA, `(position, 4)`.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) tracks: ArrayView2<'a, f32>,
    pub(crate) dna: ArrayView2<'a, f32>,
}

/// One row that may be changed.
pub(crate) struct RowMut<'a> {
    pub(crate) tracks: ArrayViewMut2<'a, f32>,
    pub(crate) dna: ArrayViewMut2<'a, f32>,
}

impl<'a> Row<'a> {
    pub(crate) fn of(inputs: &'a Inputs, row: usize) -> Self {
        let [tracks, dna] = [&inputs.tracks, &inputs.dna].map(|a| a.index_axis(Axis(0), row));
        Self { tracks, dna }
    }
}

/// The model's values for copies of one row, each changed in its own way.
pub(crate) fn values_of_copies(
    model: &mut dyn Differentiable,
    inputs: &Inputs,
    row: usize,
    copies: usize,
    mut change: impl FnMut(usize, &mut RowMut<'_>),
) -> Result<Vec<f64>, ExplainError> {
    let mut values = vec![0.0; copies];
    let at_once = model.rows_at_once().max(1);
    for (chunk, values) in values.chunks_mut(at_once).enumerate() {
        let mut batch = inputs.select(&vec![row; values.len()]);
        let rows = batch.tracks.outer_iter_mut().zip(batch.dna.outer_iter_mut());
        for (i, (tracks, dna)) in rows.enumerate() {
            change(chunk * at_once + i, &mut RowMut { tracks, dna });
        }
        model.values_into(&batch, values)?;
    }
    Ok(values)
}
