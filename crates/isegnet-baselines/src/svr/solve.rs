//! Sequential minimal optimisation: two weights at a time, chosen by how much the
//! objective gains to second order (Fan, Chen and Lin 2005), on a set of rows that
//! shrinks to those not yet settled (Joachims 1999).

use super::active::{Active, Ends, Pair};
use super::dual::Dual;
use super::kernel::{Function, Points, expand};
use super::{Solution, SvrValidParams};
use crate::Error;
use isegnet_core::Cancel;

/// Steps between two attempts to shrink, and two looks at the cancel flag.
const ROUND: usize = 1000;
/// Rows are set aside only where this share of them is left; each time costs a copy.
const WORTH_SHRINKING: f64 = 0.9;

pub(crate) struct Solver<'a> {
    params: &'a SvrValidParams,
    function: Function,
    all: Points<'a>,
    y: &'a [f64],
    /// The variables of every row; those of active rows are brought up to date
    /// as rows are set aside or taken back.
    dual: Dual,
    active: Active,
}

impl<'a> Solver<'a> {
    pub fn new(
        params: &'a SvrValidParams,
        function: Function,
        all: Points<'a>,
        y: &'a [f64],
    ) -> Self {
        let dual = Dual::new(params.tube, params.c, all.len());
        // Starting weights are 0.
        let g = y.iter().map(|y| -y).collect();
        let active = Active::all(function, all, dual.clone(), g, params.cache_bytes);
        Self { params, function, all, y, dual, active }
    }

    pub fn solve(mut self, cancel: &Cancel) -> Result<Solution, Error> {
        let round = ROUND.min(self.all.len());
        let (mut steps, mut until_round) = (0_usize, round);
        let mut looked_again = !self.params.shrinking;
        loop {
            if steps.is_multiple_of(ROUND) && cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            if until_round == 0 {
                until_round = round;
                // Near the end, what was set aside early is looked at once more.
                if !looked_again && self.gap() <= 10.0 * self.params.tolerance {
                    looked_again = true;
                    self.take_back();
                }
                if self.params.shrinking {
                    self.shrink();
                }
            }
            let Some(pair) = self.choose() else {
                if self.active.len() == self.all.len() {
                    return Ok(self.solution(steps));
                }
                self.take_back();
                until_round = 1;
                continue;
            };
            if steps == self.params.max_steps {
                return Err(Error::NotConverged { steps });
            }
            self.active.step(&pair);
            steps += 1;
            until_round -= 1;
        }
    }

    fn solution(self, steps: usize) -> Solution {
        let Active { dual, g, .. } = self.active;
        let weights = (0..self.all.len()).map(|row| dual.weight(row)).collect();
        Solution { intercept: dual.intercept(&g), weights, steps }
    }

    /// How far the worst pair is from optimal.
    fn gap(&self) -> f64 {
        self.active.ends().iter().map(Ends::gap).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The pair that gains most; `None` where all are optimal to the tolerance.
    fn choose(&mut self) -> Option<Pair> {
        let ends = self.active.ends();
        if ends.iter().all(|e| e.gap() < self.params.tolerance) {
            return None;
        }
        let able = |e: &(usize, &Ends)| e.1.gap() > 0.0;
        for (_, e) in ends.iter().enumerate().filter(able) {
            self.active.need(self.all, e.riser, &ends);
        }
        let pairs = ends.iter().enumerate().filter(able);
        let pairs = pairs.filter_map(|(group, ends)| self.active.best_pair(group, ends));
        let best = pairs.reduce(|a, b| if b.gain > a.gain { b } else { a })?;
        self.active.need(self.all, best.faller, &ends);
        Some(best)
    }

    /// Sets rows aside that are at their bounds and will likely stay there.
    fn shrink(&mut self) {
        let kept = self.active.unsettled();
        if kept.len() < 2 || kept.len() as f64 > WORTH_SHRINKING * self.active.len() as f64 {
            return;
        }
        self.dual.put_back(&self.active.dual, &self.active.rows);
        self.active.retain(self.all, &kept);
    }

    /// Makes every row active again.
    fn take_back(&mut self) {
        if self.active.len() == self.all.len() {
            return;
        }
        self.dual.put_back(&self.active.dual, &self.active.rows);
        let mut g = vec![f64::NAN; self.all.len()];
        for (&row, &value) in self.active.rows.iter().zip(&self.active.g) {
            g[row] = value;
        }
        let aside: Vec<usize> = (0..g.len()).filter(|&row| g[row].is_nan()).collect();
        let weights: Vec<f64> = (0..g.len()).map(|row| self.dual.weight(row)).collect();
        let vectors: Vec<usize> = (0..g.len()).filter(|&row| weights[row] != 0.0).collect();
        let weights: Vec<f64> = vectors.iter().map(|&row| weights[row]).collect();
        let (rows, vectors) = (self.all.select(&aside), self.all.select(&vectors));
        // Rounded as the cache does, or what is optimal would depend on who asks.
        let kept = |value| f64::from(value as f32);
        let values = expand(self.function, rows.points(), vectors.points(), &weights, kept);
        for (&row, value) in aside.iter().zip(values) {
            g[row] = value - self.y[row];
        }
        let bytes = self.params.cache_bytes;
        self.active = Active::all(self.function, self.all, self.dual.clone(), g, bytes);
    }
}
