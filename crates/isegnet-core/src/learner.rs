use crate::{Batch, Cancel, Examples, InputShape, Progress, SourceError};
use std::error::Error;
use std::path::Path;

/// What a learner is given beside the data.
#[derive(Clone, Copy)]
pub struct FitContext<'a> {
    /// Everything random follows from it.
    pub seed: u64,
    /// Told how far the work is.
    pub progress: &'a dyn Progress,
    /// Asked whether to stop.
    pub cancel: &'a Cancel,
    /// A folder to keep checkpoints in; work that finds its own there resumes.
    pub folder: Option<&'a Path>,
}

/// Why a learner gave no predictor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// A row could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The work was asked to stop; what was kept can be resumed.
    #[error("interrupted; run the same command again to resume")]
    Cancelled,
    /// The learner cannot be fitted on these examples.
    #[error("{learner} cannot be fitted: {message}")]
    Unsuitable {
        /// The learner's name.
        learner: String,
        /// What does not fit, and the way out.
        message: String,
    },
    /// The learner failed.
    #[error("{learner} failed: {message}")]
    Failed {
        /// The learner's name.
        learner: String,
        /// What happened, and the way out.
        message: String,
        /// The error below.
        #[source]
        cause: Option<Box<dyn Error + Send + Sync>>,
    },
}

/// Something that can be fitted: the network, a ridge regression, the mean.
pub trait Learner {
    /// A short name for tables.
    fn name(&self) -> &str;

    /// Fits on `train`; `validation` may be used to choose when to stop, and is
    /// never fitted on.
    ///
    /// # Errors
    /// The examples cannot be read or do not suit, or the work was cancelled.
    fn fit(
        &self,
        train: &dyn Examples,
        validation: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<Box<dyn Predictor>, LearnError>;
}

/// Something that predicts expression from inputs.
pub trait Predictor: Send {
    /// The input it expects.
    fn shape(&self) -> &InputShape;

    /// Fills `out` with one prediction a row of `batch`.
    ///
    /// # Errors
    /// The batch does not have the expected shape.
    fn predict_into(&mut self, batch: &Batch, out: &mut [f32]) -> Result<(), LearnError>;
}
