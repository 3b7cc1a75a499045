use crate::site_values::read;
use crate::{SiteValues, SummaryError};
use ndarray::{ArrayView1, ArrayView2};

/// What makes one site higher than another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The value with its sign.
    #[default]
    Value,
    /// The value without its sign.
    Magnitude,
}

impl By {
    /// What is compared.
    pub fn height(self, value: f32) -> f32 {
        match self {
            Self::Value => value,
            Self::Magnitude => value.abs(),
        }
    }
}

/// How many of the highest sites are taken of each row and column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Count {
    /// This many.
    Number(usize),
    /// This share of the positions where a site may lie, rounded up.
    Share(f64),
}

/// One of the highest sites of a row in a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopSite {
    /// The row (gene), from 0.
    pub row: usize,
    /// The column (track or base), from 0.
    pub column: usize,
    /// The position in the row, from 0.
    pub position: usize,
    /// The value there, with its sign.
    pub value: f32,
    /// 1 for the highest of its row and column.
    pub rank: usize,
}

/// The highest sites of every row and column, the first position on ties.
///
/// A position that is masked (off the chromosome, without a base) or lacks a value (NaN)
/// is never one. Neither is a value of 0, where nothing is attributed: a row that is 0
/// everywhere has no highest site.
///
/// ```
/// use isegnet_explain::{By, Count, TopSites};
/// use ndarray::{arr1, arr2};
///
/// let values = arr2(&[[0.5], [-3.0], [0.5], [9.0]]);
/// let allowed = arr1(&[true, true, true, false]);
/// let signed = TopSites::default().of_row(7, values.view(), allowed.view())?;
/// assert_eq!((signed[0].row, signed[0].position, signed[0].value), (7, 0, 0.5));
/// let largest = TopSites::new(By::Magnitude, Count::Number(2))?;
/// let two = largest.of_row(7, values.view(), allowed.view())?;
/// assert_eq!([two[0].position, two[1].position], [1, 0]);
/// # Ok::<(), isegnet_explain::SummaryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopSites {
    by: By,
    count: Count,
}

impl Default for TopSites {
    /// The one highest by its value, as in the paper (section 3.5).
    fn default() -> Self {
        Self { by: By::Value, count: Count::Number(1) }
    }
}

impl TopSites {
    /// Takes `count` of each row and column.
    ///
    /// # Errors
    /// A share outside (0, 1].
    pub fn new(by: By, count: Count) -> Result<Self, SummaryError> {
        match count {
            Count::Share(value) if !(value > 0.0 && value <= 1.0) => {
                Err(SummaryError::share("share of top sites", value))
            }
            _ => Ok(Self { by, count }),
        }
    }

    /// The sites of one row, column by column, the highest first.
    ///
    /// `values` is `(position, column)`, and `allowed` tells of each position whether a
    /// site may lie there.
    ///
    /// # Errors
    /// Their lengths differ, or a value is infinite.
    pub fn of_row(
        &self,
        row: usize,
        values: ArrayView2<'_, f32>,
        allowed: ArrayView1<'_, bool>,
    ) -> Result<Vec<TopSite>, SummaryError> {
        check_finite(row, values)?;
        SummaryError::same("positions of the mask", allowed.len(), values.nrows())?;
        let mut sites = Vec::new();
        for (column, values) in values.columns().into_iter().enumerate() {
            let there = |position: &usize| allowed[*position] && !values[*position].is_nan();
            let mut positions: Vec<usize> = (0..values.len()).filter(there).collect();
            let height = |position: usize| self.by.height(values[position]);
            // No two heights compare as unordered, and equal ones by position.
            let higher = |a: &usize, b: &usize| {
                let heights = height(*b).partial_cmp(&height(*a));
                heights.unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(b))
            };
            let count = self.count(positions.len());
            if count < positions.len() {
                positions.select_nth_unstable_by(count, higher);
                positions.truncate(count);
            }
            positions.sort_unstable_by(higher);
            let ranked = (1..).zip(positions);
            let ranked = ranked.map(|(rank, p)| TopSite {
                row,
                column,
                position: p,
                value: values[p],
                rank,
            });
            sites.extend(ranked.filter(|site| site.value != 0.0));
        }
        Ok(sites)
    }

    /// The sites of all rows, in order; `allowed` is `(row, position)`.
    ///
    /// # Errors
    /// Reading failed, shapes differ, or a value is infinite.
    pub fn of<T: SiteValues + ?Sized>(
        &self,
        values: &T,
        allowed: ArrayView2<'_, bool>,
    ) -> Result<Vec<TopSite>, SummaryError> {
        check_mask(values, allowed)?;
        let mut sites = Vec::new();
        for (row, allowed) in allowed.rows().into_iter().enumerate() {
            sites.extend(self.of_row(row, read(values, row)?.view(), allowed)?);
        }
        Ok(sites)
    }

    fn count(&self, positions: usize) -> usize {
        match self.count {
            Count::Number(number) => number.min(positions),
            Count::Share(share) => {
                ((share * positions as f64 - 1e-9).ceil() as usize).min(positions)
            }
        }
    }
}

/// Checks that a mask, `(row, position)`, has the rows and positions of the values.
pub(crate) fn check_mask<T: SiteValues + ?Sized>(
    values: &T,
    allowed: ArrayView2<'_, bool>,
) -> Result<(), SummaryError> {
    let [rows, positions, _] = values.shape();
    SummaryError::same("rows of the mask", allowed.nrows(), rows)?;
    SummaryError::same("positions of the mask", allowed.ncols(), positions)
}

/// Checks that no value of a row, `(position, column)`, is infinite.
pub(crate) fn check_finite(row: usize, values: ArrayView2<'_, f32>) -> Result<(), SummaryError> {
    let mut all = values.indexed_iter();
    match all.find(|(_, value)| value.is_infinite()) {
        None => Ok(()),
        Some(((position, column), &value)) => {
            Err(SummaryError::NotFinite { row, position, column, value })
        }
    }
}
