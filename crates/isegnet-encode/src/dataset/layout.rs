//! Which bins of the genome are kept, and where each gene's windows find theirs.
//!
//! Windows of neighbouring genes overlap, so what is kept is the union of all
//! windows, cut into bins of the chromosome's grid, in order of position. The
//! order follows from genes and windows alone: nothing of it is stored.

use crate::Windows;
use isegnet_core::Gene;

/// The part of a window that lies on its chromosome: `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub chrom: u32,
    pub start: i64,
    pub end: i64,
}

impl Place {
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }
}

/// Gives the parts of a gene's windows that lie on a chromosome of `length` bases.
pub(crate) fn places(windows: &Windows, gene: &Gene, chrom: u32, length: i64) -> [Place; 2] {
    let anchors = [gene.tss(), gene.tts()];
    let mut anchors = anchors.iter();
    windows.both().map(|window| {
        let anchor = anchors.next().copied().unwrap_or_default();
        let (start, end) = window.around(anchor, gene.strand);
        let (start, end) = (start.clamp(0, length), end.clamp(0, length));
        Place { chrom, start, end }
    })
}

/// Consecutive bins of one chromosome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub chrom: u32,
    /// First bin of the chromosome's grid.
    pub first: i64,
    /// One past the last bin.
    pub end: i64,
    /// Number of bins kept before this stretch.
    pub before: u64,
}

/// Where a window finds its bins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Add a bin's number on the grid, and it is the bin's number among those kept.
    shift: i64,
    /// The stretch that holds the window.
    pub stretch: u32,
}

impl Slot {
    /// Place among the kept bins of a bin of the grid.
    pub fn index(&self, bin: i64) -> usize {
        (self.shift + bin) as usize
    }
}

/// The bins kept for one bin size.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub bin_bp: i64,
    pub stretches: Vec<Stretch>,
    /// One pair a gene.
    pub slots: Vec<[Slot; 2]>,
}

impl Layout {
    /// Lays out the bins that the windows of all genes touch.
    pub fn new(places: &[[Place; 2]], bin_bp: usize) -> Self {
        let bin_bp = bin_bp as i64;
        let touched = |place: &Place| {
            (place.chrom, place.start.div_euclid(bin_bp), (place.end - 1).div_euclid(bin_bp) + 1)
        };
        let mut order: Vec<(u32, i64, i64, u32)> = Vec::with_capacity(2 * places.len());
        for (i, place) in places.iter().flatten().enumerate() {
            if !place.is_empty() {
                let (chrom, first, end) = touched(place);
                order.push((chrom, first, end, i as u32));
            }
        }
        order.sort_unstable();
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut slots = vec![[Slot::default(); 2]; places.len()];
        for (chrom, first, end, i) in order {
            match stretches.last_mut() {
                Some(last) if last.chrom == chrom && first <= last.end => {
                    last.end = last.end.max(end);
                }
                last => {
                    let before = last.map_or(0, |s| s.before + (s.end - s.first) as u64);
                    stretches.push(Stretch { chrom, first, end, before });
                }
            }
            if let (Some(last), Some(slot)) =
                (stretches.last(), slots.as_flattened_mut().get_mut(i as usize))
            {
                let stretch = (stretches.len() - 1) as u32;
                *slot = Slot { shift: last.before as i64 - last.first, stretch };
            }
        }
        Self { bin_bp, stretches, slots }
    }

    /// Number of bins kept.
    pub fn bins(&self) -> u64 {
        self.stretches.last().map_or(0, |s| s.before + (s.end - s.first) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_windows_share_their_bins() {
        let place = |start, end| Place { chrom: 0, start, end };
        let none = place(0, 0);
        let genes = [[place(105, 142), none], [place(35, 61), place(139, 201)]];
        let layout = Layout::new(&genes, 20);
        let spans: Vec<_> = layout.stretches.iter().map(|s| (s.first, s.end, s.before)).collect();
        assert_eq!(spans, [(1, 4, 0), (5, 11, 3)]);
        assert_eq!(layout.bins(), 9);
        assert_eq!(layout.slots[0][0].index(5), 3);
        assert_eq!(layout.slots[1][0].index(1), 0);
        assert_eq!(layout.slots[1][1].index(6), 4);
        assert_eq!(layout.slots[1][1].stretch, 1);
    }
}
