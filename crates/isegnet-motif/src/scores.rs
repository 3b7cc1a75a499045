use crate::{Background, LogOdds, ScanError};

/// Steps between the least and the greatest score of a base.
const STEPS: f64 = 1000.0;

/// Log-odds as whole numbers, which have few enough sums for exact p-values.
///
/// FIMO's scaling: with the floor of the least log-odds as offset and the scale
/// floor(1000 / (greatest - offset)), a base has round((log-odds - offset) scale).
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreMatrix {
    rows: Vec<[u16; 4]>,
    scale: f64,
    offset: f64,
}

impl ScoreMatrix {
    /// Scales log-odds.
    ///
    /// # Errors
    /// A log-odds of minus infinity, or a range too wide for 1000 steps.
    pub fn new(id: &str, log_odds: &LogOdds) -> Result<Self, ScanError> {
        for (i, row) in log_odds.rows().iter().enumerate() {
            if let Some(base) = row.iter().position(|x| !x.is_finite()) {
                return Err(ScanError::ImpossibleBase {
                    motif: id.to_owned(),
                    position: i + 1,
                    base: crate::matrix::BASES[base],
                });
            }
        }
        Self::scaled(id, log_odds, |x| x)
    }

    /// Scales log-odds as FIMO does where a base cannot stand: it scores like the
    /// background. Only without pseudocounts does this differ from [`new`](Self::new).
    ///
    /// # Errors
    /// A range too wide for 1000 steps.
    pub fn with_impossible_as_neutral(id: &str, log_odds: &LogOdds) -> Result<Self, ScanError> {
        Self::scaled(id, log_odds, |x| if x.is_finite() { x } else { 0.0 })
    }

    fn scaled(id: &str, log_odds: &LogOdds, value: impl Fn(f64) -> f64) -> Result<Self, ScanError> {
        let values = || log_odds.rows().iter().flatten().map(|&x| value(x));
        let (least, greatest) =
            (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
        // A motif like the background has one score, which any scale can hold.
        let offset = if least == greatest { least.floor() - 1.0 } else { least.floor() };
        let scale = (STEPS / (greatest - offset)).floor();
        if scale < 1.0 {
            return Err(ScanError::TooWideRange { motif: id.to_owned(), least, greatest });
        }
        // At most STEPS, so it fits.
        let whole = |x: f64| ((value(x) - offset) * scale).round() as u16;
        let rows = log_odds.rows().iter().map(|row| row.map(whole)).collect();
        Ok(Self { rows, scale, offset })
    }

    /// The scores, `(positions, 4)`.
    pub fn rows(&self) -> &[[u16; 4]] {
        &self.rows
    }

    /// The number of positions.
    pub fn width(&self) -> usize {
        self.rows.len()
    }

    /// The greatest sum.
    pub fn greatest(&self) -> u32 {
        self.rows.iter().map(|row| u32::from(row.iter().copied().fold(0, u16::max))).sum()
    }

    /// Gives a sum in bits: sum / scale + positions * offset.
    pub fn bits(&self, sum: u32) -> f64 {
        f64::from(sum) / self.scale + self.rows.len() as f64 * self.offset
    }

    /// Gives the scores as the other strand has them.
    pub fn reverse_complement(&self) -> Self {
        let rows = self.rows.iter().rev().map(|&[a, c, g, t]| [t, g, c, a]).collect();
        Self { rows, ..*self }
    }
}

/// How likely each score is at a place of random sequence, whose bases are drawn
/// independently from a background.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreDistribution {
    /// P(score >= s) for s from 0 on.
    upper: Vec<f64>,
}

impl ScoreDistribution {
    /// Convolves the positions' distributions, exactly (Staden 1989).
    pub fn new(scores: &ScoreMatrix, background: &Background) -> Self {
        let bases = background.frequencies();
        let (mut now, mut reached) = (vec![1.0], 0);
        for row in scores.rows() {
            let most = usize::from(row.iter().copied().fold(0, u16::max));
            let mut next = vec![0.0; reached + most + 1];
            for (&score, &chance) in row.iter().zip(&bases) {
                let from = usize::from(score);
                for (to, p) in next[from..].iter_mut().zip(&now) {
                    *to += p * chance;
                }
            }
            (now, reached) = (next, reached + most);
        }
        let mut sum = 0.0;
        for p in now.iter_mut().rev() {
            sum += *p;
            *p = sum;
        }
        Self { upper: now }
    }

    /// Gives P(score >= `sum`), rounded to 10 digits as FIMO does, so that equal
    /// ones are equal whatever order they were summed in.
    pub fn p_value(&self, sum: u32) -> f64 {
        crate::digits::rounded(self.tail(sum), 10).min(1.0)
    }

    /// P(score >= `sum`) as it was summed.
    pub(crate) fn tail(&self, sum: u32) -> f64 {
        self.upper.get(sum as usize).copied().unwrap_or(0.0)
    }

    /// Gives the least score whose p-value is at most `p`; one more than the
    /// greatest where none is so small.
    pub fn threshold(&self, p: f64) -> u32 {
        let (mut low, mut high) = (0, self.upper.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.p_value(middle as u32) <= p {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low as u32
    }

    /// Gives the chance of every score from 0 to the greatest.
    pub fn chances(&self) -> Vec<f64> {
        let above = self.upper.iter().skip(1).chain(&[0.0]);
        self.upper.iter().zip(above).map(|(here, above)| here - above).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Probabilities;

    fn scores(rows: Vec<[f64; 4]>, pseudocount: f64) -> Result<ScoreMatrix, ScanError> {
        let p = Probabilities::new(rows, 10.0).unwrap();
        ScoreMatrix::new("m", &p.log_odds(&Background::uniform(), pseudocount))
    }

    #[test]
    fn the_distribution_is_that_of_all_words() {
        let rows = vec![[0.5, 0.1, 0.2, 0.2], [0.9, 0.0, 0.1, 0.0], [0.1, 0.3, 0.3, 0.3]];
        let scores = scores(rows, 0.1).unwrap();
        let background = Background::new([0.3, 0.1, 0.2, 0.4]).unwrap();
        let distribution = ScoreDistribution::new(&scores, &background);
        let b = background.frequencies();
        let words = (0..64).map(|w| [w & 3, w >> 2 & 3, w >> 4]).map(|w: [usize; 3]| {
            let sum: u32 = w.iter().zip(scores.rows()).map(|(&i, r)| u32::from(r[i])).sum();
            (sum, w.iter().map(|&i| b[i]).product::<f64>())
        });
        let words: Vec<(u32, f64)> = words.collect();
        for s in 0..=scores.greatest() + 1 {
            let upper: f64 = words.iter().filter(|(sum, _)| *sum >= s).map(|(_, p)| p).sum();
            assert!((distribution.p_value(s) - upper).abs() < 1e-9, "{s}");
        }
        let all: f64 = distribution.chances().iter().sum();
        assert!((all - 1.0).abs() < 1e-12);
        for p in [1.0, 0.5, 1e-2, 1e-9] {
            let t = distribution.threshold(p);
            assert!(distribution.p_value(t) <= p && (t == 0 || distribution.p_value(t - 1) > p));
        }
    }

    #[test]
    fn a_base_that_cannot_stand_is_named() {
        let impossible = scores(vec![[0.5, 0.5, 0.0, 0.0]], 0.0).unwrap_err().to_string();
        assert!(impossible.contains("G at position 1 of motif \"m\""), "{impossible}");
        let flat = scores(vec![[0.25; 4]], 0.1).unwrap();
        assert_eq!(flat.bits(flat.greatest()), 0.0);
        let p = Probabilities::new(vec![[0.5, 0.5, 0.0, 0.0]], 10.0).unwrap();
        let odds = p.log_odds(&Background::uniform(), 0.0);
        let neutral = ScoreMatrix::with_impossible_as_neutral("m", &odds).unwrap();
        assert_eq!(neutral.rows(), [[1000, 1000, 0, 0]]);
    }
}
