use crate::evaluate::{Chunk, Row, RowMut, check_attributions, check_places, references};
use crate::evaluate::{values, values_of_copies};
use crate::{Baseline, ExplainError};
use isegnet_core::{Differentiable, InputShape, Inputs};
use ndarray::{Array2, Array3, ArrayView2, ArrayViewMut2, Axis, s};
use std::ops::Range;

/// Stretches of `width` positions, one every `step`, from the start of `along` to its end,
/// where the last may be shorter; bins when `step` is `width`.
///
/// Lay them window by window, so that none spans the seam. 0 counts as 1.
///
/// ```
/// use isegnet_explain::stretches;
///
/// assert_eq!(stretches(0..50, 20, 20), [0..20, 20..40, 40..50]);
/// assert_eq!(stretches(10..20, 6, 2), [10..16, 12..18, 14..20]);
/// ```
pub fn stretches(along: Range<usize>, width: usize, step: usize) -> Vec<Range<usize>> {
    let (width, step) = (width.max(1), step.max(1));
    let starts = along.clone().step_by(step);
    let mut stretches: Vec<Range<usize>> =
        starts.map(|start| start..along.end.min(start.saturating_add(width))).collect();
    // What begins after one that reached the end shows nothing new.
    let whole = stretches.iter().position(|stretch| stretch.end == along.end);
    stretches.truncate(whole.map_or(stretches.len(), |last| last + 1));
    stretches
}

/// What it does to the model's value when a stretch of one track becomes its baseline:
/// in-silico mutagenesis of tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackMutations {
    /// The stretches that were mutated, half-open.
    pub stretches: Vec<Range<usize>>,
    /// Value with the stretch replaced, less the row's value, `(row, stretch, track)`; the
    /// mean over references.
    pub differences: Array3<f64>,
}

/// Replaces each stretch of each track by its baseline, one at a time.
///
/// # Errors
/// A stretch is not there, input, ids or baseline do not fit the model, or it failed.
pub fn mutate_tracks(
    model: &mut dyn Differentiable,
    inputs: &Inputs,
    ids: &[u64],
    baseline: &dyn Baseline,
    stretches: &[Range<usize>],
) -> Result<TrackMutations, ExplainError> {
    check_places(stretches.iter().cloned(), model.shape().positions)?;
    let chunk = Chunk::new(model, inputs, ids)?;
    let tracks = model.shape().tracks.len();
    let copies = stretches.len() * tracks;
    let differences = replace_each(model, chunk, baseline, copies, |copy, row, reference| {
        let at = s![stretches[copy / tracks].clone(), copy % tracks];
        row.tracks.slice_mut(at).assign(&reference.tracks.slice(at));
    })?;
    let differences =
        Array3::from_shape_fn((inputs.rows(), stretches.len(), tracks), |(row, at, track)| {
            differences[[row, at * tracks + track]]
        });
    Ok(TrackMutations { stretches: stretches.to_vec(), differences })
}

impl TrackMutations {
    /// Spearman correlation, in each row over all stretches of all tracks, of the value that
    /// is lost with a stretch and the attributions summed over it; `None` where one of the
    /// two has the same value everywhere.
    ///
    /// # Errors
    /// The attributions have other rows, tracks or positions.
    pub fn agreement(&self, attributions: &Inputs) -> Result<Vec<Option<f64>>, ExplainError> {
        let (rows, _, tracks) = self.differences.dim();
        let positions = attributions.tracks.dim().1;
        let dna = attributions.dna.dim().1 > 0;
        let shape = InputShape { positions, tracks: vec![String::new(); tracks], dna };
        check_attributions(attributions, rows, &shape)?;
        check_places(self.stretches.iter().cloned(), positions)?;
        let of_row = |(lost, attributions): (ArrayView2<'_, f64>, ArrayView2<'_, f32>)| {
            let lost: Vec<f64> = lost.iter().map(|difference| -difference).collect();
            let stretches = self.stretches.iter().flat_map(|stretch| {
                let rows = attributions.slice(s![stretch.clone(), ..]);
                rows.mapv(f64::from).sum_axis(Axis(0)).to_vec()
            });
            isegnet_stats::spearman(&lost, &stretches.collect::<Vec<f64>>()).ok()
        };
        let pairs = self.differences.outer_iter().zip(attributions.tracks.outer_iter());
        Ok(pairs.map(of_row).collect())
    }
}

/// Replaces each stretch of the whole input, all tracks and DNA, by its baseline: value with
/// it less the row's value, `(row, stretch)`; the mean over references (occlusion, Zeiler &
/// Fergus 2014).
///
/// # Errors
/// A stretch is not there, input, ids or baseline do not fit the model, or it failed.
pub fn occlude(
    model: &mut dyn Differentiable,
    inputs: &Inputs,
    ids: &[u64],
    baseline: &dyn Baseline,
    stretches: &[Range<usize>],
) -> Result<Array2<f64>, ExplainError> {
    check_places(stretches.iter().cloned(), model.shape().positions)?;
    let chunk = Chunk::new(model, inputs, ids)?;
    replace_each(model, chunk, baseline, stretches.len(), |copy, row, reference| {
        let replace = |to: &mut ArrayViewMut2<'_, f32>, from: ArrayView2<'_, f32>| {
            if !from.is_empty() {
                let at = s![stretches[copy].clone(), ..];
                to.slice_mut(at).assign(&from.slice(at));
            }
        };
        replace(&mut row.tracks, reference.tracks);
        replace(&mut row.dna, reference.dna);
    })
}

/// Values of changed copies of each row less the row's own, `(row, copy)`, averaged over
/// references.
fn replace_each(
    model: &mut dyn Differentiable,
    chunk: Chunk<'_>,
    baseline: &dyn Baseline,
    copies: usize,
    replace: impl Fn(usize, &mut RowMut<'_>, Row<'_>),
) -> Result<Array2<f64>, ExplainError> {
    let own = values(model, chunk.inputs)?;
    let references = references(baseline)?;
    let mut differences = Array2::zeros((own.len(), copies));
    for which in 0..references {
        let reference = chunk.reference(baseline, which)?;
        for (row, own) in own.iter().enumerate() {
            let from = Row::of(&reference, row);
            let change = |copy, row: &mut RowMut<'_>| replace(copy, row, from);
            let changed = values_of_copies(model, chunk.inputs, row, copies, change)?;
            for (difference, changed) in differences.row_mut(row).iter_mut().zip(changed) {
                *difference += (changed - own) / references as f64;
            }
        }
    }
    Ok(differences)
}
