use isegnet_core::Random;
use serde::{Deserialize, Serialize};

/// How often genes, or the signs of their differences, are drawn anew.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resampling {
    /// How many times.
    pub repeats: u64,
    /// The share of draws inside an interval.
    pub level: f64,
    /// Every draw follows from it.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { repeats: 2000, level: 0.95, seed: 1 }
    }
}

/// Where a measure lies when the genes are drawn anew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Resampling {
    /// Percentile intervals of some measures over bootstrap draws: as many genes as
    /// there are, with replacement, each with all its rows.
    ///
    /// `of_gene` holds the places of each gene's rows, and `measure` gets those of the
    /// genes drawn. None where a draw has no value.
    pub(crate) fn intervals<const N: usize>(
        &self,
        of_gene: &[Vec<usize>],
        mut measure: impl FnMut(&[usize]) -> [Option<f64>; N],
    ) -> [Option<Interval>; N] {
        let random = Random::new(self.seed, "bootstrap over genes");
        let genes = of_gene.len() as u64;
        let mut drawn: [Vec<Option<f64>>; N] = std::array::from_fn(|_| Vec::new());
        let mut rows = Vec::new();
        for repeat in 0..if genes > 0 { self.repeats } else { 0 } {
            rows.clear();
            for i in 0..genes {
                rows.extend_from_slice(&of_gene[random.below(repeat, i, genes) as usize]);
            }
            measure(&rows).into_iter().zip(&mut drawn).for_each(|(value, drawn)| drawn.push(value));
        }
        drawn.map(|values| self.interval(values))
    }

    fn interval(&self, values: Vec<Option<f64>>) -> Option<Interval> {
        let mut values: Vec<f64> = values.into_iter().collect::<Option<_>>()?;
        values.sort_by(f64::total_cmp);
        let outside = (1.0 - self.level.clamp(0.0, 1.0)) / 2.0;
        Some(Interval { low: quantile(&values, outside)?, high: quantile(&values, 1.0 - outside)? })
    }
}

/// The value below which a share of the sorted values lies, between two of them in
/// proportion (numpy's default, Hyndman and Fan's type 7).
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_values() {
        // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.9, 1]).
        let of = |share| quantile(&[1.0, 2.0, 4.0, 8.0], share).unwrap();
        assert_eq!([of(0.0), of(0.25), of(0.5), of(1.0)], [1.0, 1.75, 3.0, 8.0]);
        assert!((of(0.9) - 6.8).abs() < 1e-12);
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn the_mean_of_normal_values_lies_where_theory_says() {
        let random = Random::new(3, "values");
        let values: Vec<f64> = (0..400).map(|i| random.normal(0, i)).collect();
        let genes: Vec<Vec<usize>> = (0..200).map(|g| vec![2 * g, 2 * g + 1]).collect();
        let mean = |rows: &[usize]| rows.iter().map(|&r| values[r]).sum::<f64>() / 400.0;
        let resampling = Resampling { repeats: 4000, ..Resampling::default() };
        let [interval, none] = resampling.intervals(&genes, |rows| [Some(mean(rows)), None]);
        let interval = interval.unwrap();
        let width = interval.high - interval.low;
        // 2 * 1.96 / sqrt(400), up to the deviation of the sample and of the draws.
        assert!((width - 0.196).abs() < 0.03, "{width}");
        assert_eq!(none, None);
    }
}
