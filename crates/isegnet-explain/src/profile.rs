mod quantiles;

pub use quantiles::quantiles;

use crate::site::check_finite;
use crate::site_values::read;
use crate::{SiteValues, SummaryError};
use ndarray::{Array2, ArrayView2, Zip};

/// Mean, mean magnitude and standard deviation over rows, of every position and column
/// (Figure 4 B-D of the paper).
///
/// Rows are added one by one and none is kept. A site without a value (NaN) does not count.
///
/// ```
/// use isegnet_explain::Profiles;
/// use ndarray::array;
///
/// let mut profiles = Profiles::new(1, 2);
/// profiles.add(0, array![[1.0, -2.0]].view())?;
/// profiles.add(1, array![[3.0, 2.0]].view())?;
/// assert_eq!(profiles.mean(), array![[2.0, 0.0]]);
/// assert_eq!(profiles.mean_magnitude(), array![[2.0, 2.0]]);
/// # Ok::<(), isegnet_explain::SummaryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Profiles {
    rows: Array2<u64>,
    mean: Array2<f64>,
    /// Sums of squared distances from the mean (Welford 1962).
    squares: Array2<f64>,
    magnitudes: Array2<f64>,
}

impl Profiles {
    /// Begins with no row.
    pub fn new(positions: usize, columns: usize) -> Self {
        let zeros = Array2::zeros((positions, columns));
        Self {
            rows: Array2::zeros((positions, columns)),
            mean: zeros.clone(),
            squares: zeros.clone(),
            magnitudes: zeros,
        }
    }

    /// Takes all rows of `values`.
    ///
    /// # Errors
    /// Reading failed, or a value is infinite.
    pub fn of<T: SiteValues + ?Sized>(values: &T) -> Result<Self, SummaryError> {
        let [rows, positions, columns] = values.shape();
        let mut profiles = Self::new(positions, columns);
        for row in 0..rows {
            profiles.add(row, read(values, row)?.view())?;
        }
        Ok(profiles)
    }

    /// Adds one row, `(position, column)`; its number is for messages only.
    ///
    /// # Errors
    /// It has another shape, or a value is infinite.
    pub fn add(&mut self, row: usize, values: ArrayView2<'_, f32>) -> Result<(), SummaryError> {
        SummaryError::same("positions of the row", values.nrows(), self.mean.nrows())?;
        SummaryError::same("columns of the row", values.ncols(), self.mean.ncols())?;
        check_finite(row, values)?;
        Zip::from(&mut self.rows)
            .and(&mut self.mean)
            .and(&mut self.squares)
            .and(&mut self.magnitudes)
            .and(&values)
            .for_each(|rows, mean, squares, magnitudes, &value| {
                if value.is_nan() {
                    return;
                }
                let value = f64::from(value);
                *rows += 1;
                let before = value - *mean;
                *mean += before / *rows as f64;
                *squares += before * (value - *mean);
                *magnitudes += value.abs();
            });
        Ok(())
    }

    /// How many rows have a value, `(position, column)`.
    pub fn rows(&self) -> ArrayView2<'_, u64> {
        self.rows.view()
    }

    /// The mean, `(position, column)`; NaN where no row has a value.
    pub fn mean(&self) -> Array2<f64> {
        self.per_row(&self.mean, 1, |mean, _| mean)
    }

    /// The mean of values without their signs, `(position, column)`; NaN where no row has
    /// a value.
    pub fn mean_magnitude(&self) -> Array2<f64> {
        self.per_row(&self.magnitudes, 1, |sum, rows| sum / rows)
    }

    /// The standard deviation over rows (n - 1), `(position, column)`; NaN where fewer
    /// than two rows have a value.
    pub fn deviation(&self) -> Array2<f64> {
        self.per_row(&self.squares, 2, |squares, rows| (squares / (rows - 1.0)).sqrt())
    }

    fn per_row(
        &self,
        sums: &Array2<f64>,
        fewest: u64,
        of: impl Fn(f64, f64) -> f64,
    ) -> Array2<f64> {
        let value = |&sum: &f64, &rows: &u64| match rows >= fewest {
            true => of(sum, rows as f64),
            false => f64::NAN,
        };
        Zip::from(sums).and(&self.rows).map_collect(value)
    }
}
