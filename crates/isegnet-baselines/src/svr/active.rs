//! The rows that are worked on, and one step on them.

use super::dual::Dual;
use super::kernel::{Function, OwnPoints, Points};
use super::rows::Rows;

/// Curvature of a pair of rows that the kernel cannot tell apart.
const FLAT: f64 = 1e-12;

pub(crate) struct Active {
    /// Their numbers among all, ascending.
    pub rows: Vec<usize>,
    /// Copied where they are not all.
    points: Option<OwnPoints>,
    pub dual: Dual,
    /// K (weights) - y.
    pub g: Vec<f64>,
    diagonal: Vec<f64>,
    kernel: Rows,
}

/// The best a group's rows could gain by rising, and what falling would cost at least.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    rise: f64,
    pub riser: usize,
    fall: f64,
}

impl Ends {
    /// How far the group is from optimal.
    pub fn gap(&self) -> f64 {
        self.rise - self.fall
    }
}

/// The weight of one row is to rise, that of another to fall as much.
pub(crate) struct Pair {
    pub gain: f64,
    group: usize,
    riser: usize,
    pub faller: usize,
    /// Slope and curvature of the objective along the pair.
    slope: f64,
    curvature: f64,
}

impl Active {
    pub fn all(function: Function, all: Points<'_>, dual: Dual, g: Vec<f64>, bytes: usize) -> Self {
        let n = all.len();
        Self {
            rows: (0..n).collect(),
            points: None,
            dual,
            g,
            diagonal: (0..n).map(|row| function.diagonal(all.norm(row))).collect(),
            kernel: Rows::new(function, n, bytes),
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The ends of each group.
    pub fn ends(&self) -> Vec<Ends> {
        let of = |group: &super::dual::Group| {
            let mut ends = Ends { rise: f64::NEG_INFINITY, riser: 0, fall: f64::INFINITY };
            for (row, ((&rise, &fall), &g)) in
                group.rise.iter().zip(&group.fall).zip(&self.g).enumerate()
            {
                if rise - g > ends.rise {
                    (ends.rise, ends.riser) = (rise - g, row);
                }
                ends.fall = ends.fall.min(fall - g);
            }
            ends
        };
        self.dual.groups.iter().map(of).collect()
    }

    /// The row that gains most by falling while the group's best riser rises.
    pub fn best_pair(&self, group: usize, ends: &Ends) -> Option<Pair> {
        let i = ends.riser;
        let (kernel, own) = (self.kernel.row(i), self.diagonal[i]);
        let mut best = Pair {
            gain: f64::NEG_INFINITY,
            group,
            riser: i,
            faller: i,
            slope: 0.0,
            curvature: 1.0,
        };
        let falls = self.dual.groups[group].fall.iter().zip(&self.g);
        let kernels = self.diagonal.iter().zip(kernel);
        for (row, ((&fall, &g), (&diagonal, &k))) in falls.zip(kernels).enumerate() {
            let slope = ends.rise - (fall - g);
            if slope > 0.0 {
                let curvature = (own + diagonal - 2.0 * f64::from(k)).max(FLAT);
                let gain = slope * slope / curvature;
                if gain > best.gain {
                    best = Pair { gain, faller: row, slope, curvature, ..best };
                }
            }
        }
        (best.gain > f64::NEG_INFINITY).then_some(best)
    }

    /// Goes to the pair's optimum, or as far as its bounds let it.
    pub fn step(&mut self, pair: &Pair) {
        let &Pair { group, riser, faller, slope, curvature, .. } = pair;
        let by = self.dual.shift(group, riser, faller, slope / curvature);
        let kernels = self.kernel.row(riser).iter().zip(self.kernel.row(faller));
        for (g, (&up, &down)) in self.g.iter_mut().zip(kernels) {
            *g += by * (f64::from(up) - f64::from(down));
        }
    }

    /// Sees to it that a row of the kernel matrix is there; with it come the rows
    /// that are furthest from optimal, which will be needed soon.
    pub fn need(&mut self, all: Points<'_>, row: usize, ends: &[Ends]) {
        if !self.kernel.has(row) {
            let wanted = self.with_likely(row, ends);
            match &self.points {
                Some(own) => self.kernel.load(own.points(), &wanted),
                None => self.kernel.load(all, &wanted),
            }
        }
        self.kernel.touch(row);
    }

    fn with_likely(&self, row: usize, ends: &[Ends]) -> Vec<usize> {
        let urgency = |row: usize| {
            let of = |(group, ends): (&super::dual::Group, &Ends)| {
                let (rise, fall) = (group.rise[row] - self.g[row], group.fall[row] - self.g[row]);
                (rise - ends.fall).max(ends.rise - fall)
            };
            self.dual.groups.iter().zip(ends).map(of).fold(0.0, f64::max)
        };
        let others = (0..self.len()).filter(|&r| r != row && !self.kernel.has(r));
        let mut others: Vec<(f64, usize)> =
            others.map(|r| (urgency(r), r)).filter(|o| o.0 > 0.0).collect();
        let more = (self.kernel.together() - 1).min(others.len());
        if more > 0 {
            let order =
                |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
            others.select_nth_unstable_by(more - 1, order);
        }
        std::iter::once(row).chain(others[..more].iter().map(|o| o.1)).collect()
    }

    /// Rows that may still move: not those at a bound beyond both ends.
    pub fn unsettled(&self) -> Vec<usize> {
        let ends = self.ends();
        let settled = |row: usize| {
            self.dual.groups.iter().zip(&ends).all(|(group, ends)| {
                group.rise[row] - self.g[row] < ends.fall
                    && group.fall[row] - self.g[row] > ends.rise
            })
        };
        (0..self.len()).filter(|&row| !settled(row)).collect()
    }

    /// Keeps some of the rows, ascending.
    pub fn retain(&mut self, all: Points<'_>, kept: &[usize]) {
        self.rows = kept.iter().map(|&k| self.rows[k]).collect();
        self.points = Some(all.select(&self.rows));
        self.dual = self.dual.select(kept);
        self.g = kept.iter().map(|&k| self.g[k]).collect();
        self.diagonal = kept.iter().map(|&k| self.diagonal[k]).collect();
        self.kernel.retain(kept);
    }
}
