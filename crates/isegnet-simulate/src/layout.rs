//! Where the genes lie.

use crate::draw::Draw;
use isegnet_core::{Chromosome, Gene, Interval, Random, Strand};

/// Windows that are read around a gene's ends, in its own direction.
pub(crate) const TSS_WINDOW: (i64, i64) = (-1000, 500);
/// The window at the other end.
pub(crate) const TTS_WINDOW: (i64, i64) = (-500, 500);

/// Share of the genes on each chromosome.
const SHARES: [f64; 5] = [0.24, 0.22, 0.20, 0.18, 0.16];

/// A gene and the number of its chromosome.
#[derive(Clone, Debug)]
pub(crate) struct Locus {
    pub(crate) gene: Gene,
    pub(crate) chrom: usize,
}

/// One of a gene's two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Tss,
    Tts,
}

impl Locus {
    /// Gives the genome's `[start, end)` of the offsets `[from, to)` from one
    /// end of the gene, counted in its direction.
    pub(crate) fn stretch(&self, end: End, from: i64, to: i64) -> (i64, i64) {
        let anchor = match end {
            End::Tss => self.gene.tss(),
            End::Tts => self.gene.tts(),
        };
        match self.gene.strand {
            Strand::Forward => (anchor + from, anchor + to),
            Strand::Reverse => (anchor - to + 1, anchor - from + 1),
        }
    }

    /// Gives both windows.
    pub(crate) fn windows(&self) -> [(i64, i64); 2] {
        [
            self.stretch(End::Tss, TSS_WINDOW.0, TSS_WINDOW.1),
            self.stretch(End::Tts, TTS_WINDOW.0, TTS_WINDOW.1),
        ]
    }
}

/// Chromosomes, and genes sorted by position.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) chromosomes: Vec<Chromosome>,
    pub(crate) lengths: Vec<usize>,
    pub(crate) loci: Vec<Locus>,
}

impl Layout {
    /// Places `genes` genes on five chromosomes.
    pub(crate) fn new(seed: u64, genes: usize) -> Self {
        let random = Random::new(seed, "simulate/layout");
        let mut layout = Self { chromosomes: Vec::new(), lengths: Vec::new(), loci: Vec::new() };
        let mut share = 0.0;
        for (chrom, part) in SHARES.iter().enumerate() {
            share += part;
            let last = chrom + 1 == SHARES.len();
            let until = if last { genes } else { (share * genes as f64).round() as usize };
            layout.place(chrom, until, &mut Draw::new(random, chrom));
        }
        layout
    }

    /// Fills one chromosome until there are `until` genes in all.
    ///
    /// The first and last genes lie so near the ends that windows reach off
    /// the chromosome. Windows of neighbours overlap only head to head.
    fn place(&mut self, chrom: usize, until: usize, draw: &mut Draw) {
        let name = format!("chr{}", chrom + 1);
        let mut at = draw.whole(150, 700);
        let mut head_to_head = false;
        while self.loci.len() < until {
            let length = gene_length(draw);
            let strand = match head_to_head {
                true => Strand::Forward,
                false if draw.chance(0.5) => Strand::Forward,
                false => Strand::Reverse,
            };
            let body = Interval::new(name.as_str(), at, at + length);
            let number = self.loci.len() + 1;
            let id = format!("SIMG{number:06}");
            let gene = Gene { id, name: Some(format!("sim{number}")), strand, body };
            self.loci.push(Locus { gene, chrom });
            at += length;
            let more = self.loci.len() < until;
            head_to_head = more && strand == Strand::Reverse && draw.chance(0.25);
            at += match (more, head_to_head) {
                (false, _) => draw.whole(100, 600),
                (true, true) => draw.whole(150, 900),
                (true, false) => 2100 + draw.exponential(2200.0).min(8000.0) as i64,
            };
        }
        self.chromosomes.push(Chromosome { name, length: Some(at.unsigned_abs()) });
        self.lengths.push(usize::try_from(at).unwrap_or(0));
    }
}

/// Log-normal about 2.2 kb; about one gene in seven is shorter than 1 kb.
fn gene_length(draw: &mut Draw) -> i64 {
    ((2200f64.ln() + 0.7 * draw.normal()).exp() as i64).clamp(350, 15_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genes_have_all_the_troubles_of_real_ones() {
        let layout = Layout::new(1, 2000);
        let (loci, n) = (&layout.loci, layout.loci.len());
        assert_eq!(n, 2000);
        let count = |f: &dyn Fn(&Locus) -> bool| loci.iter().filter(|l| f(l)).count();
        assert!(count(&|l| l.gene.strand == Strand::Reverse) > 700);
        assert!((100..500).contains(&count(&|l| l.gene.body.len() < 1000)));
        let off = |l: &Locus| {
            l.windows().iter().any(|w| w.0 < 0 || w.1 as usize > layout.lengths[l.chrom])
        };
        assert!(count(&off) >= 5);
        let mut divergent = 0;
        for pair in loci.windows(2).filter(|p| p[0].chrom == p[1].chrom) {
            let gap = pair[1].gene.body.start - pair[0].gene.body.end;
            assert!(gap > 0);
            let overlap = pair[0]
                .windows()
                .iter()
                .any(|a| pair[1].windows().iter().any(|b| a.0 < b.1 && b.0 < a.1));
            let head_to_head = pair[0].gene.strand == Strand::Reverse
                && pair[1].gene.strand == Strand::Forward
                && gap < 1000;
            assert_eq!(overlap, head_to_head);
            divergent += usize::from(head_to_head);
        }
        assert!((100..400).contains(&divergent), "{divergent}");
    }

    #[test]
    fn a_stretch_turns_with_the_gene() {
        let gene = |strand| Gene {
            id: "a".into(),
            name: None,
            strand,
            body: Interval::new("c", 1000, 2000),
        };
        let forward = Locus { gene: gene(Strand::Forward), chrom: 0 };
        let reverse = Locus { gene: gene(Strand::Reverse), chrom: 0 };
        assert_eq!(forward.stretch(End::Tss, -10, 5), (990, 1005));
        assert_eq!(reverse.stretch(End::Tss, -10, 5), (1995, 2010));
        assert_eq!(reverse.stretch(End::Tts, 0, 1), (1000, 1001));
    }
}
