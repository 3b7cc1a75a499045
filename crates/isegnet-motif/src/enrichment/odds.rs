use super::coded::Coded;
use super::{Enrichment, Rules, Scoring};
use crate::digits::rounded;
use crate::words::{WORD, WORDS, tables};
use crate::{Background, Probabilities, Row};
use isegnet_core::base_code;

/// Windows that are scored at once, so that their look-ups do not wait for each other.
const LANES: usize = 8;

/// The odds of a motif against the background: products of p / b over a window.
pub(crate) struct Odds {
    /// Odds of bases, forward and on the other strand.
    rows: [Vec<Row>; 2],
    /// Odds of words.
    words: [Vec<[f64; WORDS]>; 2],
    /// The least odds of a hit.
    strong: f64,
}

/// What was seen along a sequence, strand by strand.
#[derive(Default)]
struct Seen {
    sums: [[f64; LANES]; 2],
    greatest: f64,
    hits: u64,
    windows: u64,
}

impl Odds {
    pub(crate) fn new(
        matrix: &Probabilities,
        background: &Background,
        settings: &Enrichment,
    ) -> Self {
        let b = background.frequencies();
        let odds = |p: &Probabilities| -> Vec<Row> {
            let smooth = p.smoothed(background, settings.pseudocount);
            smooth.rows().iter().map(|row| std::array::from_fn(|i| row[i] / b[i])).collect()
        };
        let rows = [odds(matrix), odds(&matrix.reverse_complement())];
        let greatest: f64 =
            rows[0].iter().map(|row| row.iter().copied().fold(0.0, f64::max)).product();
        let words = rows.each_ref().map(|rows| tables(rows, 1.0, |product, odds| product * odds));
        // Just below, so that rounding does not lose a window with exactly these odds.
        let strong = (1.0 - 1e-15) * greatest.powf(settings.hit_fraction);
        Self { rows, words, strong }
    }

    /// The least score that can count as enriched: one hit among windows that score 1.
    pub(crate) fn lowest_threshold(&self, mean_length: f64, scoring: Scoring) -> f64 {
        let windows = (2.0 * (mean_length - self.rows[0].len() as f64 + 1.0)).trunc();
        match scoring {
            Scoring::Max => self.strong,
            Scoring::Sum => self.strong + windows - 1.0,
            Scoring::Average => (self.strong + windows - 1.0) / windows,
            Scoring::TotalHits => 1.0,
        }
    }

    /// Scores a sequence, with 10 digits; `None` where it has no window.
    pub(crate) fn score(&self, sequence: &Coded, settings: &Enrichment) -> Option<f64> {
        let (length, width) = (sequence.letters.len(), self.rows[0].len());
        let all = (length + 1).checked_sub(width).filter(|&all| all > 0)?;
        let mut seen = Seen::default();
        match settings.rules {
            Rules::Isegnet => {
                for places in sequence.places(width) {
                    self.windows(&sequence.words, places, &mut seen);
                }
            }
            Rules::Ame => self.windows_of_ame(&sequence.letters[..length - 1], &mut seen),
        }
        let windows = if settings.rules == Rules::Ame { all as u64 } else { seen.windows };
        if windows == 0 {
            return None;
        }
        let sum: f64 = seen.sums.iter().map(|lanes| lanes.iter().sum::<f64>()).sum();
        let score = match settings.scoring {
            Scoring::Average => sum / windows as f64 / 2.0,
            Scoring::Max => seen.greatest,
            Scoring::Sum => sum,
            Scoring::TotalHits => seen.hits as f64,
        };
        // Equal scores are equal whatever order their parts came in.
        Some(rounded(score, 10))
    }

    fn windows(&self, words: &[u8], places: std::ops::Range<usize>, seen: &mut Seen) {
        seen.windows += places.len() as u64;
        for from in places.clone().step_by(LANES) {
            let lanes = LANES.min(places.end - from);
            for (tables, sums) in self.words.iter().zip(&mut seen.sums) {
                let mut odds = [1.0; LANES];
                for (group, table) in tables.iter().enumerate() {
                    // Words behind the last place are there, and what they give is left out.
                    let words = &words[from + group * WORD..][..LANES];
                    for (odds, &word) in odds.iter_mut().zip(words) {
                        *odds *= table[usize::from(word) % WORDS];
                    }
                }
                for (sum, &odds) in sums.iter_mut().zip(&odds[..lanes]) {
                    *sum += odds;
                    seen.greatest = seen.greatest.max(odds);
                    seen.hits += u64::from(odds >= self.strong);
                }
            }
        }
    }

    /// All windows as AME has them: the product of the odds up to the first letter that is
    /// no base, 1 where it comes first.
    fn windows_of_ame(&self, letters: &[u8], seen: &mut Seen) {
        let codes: Vec<usize> =
            letters.iter().map(|&letter| usize::from(base_code(letter))).collect();
        for window in codes.windows(self.rows[0].len()) {
            for (rows, sums) in self.rows.iter().zip(&mut seen.sums) {
                let odds = rows.iter().zip(window).map_while(|(row, &code)| row.get(code));
                let odds: f64 = odds.product();
                sums[0] += odds;
                seen.greatest = seen.greatest.max(odds);
                seen.hits += u64::from(odds >= self.strong);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(rows: &[Row], letters: &[u8]) -> Option<f64> {
        let codes = letters.iter().map(|&l| usize::from(base_code(l)));
        rows.iter().zip(codes).map(|(row, code)| row.get(code)).product::<Option<f64>>()
    }

    #[test]
    fn a_score_is_made_of_every_window_once() {
        let rows = |w: usize| {
            (0..w).map(|i| [0.1 + 0.05 * (i % 3) as f64, 0.2, 0.3, 0.4 - 0.05 * (i % 3) as f64])
        };
        let letters: &[u8] = b"ACGTTNACGATCGATTTAGGCATTRACGACTACGGGACTTTAC";
        for width in [1, 3, 4, 8] {
            let p = Probabilities::new(rows(width).collect(), 20.0).unwrap();
            let uniform = Background::uniform();
            let settings = Enrichment { hit_fraction: 0.6, ..Enrichment::default() };
            let odds = Odds::new(&p, &uniform, &settings);
            let all: Vec<f64> = letters
                .windows(width)
                .flat_map(|w| odds.rows.iter().filter_map(|rows| slow(rows, w)))
                .collect();
            let coded = Coded::new(letters, true);
            for (scoring, plain) in [
                (Scoring::Average, all.iter().sum::<f64>() / all.len() as f64),
                (Scoring::Sum, all.iter().sum()),
                (Scoring::Max, all.iter().copied().fold(0.0, f64::max)),
                (Scoring::TotalHits, all.iter().filter(|&&o| o >= odds.strong).count() as f64),
            ] {
                let ours = odds.score(&coded, &Enrichment { scoring, ..settings }).unwrap();
                assert!((ours - plain).abs() <= 1e-9 * plain, "{width} {scoring:?} {ours} {plain}");
            }
            assert_eq!(odds.score(&Coded::new(b"NNNNNNNNNN", true), &settings), None);
        }
    }
}
