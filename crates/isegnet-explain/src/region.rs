use crate::site::{check_finite, check_mask};
use crate::site_values::{check_shape, read};
use crate::{By, Segments, SiteValues, SummaryError};
use ndarray::{ArrayView1, ArrayView2, s};
use std::ops::Range;

/// A stretch of one row and column whose sites reach a threshold: a peak of attribution,
/// or a differential region.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// The row (gene), from 0.
    pub row: usize,
    /// The column (track or base), from 0.
    pub column: usize,
    /// Its positions in the row, from its first site to its last.
    pub positions: Range<usize>,
    /// How many of them reach the threshold.
    pub sites: usize,
    /// Mean value over all its positions.
    pub mean: f64,
    /// The position of its highest site, the first on ties.
    pub summit: usize,
    /// The value at the summit, with its sign.
    pub summit_value: f32,
}

impl Region {
    /// The mean of other values of its row, `(position, column)`, over its positions: its
    /// signal, say; NaN where one is missing.
    ///
    /// # Errors
    /// There is no such column, or there are too few positions.
    pub fn mean_of(&self, values: ArrayView2<'_, f32>) -> Result<f64, SummaryError> {
        let Range { start, end } = self.positions;
        let (positions, columns) = values.dim();
        if end > positions || self.column >= columns {
            let (what, got, needed) = match end > positions {
                true => ("positions", positions, end),
                false => ("columns", columns, self.column + 1),
            };
            return Err(SummaryError::TooFew { what, got, needed });
        }
        Ok(mean(values.slice(s![start..end, self.column])))
    }
}

/// How sites become regions.
///
/// A site is a position whose height reaches the threshold of its column. Sites at most
/// `gap` positions apart are one region, unless a seam, a masked position or a missing
/// value (NaN) lies between them, or their signs differ: every region has one direction.
/// A value of 0 is never a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionRule {
    /// What is compared with the threshold.
    pub by: By,
    /// The most positions below the threshold that lie between two sites of a region.
    pub gap: usize,
    /// The fewest positions of a region; shorter ones are dropped.
    pub shortest: usize,
}

impl Default for RegionRule {
    /// By magnitude, over gaps of up to one 20-bp bin, of any length.
    fn default() -> Self {
        Self { by: By::Magnitude, gap: 20, shortest: 1 }
    }
}

impl RegionRule {
    /// The regions of one row, column by column, by position.
    ///
    /// `values` is `(position, column)`, `allowed` tells of each position whether a site
    /// may lie there, and there is a threshold a column.
    ///
    /// ```
    /// use isegnet_explain::{RegionRule, Segments};
    /// use ndarray::{Array1, arr2};
    ///
    /// let values = arr2(&[[0.0, 5.0, 1.0, 6.0, 7.0, 0.0]]).reversed_axes();
    /// let segments = Segments::new(&[4, 2])?;
    /// let allowed = Array1::from_elem(6, true);
    /// let rule = RegionRule { gap: 1, ..RegionRule::default() };
    /// let regions = rule.of_row(0, values.view(), allowed.view(), &[4.0], &segments)?;
    /// assert_eq!(regions[0].positions, 1..4);
    /// assert_eq!((regions[0].sites, regions[0].mean, regions[0].summit), (2, 4.0, 3));
    /// // Position 4 begins the next window.
    /// assert_eq!(regions[1].positions, 4..5);
    /// # Ok::<(), isegnet_explain::SummaryError>(())
    /// ```
    ///
    /// # Errors
    /// Their lengths differ, a value is infinite, or a threshold is not above 0.
    pub fn of_row(
        &self,
        row: usize,
        values: ArrayView2<'_, f32>,
        allowed: ArrayView1<'_, bool>,
        thresholds: &[f32],
        segments: &Segments,
    ) -> Result<Vec<Region>, SummaryError> {
        check_finite(row, values)?;
        SummaryError::same("positions of the mask", allowed.len(), values.nrows())?;
        SummaryError::same("positions of the segments", segments.positions(), values.nrows())?;
        SummaryError::same("thresholds", thresholds.len(), values.ncols())?;
        if let Some(&value) = thresholds.iter().find(|&&t| t.is_nan() || t <= 0.0) {
            let value = f64::from(value);
            return Err(SummaryError::Setting { name: "threshold", value, range: "one above 0" });
        }
        let mut regions = Vec::new();
        for (column, &threshold) in thresholds.iter().enumerate() {
            let values = values.column(column);
            let sites = Sites { by: self.by, threshold, values, allowed };
            for segment in segments.ranges() {
                for (positions, sites) in sites.runs(segment, self.gap) {
                    if positions.len() >= self.shortest {
                        regions.push(self.region(row, column, positions, sites, values));
                    }
                }
            }
        }
        Ok(regions)
    }

    fn region(
        &self,
        row: usize,
        column: usize,
        positions: Range<usize>,
        sites: usize,
        values: ArrayView1<'_, f32>,
    ) -> Region {
        let mut summit = positions.start;
        for position in positions.clone() {
            if self.by.height(values[position]) > self.by.height(values[summit]) {
                summit = position;
            }
        }
        let mean = mean(values.slice(s![positions.clone()]));
        let summit_value = values[summit];
        Region { row, column, positions, sites, mean, summit, summit_value }
    }
}

/// A column of a row, and what a site is there.
struct Sites<'v, 'a> {
    by: By,
    threshold: f32,
    values: ArrayView1<'v, f32>,
    allowed: ArrayView1<'a, bool>,
}

impl Sites<'_, '_> {
    /// Runs of sites inside a segment, and how many sites each has.
    fn runs(&self, segment: Range<usize>, gap: usize) -> Vec<(Range<usize>, usize)> {
        let mut runs: Vec<(Range<usize>, usize)> = Vec::new();
        // Whether the last run may still grow.
        let mut open = false;
        for position in segment {
            let value = self.values[position];
            if !self.allowed[position] || value.is_nan() {
                open = false;
            } else if self.by.height(value) >= self.threshold {
                match runs.last_mut() {
                    Some((run, sites))
                        if open
                            && position - run.end <= gap
                            && (self.values[run.start] > 0.0) == (value > 0.0) =>
                    {
                        run.end = position + 1;
                        *sites += 1;
                    }
                    _ => runs.push((position..position + 1, 1)),
                }
                open = true;
            }
        }
        runs
    }
}

/// A differential region and how the signal differs there.
#[derive(Clone, Debug, PartialEq)]
pub struct DifferentialRegion {
    /// Where the difference of attributions reaches the threshold; its mean is the mean
    /// difference.
    pub region: Region,
    /// Mean difference of the signal over the same positions; none in a column without
    /// signal (DNA).
    pub signal: Option<f64>,
}

/// Calls `found` with every region of `difference`, in order, and how `signal` differs
/// there (Figure 7 B, C of the paper).
///
/// Columns of the signal are the first columns of the difference. `allowed` is
/// `(row, position)`, and there is a threshold a column, as
/// [`Cutoffs::thresholds`](crate::Cutoffs::thresholds) gives them.
///
/// # Errors
/// Reading failed, shapes differ, a value is infinite, or a threshold is not above 0.
pub fn differential_regions<T: SiteValues + ?Sized>(
    difference: &T,
    signal: Option<&dyn SiteValues>,
    allowed: ArrayView2<'_, bool>,
    (rule, thresholds, segments): (&RegionRule, &[f32], &Segments),
    mut found: impl FnMut(DifferentialRegion) -> Result<(), SummaryError>,
) -> Result<(), SummaryError> {
    check_mask(difference, allowed)?;
    let [rows, positions, columns] = difference.shape();
    let signals = signal.map_or(0, |signal| signal.shape()[2]);
    if let Some(signal) = signal {
        let expected = [rows, positions, signals.min(columns)];
        check_shape("of the signal", signal.shape(), expected)?;
    }
    for (row, allowed) in allowed.rows().into_iter().enumerate() {
        let values = read(difference, row)?;
        let regions = rule.of_row(row, values.view(), allowed, thresholds, segments)?;
        // Signal is read only where it is wanted.
        let wanted = signal.filter(|_| regions.iter().any(|region| region.column < signals));
        let signal = wanted.map(|signal| read(signal, row)).transpose()?;
        for region in regions {
            let there = signal.as_ref().filter(|_| region.column < signals);
            let signal = there.map(|signal| region.mean_of(signal.view())).transpose()?;
            found(DifferentialRegion { region, signal })?;
        }
    }
    Ok(())
}

fn mean(values: ArrayView1<'_, f32>) -> f64 {
    values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64
}
