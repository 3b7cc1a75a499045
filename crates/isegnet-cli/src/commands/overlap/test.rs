//! Attribution peaks, and how often they meet what is bound.

use super::draws::arrange;
use super::promoters::Promoters;
use crate::Session;
use crate::numbers::p_value;
use isegnet_core::{LearnError, Progress, Random};
use isegnet_explain::{Cutoffs, Region, RegionRule, Scope};
use isegnet_stats::{Correction, PValue};
use ndarray::s;
use rayon::prelude::*;
use serde::Serialize;
use std::ops::Range;

/// How peaks are found and tested.
pub struct Rule {
    pub share: f64,
    pub regions: RegionRule,
    pub draws: u64,
    pub seed: u64,
}

/// The attribution peaks of a track in a sample.
pub struct Measured {
    /// The least height of a site.
    pub threshold: f32,
    /// Rows of the explanation.
    pub rows: Vec<usize>,
    /// Peaks of each of these rows, with how many of their bases are bound.
    pub peaks: Vec<Vec<(Region, usize)>>,
}

/// How often the peaks of some genes meet what is bound.
#[derive(Clone, Debug, Serialize)]
pub struct Tested {
    pub sample: String,
    pub track: String,
    pub genes_are: String,
    pub genes: usize,
    /// Those with a bound base and a peak, which alone say anything.
    pub informative: usize,
    pub threshold: f32,
    pub peaks: usize,
    pub peak_bases: usize,
    /// Bases of peaks that are bound: what is tested, since it does not depend on into how
    /// many peaks a stretch falls apart.
    pub bases: Count,
    /// Peaks with a bound base.
    pub met: Count,
}

impl Tested {
    /// What it is called: the track, and what else tells it from the others.
    pub fn title(&self, among: &[Self]) -> String {
        let samples = among.iter().any(|t| t.sample != self.sample);
        let lists = among.iter().any(|t| t.genes_are != self.genes_are);
        let sample = if samples { format!("{} ", self.sample) } else { String::new() };
        let list = if lists { format!(", {}", self.genes_are) } else { String::new() };
        format!("{sample}{}{list}", self.track)
    }

    fn met(&mut self) -> &mut Count {
        &mut self.met
    }

    fn bases(&mut self) -> &mut Count {
        &mut self.bases
    }
}

/// A count, and the same of random regions.
#[derive(Clone, Debug, Serialize)]
pub struct Count {
    pub observed: u64,
    /// Mean over draws.
    pub expected: f64,
    /// The share of draws with as many, the observed one among them.
    pub p: f64,
    /// Benjamini and Hochberg's over all tests of the command.
    pub q: f64,
}

impl Count {
    /// Observed over expected; none where nothing is expected.
    pub fn fold(&self) -> f64 {
        self.observed as f64 / self.expected
    }
}

/// Peaks of a stretch of a row, and what is bound there.
struct Arena<'a> {
    /// Bound bases before each base of the stretch.
    bound: &'a [u32],
    lengths: Vec<usize>,
}

impl Measured {
    /// Finds the peaks of all genes.
    pub fn of(promoters: &Promoters, rule: &Rule) -> anyhow::Result<Self> {
        let (values, allowed) = (&promoters.values, promoters.allowed.view());
        let cutoffs = Cutoffs::find(values, rule.regions.by, rule.share, allowed)?;
        let threshold = cutoffs.thresholds(Scope::Column)[0];
        let mut peaks = Vec::new();
        for (i, allowed) in allowed.outer_iter().enumerate() {
            let mut here = Vec::new();
            if threshold.is_finite() {
                let values = values.slice(s![i, .., ..]);
                let found =
                    rule.regions.of_row(i, values, allowed, &[threshold], &promoters.segments)?;
                here.extend(found.into_iter().map(|region| {
                    let bound = promoters.bound_in(i, &region.positions);
                    (region, bound)
                }));
            }
            peaks.push(here);
        }
        Ok(Self { threshold, rows: promoters.rows.clone(), peaks })
    }

    /// Tests the peaks of the rows that are kept.
    pub fn test(
        &self,
        (sample, track, genes_are): (&str, &str, &str),
        promoters: &Promoters,
        keep: impl Fn(usize) -> bool,
        (rule, number): (&Rule, u64),
        session: &Session,
    ) -> anyhow::Result<Tested> {
        let kept: Vec<usize> = (0..self.rows.len()).filter(|&i| keep(self.rows[i])).collect();
        let peaks = || kept.iter().flat_map(|&i| &self.peaks[i]);
        let observed = (
            peaks().filter(|(_, bound)| *bound > 0).count() as u64,
            peaks().map(|p| p.1 as u64).sum(),
        );
        let mut arenas: Vec<Arena<'_>> = Vec::new();
        let mut informative = 0;
        for &i in &kept {
            let before = arenas.len();
            arenas.extend(promoters.segments.ranges().filter_map(|r| self.arena(promoters, i, r)));
            informative += usize::from(arenas.len() > before);
        }
        let random = Random::new(rule.seed, "overlap/random regions").part(number);
        let drawn =
            draws(&arenas, &random, rule.draws, (&format!("drawing for {track}"), session))?;
        let count = |observed: u64, of: fn(&(u64, u64)) -> u64| {
            let sum: u64 = drawn.iter().map(of).sum();
            let as_many = drawn.iter().filter(|&drawn| of(drawn) >= observed).count();
            let p = (1 + as_many) as f64 / (1 + drawn.len()) as f64;
            Count { observed, expected: sum as f64 / drawn.len() as f64, p, q: p }
        };
        Ok(Tested {
            sample: sample.to_owned(),
            track: track.to_owned(),
            genes_are: genes_are.to_owned(),
            genes: kept.len(),
            informative,
            threshold: self.threshold,
            peaks: peaks().count(),
            peak_bases: peaks().map(|(region, _)| region.positions.len()).sum(),
            bases: count(observed.1, |drawn| drawn.1),
            met: count(observed.0, |drawn| drawn.0),
        })
    }

    /// The peaks of a stretch; none where there is no peak or nothing is bound.
    fn arena<'a>(
        &self,
        promoters: &'a Promoters,
        i: usize,
        segment: Range<usize>,
    ) -> Option<Arena<'a>> {
        let allowed = promoters.allowed.row(i);
        let mut there = segment.clone().filter(|&position| allowed[position]);
        let first = there.next()?;
        let last = there.next_back().unwrap_or(first);
        let inside = |region: &&(Region, usize)| segment.contains(&region.0.positions.start);
        let lengths: Vec<usize> =
            self.peaks[i].iter().filter(inside).map(|(region, _)| region.positions.len()).collect();
        let bound = promoters.bound[i].get(first..=last + 1)?;
        let any = promoters.bound_in(i, &(first..last + 1)) > 0;
        (any && !lengths.is_empty()).then_some(Arena { bound, lengths })
    }
}

/// Peaks met and bases bound of each draw.
fn draws(
    arenas: &[Arena<'_>],
    random: &Random,
    count: u64,
    (task, session): (&str, &Session),
) -> anyhow::Result<Vec<(u64, u64)>> {
    const CHUNK: u64 = 64;
    session.screen.start(task, count);
    let mut drawn = Vec::with_capacity(count as usize);
    for from in (0..count).step_by(CHUNK as usize) {
        if session.cancel.is_cancelled() {
            return Err(LearnError::Cancelled.into());
        }
        let to = count.min(from + CHUNK);
        let some: Vec<(u64, u64)> =
            (from..to).into_par_iter().map(|step| draw(arenas, random, step)).collect();
        drawn.extend(some);
        session.screen.advance(to - from);
    }
    session.screen.finish();
    Ok(drawn)
}

fn draw(arenas: &[Arena<'_>], random: &Random, step: u64) -> (u64, u64) {
    let (mut met, mut bases) = (0, 0);
    let (mut starts, mut lengths) = (Vec::new(), Vec::new());
    let mut element = 0;
    for arena in arenas {
        lengths.clear();
        lengths.extend_from_slice(&arena.lengths);
        arrange(&mut lengths, arena.bound.len() - 1, random, (step, element), &mut starts);
        element += 2 * lengths.len() as u64;
        for (&start, &length) in starts.iter().zip(&lengths) {
            let bound = u64::from(arena.bound[start + length] - arena.bound[start]);
            met += u64::from(bound > 0);
            bases += bound;
        }
    }
    (met, bases)
}

/// Gives q-values over all tests.
pub fn adjust(tested: &mut [Tested]) {
    for of in [Tested::met, Tested::bases] {
        let p: Vec<PValue> =
            tested.iter_mut().map(|t| PValue::new(of(t).p).unwrap_or(PValue::ONE)).collect();
        let q = Correction::BenjaminiHochberg.adjust(&p);
        tested.iter_mut().zip(q).for_each(|(t, q)| of(t).q = q.p());
    }
}

/// The tests as lines for people.
pub fn table(tested: &[Tested]) -> String {
    let name = |t: &Tested| t.title(tested);
    let width = tested.iter().map(|t| name(t).chars().count()).max().unwrap_or(0);
    let mut text =
        format!("{:width$}  genes  attribution peaks  bound bases  expected  fold  p", "");
    for t in tested {
        let p = p_value(PValue::new(t.bases.p).unwrap_or(PValue::ONE));
        // Nothing is expected where nothing is bound.
        let fold = Some(t.bases.fold()).filter(|fold| fold.is_finite());
        let fold = fold.map_or_else(|| "-".to_owned(), |fold| format!("{fold:.2}"));
        text += &format!(
            "\n{:width$}  {:>5}  {:>17}  {:>11}  {:>8.1}  {fold:>4}  {p}",
            name(t),
            t.genes,
            t.peaks,
            t.bases.observed,
            t.bases.expected,
        );
    }
    text
}
