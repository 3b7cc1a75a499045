//! Which genes of an annotation become genes of a data set.

use super::layout::{Place, places};
use super::{Counts, DatasetError};
use crate::Windows;
use isegnet_core::{Gene, Interval};
use std::collections::HashMap;

/// What genes are filtered by.
pub(super) struct Filter<'a> {
    pub windows: &'a Windows,
    pub chromosomes: &'a [(String, Option<u64>)],
    pub include: Option<&'a [Interval]>,
    pub blacklist: &'a [Interval],
    /// Whether a gene, by its place in the annotation, has expression in any sample.
    pub expressed: &'a dyn Fn(usize) -> bool,
}

/// The genes that are left.
pub(super) struct Kept {
    /// Places in the annotation.
    pub genes: Vec<usize>,
    pub places: Vec<[Place; 2]>,
    pub counts: Counts,
}

/// The length of a chromosome for which none is known.
pub(super) const UNKNOWN_LENGTH: i64 = super::names::LAST_BASE;

impl Filter<'_> {
    pub fn apply(&self, genes: &[Gene]) -> Result<Kept, DatasetError> {
        let numbers: HashMap<&str, u32> =
            self.chromosomes.iter().zip(0..).map(|((name, _), i)| (name.as_str(), i)).collect();
        let include = self.include.map(Regions::new);
        let blacklist = Regions::new(self.blacklist);
        let mut counts = Counts { annotation: genes.len(), ..Counts::default() };
        let mut kept = Kept { genes: Vec::new(), places: Vec::new(), counts };
        let mut off = Vec::new();
        for (i, gene) in genes.iter().enumerate() {
            let Some(&chrom) = numbers.get(gene.body.chrom.as_str()) else { continue };
            counts.known_chromosome += 1;
            let intervals = self.windows.intervals(gene);
            let mut inside = intervals.iter().filter(|window| !window.is_empty());
            if include.as_ref().is_some_and(|r| !inside.clone().all(|window| r.cover(window))) {
                continue;
            }
            counts.included += 1;
            if inside.any(|window| blacklist.touch(window)) {
                continue;
            }
            counts.not_blacklisted += 1;
            let length = self.length(chrom);
            let places = places(self.windows, gene, chrom, length);
            let mut windows = self.windows.both().into_iter().zip(&places);
            if windows.any(|(window, place)| !window.is_empty() && place.is_empty()) {
                if gene.body.start < 0 || gene.body.end > length {
                    off.push((gene, length));
                }
                continue;
            }
            counts.on_chromosome += 1;
            if !(self.expressed)(i) {
                continue;
            }
            counts.with_expression += 1;
            counts.short += usize::from(self.windows.overlap_in(gene));
            kept.genes.push(i);
            kept.places.push(places);
        }
        if let Some((gene, length)) = off.first() {
            let (gene, body, length) = (gene.id.clone(), gene.body.clone(), *length);
            let more = off.len() - 1;
            return Err(DatasetError::GeneOffChromosome { gene, body, length, more });
        }
        if kept.genes.is_empty() {
            return Err(DatasetError::NoGene { counts: Box::new(counts) });
        }
        kept.counts = counts;
        Ok(kept)
    }

    fn length(&self, chrom: u32) -> i64 {
        let length = self.chromosomes.get(chrom as usize).and_then(|(_, length)| *length);
        length.and_then(|length| i64::try_from(length).ok()).unwrap_or(UNKNOWN_LENGTH)
    }
}

/// Regions of the genome, merged, by chromosome.
struct Regions(HashMap<String, Vec<(i64, i64)>>);

impl Regions {
    fn new(regions: &[Interval]) -> Self {
        let mut by_chrom: HashMap<String, Vec<(i64, i64)>> = HashMap::new();
        for region in regions.iter().filter(|region| !region.is_empty()) {
            by_chrom.entry(region.chrom.clone()).or_default().push((region.start, region.end));
        }
        for spans in by_chrom.values_mut() {
            spans.sort_unstable();
            spans.dedup_by(|next, last| {
                let joined = next.0 <= last.1;
                if joined {
                    last.1 = last.1.max(next.1);
                }
                joined
            });
        }
        Self(by_chrom)
    }

    /// The last region that starts at or before `position`.
    fn before(&self, chrom: &str, position: i64) -> Option<(i64, i64)> {
        let spans = self.0.get(chrom)?;
        let after = spans.partition_point(|span| span.0 <= position);
        spans.get(after.checked_sub(1)?).copied()
    }

    fn cover(&self, window: &Interval) -> bool {
        self.before(&window.chrom, window.start).is_some_and(|(_, end)| window.end <= end)
    }

    fn touch(&self, window: &Interval) -> bool {
        self.before(&window.chrom, window.end - 1).is_some_and(|(_, end)| window.start < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_merged_before_they_cover_or_touch() {
        let at = |start, end| Interval::new("c", start, end);
        let regions = Regions::new(&[at(50, 80), at(0, 20), at(20, 40), at(60, 65)]);
        assert!(regions.cover(&at(5, 40)));
        assert!(!regions.cover(&at(5, 41)));
        assert!(regions.cover(&at(66, 80)));
        assert!(regions.touch(&at(39, 45)));
        assert!(!regions.touch(&at(40, 50)));
        assert!(regions.touch(&at(-5, 100)));
        assert!(!regions.touch(&Interval::new("d", 0, 100)));
    }
}
