//! The bases, and what is planted among them.

use crate::cause::{Causes, copies};
use crate::design::Design;
use crate::draw::Draw;
use crate::layout::{End, Layout};
use crate::motif::{CAUSAL, Motif, NEUTRAL, turned};
use isegnet_core::{Random, Strand};

/// The base is read in some gene's window.
const IN_WINDOW: u8 = 1;
/// The base belongs to a planted motif.
const PLANTED: u8 = 2;
/// A planted motif begins here.
const BEGINS: u8 = 4;

/// Bases of all chromosomes and what each belongs to.
pub(crate) struct Sequence {
    pub(crate) bases: Vec<Vec<u8>>,
    flags: Vec<Vec<u8>>,
}

/// A motif that was planted.
pub(crate) struct Planted {
    pub(crate) motif: Motif,
    /// The gene in whose windows it lies, if in any.
    pub(crate) gene: Option<usize>,
    pub(crate) chrom: usize,
    pub(crate) start: usize,
    pub(crate) strand: Strand,
}

impl Sequence {
    /// Draws the bases: base composition changes along the chromosome, and CG
    /// is rare except around a TSS.
    pub(crate) fn new(seed: u64, layout: &Layout) -> Self {
        let random = Random::new(seed, "simulate/sequence");
        let mut flags: Vec<Vec<u8>> = layout.lengths.iter().map(|&n| vec![0; n]).collect();
        let mut islands: Vec<Vec<(i64, i64)>> = vec![Vec::new(); flags.len()];
        for locus in &layout.loci {
            for (start, end) in locus.windows() {
                for f in within(&mut flags[locus.chrom], start, end) {
                    *f |= IN_WINDOW;
                }
            }
            islands[locus.chrom].push(locus.stretch(End::Tss, -300, 250));
        }
        let bases = islands
            .iter()
            .enumerate()
            .map(|(c, islands)| draw_bases(random.part(c as u64), layout.lengths[c], islands))
            .collect();
        Self { bases, flags }
    }

    /// Plants every motif; `causes` then holds how many copies found room.
    pub(crate) fn plant(
        &mut self,
        seed: u64,
        design: &Design,
        layout: &Layout,
        causes: &mut Causes,
    ) -> Vec<Planted> {
        let mut planted = Vec::new();
        for (m, motif) in CAUSAL.iter().chain(&NEUTRAL[..design.neutral]).enumerate() {
            let random = Random::new(seed, "simulate/motifs").part(m as u64);
            for gene in 0..layout.loci.len() {
                let mut draw = Draw::new(random, gene);
                let wanted = match m {
                    0..=2 => causes.amounts[0][gene][m] as usize,
                    _ => copies(design, &mut draw),
                };
                let found = (0..wanted)
                    .filter_map(|_| {
                        self.plant_at(layout, gene, *motif, design.places[m % 3], design, &mut draw)
                    })
                    .collect::<Vec<_>>();
                if m < 3 {
                    for amounts in &mut causes.amounts {
                        amounts[gene][m] = found.len() as f64;
                    }
                }
                planted.extend(found);
            }
        }
        self.plant_outside(seed, design, layout, &mut planted);
        self.remove_chance_words();
        planted
    }

    /// Plants one copy in the gene's direction, if it finds room.
    fn plant_at(
        &mut self,
        layout: &Layout,
        gene: usize,
        motif: Motif,
        (end, from, to): (End, i64, i64),
        design: &Design,
        draw: &mut Draw,
    ) -> Option<Planted> {
        let locus = &layout.loci[gene];
        let length = motif.pattern.len() as i64;
        let word = motif.word(draw, design.varied);
        for _ in 0..40 {
            let offset = draw.whole(from, to - length);
            let (start, _) = locus.stretch(end, offset, offset + length);
            let Ok(start) = usize::try_from(start) else { continue };
            let strand = locus.gene.strand;
            if self.write(locus.chrom, start, &word, strand) {
                return Some(Planted {
                    motif,
                    gene: Some(gene),
                    chrom: locus.chrom,
                    start,
                    strand,
                });
            }
        }
        None
    }

    /// Plants as many causal motifs outside every window as there are genes.
    fn plant_outside(
        &mut self,
        seed: u64,
        design: &Design,
        layout: &Layout,
        planted: &mut Vec<Planted>,
    ) {
        let random = Random::new(seed, "simulate/motifs outside");
        for i in 0..layout.loci.len() {
            let mut draw = Draw::new(random, i);
            let motif = CAUSAL[i % 3];
            let chrom = layout.loci[i].chrom;
            let strand = if draw.chance(0.5) { Strand::Forward } else { Strand::Reverse };
            let word = motif.word(&mut draw, design.varied);
            for _ in 0..20 {
                let start = draw.whole(0, layout.lengths[chrom] as i64) as usize;
                let outside = self.is_outside(chrom, start, start + word.len());
                if outside && self.write(chrom, start, &word, strand) {
                    planted.push(Planted { motif, gene: None, chrom, start, strand });
                    break;
                }
            }
        }
    }

    /// Tells whether no gene's windows have a base of the stretch.
    pub(crate) fn is_outside(&self, chrom: usize, start: usize, end: usize) -> bool {
        self.flags[chrom].get(start..end).is_some_and(|f| f.iter().all(|f| f & IN_WINDOW == 0))
    }

    /// Writes a word over free bases; false if they are not free or not there.
    fn write(&mut self, chrom: usize, start: usize, word: &[u8], strand: Strand) -> bool {
        let end = start + word.len();
        let free =
            self.flags[chrom].get(start..end).is_some_and(|f| f.iter().all(|f| f & PLANTED == 0));
        if free {
            let word = match strand {
                Strand::Forward => word.to_vec(),
                Strand::Reverse => turned(word),
            };
            self.bases[chrom][start..end].copy_from_slice(&word);
            self.flags[chrom][start] |= BEGINS;
            self.flags[chrom][start..end].iter_mut().for_each(|f| *f |= PLANTED);
        }
        free
    }

    /// Changes one base of every motif that stands somewhere by chance, so that
    /// the table of truth is complete.
    fn remove_chance_words(&mut self) {
        for (bases, flags) in self.bases.iter_mut().zip(&self.flags) {
            for motif in CAUSAL.iter().chain(&NEUTRAL) {
                for start in 0..bases.len() {
                    let rest = &bases[start..];
                    let stands = motif.stands_at(rest) || motif.stands_turned_at(rest);
                    if !stands || flags[start] & BEGINS != 0 {
                        continue;
                    }
                    let free =
                        (start..start + motif.pattern.len()).find(|&i| flags[i] & PLANTED == 0);
                    if let Some(i) = free {
                        // Neither the base itself nor its partner in R or Y.
                        bases[i] = match bases[i] {
                            b'A' => b'C',
                            b'C' => b'A',
                            b'G' => b'T',
                            _ => b'G',
                        };
                    }
                }
            }
        }
    }

    /// Puts in runs of N that spare what was planted, and lower case.
    pub(crate) fn blemish(&mut self, seed: u64) {
        let random = Random::new(seed, "simulate/blemishes");
        for (c, (bases, flags)) in self.bases.iter_mut().zip(&self.flags).enumerate() {
            let mut draw = Draw::new(random, c);
            for _ in 0..bases.len() / 250_000 + 1 {
                let start = draw.whole(0, bases.len() as i64) as usize;
                let end = (start + draw.whole(20, 900) as usize).min(bases.len());
                if flags[start..end].iter().all(|f| f & PLANTED == 0) {
                    bases[start..end].fill(b'N');
                }
            }
            for _ in 0..bases.len() / 8_000 + 1 {
                let start = draw.whole(0, bases.len() as i64) as usize;
                let end = (start + draw.whole(100, 1500) as usize).min(bases.len());
                bases[start..end].make_ascii_lowercase();
            }
        }
    }
}

/// Gives the part of `flags` that a stretch covers, cut at the chromosome's ends.
fn within(flags: &mut [u8], start: i64, end: i64) -> &mut [u8] {
    let at = |v: i64| usize::try_from(v).unwrap_or(0).min(flags.len());
    let (start, end) = (at(start), at(end));
    &mut flags[start..end]
}

fn draw_bases(random: Random, length: usize, islands: &[(i64, i64)]) -> Vec<u8> {
    const BLOCK: usize = 4000;
    let mut bases = Vec::with_capacity(length);
    let mut gc = 0.0;
    let mut island = islands.iter().peekable();
    for i in 0..length {
        if i % BLOCK == 0 {
            gc = 0.36 + 0.08 * random.uniform(1, i as u64);
        }
        while island.next_if(|(_, end)| *end <= i as i64).is_some() {}
        let in_island = island.peek().is_some_and(|(start, _)| *start <= i as i64);
        let block = random.block(0, (i / 8) as u64);
        let u = f64::from((block[i % 8 / 2] >> (16 * (i % 2))) as u16) / 65_536.0;
        let rare = bases.last() == Some(&b'C') && !in_island;
        bases.push(base_of(u, gc, if rare { 0.25 } else { 1.0 }));
    }
    bases
}

/// Turns a uniform number into a base; G is `g` times as likely as usual.
fn base_of(u: f64, gc: f64, g: f64) -> u8 {
    let (half_gc, half_at) = (gc / 2.0, (1.0 - gc) / 2.0);
    let u = u * (1.0 - half_gc * (1.0 - g));
    match u {
        u if u < half_at => b'A',
        u if u < 2.0 * half_at => b'T',
        u if u < 2.0 * half_at + half_gc => b'C',
        _ => b'G',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    #[test]
    fn every_motif_in_the_sequence_was_planted() {
        let design = Design::of(&Config::default());
        let layout = Layout::new(3, 200);
        let mut causes = Causes::new(3, &design, 200);
        let mut sequence = Sequence::new(3, &layout);
        let planted = sequence.plant(3, &design, &layout, &mut causes);
        let mut found = Vec::new();
        for (chrom, bases) in sequence.bases.iter().enumerate() {
            for start in 0..bases.len() {
                for m in CAUSAL.iter().chain(&NEUTRAL) {
                    if m.stands_at(&bases[start..]) {
                        found.push((chrom, start, m.name, Strand::Forward));
                    }
                    if m.stands_turned_at(&bases[start..]) {
                        found.push((chrom, start, m.name, Strand::Reverse));
                    }
                }
            }
        }
        let mut expected: Vec<_> =
            planted.iter().map(|p| (p.chrom, p.start, p.motif.name, p.strand)).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
        let copies: f64 = causes.amounts[0].iter().map(|a| a[0] + a[1] + a[2]).sum();
        let causal = planted.iter().filter(|p| p.gene.is_some() && CAUSAL.contains(&p.motif));
        assert_eq!(copies as usize, causal.count());
        sequence.blemish(3);
        let all: Vec<u8> = sequence.bases.concat();
        assert!(all.contains(&b'N') && all.contains(&b'a'));
    }
}
