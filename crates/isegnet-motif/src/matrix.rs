use crate::{Background, MatrixError};

/// One value for each base, in the order A, C, G, T.
pub type Row = [f64; 4];

/// No motif is wider: far above any known, and small enough for tables.
pub const MAX_WIDTH: usize = 255;

/// How far from 1 the probabilities of a row may sum, as rounded ones do.
const SUM_TOLERANCE: f64 = 0.01;

/// No count is greater, so that sums of them are exact.
const GREATEST: f64 = 1e12;

/// The bases in the order of a [`Row`].
pub(crate) const BASES: [char; 4] = ['A', 'C', 'G', 'T'];

/// How often each base was seen at each position, `(positions, 4)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts(Vec<Row>);

/// How likely each base is at each position, `(positions, 4)`, and from how many
/// sites that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Probabilities {
    rows: Vec<Row>,
    sites: f64,
}

/// log2 of how much likelier each base is at each position than in the background,
/// `(positions, 4)`; negative infinity where a base cannot stand.
#[derive(Clone, Debug, PartialEq)]
pub struct LogOdds(Vec<Row>);

impl Counts {
    /// Takes a row of counts for each position; they need not be whole.
    ///
    /// # Errors
    /// No position or more than [`MAX_WIDTH`], a count that is negative or not
    /// finite, a position without counts.
    pub fn new(rows: Vec<Row>) -> Result<Self, MatrixError> {
        check(&rows, "count")?;
        match rows.iter().position(|row| row.iter().sum::<f64>() <= 0.0) {
            Some(at) => Err(MatrixError::NoCounts { position: at + 1 }),
            None => Ok(Self(rows)),
        }
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.0
    }

    /// Gives the share of each base; the sites are the largest sum of a position.
    ///
    /// Pseudocounts come in with the background, in [`Probabilities::log_odds`].
    pub fn probabilities(&self) -> Probabilities {
        let sum = |row: &Row| row.iter().sum::<f64>();
        let rows = self.0.iter().map(|row| row.map(|count| count / sum(row))).collect();
        Probabilities { rows, sites: self.0.iter().map(sum).fold(0.0, f64::max) }
    }

    /// Gives the counts as the other strand has them.
    pub fn reverse_complement(&self) -> Self {
        Self(other_strand(&self.0))
    }
}

impl Probabilities {
    /// Takes a row of probabilities for each position, and the number of sites that
    /// they were found from.
    ///
    /// Rows are kept as they are: those of files are rounded, and sum to 1 within 0.01.
    ///
    /// # Errors
    /// No position or more than [`MAX_WIDTH`], a probability that is negative or not
    /// finite, a row that does not sum to 1, a number of sites that is none.
    pub fn new(rows: Vec<Row>, sites: f64) -> Result<Self, MatrixError> {
        check(&rows, "probability")?;
        for (i, row) in rows.iter().enumerate() {
            let sum = row.iter().sum::<f64>();
            if (sum - 1.0).abs() > SUM_TOLERANCE {
                return Err(MatrixError::RowSum { row: i + 1, sum });
            }
        }
        if !(0.0..=GREATEST).contains(&sites) {
            return Err(MatrixError::Sites { sites });
        }
        Ok(Self { rows, sites })
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The number of positions.
    pub fn width(&self) -> usize {
        self.rows.len()
    }

    /// The number of sites that the motif was made from.
    pub fn sites(&self) -> f64 {
        self.sites
    }

    /// Gives the motif as the other strand has it.
    pub fn reverse_complement(&self) -> Self {
        Self { rows: other_strand(&self.rows), sites: self.sites }
    }

    /// Mixes in `pseudocount` sites of the background:
    /// (p sites + pseudocount b) / (sites + pseudocount).
    pub fn smoothed(&self, background: &Background, pseudocount: f64) -> Self {
        let all = self.sites + pseudocount;
        if all <= 0.0 {
            return self.clone();
        }
        let b = background.frequencies();
        let mix =
            |row: &Row| std::array::from_fn(|i| (row[i] * self.sites + pseudocount * b[i]) / all);
        Self { rows: self.rows.iter().map(mix).collect(), sites: self.sites }
    }

    /// Gives log2(p / b) of the [smoothed](Self::smoothed) probabilities.
    pub fn log_odds(&self, background: &Background, pseudocount: f64) -> LogOdds {
        let b = background.frequencies();
        let smooth = self.smoothed(background, pseudocount);
        LogOdds(
            smooth.rows.iter().map(|row| std::array::from_fn(|i| (row[i] / b[i]).log2())).collect(),
        )
    }

    /// Gives the information of each position in bits: the sum of p log2(p / b)
    /// (Kullback-Leibler), at most 2 against a uniform background.
    pub fn information(&self, background: &Background) -> Vec<f64> {
        let b = background.frequencies();
        let term = |p: f64, b: f64| if p > 0.0 { p * (p / b).log2() } else { 0.0 };
        self.rows.iter().map(|row| (0..4).map(|i| term(row[i], b[i])).sum()).collect()
    }

    /// Gives an IUPAC letter for each position: for all bases at least half as
    /// likely as the likeliest one.
    pub fn consensus(&self) -> String {
        const IUPAC: &[u8; 16] = b"NACMGRSVTWYHKDBN";
        let letter = |row: &Row| {
            let half = row.iter().copied().fold(0.0, f64::max) / 2.0;
            let set = (0..4).filter(|&i| row[i] >= half).fold(0, |set, i| set | 1 << i);
            IUPAC[set] as char
        };
        self.rows.iter().map(letter).collect()
    }
}

impl LogOdds {
    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.0
    }

    /// Gives the log-odds as the other strand has them, where the background is
    /// the same on both.
    pub fn reverse_complement(&self) -> Self {
        Self(other_strand(&self.0))
    }
}

fn other_strand(rows: &[Row]) -> Vec<Row> {
    rows.iter().rev().map(|&[a, c, g, t]| [t, g, c, a]).collect()
}

fn check(rows: &[Row], what: &'static str) -> Result<(), MatrixError> {
    match rows.len() {
        0 => return Err(MatrixError::Empty),
        width if width > MAX_WIDTH => {
            return Err(MatrixError::TooWide { width, limit: MAX_WIDTH });
        }
        _ => {}
    }
    for (i, row) in rows.iter().enumerate() {
        for (&value, base) in row.iter().zip(BASES) {
            if !(0.0..=GREATEST).contains(&value) {
                return Err(MatrixError::NotANumber { what, position: i + 1, base, value });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_matrix_says_why() {
        let counts = |row: Row| Counts::new(vec![[1.0; 4], row]);
        assert_eq!(counts([0.0; 4]), Err(MatrixError::NoCounts { position: 2 }));
        for bad in [f64::NAN, -1.0, 1e300, f64::INFINITY] {
            assert!(matches!(counts([1.0, bad, 0.0, 0.0]), Err(MatrixError::NotANumber { .. })));
        }
        assert_eq!(Counts::new(Vec::new()), Err(MatrixError::Empty));
        let wide = Probabilities::new(vec![[0.25; 4]; 256], 20.0);
        assert_eq!(wide, Err(MatrixError::TooWide { width: 256, limit: 255 }));
        let short = Probabilities::new(vec![[0.25, 0.25, 0.25, 0.2]], 20.0);
        assert!(matches!(short, Err(MatrixError::RowSum { row: 1, .. })));
        assert!(Probabilities::new(vec![[0.333, 0.333, 0.333, 0.0]], 20.0).is_ok());
    }

    #[test]
    fn counts_become_log_odds_by_way_of_probabilities() {
        let p = Counts::new(vec![[8.0, 0.0, 0.0, 2.0], [5.0, 0.0, 0.0, 0.0]]).unwrap();
        let p = p.probabilities();
        assert_eq!(
            (p.sites(), p.rows()[0], p.rows()[1]),
            (10.0, [0.8, 0.0, 0.0, 0.2], [1.0, 0.0, 0.0, 0.0])
        );
        let odds = p.log_odds(&Background::uniform(), 2.0);
        // (0.8 * 10 + 2 / 4) / 12 against 1 / 4.
        assert!((odds.rows()[0][0] - (8.5_f64 / 3.0).log2()).abs() < 1e-15);
        assert_eq!(p.log_odds(&Background::uniform(), 0.0).rows()[1][1], f64::NEG_INFINITY);
    }

    #[test]
    fn information_is_two_bits_where_one_base_stands() {
        let p =
            Probabilities::new(vec![[0.0, 1.0, 0.0, 0.0], [0.25; 4], [0.5, 0.0, 0.5, 0.0]], 9.0);
        let p = p.unwrap();
        assert_eq!(p.information(&Background::uniform()), [2.0, 0.0, 1.0]);
        assert_eq!(p.consensus(), "CNR");
        assert_eq!(p.reverse_complement().consensus(), "YNG");
    }
}
