//! Which genes share bases of the genome, or a promoter region.

use crate::View;
use crate::dataset::places;
use isegnet_core::Strand;
use std::collections::HashMap;

/// Genes whose TSSs lie this near, head to head, are divergent neighbours, in bases.
pub(super) const DIVERGENT_BP: i64 = 1000;

/// A window on its chromosome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    chrom: u32,
    start: i64,
    end: i64,
    gene: usize,
}

/// Some genes of a view and where their windows lie.
pub(super) struct Neighbourhood {
    /// By position.
    spans: Vec<Span>,
    divergent: Vec<(usize, usize)>,
}

impl Neighbourhood {
    /// Looks at `genes` of the view's data set.
    pub fn new(view: &View, genes: &[usize]) -> Self {
        let dataset = view.dataset();
        let mut spans = Vec::with_capacity(2 * genes.len());
        let mut forward: HashMap<u32, Vec<(i64, usize)>> = HashMap::new();
        let mut reverse = Vec::new();
        for &gene in genes {
            let (chrom, length) = dataset.length_of(gene);
            let at = &dataset.genes()[gene];
            for place in places(&view.windows(), at, chrom, length) {
                if !place.is_empty() {
                    spans.push(Span { chrom, start: place.start, end: place.end, gene });
                }
            }
            match at.strand {
                Strand::Forward => forward.entry(chrom).or_default().push((at.tss(), gene)),
                Strand::Reverse => reverse.push((chrom, at.tss(), gene)),
            }
        }
        spans.sort_unstable();
        let divergent = divergent(forward, &reverse);
        Self { spans, divergent }
    }

    /// Pairs of divergent neighbours: a gene of the reverse strand, and one of
    /// the forward strand at most [`DIVERGENT_BP`] to its right.
    pub fn divergent(&self) -> &[(usize, usize)] {
        &self.divergent
    }

    /// Calls `join` for pairs of genes; what it joins are all groups of genes
    /// connected by overlapping windows or divergent neighbourhood.
    pub fn connect(&self, mut join: impl FnMut(usize, usize)) {
        let mut reach: Option<Span> = None;
        for &span in &self.spans {
            reach = match reach {
                Some(last) if last.chrom == span.chrom && span.start < last.end => {
                    join(last.gene, span.gene);
                    Some(if span.end > last.end { span } else { last })
                }
                _ => Some(span),
            };
        }
        self.divergent.iter().for_each(|&(a, b)| join(a, b));
    }

    /// The bases that the windows of genes in question cover.
    pub fn cover(&self, within: impl Fn(usize) -> bool) -> Cover {
        let mut cover = Cover::default();
        for span in self.spans.iter().filter(|span| within(span.gene)) {
            let merged = cover.0.entry(span.chrom).or_default();
            match merged.last_mut() {
                Some(last) if span.start <= last.1 => last.1 = last.1.max(span.end),
                _ => merged.push((span.start, span.end)),
            }
        }
        cover
    }

    /// The genes of which a window shares a base with `cover`.
    pub fn touching(&self, cover: &Cover, within: impl Fn(usize) -> bool) -> Vec<usize> {
        let touches = self.spans.iter().filter(|s| within(s.gene) && cover.touches(s));
        let mut genes: Vec<usize> = touches.map(|span| span.gene).collect();
        genes.sort_unstable();
        genes.dedup();
        genes
    }
}

fn divergent(
    mut forward: HashMap<u32, Vec<(i64, usize)>>,
    reverse: &[(u32, i64, usize)],
) -> Vec<(usize, usize)> {
    forward.values_mut().for_each(|genes| genes.sort_unstable());
    let mut pairs = Vec::new();
    for &(chrom, tss, gene) in reverse {
        let Some(forward) = forward.get(&chrom) else { continue };
        let first = forward.partition_point(|&(position, _)| position < tss);
        let near = forward.iter().skip(first).take_while(|&&(p, _)| p - tss <= DIVERGENT_BP);
        pairs.extend(near.map(|&(_, other)| (gene, other)));
    }
    pairs
}

/// Covered bases, merged, by chromosome.
#[derive(Default)]
pub(super) struct Cover(HashMap<u32, Vec<(i64, i64)>>);

impl Cover {
    fn touches(&self, span: &Span) -> bool {
        let Some(merged) = self.0.get(&span.chrom) else { return false };
        let after = merged.partition_point(|m| m.0 < span.end);
        let last = after.checked_sub(1).and_then(|i| merged.get(i));
        last.is_some_and(|m| m.1 > span.start)
    }

    /// Counts the bases that both cover.
    pub fn shared_bases(&self, other: &Self) -> u64 {
        let mut shared = 0;
        for (chrom, mine) in &self.0 {
            let mut theirs = other.0.get(chrom).map_or([].iter(), |spans| spans.iter()).peekable();
            for a in mine {
                while theirs.next_if(|b| b.1 <= a.0).is_some() {}
                let mut rest = theirs.clone();
                while let Some(b) = rest.next_if(|b| b.0 < a.1) {
                    shared += (a.1.min(b.1) - a.0.max(b.0)) as u64;
                }
            }
        }
        shared
    }
}

/// Groups that grow by joining.
pub(super) struct Groups(Vec<usize>);

impl Groups {
    pub fn new(members: usize) -> Self {
        Self((0..members).collect())
    }

    /// The first member of the group that `member` is in.
    pub fn first(&mut self, member: usize) -> usize {
        let mut at = member;
        while let Some(&above) = self.0.get(at).filter(|&&above| above != at) {
            let next = self.0.get(above).copied().unwrap_or(above);
            if let Some(link) = self.0.get_mut(at) {
                *link = next;
            }
            at = next;
        }
        at
    }

    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        if let Some(link) = self.0.get_mut(a.max(b)) {
            *link = a.min(b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_joined_through_any_member() {
        let mut groups = Groups::new(6);
        groups.join(4, 5);
        groups.join(0, 2);
        groups.join(5, 2);
        let firsts: Vec<usize> = (0..6).map(|i| groups.first(i)).collect();
        assert_eq!(firsts, [0, 1, 0, 3, 0, 0]);
    }

    #[test]
    fn shared_bases_are_those_in_both() {
        let a = Cover(HashMap::from([(0, vec![(0, 10), (20, 30), (40, 90)])]));
        let b = Cover(HashMap::from([(0, vec![(5, 22), (29, 50), (60, 61)]), (1, vec![(0, 9)])]));
        assert_eq!(a.shared_bases(&b), 5 + 2 + 1 + 10 + 1);
        assert_eq!(b.shared_bases(&a), 19);
        let span = |start, end| Span { chrom: 0, start, end, gene: 0 };
        assert!(!b.touches(&span(50, 60)) && b.touches(&span(49, 50)) && b.touches(&span(0, 99)));
    }
}
