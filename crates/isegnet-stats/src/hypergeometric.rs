use crate::binomial;
use crate::numeric::{ln_add, ln_complement, ln_series};
use crate::{PValue, Undefined};

/// How many marked items are among `draws` taken without replacement from
/// `population` items of which `marked` are marked.
///
/// Tails are summed outward from the observed count, starting from Loader's form of
/// its probability, so that they keep their digits however small they are.
///
/// ```
/// use isegnet_stats::Hypergeometric;
///
/// // Two of three draws marked, of 10 items with 4 marked: (6 * 6 + 4) / 120.
/// let hits = Hypergeometric::new(10, 4, 3)?;
/// assert!((hits.upper(2).p() - 40.0 / 120.0).abs() < 1e-14);
/// # Ok::<(), isegnet_stats::Undefined>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hypergeometric {
    population: u64,
    marked: u64,
    draws: u64,
}

/// Two probabilities this near (in logarithm) are taken for equal, as the exact
/// ones of a symmetric table are.
const TIED: f64 = 1e-11;

impl Hypergeometric {
    /// Takes the numbers of items, of marked items and of draws.
    ///
    /// # Errors
    /// More marked items or draws than items.
    pub fn new(population: u64, marked: u64, draws: u64) -> Result<Self, Undefined> {
        for (part, size) in [("marked items", marked), ("draws", draws)] {
            if size > population {
                return Err(Undefined::LargerThanPopulation { part, size, population });
            }
        }
        Ok(Self { population, marked, draws })
    }

    /// Gives ln P(X = `k`).
    pub fn ln_pmf(&self, k: u64) -> f64 {
        if k < self.fewest() || k > self.most() {
            return f64::NEG_INFINITY;
        }
        if self.draws == 0 || self.draws == self.population {
            return 0.0;
        }
        let p = self.draws as f64 / self.population as f64;
        let q = (self.population - self.draws) as f64 / self.population as f64;
        binomial::ln_pmf(k, self.marked, p, q)
            + binomial::ln_pmf(self.draws - k, self.population - self.marked, p, q)
            - binomial::ln_pmf(self.draws, self.population, p, q)
    }

    /// Gives P(X >= `k`).
    pub fn upper(&self, k: u64) -> PValue {
        PValue::clamped(self.ln_upper(k))
    }

    /// Gives P(X <= `k`).
    pub fn lower(&self, k: u64) -> PValue {
        PValue::clamped(self.ln_lower(k))
    }

    /// Gives the chance of a count no likelier than `k`.
    pub fn two_sided(&self, k: u64) -> PValue {
        let mode = self.mode();
        let limit = self.ln_pmf(k) + TIED;
        if self.ln_pmf(mode) <= limit {
            return PValue::ONE;
        }
        // Probabilities fall on either side of the mode, so the far tail starts
        // where a bisection finds it.
        PValue::clamped(if k < mode {
            let far = bisect(mode, self.most() + 1, |j| self.ln_pmf(j) <= limit);
            ln_add(self.ln_lower(k), self.ln_upper(far))
        } else {
            let steps = bisect(0, mode - self.fewest() + 1, |s| self.ln_pmf(mode - s) <= limit);
            let far = mode.checked_sub(steps).filter(|&j| j >= self.fewest());
            let lower = far.map_or(f64::NEG_INFINITY, |j| self.ln_lower(j));
            ln_add(self.ln_upper(k), lower)
        })
    }

    fn fewest(&self) -> u64 {
        self.draws.saturating_sub(self.population - self.marked)
    }

    fn most(&self) -> u64 {
        self.draws.min(self.marked)
    }

    fn mean(&self) -> f64 {
        self.draws as f64 * (self.marked as f64 / self.population.max(1) as f64)
    }

    fn mode(&self) -> u64 {
        let top = (u128::from(self.draws) + 1) * (u128::from(self.marked) + 1);
        let mode = top / (u128::from(self.population) + 2);
        // At most the number of draws, so it fits.
        (mode as u64).clamp(self.fewest(), self.most())
    }

    fn ln_upper(&self, k: u64) -> f64 {
        if k <= self.fewest() {
            return 0.0;
        }
        if k > self.most() {
            return f64::NEG_INFINITY;
        }
        if k as f64 <= self.mean() {
            return ln_complement(self.ln_lower(k - 1));
        }
        let plain = self.population - self.marked;
        let ratio = |j: u64| {
            (self.marked - j) as f64 / (j + 1) as f64 * (self.draws - j) as f64
                / (plain + j + 1 - self.draws) as f64
        };
        ln_series(self.ln_pmf(k), (k..self.most()).map(ratio))
    }

    fn ln_lower(&self, k: u64) -> f64 {
        if k >= self.most() {
            return 0.0;
        }
        if k < self.fewest() {
            return f64::NEG_INFINITY;
        }
        if k as f64 >= self.mean() {
            return ln_complement(self.ln_upper(k + 1));
        }
        let plain = self.population - self.marked;
        let ratio = |j: u64| {
            j as f64 / (self.marked - j + 1) as f64 * (plain + j - self.draws) as f64
                / (self.draws - j + 1) as f64
        };
        ln_series(self.ln_pmf(k), (self.fewest() + 1..=k).rev().map(ratio))
    }
}

/// The first of `low..high` that holds, where all after it do; `high` if none.
fn bisect(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(n: u64, k: u64) -> f64 {
        if k > n { 0.0 } else { (1..=k).map(|i| (n - k + i) as f64 / i as f64).product() }
    }

    #[test]
    fn tails_agree_with_sums_of_every_term() {
        for (n, m, d) in [(0, 0, 0), (5, 0, 3), (5, 5, 3), (12, 5, 7), (30, 10, 10), (41, 38, 20)] {
            let h = Hypergeometric::new(n, m, d).unwrap();
            let pmf: Vec<f64> =
                (0..=d).map(|k| choose(m, k) * choose(n - m, d - k) / choose(n, d)).collect();
            for k in 0..=d {
                let here = pmf[k as usize];
                if here == 0.0 {
                    continue;
                }
                let upper: f64 = pmf[k as usize..].iter().sum();
                let lower: f64 = pmf[..=k as usize].iter().sum();
                let both: f64 = pmf.iter().filter(|&&p| p <= here * (1.0 + 1e-9)).sum();
                for (ours, plain) in
                    [(h.upper(k), upper), (h.lower(k), lower), (h.two_sided(k), both)]
                {
                    let off = (ours.p() / plain - 1.0).abs();
                    assert!(off < 1e-12, "{k} of {h:?}: {ours:?} {plain}");
                }
            }
        }
    }

    #[test]
    fn impossible_numbers_are_named() {
        assert_eq!(
            Hypergeometric::new(10, 3, 11),
            Err(Undefined::LargerThanPopulation { part: "draws", size: 11, population: 10 })
        );
    }
}
