//! Columns or rows of a page.

/// Size of the plotting areas of a column or a row of a [`Figure`](crate::Figure).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Length {
    /// A part of the room that is left, in proportion to other shares.
    Share(f64),
    /// Page units.
    Units(f64),
}

/// No plotting area is smaller.
const SMALLEST: f64 = 10.0;

/// Columns or rows with the margins before and after their plotting areas.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    lengths: Vec<Length>,
    margins: Vec<(f64, f64)>,
    areas: Vec<f64>,
}

impl Cells {
    pub(crate) fn new(lengths: &[Length]) -> Self {
        let count = lengths.len();
        let (margins, areas) = (vec![(0.0, 0.0); count], vec![SMALLEST; count]);
        Self { lengths: lengths.to_vec(), margins, areas }
    }

    /// Makes the margins of a cell at least these.
    pub(crate) fn widen(&mut self, cell: usize, (before, after): (f64, f64)) {
        let own = &mut self.margins[cell];
        *own = (own.0.max(before), own.1.max(after));
    }

    /// Gives the plotting areas their sizes, so that all fills `room` if there
    /// are shares.
    pub(crate) fn share(&mut self, room: f64) {
        let margins: f64 = self.margins.iter().map(|m| m.0 + m.1).sum();
        let (mut shares, mut units) = (0.0, 0.0);
        for length in &self.lengths {
            match length {
                Length::Share(s) => shares += s,
                Length::Units(u) => units += u,
            }
        }
        let left = (room - margins - units).max(0.0);
        let size = |l: &Length| match *l {
            Length::Share(s) => left * s / shares,
            Length::Units(u) => u,
        };
        self.areas = self.lengths.iter().map(|l| size(l).max(SMALLEST)).collect();
    }

    /// Gives where a plotting area starts and how long it is.
    pub(crate) fn area(&self, cell: usize) -> (f64, f64) {
        let before: f64 =
            (0..cell).map(|i| self.margins[i].0 + self.areas[i] + self.margins[i].1).sum();
        (before + self.margins[cell].0, self.areas[cell])
    }

    /// Gives the length of everything.
    pub(crate) fn total(&self) -> f64 {
        self.margins.iter().map(|m| m.0 + m.1).chain(self.areas.iter().copied()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_divide_what_margins_and_units_leave() {
        let mut cells = Cells::new(&[Length::Share(3.0), Length::Units(20.0), Length::Share(1.0)]);
        cells.widen(0, (40.0, 5.0));
        cells.widen(0, (30.0, 15.0));
        cells.widen(2, (5.0, 0.0));
        cells.share(200.0);
        assert_eq!([0, 1, 2].map(|i| cells.area(i)), [(40.0, 90.0), (145.0, 20.0), (170.0, 30.0)]);
        assert_eq!(cells.total(), 200.0);
    }

    #[test]
    fn an_area_is_never_without_size() {
        let mut cells = Cells::new(&[Length::Share(1.0), Length::Units(0.0)]);
        cells.widen(0, (500.0, 0.0));
        cells.share(100.0);
        assert_eq!(cells.total(), 520.0);
    }
}
