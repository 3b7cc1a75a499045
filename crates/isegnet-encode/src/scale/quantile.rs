//! Exact quantiles of any number of values in two passes and fixed memory.

/// Numbers of values by half of their bits.
pub(super) struct Histogram(Vec<u64>);

impl Histogram {
    pub fn new() -> Self {
        Self(vec![0; 1 << 16])
    }

    fn add(&mut self, half: u32, times: u64) {
        if let Some(count) = self.0.get_mut(half as usize) {
            *count += times;
        }
    }

    /// Adds a value by the upper half of its bits.
    pub fn add_upper(&mut self, value: f32, times: u64) {
        self.add(ordered(value) >> 16, times);
    }

    /// Adds a value whose upper half is `upper` by the lower half of its bits.
    pub fn add_lower(&mut self, value: f32, upper: u32, times: u64) {
        let bits = ordered(value);
        if bits >> 16 == upper {
            self.add(bits & 0xFFFF, times);
        }
    }

    pub fn merged(mut self, other: Self) -> Self {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a += b;
        }
        self
    }

    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The half in which the value of `rank` (from 1) lies, and its rank there.
    pub fn find(&self, rank: u64) -> (u32, u64) {
        let mut rest = rank;
        for (half, &count) in (0..).zip(&self.0) {
            if rest <= count {
                return (half, rest);
            }
            rest -= count;
        }
        (0xFFFF, 1)
    }
}

/// The value with the given halves of ordered bits.
pub(super) fn value(upper: u32, lower: u32) -> f32 {
    let bits = upper << 16 | lower;
    f32::from_bits(if bits >> 31 == 1 { bits & 0x7FFF_FFFF } else { !bits })
}

/// Bits that compare as the numbers do.
fn ordered(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 0x8000_0000 }
}

/// The rank, from 1, of the smallest value that a share `q` of `total` does not exceed.
pub(super) fn rank(q: f64, total: u64) -> u64 {
    ((q * total as f64).ceil() as u64).clamp(1, total.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let values: Vec<f32> =
            (0..1000).map(|i| ((i * 7919) % 1000) as f32 * 0.37 - 100.0).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f32::total_cmp);
        for q in [0.001, 0.25, 0.5, 0.9995, 1.0] {
            let mut upper = Histogram::new();
            values.iter().for_each(|&v| upper.add_upper(v, 1));
            let (half, rest) = upper.find(rank(q, upper.total()));
            let mut lower = Histogram::new();
            values.iter().for_each(|&v| lower.add_lower(v, half, 1));
            let found = value(half, lower.find(rest).0);
            assert_eq!(found, sorted[(q * 1000.0f64).ceil() as usize - 1]);
        }
    }
}
