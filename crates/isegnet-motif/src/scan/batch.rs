use crate::words::{is_base, words_into};

/// Bases that are scanned together: stretches without any other letter.
#[derive(Default)]
pub(crate) struct Batch {
    /// The stretches' letters, one N after each.
    letters: Vec<u8>,
    words: Vec<u8>,
    stretches: Vec<Stretch>,
    /// The sequence being added, and the position of its next base.
    now: Option<(u32, u64)>,
    /// Whether the last stretch may go on.
    open: bool,
}

/// Consecutive bases of one sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// Its first letter in the batch.
    pub(crate) at: usize,
    len: usize,
    pub(crate) sequence: u32,
    /// The position of its first base in the sequence, 0-based.
    pub(crate) start: u64,
    /// Letters at its front that an earlier batch ended with; places whose windows lie
    /// in them are done.
    carried: usize,
}

impl Stretch {
    /// The places in the batch where windows of a motif begin.
    pub(crate) fn places(&self, width: usize) -> std::ops::Range<usize> {
        let first = (self.carried + 1).saturating_sub(width);
        let end = (self.len + 1).saturating_sub(width);
        self.at + first..self.at + end.max(first)
    }
}

impl Batch {
    pub(crate) fn len(&self) -> usize {
        self.letters.len()
    }

    /// The letters; [`words`](Self::words) are of the same places.
    pub(crate) fn letters(&self) -> &[u8] {
        &self.letters
    }

    /// The words of a sealed batch, with padding behind.
    pub(crate) fn words(&self) -> &[u8] {
        &self.words
    }

    pub(crate) fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// The position at which the sequence being added goes on.
    pub(crate) fn next_position(&self) -> Option<u64> {
        self.now.map(|(_, position)| position)
    }

    /// Begins another sequence.
    pub(crate) fn begin(&mut self, sequence: u32, start: u64) {
        self.close();
        self.now = Some((sequence, start));
    }

    /// Adds letters to the sequence.
    pub(crate) fn push(&mut self, letters: &[u8]) {
        let Some((sequence, position)) = self.now else { return };
        for run in letters.chunk_by(|&a, &b| is_base(a) == is_base(b)) {
            let start = position + (run.as_ptr() as usize - letters.as_ptr() as usize) as u64;
            if run.first().is_some_and(|&letter| is_base(letter)) {
                self.grow(sequence, start, run);
            } else {
                self.close();
            }
        }
        self.now = Some((sequence, position + letters.len() as u64));
    }

    fn grow(&mut self, sequence: u32, start: u64, run: &[u8]) {
        match self.stretches.last_mut().filter(|_| self.open) {
            Some(stretch) => stretch.len += run.len(),
            None => {
                let at = self.letters.len();
                self.stretches.push(Stretch { at, len: run.len(), sequence, start, carried: 0 });
            }
        }
        self.letters.extend_from_slice(run);
        self.open = true;
    }

    fn close(&mut self) {
        if std::mem::take(&mut self.open) {
            self.letters.push(b'N');
        }
    }

    /// Makes the words of all letters.
    pub(crate) fn seal(&mut self) {
        words_into(&self.letters, &mut self.words);
    }

    /// Forgets what was scanned, except up to `keep` letters at the end of a stretch that
    /// may go on.
    pub(crate) fn restart(&mut self, keep: usize) {
        let last = self.stretches.last().copied().filter(|_| self.open);
        self.stretches.clear();
        let Some(last) = last else { return self.letters.clear() };
        let carried = last.len.min(keep);
        let start = last.start + (last.len - carried) as u64;
        self.letters.drain(..last.at + last.len - carried);
        self.stretches.push(Stretch { at: 0, len: carried, carried, start, ..last });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The positions at which windows begin, batch after batch.
    fn windows(pieces: &[&[u8]], width: usize, widest: usize) -> Vec<u64> {
        let mut batch = Batch::default();
        batch.begin(0, 10);
        let mut found = Vec::new();
        for piece in pieces {
            batch.push(piece);
            for stretch in batch.stretches() {
                let places = stretch.places(width);
                found.extend(places.map(|p| stretch.start + (p - stretch.at) as u64));
            }
            batch.restart(widest - 1);
        }
        found
    }

    #[test]
    fn every_window_is_there_once_however_a_sequence_is_cut() {
        let letters = b"ACGTNNACGTTGCARACGTACGTACGTACGTnAC";
        for width in 1..=9 {
            let whole = windows(&[letters], width, 9);
            let plain = (0..letters.len().saturating_sub(width - 1))
                .filter(|&i| letters[i..i + width].iter().all(|&l| is_base(l)));
            assert!(plain.map(|i| 10 + i as u64).eq(whole.iter().copied()), "{width}");
            for cut in 1..=letters.len() {
                let pieces: Vec<&[u8]> = letters.chunks(cut).collect();
                assert_eq!(windows(&pieces, width, 9), whole, "{width} {cut}");
            }
        }
    }
}
