//! What is written along an axis, at the size and in the direction that fit.

use crate::Marks;
use crate::text::{shortened, width};
use crate::ticks::{Ticks, ticks};

const SIZE: f64 = 11.0;
/// Below it names cannot be read, so they are left out.
pub(crate) const SMALLEST: f64 = 6.5;
/// Height of a name in a line of 1.
pub(crate) const LINE: f64 = 0.92;
/// Longer names are cut.
const LONGEST: f64 = 290.0;
/// Beside an area lower than this, numbers are written small.
const LOW: f64 = 60.0;

/// Marks with what is written at each; numbers have ticks, names have none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AxisMarks {
    found: Ticks,
    ticked: bool,
    limits: (f64, f64),
    length: f64,
    /// Height of what is written.
    pub(crate) size: f64,
    /// Written from bottom to top.
    pub(crate) upright: bool,
}

impl AxisMarks {
    /// Plans the marks of an axis from left to right.
    pub(crate) fn along(marks: &Marks, limits: (f64, f64), length: f64) -> Self {
        let mut planned = Self::new(marks, limits, length, spaced_ticks);
        if let Marks::Names(_) = marks {
            let spacing = planned.spacing();
            planned.upright = planned.widest() + 4.0 > spacing;
            if planned.upright {
                planned.fit(spacing);
            }
        }
        planned
    }

    /// Plans the marks of an axis from bottom to top.
    pub(crate) fn up(marks: &Marks, limits: (f64, f64), length: f64) -> Self {
        let mut planned = Self::new(marks, limits, length, stacked_ticks);
        if let Marks::Names(_) = marks {
            planned.fit(planned.spacing());
        } else if length < LOW {
            planned.size = 9.0;
        }
        planned
    }

    fn new(
        marks: &Marks,
        limits: (f64, f64),
        length: f64,
        numbers: impl Fn((f64, f64), bool, f64) -> Ticks,
    ) -> Self {
        let (found, ticked) = match marks {
            Marks::Numbers => (numbers(limits, false, length), true),
            Marks::Whole => (numbers(limits, true, length), true),
            Marks::Unlabelled => {
                let at = numbers(limits, false, length).at;
                (Ticks { at, labels: Vec::new() }, true)
            }
            Marks::Names(names) => {
                let at = names.iter().map(|n| n.0).collect();
                let labels = names.iter().map(|n| shortened(&n.1, LONGEST, SIZE)).collect();
                (Ticks { at, labels }, false)
            }
            Marks::None => (Ticks { at: Vec::new(), labels: Vec::new() }, false),
        };
        Self { found, ticked, limits, length, size: SIZE, upright: false }
    }

    /// Shrinks what is written to lines `spacing` apart; leaves it out where it
    /// could not be read.
    fn fit(&mut self, spacing: f64) {
        self.size = (LINE * spacing).min(SIZE);
        if self.size < SMALLEST {
            self.found.labels.clear();
        }
    }

    /// Gives the smallest distance on the page between two marks.
    fn spacing(&self) -> f64 {
        let mut at = self.found.at.clone();
        at.sort_by(f64::total_cmp);
        let apart = at.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
        (apart / (self.limits.1 - self.limits.0) * self.length).min(self.length)
    }

    /// Gives where ticks and grid lines are.
    pub(crate) fn ticks(&self) -> impl Iterator<Item = f64> {
        self.found.at.iter().copied().take(if self.ticked { usize::MAX } else { 0 })
    }

    /// Gives what is written and where.
    pub(crate) fn names(&self) -> impl Iterator<Item = (f64, &str)> {
        self.found.at.iter().copied().zip(self.found.labels.iter().map(String::as_str))
    }

    /// Gives the length of the longest name; 0 for none.
    pub(crate) fn widest(&self) -> f64 {
        self.found.labels.iter().map(|l| width(l, self.size)).fold(0.0, f64::max)
    }

    /// Gives how deep the names below an axis reach; 0 for none.
    pub(crate) fn depth(&self) -> f64 {
        match (self.found.labels.is_empty(), self.upright) {
            (true, _) => 0.0,
            (false, true) => self.widest(),
            (false, false) => 1.3 * self.size,
        }
    }

    /// Gives how far the first and the last name reach beyond the axis.
    pub(crate) fn overhang(&self) -> (f64, f64) {
        if self.upright {
            return (0.0, 0.0);
        }
        let unit = self.length / (self.limits.1 - self.limits.0);
        self.names().fold((0.0, 0.0), |(first, last): (f64, f64), (at, name)| {
            let half = width(name, self.size) / 2.0 + 2.0;
            let (before, after) = ((at - self.limits.0) * unit, (self.limits.1 - at) * unit);
            (first.max(half - before), last.max(half - after))
        })
    }
}

/// Gives as many ticks as have room for their numbers side by side.
fn spaced_ticks((low, high): (f64, f64), whole: bool, length: f64) -> Ticks {
    let mut found = ticks(low, high, 8, whole);
    for most in (2..8).rev() {
        let widest = found.labels.iter().map(|l| width(l, SIZE)).fold(0.0, f64::max);
        if found.labels.len() as f64 * (widest + 16.0) <= length {
            break;
        }
        found = ticks(low, high, most, whole);
    }
    found
}

/// Gives ticks one above the other, at least two where the axis allows it.
fn stacked_ticks((low, high): (f64, f64), whole: bool, length: f64) -> Ticks {
    let most = ((length / 45.0) as usize).clamp(2, 8);
    let mut found = ticks(low, high, most, whole);
    // With 0 in the middle a step may reach neither end; one of half its size does.
    for more in 1..=4 {
        if found.at.len() > 1 {
            break;
        }
        found = ticks(low, high, most + more, whole);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_panel_has_two_numbers_wherever_0_lies() {
        for i in 1..100 {
            let (low, high) = (-0.01 * f64::from(i), 0.01 * f64::from(100 - i));
            assert!(stacked_ticks((low, high), false, 40.0).at.len() > 1, "{low} {high}");
        }
    }

    fn names(count: usize, name: &str) -> Marks {
        Marks::Names((0..count).map(|i| (i as f64 + 0.5, name.to_owned())).collect())
    }

    #[test]
    fn names_turn_when_they_would_touch_and_vanish_when_unreadable() {
        let few = AxisMarks::along(&names(3, "H3K4me3"), (0.0, 3.0), 300.0);
        assert!(!few.upright && few.size == SIZE);
        let many = AxisMarks::along(&names(10, "H3K4me3"), (0.0, 10.0), 150.0);
        assert!(many.upright && many.depth() > 40.0);
        let crowd = AxisMarks::along(&names(100, "H3K4me3"), (0.0, 100.0), 300.0);
        assert_eq!((crowd.names().count(), crowd.depth()), (0, 0.0));
        let rows = AxisMarks::up(&names(40, "a"), (0.0, 40.0), 400.0);
        assert!((rows.size - 9.2).abs() < 1e-9);
    }

    #[test]
    fn a_number_at_the_edge_hangs_over() {
        let marks = AxisMarks::along(&Marks::Numbers, (-1000.0, 500.0), 300.0);
        let (first, last) = marks.overhang();
        assert!(first > last && last > 5.0);
    }

    #[test]
    fn a_low_panel_has_two_numbers() {
        let marks = AxisMarks::up(&Marks::Numbers, (-0.02, 0.48), 34.0);
        assert!(marks.names().count() >= 2);
        let bare = AxisMarks::up(&Marks::Unlabelled, (-0.02, 0.48), 34.0);
        assert_eq!((bare.ticks().count(), bare.names().count()), (marks.ticks().count(), 0));
        assert_eq!(AxisMarks::up(&Marks::None, (0.0, 1.0), 34.0).ticks().count(), 0);
    }
}
