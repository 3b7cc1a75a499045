//! Short patterns of DNA, with places where one of two bases may stand.

use crate::draw::Draw;

/// A planted pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Motif {
    /// What tables call it.
    pub(crate) name: &'static str,
    /// IUPAC letters; R and Y stand for two bases, the first is the usual one.
    pub(crate) pattern: &'static [u8],
}

/// The three that matter, in the order of the causes.
///
/// They are rich in G and C, as promoter motifs are, so that half a motif
/// already stands out of the sequence around it; the neutral ones are too, so
/// that composition alone does not tell which matters.
pub(crate) const CAUSAL: [Motif; 3] = [
    Motif { name: "motif-up", pattern: b"GGGCGGRGCYGGGA" },
    Motif { name: "motif-core", pattern: b"CCTCCCRCCCYCAC" },
    Motif { name: "motif-end", pattern: b"GTGCGCGRCYGCGG" },
];

/// As frequent in the same places, without effect.
pub(crate) const NEUTRAL: [Motif; 3] = [
    Motif { name: "neutral-up", pattern: b"GAGGGYGGCGGRCG" },
    Motif { name: "neutral-core", pattern: b"CACCCYTCCGRCCC" },
    Motif { name: "neutral-end", pattern: b"GGCACRCGYGGCGT" },
];

/// Tells whether a base may stand where the pattern has `letter`.
fn fits(letter: u8, base: u8) -> bool {
    match letter {
        b'R' => matches!(base, b'A' | b'G'),
        b'Y' => matches!(base, b'C' | b'T'),
        _ => letter == base,
    }
}

fn choices(letter: u8) -> [u8; 2] {
    match letter {
        b'R' => *b"AG",
        b'Y' => *b"CT",
        _ => [letter; 2],
    }
}

/// Gives the base on the other strand.
pub(crate) fn complement(base: u8) -> u8 {
    match base {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        b'T' => b'A',
        other => other,
    }
}

/// Reverses and complements.
pub(crate) fn turned(word: &[u8]) -> Vec<u8> {
    word.iter().rev().map(|&b| complement(b)).collect()
}

impl Motif {
    /// Writes the pattern out, with chance choosing at the open places if `varied`.
    pub(crate) fn word(&self, draw: &mut Draw, varied: bool) -> Vec<u8> {
        let pick = |&letter: &u8| {
            let second = varied && draw.chance(0.3);
            choices(letter)[usize::from(second)]
        };
        self.pattern.iter().map(pick).collect()
    }

    /// Tells whether the pattern stands at the beginning of `bases`.
    pub(crate) fn stands_at(&self, bases: &[u8]) -> bool {
        bases.len() >= self.pattern.len()
            && self.pattern.iter().zip(bases).all(|(&letter, &base)| fits(letter, base))
    }

    /// As [`stands_at`](Self::stands_at), on the other strand.
    pub(crate) fn stands_turned_at(&self, bases: &[u8]) -> bool {
        let n = self.pattern.len();
        bases.len() >= n
            && self.pattern.iter().rev().zip(bases).all(|(&l, &b)| fits(l, complement(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isegnet_core::Random;

    #[test]
    fn every_word_of_a_motif_is_found_on_its_strand_only() {
        let all = CAUSAL.iter().chain(&NEUTRAL);
        for (i, motif) in all.clone().enumerate() {
            let mut draw = Draw::new(Random::new(1, "test"), i);
            for _ in 0..20 {
                let word = motif.word(&mut draw, true);
                assert!(motif.stands_at(&word) && !motif.stands_turned_at(&word));
                let turned = turned(&word);
                assert!(motif.stands_turned_at(&turned) && !motif.stands_at(&turned));
                let others = all.clone().filter(|m| *m != motif);
                assert_eq!(others.filter(|m| m.stands_at(&word)).count(), 0);
            }
        }
    }
}
