//! Tracks of marks: peaks over a noisy background, some stretches unmeasured.

use crate::design::{Amounts, Design, Mark, Role};
use crate::draw::Draw;
use crate::layout::Layout;
use crate::sequence::Sequence;
use isegnet_core::Random;

/// Bases of a step of the signal.
const STEP: usize = 10;

/// Where the height of a peak comes from.
#[derive(Clone, Copy, Debug)]
enum Height {
    Cause(usize),
    Follows(usize, f64),
    Fixed(f64),
}

/// A peak of one mark; its height is that of a condition.
#[derive(Clone, Debug)]
pub(crate) struct Peak {
    /// The gene at which it lies; none outside every window.
    pub(crate) gene: Option<usize>,
    pub(crate) chrom: usize,
    pub(crate) start: i64,
    pub(crate) end: i64,
    bell: bool,
    height: Height,
}

impl Peak {
    /// Gives the height, 0 to 1, among genes with these amounts.
    pub(crate) fn height(&self, amounts: &[Amounts]) -> f64 {
        let of = |cause: usize| self.gene.map_or(0.0, |g| amounts[g][cause]);
        match self.height {
            Height::Cause(cause) => of(cause),
            Height::Follows(cause, own) => 0.8 * of(cause) + 0.2 * own,
            Height::Fixed(height) => height,
        }
    }

    /// Gives the part of the height at a base, 0 to 1.
    fn profile(&self, at: f64) -> f64 {
        let (start, end) = (self.start as f64, self.end as f64);
        if self.bell {
            // The stretch reaches two standard deviations to either side.
            let from_middle = (at - 0.5 * (start + end)) / (0.25 * (end - start));
            (-0.5 * from_middle * from_middle).exp()
        } else {
            ((at - start).min(end - at) / 60.0).clamp(0.0, 1.0)
        }
    }
}

/// Places the peaks of a mark: at genes, and for causal marks outside every window too.
pub(crate) fn place(
    seed: u64,
    number: usize,
    mark: &Mark,
    layout: &Layout,
    sequence: &Sequence,
) -> Vec<Peak> {
    let random = Random::new(seed, "simulate/peaks").part(number as u64);
    let mut peaks = Vec::new();
    for (gene, locus) in layout.loci.iter().enumerate() {
        let mut draw = Draw::new(random, gene);
        let [(a, b), (c, d)] = mark.place;
        let (first, second) = (draw.between(a, b), draw.between(c, d));
        let (from, to) = if mark.bell { (first - second, first + second) } else { (first, second) };
        let (start, end) = locus.stretch(mark.end, from.round() as i64, to.round() as i64);
        let own = draw.between(0.2, 1.0);
        let height = match mark.role {
            Role::Cause(cause) => Height::Cause(cause),
            Role::Follows(cause) => {
                Height::Follows(cause, if draw.chance(0.5) { own } else { 0.0 })
            }
            Role::Unrelated if draw.chance(0.45) => Height::Fixed(own),
            Role::Unrelated => continue,
        };
        let chrom = locus.chrom;
        peaks.push(Peak { gene: Some(gene), chrom, start, end, bell: mark.bell, height });
    }
    if matches!(mark.role, Role::Cause(_)) {
        let random = random.part(1);
        for i in 0..layout.loci.len() / 2 {
            peaks.extend(outside(&mut Draw::new(random, i), i * 2, mark, layout, sequence));
        }
    }
    peaks
}

/// Finds room for a peak that no window sees, on the chromosome of a gene.
fn outside(
    draw: &mut Draw,
    gene: usize,
    mark: &Mark,
    layout: &Layout,
    sequence: &Sequence,
) -> Option<Peak> {
    let chrom = layout.loci[gene].chrom;
    let height = Height::Fixed(draw.between(0.15, 1.0));
    for _ in 0..20 {
        let start = draw.whole(0, layout.lengths[chrom] as i64);
        let end = start + draw.whole(350, 700);
        if sequence.is_outside(chrom, start as usize, end as usize) {
            return Some(Peak { gene: None, chrom, start, end, bell: mark.bell, height });
        }
    }
    None
}

/// One mark in one sample.
pub(crate) struct Signal<'a> {
    pub(crate) design: &'a Design,
    pub(crate) mark: &'a Mark,
    pub(crate) peaks: &'a [Peak],
    pub(crate) amounts: &'a [Amounts],
    /// Numbers of this mark in this sample.
    pub(crate) random: Random,
}

impl Signal<'_> {
    /// Gives the runs of equal signal along a chromosome: start, end, value.
    pub(crate) fn runs(&self, chrom: usize, length: usize) -> Vec<(u32, u32, f32)> {
        let mut steps = self.background(chrom, length);
        for (i, peak) in self.peaks.iter().enumerate().filter(|(_, p)| p.chrom == chrom) {
            self.raise(&mut steps, i, peak);
        }
        self.lose(&mut steps, chrom);
        join_runs(&steps, length)
    }

    /// Noise that stays the same for some tens of bases.
    fn background(&self, chrom: usize, length: usize) -> Vec<f32> {
        let mut draw = Draw::new(self.random.part(1), chrom);
        let mut steps = Vec::with_capacity(length.div_ceil(STEP));
        while steps.len() < length.div_ceil(STEP) {
            let value = draw.exponential(self.design.background).min(8.0);
            let until = (steps.len() + draw.whole(5, 25) as usize).min(length.div_ceil(STEP));
            steps.resize(until, value as f32);
        }
        steps
    }

    fn raise(&self, steps: &mut [f32], number: usize, peak: &Peak) {
        let mut draw = Draw::new(self.random.part(2), number);
        let jitter = (self.design.jitter * draw.normal()).exp();
        let height = self.mark.unit * peak.height(self.amounts) * jitter;
        if height <= 0.0 {
            return;
        }
        let first = usize::try_from(peak.start.max(0)).unwrap_or(0) / STEP;
        let last = usize::try_from(peak.end.max(0)).unwrap_or(0).div_ceil(STEP).min(steps.len());
        for (i, step) in steps.iter_mut().enumerate().take(last).skip(first) {
            let middle = (i * STEP) as f64 + 0.5 * STEP as f64;
            let grain = (self.design.grain * draw.normal()).exp();
            let value = (height * peak.profile(middle) * grain).min(60.0);
            *step = step.max(value as f32);
        }
    }

    /// Takes the data away from some stretches.
    fn lose(&self, steps: &mut [f32], chrom: usize) {
        let mut draw = Draw::new(self.random.part(3), chrom);
        for _ in 0..steps.len() * STEP / 500_000 + 1 {
            let start = draw.whole(0, steps.len() as i64) as usize;
            let end = (start + draw.whole(20, 250) as usize).min(steps.len());
            steps[start..end].fill(f32::NAN);
        }
    }
}

/// Rounds to hundredths and joins equal steps; NaN makes no run.
fn join_runs(steps: &[f32], length: usize) -> Vec<(u32, u32, f32)> {
    let mut runs: Vec<(u32, u32, f32)> = Vec::new();
    for (i, &value) in steps.iter().enumerate() {
        if value.is_nan() {
            continue;
        }
        let value = (value * 100.0).round() / 100.0;
        let (start, end) = ((i * STEP) as u32, ((i + 1) * STEP).min(length) as u32);
        match runs.last_mut() {
            Some(run) if run.1 == start && run.2 == value => run.1 = end,
            _ => runs.push((start, end, value)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_join_equal_steps_and_leave_gaps() {
        let nan = f32::NAN;
        assert_eq!(
            join_runs(&[1.0, 1.001, 2.0, nan, 2.0], 45),
            [(0, 20, 1.0), (20, 30, 2.0), (40, 45, 2.0)]
        );
    }

    #[test]
    fn a_bell_is_highest_in_its_middle_and_a_plateau_flat() {
        let peak = |bell| Peak {
            gene: None,
            chrom: 0,
            start: 100,
            end: 500,
            bell,
            height: Height::Fixed(1.0),
        };
        assert_eq!(peak(true).profile(300.0), 1.0);
        assert!((peak(true).profile(400.0) - (-0.5f64).exp()).abs() < 1e-12);
        assert_eq!(peak(false).profile(250.0), 1.0);
        assert_eq!(peak(false).profile(130.0), 0.5);
        assert_eq!(peak(false).profile(90.0), 0.0);
    }
}
