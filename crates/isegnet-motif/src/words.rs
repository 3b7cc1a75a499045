//! Bases packed so that one look-up serves several positions of a motif.

use isegnet_core::{NO_BASE, base_code};

/// Bases in a word: a byte of 6 bits, the first base lowest.
pub(crate) const WORD: usize = 3;

/// How many words there are.
pub(crate) const WORDS: usize = 1 << (2 * WORD);

/// Words that kernels may read past the last base.
pub(crate) const PADDING: usize = 768;

/// Gives the word that starts at each letter, and [`PADDING`] more; a letter that is
/// no base, or past the end, counts as A.
pub(crate) fn words_into(letters: &[u8], words: &mut Vec<u8>) {
    words.clear();
    words.extend(letters.iter().map(|&letter| CODES[usize::from(letter)] & 3));
    words.resize(letters.len() + PADDING, 0);
    for i in 0..letters.len() {
        words[i] |= (words[i + 1] & 3) << 2 | (words[i + 2] & 3) << 4;
    }
}

/// The bases of a word.
pub(crate) fn bases(word: usize) -> [usize; WORD] {
    [word & 3, word >> 2 & 3, word >> 4 & 3]
}

/// Tells whether a letter is one of the four bases, of either case.
pub(crate) fn is_base(letter: u8) -> bool {
    CODES[usize::from(letter)] != NO_BASE
}

/// Tables over words for each [`WORD`] positions of a matrix: `join` of the values
/// of a word's bases; positions past the end are left out.
pub(crate) fn tables<V: Copy, T: Copy>(
    rows: &[[V; 4]],
    start: T,
    join: impl Fn(T, V) -> T,
) -> Vec<[T; WORDS]> {
    let table = |rows: &[[V; 4]]| {
        std::array::from_fn(|word| {
            rows.iter().zip(bases(word)).fold(start, |so_far, (row, base)| join(so_far, row[base]))
        })
    };
    rows.chunks(WORD).map(table).collect()
}

/// [`base_code`] of every byte.
static CODES: [u8; 256] = {
    let mut codes = [NO_BASE; 256];
    let letters = *b"ACGTacgt";
    let mut i = 0;
    while i < letters.len() {
        codes[letters[i] as usize] = i as u8 & 3;
        i += 1;
    }
    codes
};

/// The letter of the other strand; what is no base stays.
pub(crate) fn complement(letter: u8) -> u8 {
    match base_code(letter) {
        NO_BASE => letter.to_ascii_uppercase(),
        code => b"TGCA"[usize::from(code)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_the_bases_that_follow() {
        let letters = b"ACgtNTA";
        let mut words = Vec::new();
        words_into(letters, &mut words);
        assert_eq!(words.len(), letters.len() + PADDING);
        let code = |i: usize| usize::from(letters.get(i).map_or(0, |&l| base_code(l) & 3));
        for (i, &word) in words.iter().take(letters.len()).enumerate() {
            assert_eq!(bases(usize::from(word)), [code(i), code(i + 1), code(i + 2)], "{i}");
        }
        for letter in 0..=255 {
            assert_eq!(CODES[usize::from(letter)], base_code(letter));
        }
    }
}
