//! Finds the places where a motif may score enough, many at once.
//!
//! What a base lacks to the best one of its position is a loss; a place is a hit where
//! the losses sum to at most the motif's greatest score less the threshold. The sums
//! run in bytes that saturate, over tables of words: losses are scaled so that the
//! greatest that is allowed is [`MOST`] and rounded down, so no hit is ever missed; the few
//! places too many are scored exactly afterwards. All instruction sets find the same.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

use crate::ScoreMatrix;
use crate::words::{WORD, WORDS, bases};
use std::sync::OnceLock;

/// The allowed sum of losses; 255 is left to mean more than that.
const MOST: u32 = 254;

/// The loss of each word.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Losses([u8; WORDS]);

/// Tables for one motif and one threshold, on one or both strands.
pub(crate) struct Filter {
    /// `(words along the motif, strands)`
    losses: Vec<Losses>,
    strands: usize,
    /// Never a set that the machine lacks.
    isa: Instructions,
    allowed: u8,
}

/// The instructions that kernels exist for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Instructions {
    /// One place at a time.
    Portable,
    /// 32 places at a time, two bases a look-up.
    Avx2,
    /// 64 places at a time, three bases a look-up.
    Avx512,
}

impl Instructions {
    /// The widest set that the machine has.
    fn widest() -> Self {
        static WIDEST: OnceLock<Instructions> = OnceLock::new();
        *WIDEST.get_or_init(|| {
            #[cfg(target_arch = "x86_64")]
            {
                if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vbmi") {
                    return Self::Avx512;
                }
                if is_x86_feature_detected!("avx2") {
                    return Self::Avx2;
                }
            }
            Self::Portable
        })
    }

    /// Bases that one look-up serves.
    fn step(self) -> usize {
        if self == Self::Avx2 { 2 } else { WORD }
    }
}

impl Filter {
    /// Makes tables for the strands' matrices (one or two of the same motif), which
    /// let every sum of at least `threshold` through.
    pub(crate) fn new(strands: &[&ScoreMatrix], threshold: u32) -> Self {
        Self::on(Instructions::widest(), strands, threshold)
    }

    fn on(isa: Instructions, strands: &[&ScoreMatrix], threshold: u32) -> Self {
        let greatest = strands.first().map_or(0, |scores| scores.greatest());
        let allowed = greatest.saturating_sub(threshold);
        let scaled = |loss: u32| {
            let exact = allowed <= MOST;
            let loss = if exact {
                loss
            } else {
                (u64::from(loss) * u64::from(MOST) / u64::from(allowed)) as u32
            };
            loss.min(255) as u8
        };
        let step = isa.step();
        let groups = strands.first().map_or(0, |scores| scores.width().div_ceil(step));
        let mut losses = Vec::with_capacity(groups * strands.len());
        for group in 0..groups {
            for scores in strands {
                let rows: Vec<[u16; 4]> =
                    scores.rows().iter().skip(group * step).take(step).copied().collect();
                losses.push(Losses(std::array::from_fn(|word| scaled(loss(&rows, word)))));
            }
        }
        Self { losses, strands: strands.len(), isa, allowed: allowed.min(MOST) as u8 }
    }

    /// Adds the places among the first `places` where a strand may reach the threshold,
    /// in order; a few more may be among them.
    ///
    /// # Panics
    /// `words` has fewer than [`PADDING`](crate::words::PADDING) words after `places`.
    pub(crate) fn places_into(&self, words: &[u8], places: usize, found: &mut Vec<u32>) {
        assert!(words.len() >= places + crate::words::PADDING, "too few words after the places");
        #[cfg(target_arch = "x86_64")]
        match (self.isa, self.strands) {
            // SAFETY: the machine has these instructions, and the words are as many as was
            // just checked.
            (Instructions::Avx512, 1) => unsafe {
                avx512::places_into::<1>(self, words, places, found)
            },
            // SAFETY: as above.
            (Instructions::Avx512, _) => unsafe {
                avx512::places_into::<2>(self, words, places, found)
            },
            // SAFETY: as above.
            (Instructions::Avx2, 1) => unsafe {
                avx2::places_into::<1>(self, words, places, found)
            },
            // SAFETY: as above.
            (Instructions::Avx2, _) => unsafe {
                avx2::places_into::<2>(self, words, places, found)
            },
            (Instructions::Portable, _) => portable::places_into(self, words, places, found),
        }
        #[cfg(not(target_arch = "x86_64"))]
        portable::places_into(self, words, places, found);
    }
}

/// What the bases of a word lack to the best ones.
fn loss(rows: &[[u16; 4]], word: usize) -> u32 {
    let lack =
        |row: &[u16; 4], base: usize| u32::from(row.iter().copied().fold(0, u16::max) - row[base]);
    rows.iter().zip(bases(word)).map(|(row, base)| lack(row, base)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words_into;
    use crate::{Background, Probabilities, ScoreMatrix};
    use isegnet_core::Random;

    fn random_scores(width: usize, seed: u64) -> ScoreMatrix {
        let random = Random::new(seed, "test/filter");
        let row = |i: u64| {
            let row: [f64; 4] = std::array::from_fn(|b| random.uniform(i, b as u64).powi(3) + 1e-3);
            let sum: f64 = row.iter().sum();
            row.map(|p| p / sum)
        };
        let p = Probabilities::new((0..width as u64).map(row).collect(), 50.0).unwrap();
        ScoreMatrix::new("m", &p.log_odds(&Background::uniform(), 0.1)).unwrap()
    }

    fn sum(scores: &ScoreMatrix, letters: &[u8]) -> u32 {
        let codes = letters.iter().map(|&l| usize::from(isegnet_core::base_code(l)));
        scores.rows().iter().zip(codes).map(|(row, c)| u32::from(row[c])).sum()
    }

    /// Every set of instructions lets all hits through, few others, and the same ones.
    #[test]
    fn no_hit_is_missed_on_any_instructions() {
        let random = Random::new(3, "test/letters");
        let letters: Vec<u8> = (0..3000).map(|i| b"ACGT"[random.below(0, i, 4) as usize]).collect();
        let mut words = Vec::new();
        words_into(&letters, &mut words);
        for width in [1, 2, 3, 7, 12, 35, 200] {
            let forward = random_scores(width, width as u64);
            let reverse = forward.reverse_complement();
            for part in [1.0, 0.97, 0.6, 0.0] {
                let threshold = (f64::from(forward.greatest()) * part) as u32;
                let isas = [Instructions::Portable, Instructions::Avx2, Instructions::Avx512];
                for strands in [vec![&forward], vec![&forward, &reverse]] {
                    let places = letters.len() - width + 1;
                    let hits = (0..places as u32).filter(|&p| {
                        let window = &letters[p as usize..][..width];
                        strands.iter().any(|s| sum(s, window) >= threshold)
                    });
                    let hits: Vec<u32> = hits.collect();
                    for isa in isas.into_iter().filter(|&isa| isa <= Instructions::widest()) {
                        let mut found = Vec::new();
                        Filter::on(isa, &strands, threshold)
                            .places_into(&words, places, &mut found);
                        assert!(
                            found.is_sorted()
                                && hits.iter().all(|h| found.binary_search(h).is_ok())
                        );
                        let slack =
                            (forward.greatest() / MOST + 1) * width.div_ceil(isa.step()) as u32;
                        for &p in found.iter().filter(|&&p| (p as usize) < places) {
                            let window = &letters[p as usize..][..width];
                            let best = strands.iter().map(|s| sum(s, window)).max().unwrap();
                            assert!(
                                best + slack >= threshold,
                                "{isa:?} {width} {best} {threshold}"
                            );
                        }
                    }
                }
            }
        }
    }
}
