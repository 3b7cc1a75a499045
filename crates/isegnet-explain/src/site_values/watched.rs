use super::SiteValues;
use crate::SummaryError;
use isegnet_core::{Cancel, Progress};
use ndarray::ArrayViewMut2;

/// Others, of which every row read is a step of progress and a place to stop.
///
/// [`Cutoffs`](crate::Cutoffs) read every row twice, [`quantiles`](crate::quantiles) once a
/// block, all else once.
pub struct Watched<'a, T> {
    of: T,
    progress: &'a dyn Progress,
    cancel: &'a Cancel,
}

impl<'a, T: SiteValues> Watched<'a, T> {
    /// Watches `of`.
    pub fn new(of: T, progress: &'a dyn Progress, cancel: &'a Cancel) -> Self {
        Self { of, progress, cancel }
    }
}

impl<T: SiteValues> SiteValues for Watched<'_, T> {
    fn shape(&self) -> [usize; 3] {
        self.of.shape()
    }

    fn row_into(&self, row: usize, values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        if self.cancel.is_cancelled() {
            return Err(SummaryError::Cancelled);
        }
        self.of.row_into(row, values)?;
        self.progress.advance(1);
        Ok(())
    }
}
