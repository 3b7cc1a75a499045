use crate::words::{is_base, words_into};
use std::ops::Range;

/// A sequence ready to be scored with any motif.
pub(crate) struct Coded {
    pub(crate) positive: bool,
    pub(crate) letters: Vec<u8>,
    pub(crate) words: Vec<u8>,
    /// Where there are only bases.
    stretches: Vec<Range<usize>>,
}

impl Coded {
    pub(crate) fn new(letters: &[u8], positive: bool) -> Self {
        let (mut words, mut stretches, mut at) = (Vec::new(), Vec::new(), 0);
        words_into(letters, &mut words);
        for run in letters.chunk_by(|&a, &b| is_base(a) == is_base(b)) {
            if run.first().is_some_and(|&letter| is_base(letter)) {
                stretches.push(at..at + run.len());
            }
            at += run.len();
        }
        Self { positive, letters: letters.to_vec(), words, stretches }
    }

    /// The places of windows of bases only.
    pub(crate) fn places(&self, width: usize) -> impl Iterator<Item = Range<usize>> {
        self.stretches.iter().filter_map(move |stretch| {
            let end = (stretch.end + 1).saturating_sub(width);
            (stretch.start < end).then_some(stretch.start..end)
        })
    }
}
