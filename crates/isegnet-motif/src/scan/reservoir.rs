use isegnet_core::Random;

/// A uniform sample of a stream whose length is not known (Li 1994, algorithm L).
///
/// Each number is drawn from (seed, purpose, draw), so the sample does not depend on how the
/// stream was cut.
pub(crate) struct Reservoir<T> {
    sample: Vec<T>,
    size: usize,
    random: Random,
    draws: u64,
    /// Items that went by, and the next to be taken.
    seen: u64,
    next: u64,
    weight: f64,
}

impl<T> Reservoir<T> {
    pub(crate) fn new(size: usize, random: Random) -> Self {
        Self { sample: Vec::new(), size, random, draws: 0, seen: 0, next: 0, weight: 1.0 }
    }

    /// Lets `count` items go by; `item` gives one by its number among them, and is asked
    /// in order, for those that are taken.
    pub(crate) fn pass(&mut self, count: u64, mut item: impl FnMut(u64) -> T) {
        let end = self.seen + count;
        while self.next < end {
            let value = item(self.next - self.seen);
            if self.sample.len() < self.size {
                self.sample.push(value);
                self.next += 1;
                if self.sample.len() == self.size {
                    self.skip();
                }
            } else {
                let slot = self.uniform() * self.size as f64;
                if let Some(slot) = self.sample.get_mut(slot as usize) {
                    *slot = value;
                }
                self.next += 1;
                self.skip();
            }
        }
        self.seen = end;
    }

    /// Moves on over the items that are not taken.
    fn skip(&mut self) {
        self.weight *= (self.uniform_above_0().ln() / self.size as f64).exp();
        let skipped = (self.uniform_above_0().ln() / (-self.weight).ln_1p()).floor();
        // A float above the range of u64 becomes the greatest one: none is taken any more.
        self.next = self.next.saturating_add(skipped as u64);
    }

    /// The values in the sample; all where there were no more than its size.
    pub(crate) fn sample(&self) -> &[T] {
        &self.sample
    }

    fn uniform_above_0(&mut self) -> f64 {
        1.0 - self.uniform()
    }

    fn uniform(&mut self) -> f64 {
        self.draws += 1;
        self.random.uniform(0, self.draws)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(pieces: &[u64], size: usize, seed: u64) -> Vec<u32> {
        let mut reservoir = Reservoir::new(size, Random::new(seed, "test"));
        let mut before = 0;
        for &piece in pieces {
            reservoir.pass(piece, |i| (before + i) as u32);
            before += piece;
        }
        reservoir.sample().to_vec()
    }

    #[test]
    fn each_item_is_as_likely_wherever_the_stream_was_cut() {
        let mut counts = [0_u32; 10];
        for seed in 0..200 {
            let whole = sample(&[1000], 50, seed);
            assert_eq!(whole, sample(&[1, 49, 3, 400, 0, 547], 50, seed));
            whole.iter().for_each(|&i| counts[i as usize / 100] += 1);
        }
        // 1000 expected in each tenth; the standard deviation is 30.
        assert!(counts.iter().all(|c| c.abs_diff(1000) < 130), "{counts:?}");
        assert_eq!(sample(&[7], 50, 1), (0..7).collect::<Vec<_>>());
    }
}
