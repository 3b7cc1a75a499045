use crate::{Comparison, Line, Rows, SelectError};
use isegnet_stats::{Alternative, KolmogorovSmirnov, Method, kolmogorov_smirnov};

/// The genes that two models predict most alike, and the rest: what the one model's
/// inputs suffice for (Gao et al., Figure S6, Table S4).
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    alike: Vec<usize>,
    rest: Vec<usize>,
    differences: Vec<Option<f64>>,
}

impl Alike {
    /// Takes the `share` of genes with the smallest difference of two lines' predictions
    /// (the paper: 0.1), rounded up; the difference of a gene is the mean over its
    /// rows of |first - second|. Among equal ones the earlier gene is taken.
    ///
    /// # Errors
    /// The lines were tested on other rows, or `share` is outside (0, 1).
    pub fn between(
        comparison: &Comparison,
        first: &Line,
        second: &Line,
        share: f64,
    ) -> Result<Self, SelectError> {
        if !(share > 0.0 && share < 1.0) {
            return Err(SelectError::Setting {
                name: "share of genes".to_owned(),
                value: share.to_string(),
                allowed: "a number above 0 and below 1, such as 0.1".to_owned(),
            });
        }
        let both = comparison.both(first, second).ok_or_else(|| SelectError::OtherTargets {
            trial: format!("{first} beside {second}"),
            way: "compare lines of the same divisions and targets",
        })?;
        let rows = comparison.rows();
        let mut sums = vec![(0.0, 0_usize); rows.genes().len()];
        for (a, b) in both {
            for (i, &row) in a.rows.iter().enumerate() {
                let (sum, count) = &mut sums[rows.gene_of_row()[row]];
                *sum += (f64::from(a.predicted[i]) - f64::from(b.predicted[i])).abs();
                *count += 1;
            }
        }
        let mean = |&(sum, count): &(f64, usize)| (count > 0).then(|| sum / count as f64);
        let differences: Vec<Option<f64>> = sums.iter().map(mean).collect();
        let with = differences.iter().enumerate().filter_map(|(gene, d)| Some((gene, (*d)?)));
        let mut order: Vec<(usize, f64)> = with.collect();
        order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let cut = (share * order.len() as f64).ceil() as usize;
        let sorted = |some: &[(usize, f64)]| {
            let mut genes: Vec<usize> = some.iter().map(|(gene, _)| *gene).collect();
            genes.sort_unstable();
            genes
        };
        let (alike, rest) = order.split_at(cut.min(order.len()));
        Ok(Self { alike: sorted(alike), rest: sorted(rest), differences })
    }

    /// Numbers of the genes that are predicted alike.
    pub fn alike(&self) -> &[usize] {
        &self.alike
    }

    /// Numbers of the other genes that were tested.
    pub fn rest(&self) -> &[usize] {
        &self.rest
    }

    /// The difference of every gene, by number; none where it was not tested.
    pub fn differences(&self) -> &[Option<f64>] {
        &self.differences
    }

    /// Ids of the genes that are predicted alike, and of the rest, for motif work: one
    /// a line.
    pub fn lists(&self, rows: &Rows) -> [String; 2] {
        [&self.alike, &self.rest]
            .map(|genes| genes.iter().map(|&gene| format!("{}\n", rows.genes()[gene])).collect())
    }

    /// Compares a signal of the genes predicted alike with that of the rest
    /// (Kolmogorov-Smirnov). `signal` has one value a gene, by number, such as a track's
    /// mean around the TSS; genes without one (NaN) are left out.
    ///
    /// # Errors
    /// Another number of values, an infinite one, or none on a side.
    pub fn signal_test(
        &self,
        signal: &[f64],
        alternative: Alternative,
    ) -> Result<KolmogorovSmirnov, SelectError> {
        if signal.len() != self.differences.len() {
            let (got, expected) = (signal.len(), self.differences.len());
            return Err(SelectError::Count { what: "signals of genes", got, expected });
        }
        let of = |genes: &[usize]| -> Vec<f64> {
            genes.iter().map(|&gene| signal[gene]).filter(|value| !value.is_nan()).collect()
        };
        let (alike, rest) = (of(&self.alike), of(&self.rest));
        Ok(kolmogorov_smirnov(&alike, &rest, alternative, Method::Auto)?)
    }
}
