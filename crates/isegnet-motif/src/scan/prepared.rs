use super::{ScanError, ScanOptions, Strands, Threshold};
use crate::words::{WORD, WORDS, tables};
use crate::{Background, Motif, ScoreDistribution, ScoreMatrix};

/// A motif that is ready to be scanned with.
pub(crate) struct Prepared {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) scores: ScoreMatrix,
    /// The scores of the other strand, if it is scanned.
    pub(crate) other: Option<ScoreMatrix>,
    pub(crate) distribution: ScoreDistribution,
    /// The least score of a hit.
    pub(crate) threshold: u32,
    /// Scores of words, for each strand.
    words: Vec<Vec<[u16; WORDS]>>,
}

impl Prepared {
    pub(crate) fn new(
        motif: &Motif,
        background: &Background,
        options: &ScanOptions,
    ) -> Result<Self, ScanError> {
        let log_odds = motif.matrix.log_odds(background, options.pseudocount);
        let scores = if options.impossible_is_neutral {
            ScoreMatrix::with_impossible_as_neutral(&motif.id, &log_odds)?
        } else {
            ScoreMatrix::new(&motif.id, &log_odds)?
        };
        let other = (options.strands != Strands::Forward).then(|| scores.reverse_complement());
        let distribution = ScoreDistribution::new(&scores, background);
        let threshold = match options.threshold {
            Threshold::P(p) => distribution.threshold(p),
            // Every place counts until the share without a site is known.
            Threshold::Q(_) => 0,
        };
        let words = std::iter::once(&scores).chain(&other);
        let words = words.map(|s| tables(s.rows(), 0_u16, |sum, score| sum + score)).collect();
        let (id, name) = (motif.id.clone(), motif.name.clone());
        Ok(Self { id, name, scores, other, distribution, threshold, words })
    }

    /// The matrices of the scanned strands, forward first.
    pub(crate) fn strands(&self) -> Vec<&ScoreMatrix> {
        std::iter::once(&self.scores).chain(&self.other).collect()
    }

    /// Gives the exact score of a strand (0 forward) at a place of a batch.
    pub(crate) fn score(&self, strand: usize, words: &[u8], place: usize) -> u32 {
        self.score_of(strand, words.get(place..).unwrap_or_default().iter().step_by(WORD))
    }

    /// Gives the exact score of a strand at a window, given the words that its tables take.
    pub(crate) fn score_of<'a>(&self, strand: usize, words: impl Iterator<Item = &'a u8>) -> u32 {
        let tables = self.words.get(strand).map(Vec::as_slice).unwrap_or_default();
        tables.iter().zip(words).map(|(table, &word)| u32::from(table[usize::from(word)])).sum()
    }
}
