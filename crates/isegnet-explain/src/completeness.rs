/// How well a row's attributions add up to what they explain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Completeness {
    /// The model's value for the row, F(x).
    pub value: f64,
    /// Its value for the baseline, F(x'), the mean where there are several references.
    pub baseline_value: f64,
    /// Sum of all attributions, of tracks and of DNA, before they are rounded to f32.
    pub sum: f64,
    /// Steps of the integral.
    pub steps: usize,
}

impl Completeness {
    /// What the attributions explain too much: their sum less F(x) - F(x').
    pub fn delta(&self) -> f64 {
        self.sum - (self.value - self.baseline_value)
    }

    /// |delta| / max(|F(x) - F(x')|, 0.05 spread), with the standard deviation of the target
    /// as spread, so that rows like their baseline are not held to a tolerance of nothing.
    pub fn relative(&self, spread: f64) -> f64 {
        match self.delta().abs() {
            0.0 => 0.0,
            delta => delta / (self.value - self.baseline_value).abs().max(0.05 * spread),
        }
    }

    /// Tells whether the relative difference is at most `tolerance`; what is no number never
    /// is.
    pub fn within(&self, tolerance: f64, spread: f64) -> bool {
        self.relative(spread) <= tolerance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_relative_to_what_is_explained_or_to_the_spread() {
        let row = Completeness { value: 3.0, baseline_value: 1.0, sum: 2.5, steps: 10 };
        assert_eq!((row.delta(), row.relative(0.0), row.relative(100.0)), (0.5, 0.25, 0.1));
        assert!(row.within(0.25, 1.0) && !row.within(0.24, 1.0));
        let same = Completeness { value: 1.0, sum: 0.0, ..row };
        assert_eq!(same.relative(0.0), 0.0);
        assert_eq!(Completeness { sum: 0.1, ..same }.relative(0.0), f64::INFINITY);
        assert!(!Completeness { sum: f64::NAN, ..row }.within(1.0, 1.0));
    }
}
