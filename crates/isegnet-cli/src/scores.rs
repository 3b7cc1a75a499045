//! How well predictions meet what was measured, as tables and JSON.

use crate::report::Prediction;
use isegnet_stats as stats;
use serde::{Deserialize, Serialize};

/// The measures of one set of rows; none where a measure is not defined, as
/// for constant predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// How many rows.
    pub rows: usize,
    pub r2: Option<f64>,
    pub pearson: Option<f64>,
    pub spearman: Option<f64>,
    pub mse: Option<f64>,
    /// Classification only: share of rows on the right side of 0.5.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accuracy: Option<f64>,
    /// Classification only: area under the receiver operating curve.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub auroc: Option<f64>,
    /// Classification only: area under the precision-recall curve.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub auprc: Option<f64>,
}

impl Scores {
    /// Compares predictions with what was measured; `binary` when both are high (1) or low (0).
    pub fn new(measured: &[f32], predicted: &[f32], binary: bool) -> Self {
        let high = |values: &[f32]| values.iter().map(|&v| v > 0.5).collect::<Vec<_>>();
        let (truth, guess) = (high(measured), high(predicted));
        Self {
            rows: measured.len(),
            r2: stats::r2(measured, predicted).ok(),
            pearson: stats::pearson(measured, predicted).ok(),
            spearman: stats::spearman(measured, predicted).ok(),
            mse: stats::mse(measured, predicted).ok(),
            accuracy: stats::accuracy(&truth, &guess).ok().filter(|_| binary),
            auroc: stats::auroc(&truth, predicted).ok().filter(|_| binary),
            auprc: stats::auprc(&truth, predicted).ok().filter(|_| binary),
        }
    }

    /// Scores the rows that have something to compare with.
    pub fn of<'a>(rows: impl Iterator<Item = &'a Prediction<'a>>, binary: bool) -> Self {
        let (measured, predicted): (Vec<f32>, Vec<f32>) =
            rows.filter_map(|row| Some((row.measured?, row.predicted))).unzip();
        Self::new(&measured, &predicted, binary)
    }

    fn cells(&self, binary: bool) -> Vec<String> {
        let mut values = vec![self.r2, self.pearson, self.spearman];
        if binary {
            values.extend([self.accuracy, self.auroc, self.auprc]);
        }
        values.iter().map(|v| v.map_or_else(|| "n/a".to_owned(), |v| format!("{v:.3}"))).collect()
    }
}

/// Lays the scores of several sets of rows out as a table, one a line.
pub fn parts_table(scored: &[(String, Scores)]) -> String {
    let binary = scored.iter().any(|(_, scores)| scores.accuracy.is_some());
    let width = scored.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let cell = |text: &str| format!("{text:>10}");
    let header: String = ["rows"].iter().chain(names(binary)).map(|name| cell(name)).collect();
    let lines = scored.iter().map(|(name, scores)| {
        let cells: String = scores.cells(binary).iter().map(|text| cell(text)).collect();
        format!("{name:width$}{:>10}{cells}", scores.rows)
    });
    std::iter::once(format!("{:width$}{header}", "")).chain(lines).collect::<Vec<_>>().join("\n")
}

/// Names of the measures, as columns of a table.
fn names(binary: bool) -> &'static [&'static str] {
    let all = &["R2", "Pearson", "Spearman", "accuracy", "AUROC", "AUPRC"];
    if binary { all } else { &all[..3] }
}

/// A line of the closing table: a predictor with its scores on two sets of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub name: String,
    pub validation: Scores,
    pub test: Scores,
}

/// Lays lines out as a table: one predictor a line, validation and test side by side.
pub fn table(lines: &[Line]) -> String {
    let binary = lines.iter().any(|line| line.test.accuracy.is_some());
    let header = names(binary);
    let width = lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0).max(8);
    let half = header.len() * 10;
    let rows = |scores: fn(&Line) -> &Scores| lines.first().map_or(0, |line| scores(line).rows);
    let titles = [
        format!("validation ({} rows)", rows(|line| &line.validation)),
        format!("test ({} rows)", rows(|line| &line.test)),
    ];
    let mut text = format!("{:width$}  {:>half$}    {:>half$}\n", "", titles[0], titles[1]);
    let columns: String = header.iter().map(|name| format!("{name:>10}")).collect();
    text.push_str(&format!("{:width$}  {columns}    {columns}\n", ""));
    for line in lines {
        let [validation, test] = [&line.validation, &line.test].map(|scores| {
            scores.cells(binary).iter().map(|cell| format!("{cell:>10}")).collect::<String>()
        });
        text.push_str(&format!("{:width$}  {validation}    {test}\n", line.name));
    }
    text.pop();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undefined_measures_are_said_to_be_so() {
        let scores = Scores::new(&[1.0, 2.0, 3.0], &[2.0, 2.0, 2.0], false);
        assert_eq!((scores.r2, scores.pearson), (Some(0.0), None));
        let line = Line { name: "mean".into(), validation: scores.clone(), test: scores };
        let text = table(&[line]);
        assert!(text.contains("n/a") && text.contains("test (3 rows)"), "{text}");
    }

    #[test]
    fn classes_have_accuracy_and_areas() {
        let scores = Scores::new(&[0.0, 0.0, 1.0, 1.0], &[0.1, 0.6, 0.4, 0.9], true);
        assert_eq!((scores.accuracy, scores.auroc), (Some(0.5), Some(0.75)));
        // Precision is 1 at the first of the two that are high, 2/3 at the second.
        assert!((scores.auprc.unwrap() - 5.0 / 6.0).abs() < 1e-12);
        let text = table(&[Line { name: "x".into(), validation: scores.clone(), test: scores }]);
        assert!(text.contains("AUPRC") && text.contains("0.833"), "{text}");
    }
}
