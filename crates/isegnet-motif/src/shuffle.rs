use crate::Sequence;
use crate::words::is_base;
use isegnet_core::{Random, base_code};

/// Shuffles sequences so that each keeps its counts of neighbouring pairs of bases, as
/// controls that no motif longer than two bases was selected in.
///
/// Stretches between letters that are no base are shuffled each by itself; its first and last
/// base stay (Altschul and Erickson 1985). `copies` are made of each sequence, named
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
    let mut shuffled = Vec::with_capacity(sequences.len().saturating_mul(copies));
    for (i, sequence) in sequences.iter().enumerate() {
        for copy in 1..=copies {
            let mut bases = sequence.bases.to_ascii_uppercase();
            let runs = bases.chunk_by_mut(|&a, &b| is_base(a) == is_base(b));
            for (run, letters) in runs.enumerate() {
                if letters.first().is_some_and(|&letter| is_base(letter)) {
                    stretch(letters, &random.part(i as u64).part(run as u64), copy as u64);
                }
            }
            shuffled.push(Sequence { name: format!("{}_shuffled_{copy}", sequence.name), bases });
        }
    }
    shuffled
}

/// Walks anew over the pairs of a stretch, each used once.
fn stretch(letters: &mut [u8], random: &Random, step: u64) {
    let code = |letter: u8| usize::from(base_code(letter)) % 4;
    let (Some(&first), Some(&last)) = (letters.first(), letters.last()) else { return };
    let mut next: [Vec<u8>; 4] = Default::default();
    for pair in letters.windows(2) {
        next[code(pair[0])].push(pair[1]);
    }
    let mut draws = 0;
    let mut below = |n: usize| {
        draws += 1;
        random.below(step, draws, n as u64) as usize
    };
    // The last step from each base has to lead to the last letter, or the walk gets stuck;
    // drawn at random until it does, all such trees are equally likely.
    loop {
        for steps in &mut next {
            if let Some(end) = steps.len().checked_sub(1) {
                steps.swap(below(end + 1), end);
            }
        }
        let leads_on = |mut base: usize| {
            (0..4).any(|_| {
                let here = base;
                base = next[here].last().map_or(here, |&to| code(to));
                here == code(last)
            })
        };
        if (0..4).all(|base| next[base].is_empty() || leads_on(base)) {
            break;
        }
    }
    for (base, steps) in next.iter_mut().enumerate() {
        // The walk ends at the last letter, so no step from there is bound to be the last.
        let free = if base == code(last) { steps.len() } else { steps.len().saturating_sub(1) };
        for i in (1..free).rev() {
            steps.swap(i, below(i + 1));
        }
        steps.reverse();
    }
    let mut here = first;
    for letter in letters.iter_mut().skip(1) {
        here = next[code(here)].pop().unwrap_or(here);
        *letter = here;
    }
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
