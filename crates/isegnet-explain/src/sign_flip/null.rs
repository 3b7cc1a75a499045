use super::Significance;
use super::kernel::{Flips, Standing};
use ndarray::ArrayView2;

/// What the sites of a family give under each arrangement of signs, as it is gathered.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    /// The largest |sum| of any site, one an arrangement.
    largest: Vec<f64>,
    /// Number of sites for which i + 1 arrangements are at least as extreme as the
    /// observed one.
    sites: Vec<u64>,
}

impl Tally {
    pub fn new(arrangements: usize) -> Self {
        Self { largest: vec![0.0; arrangements], sites: vec![0; arrangements] }
    }

    /// Adds the sites of one column of a row, `(pair, position)`.
    pub fn add(&mut self, flips: &Flips, differences: ArrayView2<'_, f64>) {
        let sites = flips.stand(differences, |arrangement, sum| self.raise(arrangement, sum));
        for site in sites.into_iter().flatten() {
            self.sites[site.as_extreme as usize - 1] += 1;
        }
    }

    fn raise(&mut self, arrangement: usize, sum: f64) {
        if sum > self.largest[arrangement] {
            self.largest[arrangement] = sum;
        }
    }

    pub fn merged(mut self, other: Self) -> Self {
        for (arrangement, sum) in other.largest.into_iter().enumerate() {
            self.raise(arrangement, sum);
        }
        for (count, more) in self.sites.iter_mut().zip(other.sites) {
            *count += more;
        }
        self
    }
}

/// The null distribution of a family of sites.
#[derive(Clone, Debug)]
pub(super) struct Null {
    /// Ascending, one an arrangement.
    largest: Vec<f64>,
    /// q of a site for which i + 1 arrangements are at least as extreme.
    q: Vec<f64>,
    tested: u64,
}

impl Null {
    pub fn tested(&self) -> u64 {
        self.tested
    }

    pub fn judge(&self, site: Standing) -> Option<Significance> {
        let all = self.largest.len() as f64;
        let below = self.largest.partition_point(|&sum| sum < site.least);
        Some(Significance {
            p: f64::from(site.as_extreme) / all,
            family_wise: (self.largest.len() - below) as f64 / all,
            q: *self.q.get(site.as_extreme as usize - 1)?,
        })
    }
}

impl From<Tally> for Null {
    /// A p-value is one of as many as there are arrangements, so that the number of sites
    /// at each says all that Benjamini and Hochberg's rule needs.
    fn from(tally: Tally) -> Self {
        let Tally { mut largest, sites } = tally;
        largest.sort_unstable_by(f64::total_cmp);
        let tested: u64 = sites.iter().sum();
        let (mut at_most, mut least) = (tested, 1.0_f64);
        let mut q = vec![1.0; sites.len()];
        for (i, &here) in sites.iter().enumerate().rev() {
            if at_most > 0 {
                let p = (i + 1) as f64 / sites.len() as f64;
                least = least.min(p * tested as f64 / at_most as f64);
            }
            q[i] = least;
            at_most -= here;
        }
        Self { largest, q, tested }
    }
}
