mod columns;
mod contrast;
mod watched;

pub use columns::{Beside, Total};
pub use contrast::Contrast;
pub use watched::Watched;

use crate::SummaryError;
use crate::site::check_finite;
use ndarray::{Array2, ArrayBase, ArrayView2, ArrayViewMut2, Axis, Data, Ix3, Zip};

/// Numbers of one sample at every site, read row by row: attributions, or signal.
///
/// A site is a position of a row (a gene) in a column (a track or a base). Arrays
/// `(row, position, column)` are, memory-mapped ones and views with swapped axes too, and
/// so is what [`Rows`], [`Beside`], [`Total`], [`Mean`], [`Contrast`] and [`Watched`] make
/// of others; only a few rows are held in memory at a time.
pub trait SiteValues: Sync {
    /// Numbers of rows, positions and columns.
    fn shape(&self) -> [usize; 3];

    /// Fills `values`, `(position, column)`, with those of a row; NaN where there is none.
    ///
    /// # Errors
    /// The row is not there, `values` has another shape, or reading failed.
    fn row_into(&self, row: usize, values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError>;
}

impl<S> SiteValues for ArrayBase<S, Ix3>
where
    S: Data<Elem = f32>,
    Self: Sync,
{
    fn shape(&self) -> [usize; 3] {
        self.dim().into()
    }

    fn row_into(&self, row: usize, mut values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        check_row(self, row, values.view())?;
        values.assign(&self.index_axis(Axis(0), row));
        Ok(())
    }
}

impl<T: SiteValues + ?Sized> SiteValues for &T {
    fn shape(&self) -> [usize; 3] {
        (**self).shape()
    }

    fn row_into(&self, row: usize, values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        (**self).row_into(row, values)
    }
}

impl<T: SiteValues + ?Sized> SiteValues for Box<T> {
    fn shape(&self) -> [usize; 3] {
        (**self).shape()
    }

    fn row_into(&self, row: usize, values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        (**self).row_into(row, values)
    }
}

/// Some rows of others, in an order of one's own: the genes that two conditions share, or
/// the differential ones.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    of: T,
    rows: Vec<usize>,
}

impl<T: SiteValues> Rows<T> {
    /// Takes `rows` of `of`, in that order.
    ///
    /// # Errors
    /// A row is not there.
    pub fn new(of: T, rows: Vec<usize>) -> Result<Self, SummaryError> {
        let [there, ..] = of.shape();
        match rows.iter().find(|&&row| row >= there) {
            Some(&row) => Err(SummaryError::NoRow { row, rows: there }),
            None => Ok(Self { of, rows }),
        }
    }
}

impl<T: SiteValues> SiteValues for Rows<T> {
    fn shape(&self) -> [usize; 3] {
        let [_, positions, columns] = self.of.shape();
        [self.rows.len(), positions, columns]
    }

    fn row_into(&self, row: usize, values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        match self.rows.get(row) {
            Some(&row) => self.of.row_into(row, values),
            None => Err(SummaryError::NoRow { row, rows: self.rows.len() }),
        }
    }
}

/// The mean of several at every site: over replicates, or over models of several seeds.
///
/// Sums are in f64; a site that one of them lacks (NaN) has no mean.
#[derive(Clone, Debug)]
pub struct Mean<T>(Vec<T>);

impl<T: SiteValues> Mean<T> {
    /// Takes the mean of `samples`.
    ///
    /// # Errors
    /// There is none, or they differ in shape.
    pub fn new(samples: Vec<T>) -> Result<Self, SummaryError> {
        same_sites(&samples)?;
        Ok(Self(samples))
    }

    /// The mean of a row, in f64, `(position, column)`.
    fn row(&self, row: usize) -> Result<Array2<f64>, SummaryError> {
        let [_, positions, columns] = self.shape();
        let mut sum = Array2::zeros((positions, columns));
        for sample in &self.0 {
            let values = read(sample, row)?;
            Zip::from(&mut sum).and(&values).for_each(|sum, &value| *sum += f64::from(value));
        }
        Ok(sum / self.0.len() as f64)
    }
}

impl<T: SiteValues> SiteValues for Mean<T> {
    fn shape(&self) -> [usize; 3] {
        self.0.first().map_or([0; 3], SiteValues::shape)
    }

    fn row_into(&self, row: usize, mut values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        check_row(self, row, values.view())?;
        Zip::from(&mut values).and(&self.row(row)?).for_each(|to, &mean| *to = mean as f32);
        Ok(())
    }
}

/// Reads a row, `(position, column)`, and checks that no value is infinite.
pub(crate) fn read<T: SiteValues + ?Sized>(
    values: &T,
    row: usize,
) -> Result<Array2<f32>, SummaryError> {
    let [_, positions, columns] = values.shape();
    let mut read = Array2::zeros((positions, columns));
    values.row_into(row, read.view_mut())?;
    check_finite(row, read.view())?;
    Ok(read)
}

/// Checks that there is a sample and that all have the sites of the first.
fn same_sites<T: SiteValues>(samples: &[T]) -> Result<(), SummaryError> {
    let first = samples.first().map(SiteValues::shape);
    let expected = first.ok_or(SummaryError::TooFew { what: "samples", got: 0, needed: 1 })?;
    for (i, sample) in samples.iter().enumerate() {
        check_shape(&format!("of sample {}", i + 1), sample.shape(), expected)?;
    }
    Ok(())
}

pub(crate) fn check_shape(
    whose: &str,
    got: [usize; 3],
    expected: [usize; 3],
) -> Result<(), SummaryError> {
    for (i, what) in ["rows", "positions", "columns"].into_iter().enumerate() {
        SummaryError::same(&format!("{what} {whose}"), got[i], expected[i])?;
    }
    Ok(())
}

fn check_row<T: SiteValues + ?Sized>(
    of: &T,
    row: usize,
    values: ArrayView2<'_, f32>,
) -> Result<(), SummaryError> {
    let [rows, positions, columns] = of.shape();
    if row >= rows {
        return Err(SummaryError::NoRow { row, rows });
    }
    let (got_positions, got_columns) = values.dim();
    SummaryError::same("positions to fill", got_positions, positions)?;
    SummaryError::same("columns to fill", got_columns, columns)
}
