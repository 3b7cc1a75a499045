use super::{SiteValues, check_row, read};
use crate::SummaryError;
use ndarray::{ArrayViewMut2, Axis, s};

/// The columns of one and then those of another, of the same rows and positions: tracks,
/// and DNA.
#[derive(Clone, Debug)]
pub struct Beside<A, B>(A, B);

impl<A: SiteValues, B: SiteValues> Beside<A, B> {
    /// Lays `left` and `right` side by side.
    ///
    /// # Errors
    /// They differ in rows or positions.
    pub fn new(left: A, right: B) -> Result<Self, SummaryError> {
        let ([rows, positions, _], [right_rows, right_positions, _]) =
            (left.shape(), right.shape());
        SummaryError::same("rows beside others", right_rows, rows)?;
        SummaryError::same("positions beside others", right_positions, positions)?;
        Ok(Self(left, right))
    }
}

impl<A: SiteValues, B: SiteValues> SiteValues for Beside<A, B> {
    fn shape(&self) -> [usize; 3] {
        let ([rows, positions, left], [_, _, right]) = (self.0.shape(), self.1.shape());
        [rows, positions, left + right]
    }

    fn row_into(&self, row: usize, mut values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        check_row(self, row, values.view())?;
        let left = self.0.shape()[2];
        self.0.row_into(row, values.slice_mut(s![.., ..left]))?;
        self.1.row_into(row, values.slice_mut(s![.., left..]))
    }
}

/// The sum of all columns as the only one: what the four bases of a position are given
/// together.
#[derive(Clone, Debug)]
pub struct Total<T>(pub T);

impl<T: SiteValues> SiteValues for Total<T> {
    fn shape(&self) -> [usize; 3] {
        let [rows, positions, _] = self.0.shape();
        [rows, positions, 1]
    }

    fn row_into(&self, row: usize, mut values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        check_row(self, row, values.view())?;
        let sums = read(&self.0, row)?.mapv(f64::from).sum_axis(Axis(1));
        values.column_mut(0).assign(&sums.mapv(|sum| sum as f32));
        Ok(())
    }
}
