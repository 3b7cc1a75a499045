//! What was measured, as numbers at sites.

use crate::commands::explain::Explanation;
use isegnet_explain::{SiteValues, SummaryError};
use ndarray::ArrayViewMut2;

/// The signal of an explanation's rows, as it was read: a column a column of the input, masks
/// as 1 and 0; NaN where nothing was measured.
#[derive(Clone, Copy)]
pub struct Signal<'a>(pub &'a Explanation);

impl SiteValues for Signal<'_> {
    fn shape(&self) -> [usize; 3] {
        let shape = self.0.values.shape();
        [self.0.rows.len(), shape.positions, shape.tracks.len()]
    }

    fn row_into(&self, row: usize, mut values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        let rows = self.0.rows.len();
        let at = *self.0.rows.get(row).ok_or(SummaryError::NoRow { row, rows })?;
        let view = &self.0.view;
        let mut track = vec![f32::NAN; view.positions()];
        let names: Vec<&str> = view.tracks().map(|track| track.name.as_str()).collect();
        let columns = &self.0.values.shape().tracks;
        for (column, mut values) in columns.iter().zip(values.columns_mut()) {
            match names.iter().position(|name| name == column) {
                Some(number) => {
                    view.values_into(at, number, &mut track);
                    values.iter_mut().zip(&track).for_each(|(to, &value)| *to = value);
                }
                // A mask stands right after its track.
                None => values.iter_mut().zip(&track).for_each(|(to, value)| {
                    *to = f32::from(u8::from(!value.is_nan()));
                }),
            }
        }
        Ok(())
    }
}

/// Others, with 0 where a value is missing, so that sites on either side can be one region.
pub struct Filled<T>(pub T);

impl<T: SiteValues> SiteValues for Filled<T> {
    fn shape(&self) -> [usize; 3] {
        self.0.shape()
    }

    fn row_into(&self, row: usize, mut values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        self.0.row_into(row, values.view_mut())?;
        values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 0.0);
        Ok(())
    }
}
