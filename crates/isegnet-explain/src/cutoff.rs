use crate::site::check_mask;
use crate::site_values::read;
use crate::{By, SiteValues, SummaryError};
use ndarray::ArrayView2;

/// Among which sites a share is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The sites of one column (track or base).
    Column,
    /// The sites of all columns: the paper's rule (section 3.6).
    All,
}

/// The height that the top share of some sites reaches.
///
/// Of n sites, the k = share * n highest (rounded down) are meant. The threshold is the
/// height of the k-th, and every site that reaches it is in, so that no order of rows
/// decides between equal ones: `found` is k, or more where sites tie with the k-th. Sites
/// of height 0 or below are never in, so `found` is less where fewer are above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cutoff {
    /// The least height that is in; infinite where none is.
    pub threshold: f32,
    /// Number of sites counted.
    pub sites: u64,
    /// Of them, how many are above 0.
    pub above_zero: u64,
    /// How many make up the share: k.
    pub wanted: u64,
    /// How many reach the threshold.
    pub found: u64,
}

/// The cutoffs of every column, and of all columns together.
#[derive(Clone, Debug, PartialEq)]
pub struct Cutoffs {
    /// One a column.
    pub columns: Vec<Cutoff>,
    /// That of all sites.
    pub all: Cutoff,
}

impl Cutoffs {
    /// Finds the height that the top `share` of sites reaches, exactly.
    ///
    /// Sites are the positions that `allowed`, `(row, position)`, marks and that have a
    /// value (not NaN). Every row is read twice, and counts of a fixed size are all that
    /// is held.
    ///
    /// ```
    /// use isegnet_explain::{By, Cutoffs, Scope};
    /// use ndarray::{Array2, Array3};
    ///
    /// // Differences -50 .. 49 at a hundred positions.
    /// let values = Array3::from_shape_fn((1, 100, 1), |(_, p, _)| p as f32 - 50.0);
    /// let allowed = Array2::from_elem((1, 100), true);
    /// let cutoffs = Cutoffs::find(&values, By::Magnitude, 0.1, allowed.view())?;
    /// // -50, +-49, +-48, +-47, +-46 and, equal to the tenth, +-45.
    /// assert_eq!(cutoffs.thresholds(Scope::Column), [45.0]);
    /// assert_eq!((cutoffs.all.wanted, cutoffs.all.found), (10, 11));
    /// # Ok::<(), isegnet_explain::SummaryError>(())
    /// ```
    ///
    /// # Errors
    /// A share outside (0, 1], reading failed, shapes differ, or a value is infinite.
    pub fn find<T: SiteValues + ?Sized>(
        values: &T,
        by: By,
        share: f64,
        allowed: ArrayView2<'_, bool>,
    ) -> Result<Self, SummaryError> {
        if !(share > 0.0 && share <= 1.0) {
            return Err(SummaryError::share("share of sites", share));
        }
        check_mask(values, allowed)?;
        let columns = values.shape()[2];
        let mut sites = vec![0_u64; columns];
        let mut upper = Halves::new(columns);
        for_each_site(values, allowed, |column, value| {
            sites[column] += 1;
            let height = by.height(value);
            if height > 0.0 {
                upper.add(column, height.to_bits() >> 16);
            }
        })?;
        // The last family is that of all sites.
        sites.push(sites.iter().sum());
        upper.pool();
        let families: Vec<Family> = sites
            .iter()
            .zip(&upper.0)
            .map(|(&sites, upper)| Family::new(sites, share, upper))
            .collect();
        let mut lower = Halves::new(columns + 1);
        for_each_site(values, allowed, |column, value| {
            let height = by.height(value);
            if height > 0.0 {
                for family in [column, columns] {
                    if families[family].half == Some(height.to_bits() >> 16) {
                        lower.add(family, height.to_bits() & 0xFFFF);
                    }
                }
            }
        })?;
        let mut cutoffs: Vec<Cutoff> =
            families.iter().zip(&lower.0).map(|(family, lower)| family.cutoff(lower)).collect();
        let all = cutoffs.split_off(columns);
        Ok(Self { columns: cutoffs, all: all[0] })
    }

    /// A threshold a column: each its own, or that of all sites.
    pub fn thresholds(&self, scope: Scope) -> Vec<f32> {
        let of = |column: &Cutoff| match scope {
            Scope::Column => column.threshold,
            Scope::All => self.all.threshold,
        };
        self.columns.iter().map(of).collect()
    }
}

/// Numbers of heights by half of their bits, one list a family. Above 0, bits compare as
/// the numbers do.
struct Halves(Vec<Vec<u64>>);

impl Halves {
    fn new(families: usize) -> Self {
        Self(vec![vec![0; 1 << 16]; families])
    }

    fn add(&mut self, family: usize, half: u32) {
        self.0[family][half as usize] += 1;
    }

    /// Appends the sum of all families.
    fn pool(&mut self) {
        let mut all = vec![0; 1 << 16];
        for family in &self.0 {
            for (sum, count) in all.iter_mut().zip(family) {
                *sum += count;
            }
        }
        self.0.push(all);
    }
}

/// What the first pass tells of a family of sites.
struct Family {
    sites: u64,
    above_zero: u64,
    wanted: u64,
    /// The upper half of the bits of the last height that is in.
    half: Option<u32>,
    /// How many sites have a greater upper half.
    above_half: u64,
}

impl Family {
    fn new(sites: u64, share: f64, upper: &[u64]) -> Self {
        let above_zero: u64 = upper.iter().sum();
        // Just below a whole number by rounding is that number.
        let wanted = (share * sites as f64 + 1e-9).floor() as u64;
        let (half, above_half) = descend(upper, wanted.min(above_zero));
        Self { sites, above_zero, wanted, half, above_half }
    }

    fn cutoff(&self, lower: &[u64]) -> Cutoff {
        let Self { sites, above_zero, wanted, half, above_half } = *self;
        let rank = wanted.min(above_zero).saturating_sub(above_half);
        let (threshold, found) = match (half, descend(lower, rank)) {
            (Some(half), (Some(rest), above)) => {
                (f32::from_bits(half << 16 | rest), above_half + above + lower[rest as usize])
            }
            _ => (f32::INFINITY, 0),
        };
        Cutoff { threshold, sites, above_zero, wanted, found }
    }
}

/// The half in which the `rank`-th highest (from 1) lies, and how many lie in higher ones.
fn descend(counts: &[u64], rank: u64) -> (Option<u32>, u64) {
    let mut above = 0;
    if rank > 0 {
        for (half, &count) in counts.iter().enumerate().rev() {
            if above + count >= rank {
                return (Some(half as u32), above);
            }
            above += count;
        }
    }
    (None, above)
}

/// Calls `site` with the column and the value of every site.
fn for_each_site<T: SiteValues + ?Sized>(
    values: &T,
    allowed: ArrayView2<'_, bool>,
    mut site: impl FnMut(usize, f32),
) -> Result<(), SummaryError> {
    for (row, allowed) in allowed.rows().into_iter().enumerate() {
        let values = read(values, row)?;
        for (values, _) in values.rows().into_iter().zip(allowed).filter(|(_, allowed)| **allowed) {
            for (column, &value) in values.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
                site(column, value);
            }
        }
    }
    Ok(())
}
