//! The dual problem of support vector regression.
//!
//! A row's weight is `rise - fall` of two variables in [0, C]; one is for points
//! above the tube, one for points below. With g = K (weights) - y, optimality says
//! that no pair of rows can gain by the weight of one rising and that of the other
//! falling by as much. What a row gains is `offset - g`, an offset of infinity
//! standing for a variable at its bound:
//!
//! - epsilon (Vapnik): both variables are in one group, the offset is -epsilon for a
//!   weight that grows away from 0 and +epsilon for one that shrinks to it.
//! - nu (Schölkopf et al. 2000): the tube's width is free, each variable is in a group
//!   of its own whose sum stays at C nu n / 2, offsets are 0.

use super::Tube;

/// How far one group's variables of a row can go.
#[derive(Clone, Copy)]
struct Move {
    offset: f64,
    room: f64,
}

const STUCK: Move = Move { offset: f64::INFINITY, room: 0.0 };

/// The variables of some rows.
#[derive(Clone)]
pub(crate) struct Dual {
    tube: Tube,
    c: f64,
    above: Vec<f64>,
    below: Vec<f64>,
    pub groups: Vec<Group>,
}

/// Offsets of one group, one a row.
#[derive(Clone, Default)]
pub(crate) struct Group {
    /// -infinity where the weight cannot rise.
    pub rise: Vec<f64>,
    /// +infinity where it cannot fall.
    pub fall: Vec<f64>,
}

impl Dual {
    /// The starting point: weights of 0.
    pub fn new(tube: Tube, c: f64, rows: usize) -> Self {
        let mut start = vec![0.0; rows];
        if let Tube::Nu(nu) = tube {
            let mut left = c * nu * rows as f64 / 2.0;
            for value in &mut start {
                *value = left.min(c);
                left -= *value;
            }
        }
        let groups = match tube {
            Tube::Epsilon(_) => 1,
            Tube::Nu(_) => 2,
        };
        let group = Group { rise: vec![0.0; rows], fall: vec![0.0; rows] };
        let groups = vec![group; groups];
        let mut dual = Self { tube, c, below: start.clone(), above: start, groups };
        (0..rows).for_each(|row| dual.refresh(row));
        dual
    }

    pub fn weight(&self, row: usize) -> f64 {
        self.above[row] - self.below[row]
    }

    /// Moves the weight of `i` up and that of `j` down by at most `by`; gives how much.
    pub fn shift(&mut self, group: usize, i: usize, j: usize, by: f64) -> f64 {
        let by = by.min(self.rise(group, i).room).min(self.fall(group, j).room);
        let (grows, shrinks) = (self.rises_above(group, i), self.falls_above(group, j));
        if grows {
            self.above[i] = up(self.above[i], by, self.c);
        } else {
            self.below[i] = down(self.below[i], by);
        }
        if shrinks {
            self.above[j] = down(self.above[j], by);
        } else {
            self.below[j] = up(self.below[j], by, self.c);
        }
        self.refresh(i);
        self.refresh(j);
        by
    }

    /// Whether the variable above is the one that moves when the weight rises.
    fn rises_above(&self, group: usize, row: usize) -> bool {
        match self.tube {
            Tube::Epsilon(_) => self.below[row] == 0.0,
            Tube::Nu(_) => group == 0,
        }
    }

    fn falls_above(&self, group: usize, row: usize) -> bool {
        match self.tube {
            Tube::Epsilon(_) => self.above[row] > 0.0,
            Tube::Nu(_) => group == 0,
        }
    }

    fn width(&self) -> f64 {
        match self.tube {
            Tube::Epsilon(epsilon) => epsilon,
            Tube::Nu(_) => 0.0,
        }
    }

    fn rise(&self, group: usize, row: usize) -> Move {
        let (offset, room) = match self.rises_above(group, row) {
            true => (-self.width(), self.c - self.above[row]),
            false => (self.width(), self.below[row]),
        };
        if room > 0.0 { Move { offset, room } } else { STUCK }
    }

    fn fall(&self, group: usize, row: usize) -> Move {
        let (offset, room) = match self.falls_above(group, row) {
            true => (-self.width(), self.above[row]),
            false => (self.width(), self.c - self.below[row]),
        };
        if room > 0.0 { Move { offset, room } } else { STUCK }
    }

    fn refresh(&mut self, row: usize) {
        for group in 0..self.groups.len() {
            let (rise, fall) = (self.rise(group, row), self.fall(group, row));
            let of = &mut self.groups[group];
            of.rise[row] = if rise.room > 0.0 { rise.offset } else { f64::NEG_INFINITY };
            of.fall[row] = fall.offset;
        }
    }

    /// Keeps only some rows.
    pub fn select(&self, rows: &[usize]) -> Self {
        let pick = |values: &[f64]| rows.iter().map(|&r| values[r]).collect::<Vec<f64>>();
        let of = |g: &Group| Group { rise: pick(&g.rise), fall: pick(&g.fall) };
        Self {
            above: pick(&self.above),
            below: pick(&self.below),
            groups: self.groups.iter().map(of).collect(),
            ..*self
        }
    }

    /// Puts rows that were [selected](Self::select) back.
    pub fn put_back(&mut self, part: &Self, rows: &[usize]) {
        for (from, &to) in rows.iter().enumerate() {
            (self.above[to], self.below[to]) = (part.above[from], part.below[from]);
            self.refresh(to);
        }
    }

    /// The intercept: what rows that can rise and fall gain, on average; each group
    /// has its own, and the tube lies between them.
    pub fn intercept(&self, g: &[f64]) -> f64 {
        let sum: f64 = self.groups.iter().map(|group| group.level(g)).sum();
        sum / self.groups.len() as f64
    }
}

impl Group {
    fn level(&self, g: &[f64]) -> f64 {
        let (mut sum, mut free) = (0.0, 0usize);
        let (mut highest, mut lowest) = (f64::NEG_INFINITY, f64::INFINITY);
        for ((&rise, &fall), &g) in self.rise.iter().zip(&self.fall).zip(g) {
            if rise == fall {
                sum += rise - g;
                free += 1;
            }
            highest = highest.max(rise - g);
            lowest = lowest.min(fall - g);
        }
        match free {
            0 if highest.is_finite() && lowest.is_finite() => (highest + lowest) / 2.0,
            0 if highest.is_finite() => highest,
            0 => lowest,
            _ => sum / free as f64,
        }
    }
}

/// Adds, and lands on the bound exactly.
fn up(value: f64, by: f64, c: f64) -> f64 {
    if by >= c - value { c } else { value + by }
}

fn down(value: f64, by: f64) -> f64 {
    if by >= value { 0.0 } else { value - by }
}
