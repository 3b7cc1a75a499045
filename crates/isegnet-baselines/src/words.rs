//! Counts of DNA words.

use isegnet_core::Batch;
use ndarray::{ArrayViewMut2, Axis};

/// Number of words of `k` bases.
pub(crate) fn count(k: usize) -> usize {
    1 << (2 * k)
}

/// Names in the order of [`fill`]: AA, AC, AG, AT, CA, ...
pub(crate) fn names(k: usize) -> Vec<String> {
    let base = |word: usize, i: usize| ['A', 'C', 'G', 'T'][word >> (2 * (k - 1 - i)) & 3];
    (0..count(k)).map(|word| (0..k).map(|i| base(word, i)).collect()).collect()
}

/// Fills `out` with the counts of each row.
pub(crate) fn fill(batch: &Batch, k: usize, out: &mut ArrayViewMut2<'_, f64>) {
    if out.is_empty() {
        return;
    }
    for (codes, mut out) in batch.dna.rows().into_iter().zip(out.axis_iter_mut(Axis(0))) {
        out.fill(0.0);
        let (mut word, mut known) = (0, 0);
        for &code in codes {
            known = if code < 4 { known + 1 } else { 0 };
            word = (word << 2 | usize::from(code & 3)) & (count(k) - 1);
            if known >= k {
                out[word] += 1.0;
            }
        }
    }
}

/// Fills the share of G and C; half where no base is known.
pub(crate) fn fill_gc(batch: &Batch, out: &mut ArrayViewMut2<'_, f64>) {
    if out.is_empty() {
        return;
    }
    for (codes, mut out) in batch.dna.rows().into_iter().zip(out.axis_iter_mut(Axis(0))) {
        let known = codes.iter().filter(|&&code| code < 4).count();
        let gc = codes.iter().filter(|&&code| code == 1 || code == 2).count();
        out[0] = if known > 0 { gc as f64 / known as f64 } else { 0.5 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isegnet_core::InputShape;
    use ndarray::{Array2, array};

    fn batch() -> Batch {
        let mut batch = Batch::default();
        batch.reshape(&[0, 1], &InputShape { positions: 6, tracks: vec![], dna: true });
        batch.dna = array![[0, 1, 4, 0, 1, 0], [4, 4, 4, 4, 4, 4]];
        batch
    }

    #[test]
    fn words_overlap_and_end_at_an_unknown_base() {
        let mut out = Array2::zeros((2, 16));
        fill(&batch(), 2, &mut out.view_mut());
        let found = out.row(0);
        let names = names(2);
        let counted = names.iter().zip(found).filter(|(_, n)| **n > 0.0);
        let counted: Vec<(&str, f64)> = counted.map(|(w, &n)| (w.as_str(), n)).collect();
        assert_eq!(counted, [("AC", 2.0), ("CA", 1.0)]);
        assert_eq!(out.row(1).sum(), 0.0);
    }

    #[test]
    fn gc_is_a_share_of_known_bases() {
        let mut out = Array2::zeros((2, 1));
        fill_gc(&batch(), &mut out.view_mut());
        assert_eq!(out, array![[0.4], [0.5]]);
    }
}
