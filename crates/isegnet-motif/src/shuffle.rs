use crate::Sequence;
use isegnet_core::{Random, base_code, dinucleotide_shuffle};

/// Shuffles sequences so that each keeps its counts of neighbouring pairs of bases, as
/// controls that no motif longer than two bases was selected in.
///
/// Stretches between letters that are no base are shuffled each by itself; its first and last
/// base stay ([`dinucleotide_shuffle`]). `copies` are made of each sequence, named
/// `<name>_shuffled_<copy>`; the same seed gives the same ones.
///
/// ```
/// use isegnet_motif::{Sequence, shuffle_dinucleotides};
///
/// let peak = Sequence { name: "peak".into(), bases: b"ACGTTGCACCA".to_vec() };
/// let shuffled = shuffle_dinucleotides(&[peak], 2, 7);
/// assert_eq!((shuffled.len(), shuffled[1].name.as_str()), (2, "peak_shuffled_2"));
/// ```
pub fn shuffle_dinucleotides(sequences: &[Sequence], copies: usize, seed: u64) -> Vec<Sequence> {
    let random = Random::new(seed, "motif/dinucleotide shuffle");
    let mut shuffled = Vec::new();
    for (i, sequence) in sequences.iter().enumerate() {
        for copy in 1..=copies {
            let mut bases = sequence.bases.to_ascii_uppercase();
            let mut codes: Vec<u8> = bases.iter().map(|&letter| base_code(letter)).collect();
            dinucleotide_shuffle(&mut codes, &random.part(i as u64).part(copy as u64));
            for (letter, code) in bases.iter_mut().zip(codes) {
                *letter = *b"ACGT".get(usize::from(code)).unwrap_or(letter);
            }
            shuffled.push(Sequence { name: format!("{}_shuffled_{copy}", sequence.name), bases });
        }
    }
    shuffled
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn pairs(letters: &[u8]) -> HashMap<[u8; 2], usize> {
        let mut counts = HashMap::new();
        for pair in letters.windows(2) {
            *counts.entry([pair[0], pair[1]]).or_default() += 1;
        }
        counts
    }

    #[test]
    fn pairs_are_kept_and_their_order_is_not() {
        let random = Random::new(2, "test/shuffle");
        for length in [1_u64, 2, 3, 10, 200] {
            for step in 0..30 {
                let mut bases: Vec<u8> =
                    (0..length).map(|i| b"ACGT"[random.below(step, i, 4) as usize]).collect();
                if length > 100 {
                    bases[60] = b'N';
                }
                let one = [Sequence { name: "s".into(), bases }];
                let shuffled = shuffle_dinucleotides(&one, 1, step);
                assert_eq!(pairs(&shuffled[0].bases), pairs(&one[0].bases), "{:?}", one[0].bases);
                assert_eq!(shuffled, shuffle_dinucleotides(&one, 1, step));
                assert!(length < 100 || shuffled[0].bases != one[0].bases);
            }
        }
    }

    /// All walks of a small sequence come out about equally often.
    #[test]
    fn every_walk_is_equally_likely() {
        let one = [Sequence { name: "s".into(), bases: b"ACAGATACA".to_vec() }];
        let mut counts: HashMap<Vec<u8>, usize> = HashMap::new();
        for sequence in shuffle_dinucleotides(&one, 6000, 3) {
            *counts.entry(sequence.bases).or_default() += 1;
        }
        // Orders of the four loops from A, of which two are alike: 4! / 2!.
        assert_eq!(counts.len(), 12);
        assert!(counts.values().all(|&n| n.abs_diff(500) < 110), "{counts:?}");
    }
}
