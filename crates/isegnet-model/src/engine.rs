//! What runs the network: the shape of a step, and the two engines behind it.

pub mod candle;
pub mod cpu;
mod dropout;

pub(crate) use dropout::KeepBits;

use crate::config::Output;
use crate::weights::Weights;
use isegnet_core::Batch;
use ndarray::{ArrayView2, ArrayView3};

/// DNA as an engine reads it.
#[derive(Clone, Copy, Debug)]
pub enum Dna<'a> {
    /// The network has no sequence branch.
    Absent,
    /// Codes 0..=4, `(row, position)`.
    Codes(ArrayView2<'a, u8>),
    /// Four real columns a position, `(row, position, 4)`.
    Columns(ArrayView3<'a, f32>),
}

/// Input of an engine: some rows.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Track values, `(row, position, track)`.
    pub tracks: ArrayView3<'a, f32>,
    /// DNA.
    pub dna: Dna<'a>,
}

impl<'a> From<&'a Batch> for Input<'a> {
    fn from(batch: &'a Batch) -> Self {
        let dna = if batch.dna.ncols() == 0 { Dna::Absent } else { Dna::Codes(batch.dna.view()) };
        Self { tracks: batch.tracks.view(), dna }
    }
}

impl Input<'_> {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.tracks.dim().0
    }
}

/// Which random values dropout sets to 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropout {
    /// The training's seed.
    pub seed: u64,
    /// Steps taken before this one, over all epochs.
    pub step: u64,
}

/// What a training step makes small, as a mean over the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Squared error of the output.
    SquaredError,
    /// Squared error of the output after a ReLU.
    SquaredErrorRelu,
    /// Cross-entropy of the output as a logit, against targets 0 and 1.
    CrossEntropy,
}

impl Loss {
    /// The loss that belongs to an output.
    pub fn of(output: Output) -> Self {
        match output {
            Output::Relu => Self::SquaredErrorRelu,
            Output::Linear => Self::SquaredError,
            Output::Logit => Self::CrossEntropy,
        }
    }

    /// One row's loss and its derivative with respect to the network's last number.
    pub fn value_and_slope(self, before: f64, target: f64) -> (f64, f64) {
        match self {
            Self::SquaredError => ((before - target).powi(2), 2.0 * (before - target)),
            Self::SquaredErrorRelu if before > 0.0 => {
                Self::SquaredError.value_and_slope(before, target)
            }
            Self::SquaredErrorRelu => (target.powi(2), 0.0),
            Self::CrossEntropy => {
                // log(1 + e^z) - y z, without overflow
                let softplus = before.max(0.0) + (-before.abs()).exp().ln_1p();
                (softplus - target * before, Output::Logit.apply(before) - target)
            }
        }
    }
}

/// What a training step is given beside weights and input.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// What is to be predicted, one value a row.
    pub target: &'a [f32],
    /// What is made small.
    pub loss: Loss,
    /// Which values are dropped; `None` drops nothing.
    pub dropout: Option<Dropout>,
}

/// Why an engine did not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The input does not have the planned shape.
    #[error(
        "the input has {got} {what} where {expected} belong; \
         use the data set and view the model was trained on"
    )]
    Shape {
        /// What differs: positions, tracks, DNA, targets.
        what: &'static str,
        /// What came.
        got: usize,
        /// What was planned.
        expected: usize,
    },
    /// There is nothing to train on.
    #[error("a training step was given no rows; batch statistics need one at least")]
    NoRows,
    /// The device is not to be had.
    #[error("{device} cannot be used: {message}")]
    Device {
        /// The device.
        device: String,
        /// Why, and the way out.
        message: String,
    },
    /// The tensor framework failed.
    #[error("the tensor engine failed: {0}")]
    Tensor(String),
}

/// Something that runs the network of one plan.
///
/// Every method takes the weights, so that one set of them serves both engines.
pub trait Engine<T = f32>: Send {
    /// Runs one step in training mode: batch statistics, dropout if given.
    ///
    /// Fills `gradient` with the gradient of the mean loss over the rows (no
    /// penalty), and its moving statistics with what the batch measured; fills
    /// `output` with the network's last number for every row. Returns the mean loss.
    ///
    /// # Errors
    /// The input has another shape, or the device failed.
    fn train_step(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        step: Step<'_>,
        gradient: &mut Weights<T>,
        output: &mut [T],
    ) -> Result<f64, EngineError>;

    /// Fills the moving statistics of `measured` with those of these rows, without dropout.
    ///
    /// # Errors
    /// The input has another shape, or the device failed.
    fn measure(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        measured: &mut Weights<T>,
    ) -> Result<(), EngineError>;

    /// Fills `output` with the network's last number, before any last
    /// activation, for every row: moving statistics, no dropout.
    ///
    /// # Errors
    /// The input has another shape, or the device failed.
    fn infer(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        output: &mut [T],
    ) -> Result<(), EngineError>;
}

/// Checks an input against the planned shape, and the places for its rows' outputs.
pub(crate) fn check_input(
    shape: &isegnet_core::InputShape,
    input: &Input<'_>,
    outputs: usize,
) -> Result<(), EngineError> {
    let (rows, positions, tracks) = input.tracks.dim();
    let (dna_rows, dna_positions, columns) = match input.dna {
        Dna::Absent => (rows, 0, 4),
        Dna::Codes(codes) => (codes.nrows(), codes.ncols(), 4),
        Dna::Columns(columns) => columns.dim(),
    };
    let expected_dna = if shape.dna { shape.positions } else { 0 };
    let mut checks = vec![
        ("tracks", tracks, shape.tracks.len()),
        ("rows of DNA", dna_rows, rows),
        ("columns of DNA", columns, 4),
        ("places for outputs", outputs, rows),
    ];
    if !shape.tracks.is_empty() {
        checks.push(("positions", positions, shape.positions));
    }
    if shape.dna || dna_positions > 0 {
        checks.push(("DNA positions", dna_positions, expected_dna));
    }
    match checks.into_iter().find(|(_, got, expected)| got != expected) {
        Some((what, got, expected)) => Err(EngineError::Shape { what, got, expected }),
        None => Ok(()),
    }
}

/// Checks that there are rows to take batch statistics of, and a target for each.
pub(crate) fn check_rows(rows: usize, targets: usize) -> Result<(), EngineError> {
    match rows {
        0 => Err(EngineError::NoRows),
        _ if targets == rows => Ok(()),
        _ => Err(EngineError::Shape { what: "targets", got: targets, expected: rows }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_the_derivatives() {
        let h = 1e-6;
        for loss in [Loss::SquaredError, Loss::SquaredErrorRelu, Loss::CrossEntropy] {
            for (before, target) in [(0.7, 1.0), (-0.4, 0.0), (30.0, 0.0), (-30.0, 1.0)] {
                let (_, slope) = loss.value_and_slope(before, target);
                let (above, _) = loss.value_and_slope(before + h, target);
                let (below, _) = loss.value_and_slope(before - h, target);
                assert!((slope - (above - below) / (2.0 * h)).abs() < 1e-6, "{loss:?} {before}");
            }
        }
    }
}
