use super::batch::Batch;
use super::prepared::Prepared;
use super::{ScanOptions, Strands};
use crate::filter::Filter;
use crate::words::complement;
use isegnet_core::Strand;

/// What one motif has found so far.
pub(crate) struct Tally {
    filter: Filter,
    /// The least score that is kept; rises where there are too many hits.
    pub(crate) least: u32,
    /// Places that were scored, both strands counted unless only the better one is taken.
    pub(crate) places: u64,
    pub(crate) sites: Vec<Site>,
    /// The sites' letters as the motif reads them, in their order.
    pub(crate) letters: Vec<u8>,
    found: Vec<u32>,
}

/// A place that scores enough.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    pub(crate) start: u64,
    pub(crate) sequence: u32,
    pub(crate) score: u32,
    pub(crate) strand: Strand,
}

impl Tally {
    pub(crate) fn new(motif: &Prepared) -> Self {
        Self {
            filter: Filter::new(&motif.strands(), motif.threshold),
            least: motif.threshold,
            places: 0,
            sites: Vec::new(),
            letters: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Takes in one batch.
    pub(crate) fn scan(&mut self, motif: &Prepared, batch: &Batch, options: &ScanOptions) {
        let width = motif.scores.width();
        // The better strand of a place is one value, both are two.
        let strands = if options.strands == Strands::Both { 2 } else { 1 };
        let places: u64 = batch.stretches().iter().map(|s| s.places(width).len() as u64).sum();
        if places == 0 {
            return;
        }
        self.places += places * strands;
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        self.filter.places_into(batch.words(), batch.len(), &mut found);
        let mut stretches = batch.stretches().iter().peekable();
        for &place in &found {
            let place = place as usize;
            while stretches.next_if(|s| s.places(width).end <= place).is_some() {}
            let Some(stretch) = stretches.peek().filter(|s| s.places(width).start <= place) else {
                continue;
            };
            let (sequence, start) = (stretch.sequence, stretch.start + (place - stretch.at) as u64);
            let letters = &batch.letters()[place..place + width];
            for (strand, score) in scored(motif, batch.words(), place, options) {
                if score >= self.least {
                    self.keep(Site { start, sequence, score, strand }, letters, motif, options);
                }
            }
        }
        self.found = found;
    }

    fn keep(&mut self, site: Site, letters: &[u8], motif: &Prepared, options: &ScanOptions) {
        if self.sites.len() >= options.most_hits {
            self.drop_half(letters.len(), motif);
            if site.score < self.least {
                return;
            }
        }
        self.sites.push(site);
        match site.strand {
            Strand::Forward => self.letters.extend_from_slice(letters),
            Strand::Reverse => self.letters.extend(letters.iter().rev().map(|&l| complement(l))),
        }
    }

    /// Drops every site no better than the one in the middle, and looks for better ones
    /// only from here on.
    fn drop_half(&mut self, width: usize, motif: &Prepared) {
        let mut scores: Vec<u32> = self.sites.iter().map(|site| site.score).collect();
        let middle = scores.len() / 2;
        let (_, &mut median, _) = scores.select_nth_unstable_by(middle, |a, b| b.cmp(a));
        self.least = median + 1;
        let mut kept = 0;
        for i in 0..self.sites.len() {
            if self.sites[i].score >= self.least {
                self.sites[kept] = self.sites[i];
                self.letters.copy_within(i * width..(i + 1) * width, kept * width);
                kept += 1;
            }
        }
        self.sites.truncate(kept);
        self.letters.truncate(kept * width);
        self.filter = Filter::new(&motif.strands(), self.least);
    }
}

/// The strands' scores at a place, those that count.
fn scored(
    motif: &Prepared,
    words: &[u8],
    place: usize,
    options: &ScanOptions,
) -> impl Iterator<Item = (Strand, u32)> {
    let forward = motif.score(0, words, place);
    let reverse = motif.other.as_ref().map(|_| motif.score(1, words, place));
    let better = options.strands == Strands::Better;
    let forward = Some(forward).filter(|&f| !better || reverse.is_none_or(|r| f >= r));
    let reverse = reverse.filter(|&r| !better || forward.is_none_or(|f| r > f));
    let both = [(Strand::Forward, forward), (Strand::Reverse, reverse)];
    both.into_iter().filter_map(|(strand, score)| score.map(|score| (strand, score)))
}
