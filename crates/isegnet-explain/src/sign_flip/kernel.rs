use super::null::Tally;
use ndarray::{ArrayView1, ArrayView2};

/// Sites that are computed side by side.
const LANES: usize = 128;

/// Two sums this near, relative to the sum of magnitudes, are taken for equal.
const TIED: f64 = 1e-12;

/// Arrangements of the signs of pairs, the observed one first.
#[derive(Clone, Debug)]
pub(super) struct Flips(Vec<Vec<f64>>);

/// The sum of a site's differences and how it stands among its arrangements.
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

    /// Adds the sites of one column of a row, `(pair, position)`, to a tally.
    pub fn tally(&self, differences: ArrayView2<'_, f64>, tally: &mut Tally) {
        let positions = differences.ncols();
        for first in (0..positions).step_by(LANES) {
            let mut block = Block::new(self.pairs());
            for position in first..(first + LANES).min(positions) {
                block.set(position - first, differences.column(position));
            }
            if block.is_empty() {
                continue;
            }
            let counts = block.stand(&self.0, |arrangement, sums| {
                tally.raise(
                    arrangement,
                    sums.iter().fold(0.0, |m, &sum| if sum > m { sum } else { m }),
                );
            });
            for lane in (0..LANES).filter(|&lane| block.tested[lane]) {
                tally.count(counts[lane]);
            }
        }
    }

    /// Where one site stands; none where it is not tested.
    pub fn site(&self, differences: ArrayView1<'_, f64>) -> Option<Standing> {
        let mut block = Block::new(self.pairs());
        block.set(0, differences);
        let counts = block.stand(&self.0, |_, _| {});
        block.tested[0].then(|| Standing { least: block.least[0], as_extreme: counts[0] })
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
        Self { differences: vec![[0.0; LANES]; pairs], least: [0.0; LANES], tested: [false; LANES] }
    }

    fn set(&mut self, lane: usize, differences: ArrayView1<'_, f64>) {
        let magnitude: f64 = differences.iter().map(|d| d.abs()).sum();
        if magnitude > 0.0 {
            self.tested[lane] = true;
            self.least[lane] = differences.sum().abs() - TIED * magnitude;
            for (to, &difference) in self.differences.iter_mut().zip(differences) {
                to[lane] = difference;
            }
        }
    }

    fn is_empty(&self) -> bool {
        !self.tested.contains(&true)
    }

    /// Counts for each site the arrangements at least as extreme as the observed one, and
    /// calls `with` with each arrangement and the |sums| that it gives.
    fn stand(
        &self,
        signs: &[Vec<f64>],
        mut with: impl FnMut(usize, &[f64; LANES]),
    ) -> [u32; LANES] {
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
            with(arrangement, &sums);
        }
        counts
    }
}
