use crate::ExplainError;
use crate::shuffle::shuffle_dna_into;
use isegnet_core::{Inputs, Random};
use ndarray::{Array1, Array2, ArrayViewMut1, ArrayViewMut2, Axis, Zip};

/// What a row is compared with: the input in which there is nothing to explain.
///
/// [`Inputs`] are a baseline: each of their rows is one reference, for every row. So one row
/// of zeros is the paper's baseline, and a hundred training genes are expected gradients.
/// [`MixedBaseline`] puts one together track by track. For another rule, implement this.
pub trait Baseline: Sync {
    /// How many references a row has; what is computed from them is averaged.
    fn references(&self) -> usize {
        1
    }

    /// Fills `out` with the reference number `which` of each row.
    ///
    /// `ids` name the rows whatever chunk they come in. `out` arrives with the shape of
    /// `inputs` and 0 everywhere.
    ///
    /// # Errors
    /// The baseline is not made for such inputs.
    fn reference_into(
        &self,
        which: usize,
        inputs: &Inputs,
        ids: &[u64],
        out: &mut Inputs,
    ) -> Result<(), ExplainError>;
}

impl Baseline for Inputs {
    fn references(&self) -> usize {
        self.rows()
    }

    fn reference_into(
        &self,
        which: usize,
        _: &Inputs,
        _: &[u64],
        out: &mut Inputs,
    ) -> Result<(), ExplainError> {
        let parts = [("tracks", &self.tracks, &mut out.tracks), ("DNA", &self.dna, &mut out.dna)];
        for (part, from, out) in parts {
            let (rows, each) = ([self.references()], &from.shape()[1..]);
            fits(part, each, &out.shape()[1..])?;
            fits(part, from.shape(), &[&rows, each].concat())?;
            let one = from.index_axis(Axis(0), which);
            out.outer_iter_mut().for_each(|mut row| row.assign(&one));
        }
        Ok(())
    }
}

/// A baseline put together track by track.
#[derive(Clone, Debug, PartialEq)]
pub struct MixedBaseline {
    /// One for each track of the input.
    pub tracks: Vec<TrackBaseline>,
    /// That of the DNA; where the input has none, only how many references it makes counts.
    ///
    /// Where a row has no base (N, off the chromosome), its reference has none either, so
    /// that what is not there gets no attribution.
    pub dna: DnaBaseline,
}

/// What a track is in a baseline.
#[derive(Clone, Debug, PartialEq)]
pub enum TrackBaseline {
    /// One value everywhere: 0, the image of raw 0, or 1 for methylation.
    Constant(f32),
    /// A value for each position, such as the mean of the training genes.
    Profile(Array1<f32>),
}

/// What DNA is in a baseline.
#[derive(Clone, Debug, PartialEq)]
pub enum DnaBaseline {
    /// The same four numbers everywhere.
    Constant([f32; 4]),
    /// Four numbers for each position, `(position, 4)`.
    Profile(Array2<f32>),
    /// The row's own DNA, shuffled so that every pair of neighbours is as frequent as before
    /// (see [`dinucleotide_shuffle`](isegnet_core::dinucleotide_shuffle)).
    Shuffles {
        /// Number of shuffles, each one reference.
        count: usize,
        /// A shuffle is a function of this, of the row's id and of its number.
        seed: u64,
        /// Positions where another window begins; no base is moved from one to another.
        seams: Vec<usize>,
    },
}

impl DnaBaseline {
    /// No base anywhere: the paper's.
    pub const ZERO: Self = Self::Constant([0.0; 4]);
    /// Each base as probable as the others.
    pub const UNIFORM: Self = Self::Constant([0.25; 4]);
}

impl MixedBaseline {
    /// Takes one value a track, and what DNA is.
    pub fn constant(tracks: &[f32], dna: DnaBaseline) -> Self {
        Self { tracks: tracks.iter().map(|&value| TrackBaseline::Constant(value)).collect(), dna }
    }
}

impl Baseline for MixedBaseline {
    fn references(&self) -> usize {
        match self.dna {
            DnaBaseline::Shuffles { count, .. } => count,
            _ => 1,
        }
    }

    fn reference_into(
        &self,
        which: usize,
        inputs: &Inputs,
        ids: &[u64],
        out: &mut Inputs,
    ) -> Result<(), ExplainError> {
        let (_, positions, tracks) = inputs.tracks.dim();
        if self.tracks.len() != tracks {
            return Err(misfit("tracks", &[positions, self.tracks.len()], &[positions, tracks]));
        }
        for (track, mut columns) in self.tracks.iter().zip(out.tracks.axis_iter_mut(Axis(2))) {
            columns.outer_iter_mut().try_for_each(|column| track.fill(column))?;
        }
        let rows = inputs.dna.outer_iter().zip(out.dna.outer_iter_mut());
        for ((dna, mut out), &id) in rows.zip(ids) {
            match &self.dna {
                DnaBaseline::Constant(bases) => {
                    out.outer_iter_mut().for_each(|mut at| at.assign(&Array1::from_iter(*bases)));
                }
                DnaBaseline::Profile(profile) if !out.is_empty() => {
                    fits("DNA", profile.shape(), out.shape())?;
                    out.assign(profile);
                }
                DnaBaseline::Profile(_) => {}
                DnaBaseline::Shuffles { seed, seams, .. } => {
                    let random = Random::new(*seed, "baseline/dinucleotides").part(id);
                    shuffle_dna_into(dna, seams, &random.part(which as u64), out.view_mut());
                }
            }
            leave_absent(dna, out);
        }
        Ok(())
    }
}

impl TrackBaseline {
    fn fill(&self, mut column: ArrayViewMut1<'_, f32>) -> Result<(), ExplainError> {
        match self {
            Self::Constant(value) => column.fill(*value),
            Self::Profile(profile) => {
                fits("a track", profile.shape(), column.shape())?;
                column.assign(profile);
            }
        }
        Ok(())
    }
}

fn leave_absent(dna: ndarray::ArrayView2<'_, f32>, mut out: ArrayViewMut2<'_, f32>) {
    Zip::from(dna.rows()).and(out.rows_mut()).for_each(|dna, mut out| {
        if dna.iter().all(|&base| base == 0.0) {
            out.fill(0.0);
        }
    });
}

fn fits(part: &'static str, got: &[usize], expected: &[usize]) -> Result<(), ExplainError> {
    if got == expected { Ok(()) } else { Err(misfit(part, got, expected)) }
}

fn misfit(part: &'static str, got: &[usize], expected: &[usize]) -> ExplainError {
    ExplainError::BaselineShape { part, got: got.to_vec(), expected: expected.to_vec() }
}
