use serde::{Deserialize, Serialize};

/// A stretch of one chromosome, 0-based and half-open: `[start, end)`.
///
/// Positions are signed because a window around a gene near the end of a
/// chromosome reaches past it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interval {
    /// Chromosome name, as the genome spells it.
    pub chrom: String,
    /// First base, 0-based.
    pub start: i64,
    /// One past the last base.
    pub end: i64,
}

impl Interval {
    /// Makes an interval; an `end` before `start` gives an empty one at `start`.
    pub fn new(chrom: impl Into<String>, start: i64, end: i64) -> Self {
        Self { chrom: chrom.into(), start, end: end.max(start) }
    }

    /// Length in bases.
    pub fn len(&self) -> usize {
        usize::try_from(self.end - self.start).unwrap_or(0)
    }

    /// Tells whether the interval has no base.
    pub fn is_empty(&self) -> bool {
        self.end <= self.start
    }

    /// Counts the bases that two intervals share.
    pub fn shared_bases(&self, other: &Self) -> usize {
        if self.chrom != other.chrom {
            return 0;
        }
        usize::try_from(self.end.min(other.end) - self.start.max(other.start)).unwrap_or(0)
    }
}

impl std::fmt::Display for Interval {
    /// Writes `chrom:start-end`, 0-based and half-open.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}-{}", self.chrom, self.start, self.end)
    }
}

/// The strand a gene is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Strand {
    /// `+`: 5' to 3' is left to right.
    #[serde(rename = "+")]
    Forward,
    /// `-`: 5' to 3' is right to left.
    #[serde(rename = "-")]
    Reverse,
}

impl std::fmt::Display for Strand {
    /// Writes `+` or `-`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Forward => "+",
            Self::Reverse => "-",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_bases_are_counted_on_one_chromosome_only() {
        let a = Interval::new("chr1", -10, 20);
        assert_eq!(a.len(), 30);
        assert_eq!(a.shared_bases(&Interval::new("chr1", 15, 40)), 5);
        assert_eq!(a.shared_bases(&Interval::new("chr1", 20, 40)), 0);
        assert_eq!(a.shared_bases(&Interval::new("chr2", 0, 40)), 0);
    }
}
