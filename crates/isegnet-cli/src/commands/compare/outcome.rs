//! Where two conditions differ: thresholds, counts of sites, regions.

use super::samples::{Comparison, Sites};
use super::signal::Filled;
use crate::Session;
use isegnet_core::Progress;
use isegnet_explain::{
    By, Contrast, Cutoffs, DifferentialRegion, Evidence, Region, RegionRule, Scope, Segments,
    SignFlips, Significance, SiteValues, SummaryError, Watched, differential_regions,
};
use ndarray::Array2;

/// What decides which sites differ.
pub struct Rule {
    /// The share of sites with the largest |difference|.
    pub share: f64,
    /// Among all sites, or those of each column.
    pub scope: Scope,
    /// How sites become regions.
    pub regions: RegionRule,
    /// How signs are drawn.
    pub flips: SignFlips,
}

/// A region with what was found there.
pub struct Found {
    pub region: Region,
    /// Mean difference of the other kind of values over it: of signal for attributions, of
    /// attributions for signal.
    pub beside: Option<f64>,
    /// None where nothing was tested.
    pub test: Option<Significance>,
}

/// Differences of one kind of values.
pub struct Outcome {
    pub cutoffs: Cutoffs,
    /// Sites of each column that reach the threshold of all sites; none where columns have
    /// units of their own.
    pub of_all: Option<Vec<u64>>,
    pub evidence: Evidence,
    /// Sites of each column with q, and with the family-wise p, of at most 0.05.
    pub significant: Option<Vec<[u64; 2]>>,
    pub regions: Vec<Found>,
}

/// The largest p that is called significant.
pub const ALPHA: f64 = 0.05;

/// Finds where attributions differ, and how the signal differs there.
pub fn of_attributions(
    comparison: &Comparison<'_>,
    rule: &Rule,
    session: &Session,
) -> anyhow::Result<Outcome> {
    let (attributions, signals) = (comparison.attributions()?, comparison.signals()?);
    let tracks = signals.shape()[2];
    let beside = (tracks > 0).then_some(&signals as &dyn SiteValues);
    Differences { comparison, rule, session }.find("attributions", &attributions, beside, false)
}

/// Finds where signal differs by the same rule, and how attributions differ there; none
/// where there is no track. Differentially methylated regions are those of methylation.
pub fn of_signals(
    comparison: &Comparison<'_>,
    rule: &Rule,
    session: &Session,
) -> anyhow::Result<Option<Outcome>> {
    let (attributions, signals) = (comparison.attributions()?, comparison.signals()?);
    if signals.shape()[2] == 0 {
        return Ok(None);
    }
    // Tracks have units of their own, so their sites are never ranked together.
    let rule = Rule { scope: Scope::Column, ..*rule };
    let differences = Differences { comparison, rule: &rule, session };
    let attributions = Tracks(&attributions, signals.shape()[2]);
    Ok(Some(differences.find("signals", &signals, Some(&attributions), true)?))
}

struct Differences<'a, 'b> {
    comparison: &'a Comparison<'b>,
    rule: &'a Rule,
    session: &'a Session,
}

impl Differences<'_, '_> {
    fn find(
        &self,
        what: &str,
        contrast: &Contrast<Sites<'_>>,
        beside: Option<&dyn SiteValues>,
        signal: bool,
    ) -> anyhow::Result<Outcome> {
        let Self { comparison, rule, session } = *self;
        let (screen, allowed) = (&session.screen, comparison.allowed());
        let rows = comparison.genes.len() as u64;
        // Thresholds take two readings, regions one, and counts one more.
        screen.start(&format!("comparing {what}"), rows * if signal { 3 } else { 4 });
        let watched = Watched::new(contrast, screen, &session.cancel);
        let cutoffs = Cutoffs::find(&watched, By::Magnitude, rule.share, allowed.view())?;
        let of_all = match signal {
            true => None,
            false => Some(count(&watched, &allowed, cutoffs.all.threshold)?),
        };
        let evidence = rule.flips.test(contrast, allowed.view())?;
        let significant = match &evidence {
            Evidence::EffectSizes(_) => None,
            Evidence::Tested(_) => Some(self.significant(contrast, &evidence, &allowed)?),
        };
        let segments = segments(comparison)?;
        let thresholds = cutoffs.thresholds(rule.scope);
        let mut regions = Vec::new();
        let mut found = |found: DifferentialRegion| {
            let DifferentialRegion { region, signal } = found;
            regions.push(Found { region, beside: signal, test: None });
            Ok(())
        };
        let rule = (&rule.regions, thresholds.as_slice(), &segments);
        match signal {
            // A gap between measured bases does not end a region.
            true => {
                let filled = Filled(&watched);
                differential_regions(&filled, beside, allowed.view(), rule, &mut found)?;
            }
            false => differential_regions(&watched, beside, allowed.view(), rule, &mut found)?,
        }
        self.test(contrast, &evidence, &allowed, &mut regions)?;
        screen.finish();
        Ok(Outcome { cutoffs, of_all, evidence, significant, regions })
    }

    /// Counts significant sites of each column.
    fn significant(
        &self,
        contrast: &Contrast<Sites<'_>>,
        evidence: &Evidence,
        allowed: &Array2<bool>,
    ) -> Result<Vec<[u64; 2]>, SummaryError> {
        let [rows, positions, columns] = contrast.shape();
        let mut counts = vec![[0; 2]; columns];
        let Evidence::Tested(test) = evidence else { return Ok(counts) };
        for row in 0..rows {
            let tested = test.of_row(contrast, row, allowed.row(row))?;
            for (column, counts) in counts.iter_mut().enumerate() {
                for position in 0..positions {
                    if let Some(site) = tested.site(position, column, self.rule.scope) {
                        counts[0] += u64::from(site.q <= ALPHA);
                        counts[1] += u64::from(site.family_wise <= ALPHA);
                    }
                }
            }
        }
        Ok(counts)
    }

    /// Puts to each region the test of its most surprising site.
    fn test(
        &self,
        contrast: &Contrast<Sites<'_>>,
        evidence: &Evidence,
        allowed: &Array2<bool>,
        regions: &mut [Found],
    ) -> Result<(), SummaryError> {
        let Evidence::Tested(test) = evidence else { return Ok(()) };
        for regions in regions.chunk_by_mut(|a, b| a.region.row == b.region.row) {
            let Some(row) = regions.first().map(|found| found.region.row) else { continue };
            let tested = test.of_row(contrast, row, allowed.row(row))?;
            for found in regions {
                found.test = tested.region(&found.region, self.rule.scope);
            }
        }
        Ok(())
    }
}

/// Where the windows of a comparison meet.
pub fn segments(comparison: &Comparison<'_>) -> Result<Segments, SummaryError> {
    let view = &comparison.reference().view;
    Segments::new(&view.windows().both().map(|window| window.len() / view.bin_bp()))
}

/// Counts the sites of each column that reach a height.
fn count<T: SiteValues>(
    values: &T,
    allowed: &Array2<bool>,
    threshold: f32,
) -> Result<Vec<u64>, SummaryError> {
    let [rows, positions, columns] = values.shape();
    let mut counts = vec![0; columns];
    let mut row_values = Array2::zeros((positions, columns));
    for row in 0..rows {
        values.row_into(row, row_values.view_mut())?;
        for (values, _) in
            row_values.rows().into_iter().zip(allowed.row(row)).filter(|(_, allowed)| **allowed)
        {
            for (count, value) in counts.iter_mut().zip(values) {
                *count += u64::from(value.abs() >= threshold);
            }
        }
    }
    Ok(counts)
}

/// The first columns of others.
struct Tracks<'a, T>(&'a T, usize);

impl<T: SiteValues> SiteValues for Tracks<'_, T> {
    fn shape(&self) -> [usize; 3] {
        let [rows, positions, _] = self.0.shape();
        [rows, positions, self.1]
    }

    fn row_into(
        &self,
        row: usize,
        mut values: ndarray::ArrayViewMut2<'_, f32>,
    ) -> Result<(), SummaryError> {
        let [_, positions, columns] = self.0.shape();
        let mut all = Array2::zeros((positions, columns));
        self.0.row_into(row, all.view_mut())?;
        values.assign(&all.slice(ndarray::s![.., ..self.1]));
        Ok(())
    }
}
