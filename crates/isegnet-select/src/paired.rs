use crate::resampling::{Interval, Resampling};
use crate::table::{Cell, Table};
use crate::{Comparison, Entry, Line, SelectError};
use isegnet_core::Random;
use isegnet_stats::{
    Alternative, Method, TestResult, Undefined, paired_t_test, r2, sign_flip_test, wilcoxon,
};

/// What two lines are paired by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Genes: what is compared is the mean squared error of a gene's rows, of all
    /// divisions together.
    Genes,
    /// Divisions: what is compared is R2.
    Divisions,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Genes => "genes",
            Self::Divisions => "divisions",
        }
    }
}

/// How much better one line predicts than another does the same rows.
///
/// A gain is above 0 where the first predicts better: its R2 less the second's, or the
/// second's squared error less its own. Tests are two-sided; one without a value, as of
/// gains that are all alike, says why.
#[derive(Clone, Debug, PartialEq)]
pub struct Paired {
    /// The first line.
    pub first: Line,
    /// The second line.
    pub second: Line,
    /// What they are paired by.
    pub unit: Unit,
    /// How many pairs there are.
    pub pairs: usize,
    /// The mean gain a pair.
    pub mean_gain: f64,
    /// R2 over all rows of the first less the second's; none where R2 has no value.
    pub r2_gain: Option<f64>,
    /// Where that lies when the genes are drawn anew, the same ones for both.
    pub r2_interval: Option<Interval>,
    /// Student's test of the gains.
    pub t: Result<TestResult, Undefined>,
    /// Wilcoxon's signed-rank test of the gains.
    pub wilcoxon: Result<TestResult, Undefined>,
    /// The test of their mean against signs drawn anew.
    pub sign_flip: Result<TestResult, Undefined>,
}

impl Comparison {
    /// Compares two lines on the same rows.
    ///
    /// # Errors
    /// They were tested on other rows or against other targets, or a value is not finite.
    pub fn paired(
        &self,
        first: &Line,
        second: &Line,
        unit: Unit,
        resampling: &Resampling,
    ) -> Result<Paired, SelectError> {
        let both = self.both(first, second).ok_or_else(|| SelectError::OtherTargets {
            trial: format!("{first} beside {second}"),
            way: "compare lines of the same divisions and targets",
        })?;
        let pooled = Pooled::new(&both);
        let of_gene = self.places_of_genes(&pooled.rows);
        let (ours, theirs) = match unit {
            Unit::Genes => (pooled.errors(0, &of_gene), pooled.errors(1, &of_gene)),
            Unit::Divisions => {
                let (ours, theirs): (Vec<&Entry>, Vec<&Entry>) = both.into_iter().unzip();
                (unexplained(&ours)?, unexplained(&theirs)?)
            }
        };
        let gains: Vec<f64> = theirs.iter().zip(&ours).map(|(b, a)| b - a).collect();
        let random = Random::new(resampling.seed, "sign flips");
        let [r2_interval] =
            resampling.intervals(&of_gene, |places| [pooled.r2_gain(places.iter().copied())]);
        let two = Alternative::TwoSided;
        Ok(Paired {
            first: first.clone(),
            second: second.clone(),
            unit,
            pairs: gains.len(),
            mean_gain: gains.iter().sum::<f64>() / gains.len() as f64,
            r2_gain: pooled.r2_gain(0..pooled.rows.len()),
            r2_interval,
            t: paired_t_test(&theirs, &ours, two),
            wilcoxon: wilcoxon(&theirs, &ours, two, Method::Auto),
            sign_flip: sign_flip_test(&theirs, &ours, two, resampling.repeats, |repeat, i, n| {
                random.below(repeat, i, n)
            }),
        })
    }

    /// Compares every two lines that can be compared, in their order.
    ///
    /// # Errors
    /// A value is not finite.
    pub fn pairs(&self, unit: Unit, resampling: &Resampling) -> Result<Vec<Paired>, SelectError> {
        let lines = self.lines();
        let mut pairs = Vec::new();
        for (i, first) in lines.iter().enumerate() {
            for second in &lines[i + 1..] {
                if self.both(first, second).is_some() {
                    pairs.push(self.paired(first, second, unit, resampling)?);
                }
            }
        }
        Ok(pairs)
    }

    /// The entries of two lines side by side, if they are of the same rows and targets.
    pub(crate) fn both<'c>(
        &'c self,
        first: &'c Line,
        second: &'c Line,
    ) -> Option<Vec<(&'c Entry, &'c Entry)>> {
        let (ours, theirs): (Vec<_>, Vec<_>) =
            (self.of(first).collect(), self.of(second).collect());
        let partner = |a: &'c Entry| {
            let same = |b: &&&'c Entry| {
                (&a.division, &a.rows, &a.measured) == (&b.division, &b.rows, &b.measured)
            };
            theirs.iter().find(same).map(|b| (a, *b))
        };
        let both: Option<Vec<_>> = ours.iter().map(|a| partner(a)).collect();
        both.filter(|both| !both.is_empty() && both.len() == theirs.len())
    }
}

/// 1 - R2 of each division: like a squared error, it is smaller where a line is better.
fn unexplained(entries: &[&Entry]) -> Result<Vec<f64>, Undefined> {
    entries.iter().map(|entry| Ok(1.0 - r2(&entry.measured, &entry.predicted)?)).collect()
}

/// The test rows of all divisions, with the predictions of two lines.
struct Pooled {
    rows: Vec<usize>,
    measured: Vec<f32>,
    predicted: [Vec<f32>; 2],
}

impl Pooled {
    fn new(both: &[(&Entry, &Entry)]) -> Self {
        Self {
            rows: both.iter().flat_map(|(a, _)| a.rows.iter().copied()).collect(),
            measured: both.iter().flat_map(|(a, _)| a.measured.iter().copied()).collect(),
            predicted: [
                both.iter().flat_map(|(a, _)| a.predicted.iter().copied()).collect(),
                both.iter().flat_map(|(_, b)| b.predicted.iter().copied()).collect(),
            ],
        }
    }

    /// The mean squared error of each gene's rows.
    fn errors(&self, line: usize, of_gene: &[Vec<usize>]) -> Vec<f64> {
        let error = |place: &usize| {
            let (measured, predicted) = (self.measured[*place], self.predicted[line][*place]);
            (f64::from(measured) - f64::from(predicted)).powi(2)
        };
        let mean =
            |places: &Vec<usize>| places.iter().map(error).sum::<f64>() / places.len() as f64;
        of_gene.iter().map(mean).collect()
    }

    fn r2_gain(&self, places: impl Iterator<Item = usize> + Clone) -> Option<f64> {
        let take = |values: &[f32]| -> Vec<f32> { places.clone().map(|i| values[i]).collect() };
        let measured = take(&self.measured);
        let [ours, theirs] = [0, 1].map(|i| r2(&measured, &take(&self.predicted[i])).ok());
        Some(ours? - theirs?)
    }
}

/// Comparisons of two lines each, as a table.
pub fn paired_table(pairs: &[Paired]) -> Table {
    let mut table = Table::new([
        "first",
        "second",
        "paired by",
        "pairs",
        "mean gain",
        "R2 gain",
        "R2 gain low",
        "R2 gain high",
        "t",
        "t p",
        "Wilcoxon W",
        "Wilcoxon p",
        "sign flip p",
    ]);
    for paired in pairs {
        let test = |test: &Result<TestResult, Undefined>| {
            let test = test.as_ref().ok();
            [test.map(|t| t.statistic).into(), test.map(|t| t.p).into()]
        };
        let [_, sign_flip]: [Cell; 2] = test(&paired.sign_flip);
        let names = [paired.first.to_string(), paired.second.to_string()].map(Cell::Text);
        let interval = paired.r2_interval;
        let numbers = [
            Cell::text(paired.unit.name()),
            paired.pairs.into(),
            paired.mean_gain.into(),
            paired.r2_gain.into(),
            interval.map(|i| i.low).into(),
            interval.map(|i| i.high).into(),
        ];
        let tests = [test(&paired.t), test(&paired.wilcoxon)].into_iter().flatten();
        table.line(names.into_iter().chain(numbers).chain(tests).chain([sign_flip]));
    }
    table
}
