use crate::evaluate::base_at;
use isegnet_core::{NO_BASE, Random, dinucleotide_shuffle};
use ndarray::{ArrayView1, ArrayView2, ArrayViewMut2};

/// Shuffles one-hot DNA, `(position, 4)`, each window between `seams` by itself. Positions
/// that are not one base are copied.
pub(crate) fn shuffle_dna_into(
    dna: ArrayView2<'_, f32>,
    seams: &[usize],
    random: &Random,
    mut out: ArrayViewMut2<'_, f32>,
) {
    let mut codes: Vec<u8> = dna.outer_iter().map(code).collect();
    let mut rest = &mut codes[..];
    let mut begun = 0;
    for (window, &seam) in seams.iter().chain([&dna.nrows()]).enumerate() {
        let (one, after) = rest.split_at_mut(seam.saturating_sub(begun).min(rest.len()));
        dinucleotide_shuffle(one, &random.part(window as u64));
        (rest, begun) = (after, seam.max(begun));
    }
    out.assign(&dna);
    for (&code, mut out) in codes.iter().zip(out.outer_iter_mut()) {
        if code < NO_BASE {
            out.fill(0.0);
            out[usize::from(code)] = 1.0;
        }
    }
}

fn code(bases: ArrayView1<'_, f32>) -> u8 {
    base_at(bases).map_or(NO_BASE, |base| base as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use std::collections::BTreeMap;

    fn pairs(codes: &[u8]) -> BTreeMap<[u8; 2], usize> {
        let mut counts = BTreeMap::new();
        for pair in codes.windows(2) {
            *counts.entry([pair[0], pair[1]]).or_default() += 1;
        }
        counts
    }

    #[test]
    fn windows_and_what_is_no_base_stay_apart() {
        let codes: Vec<u8> =
            (0..600).map(|i| (Random::new(2, "dna").below(0, i, 4)) as u8).collect();
        let mut dna = Array2::zeros((600, 4));
        for (at, &code) in codes.iter().enumerate() {
            dna[[at, usize::from(code)]] = if (100..130).contains(&at) { 0.25 } else { 1.0 };
        }
        let mut out = Array2::zeros((600, 4));
        shuffle_dna_into(dna.view(), &[350], &Random::new(3, "test"), out.view_mut());
        let after: Vec<u8> = out.outer_iter().map(code).collect();
        assert_eq!(out.slice(ndarray::s![100..130, ..]), dna.slice(ndarray::s![100..130, ..]));
        for window in [0..100, 130..350, 350..600] {
            assert_ne!(codes[window.clone()], after[window.clone()]);
            assert_eq!(pairs(&codes[window.clone()]), pairs(&after[window]));
        }
    }
}
