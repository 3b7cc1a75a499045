use super::columns::Ranked;

/// A row's weight in the tree, and its weight times how far its target is from its
/// node's mean.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pull {
    pub weight: f64,
    pub pull: f64,
}

/// The best place to cut rows in order of one feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    /// What it takes off the squared error, over the node's weight.
    pub gain: f64,
    /// Rows that go left.
    pub left: usize,
}

/// A node's rows in order of a feature, with what a cut depends on.
pub(crate) struct Ordered<'a> {
    pub rows: &'a [Ranked],
    /// Of all rows of the data.
    pub pulls: &'a [Pull],
    /// Of the node.
    pub weight: f64,
}

impl Ordered<'_> {
    /// Finds the first cut between different values that takes most off the squared
    /// error, more than `beaten`, and leaves at least `leaf` rows on each side.
    pub fn best_cut(&self, leaf: usize, beaten: f64) -> Option<Cut> {
        let mut best = 0.0;
        self.each_gain(leaf, |_, differ, gain| {
            // Gains are not negative, so this makes one that does not count 0; a
            // branch here could not be predicted.
            let counted = f64::from_bits(gain.to_bits() & u64::from(differ).wrapping_neg());
            best = if counted > best { counted } else { best };
        });
        if best <= beaten {
            return None;
        }
        // Few features beat all before them, so looking for the place comes after.
        let mut left = None;
        self.each_gain(leaf, |place, differ, gain| {
            if left.is_none() && differ && gain == best {
                left = Some(place);
            }
        });
        Some(Cut { gain: best, left: left? })
    }

    /// Calls with each number of rows that may go left, whether values differ there,
    /// and the gain.
    ///
    /// With targets relative to the node's mean, a side of weight w and sum s takes off
    /// s^2 / w, and both sides have the same s^2.
    #[inline(always)]
    fn each_gain(&self, leaf: usize, mut call: impl FnMut(usize, bool, f64)) {
        let Self { rows, pulls, weight } = *self;
        let Some(last) = rows.len().checked_sub(leaf).filter(|&last| last >= leaf) else { return };
        let (mut below, mut sum) = (0.0, 0.0);
        for ranked in &rows[..leaf - 1] {
            below += pulls[ranked.row()].weight;
            sum += pulls[ranked.row()].pull;
        }
        let mut left = leaf - 1;
        let mut ranked = rows[left];
        for &next in &rows[leaf..=last] {
            left += 1;
            below += pulls[ranked.row()].weight;
            sum += pulls[ranked.row()].pull;
            let differ = ranked.rank() != next.rank();
            call(left, differ, sum * sum / (below * (weight - below)));
            ranked = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isegnet_core::Random;

    /// The squared error of one side, from its definition.
    fn error(rows: &[u32], y: &[f64], w: &[f64]) -> f64 {
        let sum: f64 = rows.iter().map(|&r| w[r as usize]).sum();
        let mean = rows.iter().map(|&r| w[r as usize] * y[r as usize]).sum::<f64>() / sum;
        rows.iter().map(|&r| w[r as usize] * (y[r as usize] - mean).powi(2)).sum()
    }

    #[test]
    fn the_best_cut_takes_most_off_the_squared_error() {
        let random = Random::new(1, "test");
        for case in 0..200 {
            let n = 2 + random.below(0, case, 12) as usize;
            let leaf = 1 + random.below(1, case, 3) as usize;
            let draw =
                |step: u64, i: usize, below: u64| random.below(step, 100 * case + i as u64, below);
            let ranks: Vec<u32> = (0..n).map(|i| draw(2, i, 6) as u32).collect();
            let y: Vec<f64> = (0..n).map(|i| draw(3, i, 1000) as f64).collect();
            let w: Vec<f64> = (0..n).map(|i| (1 + draw(4, i, 3)) as f64).collect();
            let mut order: Vec<u32> = (0..n as u32).collect();
            order.sort_by_key(|&r| ranks[r as usize]);
            let weight: f64 = w.iter().sum();
            let mean = y.iter().zip(&w).map(|(y, w)| y * w).sum::<f64>() / weight;
            let pull = |(y, &weight): (&f64, &f64)| Pull { weight, pull: weight * (y - mean) };
            let pulls: Vec<Pull> = y.iter().zip(&w).map(pull).collect();
            let whole = error(&order, &y, &w);
            let gain =
                |left: usize| whole - error(&order[..left], &y, &w) - error(&order[left..], &y, &w);
            let differ =
                |left: &usize| ranks[order[left - 1] as usize] != ranks[order[*left] as usize];
            let places =
                (leaf..(n + 1).saturating_sub(leaf)).filter(|left| *left < n && differ(left));
            let slow = places.map(gain).fold(f64::NEG_INFINITY, f64::max);
            let rows: Vec<Ranked> =
                order.iter().map(|&row| Ranked::new(ranks[row as usize], row)).collect();
            let ordered = Ordered { rows: &rows, pulls: &pulls, weight };
            match ordered.best_cut(leaf, f64::NEG_INFINITY) {
                None => assert_eq!(slow, f64::NEG_INFINITY),
                Some(cut) => {
                    assert!(cut.left >= leaf && n - cut.left >= leaf && differ(&cut.left));
                    assert!((gain(cut.left) - slow).abs() < 1e-6 * (1.0 + whole));
                    assert!((cut.gain * weight - slow).abs() < 1e-6 * (1.0 + whole));
                }
            }
        }
    }
}
