use crate::ExplainError;
use crate::evaluate::{base_at, check_attributions, check_places, values, values_of_copies};
use isegnet_core::{Differentiable, EvaluationError, InputShape, Inputs};
use ndarray::{Array2, Array3, ArrayView2, Axis};

/// What every substitution of a base does to the model's value: in-silico mutagenesis of
/// DNA.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseMutations {
    /// The positions that were mutated.
    pub positions: Vec<usize>,
    /// Value with the base in place of the row's own, less the row's value,
    /// `(row, index of position, 4)`; 0 for the base that is there, and where there is none.
    pub differences: Array3<f64>,
}

/// Substitutes each base at `positions` of each row by every other.
///
/// Each row is evaluated up to three times a position; only as many rows as the model takes
/// at once are held.
///
/// # Errors
/// A position is not there, the model reads no DNA, the input does not fit it, or it failed.
pub fn mutate_bases(
    model: &mut dyn Differentiable,
    inputs: &Inputs,
    positions: &[usize],
) -> Result<BaseMutations, ExplainError> {
    EvaluationError::check(inputs, inputs.rows(), model.shape())?;
    if !model.shape().dna {
        return Err(ExplainError::NoDna);
    }
    check_places(positions.iter().map(|&at| at..at.saturating_add(1)), model.shape().positions)?;
    let own = values(model, inputs)?;
    let mut differences = Array3::zeros((inputs.rows(), positions.len(), 4));
    for (row, own) in own.into_iter().enumerate() {
        let changes = substitutions(inputs.dna.index_axis(Axis(0), row), positions);
        let mutated = values_of_copies(model, inputs, row, changes.len(), |copy, mutant| {
            let (index, base) = changes[copy];
            let mut bases = mutant.dna.row_mut(positions[index]);
            bases.fill(0.0);
            bases[base] = 1.0;
        })?;
        for (&(index, base), mutated) in changes.iter().zip(mutated) {
            differences[[row, index, base]] = mutated - own;
        }
    }
    Ok(BaseMutations { positions: positions.to_vec(), differences })
}

impl BaseMutations {
    /// What the base that is there is worth: the row's value less the mean of its three
    /// mutants, `(row, index of position)`.
    pub fn importance(&self) -> Array2<f64> {
        self.differences.sum_axis(Axis(2)) / -3.0
    }

    /// Spearman correlation, in each row, of the importance of the mutated positions and
    /// their attributions summed over the four bases; `None` where one of the two has the
    /// same value everywhere.
    ///
    /// # Errors
    /// The attributions have other rows or positions.
    pub fn agreement(&self, attributions: &Inputs) -> Result<Vec<Option<f64>>, ExplainError> {
        let (rows, (_, positions, tracks)) = (self.differences.dim().0, attributions.tracks.dim());
        let positions = if tracks > 0 { positions } else { attributions.dna.dim().1 };
        let shape = InputShape { positions, tracks: vec![String::new(); tracks], dna: true };
        check_attributions(attributions, rows, &shape)?;
        check_places(self.positions.iter().map(|&at| at..at.saturating_add(1)), positions)?;
        let importance = self.importance();
        let summed = attributions.dna.sum_axis(Axis(2)).select(Axis(1), &self.positions);
        let pairs = importance.outer_iter().zip(summed.outer_iter());
        Ok(pairs.map(|(a, b)| isegnet_stats::spearman(&a.to_vec(), &b.to_vec()).ok()).collect())
    }
}

/// Index of the position and other base, for every substitution.
fn substitutions(dna: ArrayView2<'_, f32>, positions: &[usize]) -> Vec<(usize, usize)> {
    let mut changes = Vec::new();
    for (index, &position) in positions.iter().enumerate() {
        if let Some(there) = base_at(dna.row(position)) {
            changes.extend((0..4).filter(|&base| base != there).map(|base| (index, base)));
        }
    }
    changes
}
