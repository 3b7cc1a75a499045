use ndarray::{ArrayView1, ArrayView2};

/// Sites that are computed side by side.
const LANES: usize = 128;

/// Two sums this near, relative to the sum of magnitudes, are taken for equal.
const TIED: f64 = 1e-12;

/// Arrangements of the signs of pairs, the observed one first.
#[derive(Clone, Debug)]
pub(super) struct Flips(Vec<Vec<f64>>);

/// How a site's sum of differences stands among its arrangements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Standing {
    /// |sum of differences|, less what rounding may take.
    pub least: f64,
    /// How many arrangements give at least that, the observed one among them.
    pub as_extreme: u32,
}

impl Flips {
    pub fn new(signs: Vec<Vec<f64>>) -> Self {
        Self(signs)
    }

    pub fn arrangements(&self) -> usize {
        self.0.len()
    }

    pub fn pairs(&self) -> usize {
        self.0.first().map_or(0, Vec::len)
    }

    /// Where the sites of one column of a row, `(pair, position)`, stand, if they are
    /// tested; calls `largest` with each arrangement and the largest |sum| that it gives
    /// some of them.
    pub fn stand(
        &self,
        differences: ArrayView2<'_, f64>,
        mut largest: impl FnMut(usize, f64),
    ) -> Vec<Option<Standing>> {
        let mut sites = vec![None; differences.ncols()];
        let mut block = Block::new(self.pairs());
        for (i, sites) in sites.chunks_mut(LANES).enumerate() {
            block.clear();
            for lane in 0..sites.len() {
                block.set(lane, differences.column(i * LANES + lane));
            }
            if block.tested.contains(&true) {
                let counts = block.count(&self.0, &mut largest);
                for (lane, site) in sites.iter_mut().enumerate().filter(|(l, _)| block.tested[*l]) {
                    *site = Some(Standing { least: block.least[lane], as_extreme: counts[lane] });
                }
            }
        }
        sites
    }
}

/// The differences of some sites; those that are not tested are 0.
struct Block {
    /// One a pair.
    differences: Vec<[f64; LANES]>,
    least: [f64; LANES],
    tested: [bool; LANES],
}

impl Block {
    fn new(pairs: usize) -> Self {
        let differences = vec![[0.0; LANES]; pairs];
        Self { differences, least: [0.0; LANES], tested: [false; LANES] }
    }

    fn clear(&mut self) {
        self.differences.fill([0.0; LANES]);
        self.least.fill(0.0);
        self.tested.fill(false);
    }

    fn set(&mut self, lane: usize, differences: ArrayView1<'_, f64>) {
        let magnitude: f64 = differences.iter().map(|d| d.abs()).sum();
        // Neither where all are 0 nor where one is missing.
        if magnitude > 0.0 {
            self.tested[lane] = true;
            self.least[lane] = differences.iter().sum::<f64>().abs() - TIED * magnitude;
            for (to, &difference) in self.differences.iter_mut().zip(differences) {
                to[lane] = difference;
            }
        }
    }

    /// Counts for each site the arrangements at least as extreme as the observed one.
    fn count(&self, signs: &[Vec<f64>], mut largest: impl FnMut(usize, f64)) -> [u32; LANES] {
        let mut counts = [0; LANES];
        for (arrangement, signs) in signs.iter().enumerate() {
            let mut sums = [0.0; LANES];
            for (differences, sign) in self.differences.iter().zip(signs) {
                for (sum, difference) in sums.iter_mut().zip(differences) {
                    *sum += sign * difference;
                }
            }
            for ((sum, count), least) in sums.iter_mut().zip(&mut counts).zip(&self.least) {
                *sum = sum.abs();
                *count += u32::from(*sum >= *least);
            }
            largest(arrangement, highest(&sums));
        }
        counts
    }
}

/// The largest of some numbers, none of which is NaN; eight at a time, since a largest one
/// is the same in any order.
fn highest(sums: &[f64; LANES]) -> f64 {
    let mut eight = [0.0_f64; 8];
    for sums in sums.chunks_exact(8) {
        for (highest, &sum) in eight.iter_mut().zip(sums) {
            *highest = if sum > *highest { sum } else { *highest };
        }
    }
    eight.into_iter().fold(0.0, f64::max)
}
