use super::View;
use isegnet_core::{Move, Strand};
use std::ops::Range;

/// Where a row's windows lie.
pub(crate) struct RowPlace {
    pub gene: usize,
    pub sample: usize,
    pub windows: [WindowPlace; 2],
}

impl RowPlace {
    pub fn new(view: &View, row: usize) -> Self {
        Self::moved(view, row, Move::default())
    }

    /// Where a row's windows lie once they are moved, no farther than the view's margin.
    pub fn moved(view: &View, row: usize, by: Move) -> Self {
        let dataset = view.dataset();
        let at = dataset.rows()[row];
        let gene = &dataset.genes()[at.gene];
        let (_, length) = dataset.length_of(at.gene);
        let [tss, tts] = view.windows().both();
        let place = |window: crate::Window, anchor, before| {
            let shift = match gene.strand {
                Strand::Forward => by.shift,
                Strand::Reverse => -by.shift,
            };
            let (from, to) = window.around(anchor + shift, gene.strand);
            let (start, end) = (from.clamp(0, length), to.clamp(0, length));
            let strand = if by.mirrored { other(gene.strand) } else { gene.strand };
            WindowPlace { from, to, start, end, strand, before }
        };
        let windows = [place(tss, gene.tss(), 0), place(tts, gene.tts(), tss.len())];
        Self { gene: at.gene, sample: at.sample, windows }
    }

    /// Tells whether some base is off the chromosome.
    pub fn is_cut(&self) -> bool {
        self.windows.iter().any(WindowPlace::is_cut)
    }
}

fn other(strand: Strand) -> Strand {
    match strand {
        Strand::Forward => Strand::Reverse,
        Strand::Reverse => Strand::Forward,
    }
}

/// Where one window lies: `[from, to)` on the genome, of which `[start, end)`
/// is on the chromosome.
pub(crate) struct WindowPlace {
    from: i64,
    to: i64,
    pub start: i64,
    pub end: i64,
    /// The strand it is read on.
    pub strand: Strand,
    before: usize,
}

impl WindowPlace {
    /// Tells whether no base is on the chromosome.
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// Tells whether some base is off the chromosome.
    pub fn is_cut(&self) -> bool {
        self.start != self.from || self.end != self.to
    }

    /// The bins of the grid that the window touches on the chromosome.
    pub fn bins(&self, bin_bp: i64) -> (i64, i64) {
        (self.start.div_euclid(bin_bp), (self.end - 1).div_euclid(bin_bp) + 1)
    }

    /// Places among both windows' bases, in transcript orientation, of the
    /// bases `[start, end)` of the genome.
    pub fn positions(&self, start: i64, end: i64) -> Range<usize> {
        let (first, last) = match self.strand {
            Strand::Forward => (start - self.from, end - self.from),
            Strand::Reverse => (self.to - end, self.to - start),
        };
        self.before + first as usize..self.before + last as usize
    }
}
