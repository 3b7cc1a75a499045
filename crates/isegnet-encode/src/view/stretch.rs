use super::View;
use isegnet_core::{Interval, Strand};
use std::ops::Range;

/// One window of a row as it lies on the genome, and which positions of the row
/// show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The bases it covers; they may reach off the chromosome.
    pub interval: Interval,
    /// The strand it is read on: on the reverse one, from its end.
    pub strand: Strand,
    /// Positions of the row.
    pub positions: Range<usize>,
    bin_bp: i64,
    /// Length of the chromosome.
    length: i64,
}

impl Stretch {
    /// The bases that one of its positions stands for, one where positions are bases.
    pub fn bases(&self, position: usize) -> Interval {
        let offset = (position as i64 - self.positions.start as i64) * self.bin_bp;
        let start = match self.strand {
            Strand::Forward => self.interval.start + offset,
            Strand::Reverse => self.interval.end - offset - self.bin_bp,
        };
        Interval::new(self.interval.chrom.as_str(), start, start + self.bin_bp)
    }

    /// Positions all of whose bases are on the chromosome.
    pub fn on_chromosome(&self) -> Range<usize> {
        let up = |bases: i64| (bases.max(0) as usize).div_ceil(self.bin_bp as usize);
        let before = up(-self.interval.start);
        let after = up(self.interval.end - self.length);
        let (first, last) = match self.strand {
            Strand::Forward => (before, after),
            Strand::Reverse => (after, before),
        };
        let start = (self.positions.start + first).min(self.positions.end);
        start..self.positions.end.saturating_sub(last).max(start)
    }
}

impl View {
    /// The windows of a row on the genome, TSS first.
    ///
    /// # Panics
    /// There is no such row.
    pub fn stretches(&self, row: usize) -> [Stretch; 2] {
        let gene = self.dataset.gene_of(row);
        let (_, length) = self.dataset.length_of(self.dataset.rows()[row].gene);
        let mut before = 0;
        self.intervals(row).map(|interval| {
            let start = before;
            before += interval.len() / self.bin_bp;
            let bin_bp = self.bin_bp as i64;
            Stretch { interval, strand: gene.strand, positions: start..before, bin_bp, length }
        })
    }

    /// The first position of the TTS window: nothing spans the seam before it.
    pub fn seam(&self) -> usize {
        self.windows.tss().len() / self.bin_bp
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(interval: (i64, i64), strand: Strand, bin_bp: i64) -> Stretch {
        let positions = 10..10 + ((interval.1 - interval.0) / bin_bp) as usize;
        let interval = Interval::new("c", interval.0, interval.1);
        Stretch { interval, strand, positions, bin_bp, length: 100 }
    }

    #[test]
    fn positions_are_bases_in_transcript_orientation() {
        let forward = stretch((20, 26), Strand::Forward, 1);
        assert_eq!(forward.bases(10), Interval::new("c", 20, 21));
        assert_eq!(forward.bases(15), Interval::new("c", 25, 26));
        let reverse = stretch((20, 26), Strand::Reverse, 2);
        assert_eq!(reverse.bases(10), Interval::new("c", 24, 26));
        assert_eq!(reverse.bases(12), Interval::new("c", 20, 22));
    }

    #[test]
    fn what_is_off_the_chromosome_is_left_out_at_the_right_end() {
        assert_eq!(stretch((-3, 7), Strand::Forward, 1).on_chromosome(), 13..20);
        assert_eq!(stretch((-3, 7), Strand::Reverse, 1).on_chromosome(), 10..17);
        assert_eq!(stretch((96, 106), Strand::Forward, 2).on_chromosome(), 10..12);
        assert_eq!(stretch((95, 105), Strand::Reverse, 2).on_chromosome(), 13..15);
        assert!(stretch((200, 210), Strand::Reverse, 1).on_chromosome().is_empty());
        assert!(stretch((-20, -10), Strand::Forward, 1).on_chromosome().is_empty());
    }

    #[test]
    fn a_position_is_on_the_chromosome_when_its_bases_are() {
        for strand in [Strand::Forward, Strand::Reverse] {
            for start in -9..105 {
                let s = stretch((start, start + 12), strand, 3);
                for position in s.positions.clone() {
                    let bases = s.bases(position);
                    let on = bases.start >= 0 && bases.end <= 100;
                    assert_eq!(s.on_chromosome().contains(&position), on, "{s:?} {position}");
                }
            }
        }
    }
}
