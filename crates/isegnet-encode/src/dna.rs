//! DNA as codes: A 0, C 1, G 2, T 3, no base 4 ([`isegnet_core::base_code`]).

use isegnet_core::{NO_BASE, Strand};

/// Gives the code of the complementary base; no base stays no base.
pub fn complement(code: u8) -> u8 {
    if code < NO_BASE { 3 - code } else { NO_BASE }
}

/// Turns codes of the forward strand, in place, into those read 5' to 3' on `strand`.
pub fn orient(codes: &mut [u8], strand: Strand) {
    if strand == Strand::Reverse {
        codes.reverse();
        for code in codes {
            *code = complement(*code);
        }
    }
}

/// Fills `out` with four numbers a code, A, C, G, T: 1 at the base, else 0; all
/// 0 where there is no base.
///
/// # Panics
/// `out` is not four times as long as `codes`.
pub fn one_hot_into(codes: &[u8], out: &mut [u8]) {
    assert_eq!(out.len(), 4 * codes.len(), "one-hot letters need four numbers each");
    out.fill(0);
    for (letter, &code) in out.chunks_exact_mut(4).zip(codes) {
        if let Some(base) = letter.get_mut(usize::from(code)) {
            *base = 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverse_complement_keeps_what_is_no_base() {
        let mut codes = [0, 0, 1, 4, 3];
        orient(&mut codes, Strand::Reverse);
        assert_eq!(codes, [0, 4, 2, 3, 3]);
    }

    #[test]
    fn one_hot_of_no_base_is_nothing() {
        let mut out = [9; 12];
        one_hot_into(&[2, 4, 0], &mut out);
        assert_eq!(out, [0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
    }
}
