mod kernel;
mod null;

use crate::site::check_mask;
use crate::{Contrast, Region, Scope, SiteValues, SummaryError};
use isegnet_core::Random;
use kernel::{Flips, Standing};
use ndarray::{Array3, ArrayView1, ArrayView2, Axis, s};
use null::{Null, Tally};
use rayon::prelude::*;
use std::fmt;

/// The fewest pairs of samples that are tested.
pub const FEWEST_PAIRS: usize = 5;

/// Tests at every site whether the mean of paired differences is 0, by drawing their signs
/// anew.
///
/// The signs of a pair are drawn once for all sites, so sites stay as dependent as they
/// are, and the largest |mean difference| of all sites under each draw gives the
/// family-wise p (Nichols and Holmes 2002). The statistic is the mean difference itself,
/// by which sites are ranked too: divided by its error it would reach its bound by chance
/// at one of so many sites whatever the signs.
///
/// All 2^(n - 1) arrangements of n pairs are gone through where there are at most
/// `repeats` + 1 of them, else `repeats` drawn ones and the observed one. p is the share
/// of arrangements at least as extreme as the observed one, two-sided, so it is never
/// below 1 / arrangements: 1/16 with five pairs, 1/256 with nine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignFlips {
    /// How many arrangements are drawn, where not all are gone through.
    pub repeats: usize,
    /// Of what is drawn.
    pub seed: u64,
}

impl Default for SignFlips {
    /// All arrangements of up to 11 pairs, 1023 of more.
    fn default() -> Self {
        Self { repeats: 1023, seed: 0 }
    }
}

/// What can be said of how sites differ.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// Differences only: there are no p-values.
    EffectSizes(Untested),
    /// Every site was tested.
    Tested(SignTest),
}

/// Why there are no p-values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untested {
    /// Samples are not paired.
    Unpaired,
    /// There are too few pairs.
    FewPairs(usize),
}

impl fmt::Display for Untested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unpaired => write!(f, "samples are not paired: effect sizes only, no p-values"),
            Self::FewPairs(1) => {
                write!(
                    f,
                    "1 pair of samples where {FEWEST_PAIRS} are tested: effect sizes only, no p-values"
                )
            }
            Self::FewPairs(pairs) => {
                write!(
                    f,
                    "{pairs} pairs of samples where {FEWEST_PAIRS} are tested: effect sizes only, no p-values"
                )
            }
        }
    }
}

impl SignFlips {
    /// Tests the sites that `allowed`, `(row, position)`, marks, if there are at least
    /// [`FEWEST_PAIRS`] pairs.
    ///
    /// A site is not tested where a sample lacks a value (NaN) or all differences are 0,
    /// which signs cannot change. Every row is read once, rows side by side on all cores;
    /// what is held does not grow with their number.
    ///
    /// # Errors
    /// No repeat, reading failed, shapes differ, or a value is infinite.
    pub fn test<T: SiteValues>(
        &self,
        contrast: &Contrast<T>,
        allowed: ArrayView2<'_, bool>,
    ) -> Result<Evidence, SummaryError> {
        check_mask(contrast, allowed)?;
        if self.repeats == 0 {
            return Err(SummaryError::TooFew { what: "repeats", got: 0, needed: 1 });
        }
        let pairs = match contrast.pairs() {
            None => return Ok(Evidence::EffectSizes(Untested::Unpaired)),
            Some(few) if few < FEWEST_PAIRS => {
                return Ok(Evidence::EffectSizes(Untested::FewPairs(few)));
            }
            Some(pairs) => pairs,
        };
        let (flips, exact) = self.flips(pairs);
        let [rows, _, columns] = contrast.shape();
        let none = || vec![Tally::new(flips.arrangements()); columns];
        // Counts and maxima do not depend on the order in which rows come together.
        let tallies = (0..rows)
            .into_par_iter()
            .try_fold(none, |mut tallies, row| {
                let differences = differences(contrast, row, allowed.row(row))?;
                for (differences, tally) in differences.axis_iter(Axis(1)).zip(&mut tallies) {
                    tally.add(&flips, differences);
                }
                Ok::<_, SummaryError>(tallies)
            })
            .try_reduce(none, |a, b| {
                Ok(a.into_iter().zip(b).map(|(a, b)| a.merged(b)).collect())
            })?;
        let all = tallies.iter().cloned().reduce(Tally::merged);
        let all = Null::from(all.unwrap_or_else(|| Tally::new(flips.arrangements())));
        let columns = tallies.into_iter().map(Null::from).collect();
        Ok(Evidence::Tested(SignTest { flips, exact, columns, all }))
    }

    /// The signs of each arrangement, the observed one first, and whether these are all.
    fn flips(&self, pairs: usize) -> (Flips, bool) {
        let sign = |negative: bool| if negative { -1.0 } else { 1.0 };
        // The sign of the first pair stays: turning all signs changes no magnitude.
        let all = 1_usize
            .checked_shl(pairs as u32 - 1)
            .filter(|&all| all <= self.repeats.saturating_add(1));
        let signs = match all {
            Some(all) => (0..all)
                .map(|bits| (0..pairs).map(|pair| sign((bits << 1) >> pair & 1 == 1)).collect())
                .collect(),
            None => {
                let random = Random::new(self.seed, "compare/signs");
                let drawn = |repeat: usize| -> Vec<f64> {
                    let bit = |pair| random.bits(repeat as u64, pair as u64) & 1 == 1;
                    (0..pairs).map(|pair| sign(repeat > 0 && bit(pair))).collect()
                };
                (0..=self.repeats).map(drawn).collect()
            }
        };
        (Flips::new(signs), all.is_some())
    }
}

/// A test of every site, from which those of interest are read.
#[derive(Clone, Debug)]
pub struct SignTest {
    flips: Flips,
    exact: bool,
    columns: Vec<Null>,
    all: Null,
}

/// How surprising the difference at a site is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Significance {
    /// The chance of a difference as large at this site, were there none.
    pub p: f64,
    /// The chance of a difference as large at any site of the scope.
    pub family_wise: f64,
    /// The share of false findings among the sites of the scope with a p as small
    /// (Benjamini and Hochberg 1995).
    pub q: f64,
}

impl SignTest {
    /// Number of arrangements of signs, the observed one among them.
    pub fn arrangements(&self) -> usize {
        self.flips.arrangements()
    }

    /// Whether these are all that there are.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// The smallest p that so many arrangements can give.
    pub fn smallest_p(&self) -> f64 {
        1.0 / self.arrangements() as f64
    }

    /// How many sites were tested: of one column, or of all.
    pub fn tested(&self, column: Option<usize>) -> u64 {
        column.map_or(Some(&self.all), |column| self.columns.get(column)).map_or(0, Null::tested)
    }

    /// Tests the sites of one row of the contrast once more, to read each one's result.
    ///
    /// `allowed` is the row's mask.
    ///
    /// # Errors
    /// Reading failed, shapes differ, or a value is infinite.
    pub fn of_row<T: SiteValues>(
        &self,
        contrast: &Contrast<T>,
        row: usize,
        allowed: ArrayView1<'_, bool>,
    ) -> Result<RowTest<'_>, SummaryError> {
        SummaryError::same("positions of the mask", allowed.len(), contrast.shape()[1])?;
        let differences = differences(contrast, row, allowed)?;
        SummaryError::same("pairs", differences.dim().0, self.flips.pairs())?;
        SummaryError::same("columns", differences.dim().1, self.columns.len())?;
        let columns = differences.axis_iter(Axis(1));
        let sites = columns.map(|column| self.flips.stand(column, |_, _| {})).collect();
        Ok(RowTest { test: self, sites })
    }
}

/// The tests of one row's sites.
#[derive(Clone, Debug)]
pub struct RowTest<'a> {
    test: &'a SignTest,
    /// Those of each column.
    sites: Vec<Vec<Option<Standing>>>,
}

impl RowTest<'_> {
    /// The test of one site among those of `scope`; none where it was not tested.
    pub fn site(&self, position: usize, column: usize, scope: Scope) -> Option<Significance> {
        let site = (*self.sites.get(column)?.get(position)?)?;
        match scope {
            Scope::Column => self.test.columns.get(column)?.judge(site),
            Scope::All => self.test.all.judge(site),
        }
    }

    /// The test of the most surprising site of a region; none where none was tested.
    pub fn region(&self, region: &Region, scope: Scope) -> Option<Significance> {
        let sites = region.positions.clone();
        let tested = sites.filter_map(|position| self.site(position, region.column, scope));
        let surprise = |site: &Significance| (site.family_wise, site.p);
        tested.reduce(|best, site| if surprise(&site) < surprise(&best) { site } else { best })
    }
}

/// The differences of each pair at the sites of a row, `(pair, column, position)`; 0 where
/// it is masked.
fn differences<T: SiteValues>(
    contrast: &Contrast<T>,
    row: usize,
    allowed: ArrayView1<'_, bool>,
) -> Result<Array3<f64>, SummaryError> {
    let mut differences = contrast.pair_differences(row)?;
    for position in (0..allowed.len()).filter(|&position| !allowed[position]) {
        differences.slice_mut(s![.., .., position]).fill(0.0);
    }
    Ok(differences)
}
