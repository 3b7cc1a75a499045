/// Values that are ranked again and again among some of them: they are sorted once, and
/// then only counted.
pub(crate) struct Ranks {
    /// The place of each value among the different ones.
    code: Vec<usize>,
    /// How often each was drawn, and then its rank.
    count: Vec<usize>,
    rank: Vec<f64>,
}

impl Ranks {
    /// Sorts the values; none where one is not finite.
    pub(crate) fn new(values: &[f32]) -> Option<Self> {
        if !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        // `+ 0.0` makes -0.0 and 0.0 one value for the total order.
        order.sort_by(|&a, &b| (values[a] + 0.0).total_cmp(&(values[b] + 0.0)));
        let mut code = vec![0; values.len()];
        let mut different = 0;
        for pair in order.windows(2) {
            different += usize::from(values[pair[0]] != values[pair[1]]);
            code[pair[1]] = different;
        }
        Some(Self { code, count: vec![0; different + 1], rank: vec![0.0; different + 1] })
    }

    /// The rank of each value at `places` among them, from 1; equal values share the
    /// mean of their ranks.
    pub(crate) fn mid_ranks(&mut self, places: &[usize]) -> Vec<f64> {
        self.count.fill(0);
        places.iter().for_each(|&place| self.count[self.code[place]] += 1);
        let mut below = 0;
        for (rank, &tied) in self.rank.iter_mut().zip(&self.count) {
            *rank = below as f64 + (tied + 1) as f64 / 2.0;
            below += tied;
        }
        places.iter().map(|&place| self.rank[self.code[place]]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counting_gives_what_sorting_gives(
            values in proptest::collection::vec(-4_i8..4, 1..40),
            places in proptest::collection::vec(any::<prop::sample::Index>(), 0..60),
        ) {
            let values: Vec<f32> = values.iter().map(|&v| f32::from(v) * -0.5).collect();
            let places: Vec<usize> = places.iter().map(|at| at.index(values.len())).collect();
            let drawn: Vec<f64> = places.iter().map(|&at| f64::from(values[at])).collect();
            let ranks = Ranks::new(&values).unwrap().mid_ranks(&places);
            prop_assert_eq!(ranks, isegnet_stats::mid_ranks(&drawn));
        }
    }

    #[test]
    fn what_is_no_number_has_no_rank() {
        assert!(Ranks::new(&[1.0, f32::NAN]).is_none());
        assert!(Ranks::new(&[]).unwrap().mid_ranks(&[]).is_empty());
    }
}
