//! Models side by side (Gao et al., Figures 3, S2, S4 and S5).

use crate::commands::explain::file_name;
use crate::report;
use isegnet_plot::{BarSeries, GroupedBars, Scatter, grouped_bars, scatter};
use isegnet_select::{Comparison, Line, Resampling, Score, Scored};
use std::path::Path;

/// The measures that are drawn of expression.
const OF_VALUES: [Measure; 2] = [
    Measure { label: "R²", file: "models-r2", place: 0, of: |score| score.r2 },
    Measure { label: "Pearson", file: "models-pearson", place: 1, of: |score| score.pearson },
];

/// Those of classes, high against low.
const OF_CLASSES: [Measure; 3] = [
    Measure { label: "accuracy", file: "models-accuracy", place: 3, of: |s| s.labels?.accuracy },
    Measure { label: "AUROC", file: "models-auroc", place: 4, of: |s| s.labels?.auroc },
    Measure { label: "AUPRC", file: "models-auprc", place: 5, of: |s| s.labels?.auprc },
];

struct Measure {
    label: &'static str,
    file: &'static str,
    /// Its place among the intervals.
    place: usize,
    of: fn(&Score) -> Option<f64>,
}

/// Draws bars of each measure, and each model's predictions over all divisions.
pub fn draw(
    out: &Path,
    comparison: &Comparison,
    resampling: &Resampling,
    unit: &str,
) -> anyhow::Result<()> {
    let scored = comparison.scores(resampling);
    let classes = scored.iter().any(|scored| scored.score.labels.is_some());
    for measure in if classes { &OF_CLASSES[..] } else { &OF_VALUES } {
        bars(&out.join(measure.file), comparison, &scored, measure)?;
    }
    if classes {
        return Ok(());
    }
    for line in comparison.lines() {
        let seeds: String = line.seeds.iter().map(|seed| format!("-{seed}")).collect();
        let control = if is_control(line) { "-control" } else { "" };
        let name = format!("models-scatter-{}{seeds}{control}", file_name(&line.model));
        points(&out.join(name), comparison, line, unit)?;
    }
    Ok(())
}

/// A bar a model: its mean over the divisions, each a dot; with one division, its interval.
fn bars(
    stem: &Path,
    comparison: &Comparison,
    scored: &[Scored],
    measure: &Measure,
) -> anyhow::Result<()> {
    let (mut names, mut means, mut errors, mut dots) = (vec![], vec![], vec![], vec![]);
    for line in comparison.lines() {
        let of: Vec<&Scored> = scored.iter().filter(|scored| scored.line == *line).collect();
        let values: Vec<f64> = of.iter().filter_map(|scored| (measure.of)(&scored.score)).collect();
        if values.is_empty() {
            continue;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let interval = match of[..] {
            [one] => one.intervals[measure.place].map_or((mean, mean), |i| (i.low, i.high)),
            _ => (mean, mean),
        };
        names.push(short(line));
        means.push(mean);
        errors.push(interval);
        dots.push(if values.len() > 1 { values } else { Vec::new() });
    }
    if names.is_empty() {
        return Ok(());
    }
    let one = dots.iter().all(Vec::is_empty);
    let series = BarSeries {
        name: if one { "test genes, 95 % interval" } else { "mean over divisions, each a dot" },
        values: &means,
        errors: one.then_some(&errors[..]),
        points: if one { &[] } else { &dots },
    };
    let label = measure.label;
    let title = format!("{label} on test genes");
    let chart =
        GroupedBars { title: &title, value_label: label, groups: &names, series: &[series] };
    report::draw(stem, &grouped_bars(&chart)?)
}

/// Predicted against measured, the test rows of all divisions together.
fn points(stem: &Path, comparison: &Comparison, line: &Line, unit: &str) -> anyhow::Result<()> {
    let (mut measured, mut predicted) = (Vec::new(), Vec::new());
    for entry in comparison.of(line) {
        measured.extend_from_slice(&entry.measured);
        predicted.extend_from_slice(&entry.predicted);
    }
    let Score { r2, pearson, .. } = Score::new(&measured, &predicted);
    let note = |name: &str, v: Option<f64>| v.map(|v| format!("{name} {v:.3}"));
    let rows = Some(format!("{} test rows", measured.len()));
    let notes: Vec<String> =
        [note("R²", r2), note("Pearson", pearson), rows].into_iter().flatten().collect();
    let wide = |values: &[f32]| values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    let figure = scatter(&Scatter {
        title: &short(line),
        unit,
        measured: &wide(&measured),
        predicted: &wide(&predicted),
        notes: &notes,
    })?;
    report::draw(stem, &figure)
}

/// A line's name in a picture.
fn short(line: &Line) -> String {
    let control = if is_control(line) { ", labels shuffled" } else { "" };
    match line.seeds.len() {
        1 => format!("{}{control}", line.model),
        n => format!("{}, mean of {n}{control}", line.model),
    }
}

fn is_control(line: &Line) -> bool {
    line.inputs.ends_with("labels shuffled")
}
