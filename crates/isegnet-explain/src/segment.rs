use crate::SummaryError;
use std::ops::Range;

/// How far from a seam profiles are marked, in positions: convolutions there see both
/// windows.
pub const SEAM_MARGIN: usize = 30;

/// The stretches of the genome that a row's positions are, laid one after the other: the
/// windows around TSS and TTS.
///
/// Where two meet is a seam. Positions beside it are no neighbours in the genome, so no
/// site, flank or region spans it.
///
/// ```
/// use isegnet_explain::Segments;
///
/// let segments = Segments::new(&[1500, 1000])?;
/// assert_eq!(segments.positions(), 2500);
/// assert_eq!(segments.holding(1600), Some(1500..2500));
/// assert_eq!(segments.flank(1510, 50), Some(1500..1561));
/// # Ok::<(), isegnet_explain::SummaryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segments {
    /// Ascending; each segment ends where the next begins.
    ends: Vec<usize>,
}

impl Segments {
    /// Lays stretches of these lengths one after the other; those of length 0 are left out.
    ///
    /// # Errors
    /// There is no position.
    pub fn new(lengths: &[usize]) -> Result<Self, SummaryError> {
        let mut end = 0;
        let there = lengths.iter().filter(|&&length| length > 0);
        let ends: Vec<usize> = there
            .map(|length| {
                end += length;
                end
            })
            .collect();
        match ends.is_empty() {
            true => Err(SummaryError::TooFew { what: "positions", got: 0, needed: 1 }),
            false => Ok(Self { ends }),
        }
    }

    /// Number of positions of a row.
    pub fn positions(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The positions of each segment, in order.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end)
    }

    /// The positions of the segment that holds `position`.
    pub fn holding(&self, position: usize) -> Option<Range<usize>> {
        self.ranges().find(|range| range.contains(&position))
    }

    /// The first position after each seam.
    pub fn seams(&self) -> impl Iterator<Item = usize> {
        self.ranges().skip(1).map(|range| range.start)
    }

    /// Tells whether one of the `margin` positions on either side of a seam is `position`.
    pub fn near_seam(&self, position: usize, margin: usize) -> bool {
        self.seams().any(|seam| position < seam + margin && position + margin >= seam)
    }

    /// The positions at most `reach` from `position` that lie in its segment.
    pub fn flank(&self, position: usize, reach: usize) -> Option<Range<usize>> {
        let Range { start, end } = self.holding(position)?;
        Some(start.max(position.saturating_sub(reach))..end.min(position + reach + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_windows_leave_no_seam() {
        let one = Segments::new(&[0, 1000]).unwrap();
        assert_eq!((one.ranges().count(), one.ranges().next()), (1, Some(0..1000)));
        assert_eq!(one.seams().count(), 0);
        assert!(!one.near_seam(0, SEAM_MARGIN));
        assert!(Segments::new(&[0, 0]).is_err());
    }

    #[test]
    fn as_many_positions_are_marked_on_either_side_of_a_seam() {
        let segments = Segments::new(&[1500, 1000]).unwrap();
        let marked: Vec<_> = (0..2500).filter(|&p| segments.near_seam(p, SEAM_MARGIN)).collect();
        assert_eq!(marked, (1470..1530).collect::<Vec<_>>());
    }

    #[test]
    fn flanks_stay_in_their_segment() {
        let segments = Segments::new(&[1500, 1000]).unwrap();
        assert_eq!(segments.flank(1499, 50), Some(1449..1500));
        assert_eq!(segments.flank(1500, 50), Some(1500..1551));
        assert_eq!(segments.flank(10, 50), Some(0..61));
        assert_eq!(segments.flank(2499, 50), Some(2449..2500));
        assert_eq!(segments.flank(2500, 50), None);
    }
}
