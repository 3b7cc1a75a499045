//! The figures as a person reads them.

use super::figures::{Figure, Figures, Times};
use super::rows::memory_name;

/// Writes the times, then the memory, in at most 100 columns.
pub fn of(figures: &Figures) -> String {
    let mut text = format!(
        "{:<13} {:<7} {:>7} {:<15}  {:<17} {:>7} {:<15} {:>6}\n",
        "row", "unit", "ours", "", "peer", "its", "", "ratio"
    );
    for figure in &figures.0 {
        let Figure { row, peer, ours, theirs, .. } = figure;
        // Seconds, or milliseconds where those are short.
        let (factor, prefix) = if ours.median() < 0.1 { (1e3, "m") } else { (1.0, "") };
        let unit = format!("{prefix}{}", figure.unit);
        text += &format!(
            "{row:<13} {unit:<7} {:>7} {:<15}  {peer:<17} {:>7} {:<15} {:>6.2}\n",
            digits(factor * ours.median()),
            spread(factor, ours),
            digits(factor * theirs.median()),
            spread(factor, theirs),
            figure.ratio(),
        );
    }
    let memory = figures.0.iter().filter_map(|f| Some((f, f.memory?)));
    for (i, (figure, (ours, theirs))) in memory.enumerate() {
        if i == 0 {
            text += &format!(
                "\n{:<15} {:>8}  {:<17} {:>8} {:>6}\n",
                "peak memory, GB", "ours", "peer", "its", "ratio"
            );
        }
        let (row, peer) = (memory_name(&figure.row), figure.peer);
        let ratio = ours / theirs;
        text += &format!("{row:<15} {ours:>8.2}  {peer:<17} {theirs:>8.2} {ratio:>6.2}\n");
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn spread(factor: f64, times: &Times) -> String {
    let (low, high) = times.quartiles();
    format!("({}-{})", digits(factor * low), digits(factor * high))
}

/// A positive number to three digits.
fn digits(value: f64) -> String {
    let magnitude = value.log10().floor();
    let decimals = if magnitude.is_finite() { (2.0 - magnitude).clamp(0.0, 6.0) } else { 2.0 };
    format!("{value:.*}", decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let cases = [(0.0291, "0.0291"), (0.92, "0.920"), (5.354, "5.35"), (412.3, "412")];
        for (value, text) in cases {
            assert_eq!(digits(value), text);
        }
    }

    #[test]
    fn the_widest_rows_fit_100_columns() {
        let times = |seconds: f64| Times::new(&[seconds, seconds * 1.111, seconds * 1.222], 1.0);
        let figure = |row: &str, seconds: f64, memory| Figure {
            row: row.into(),
            unit: "s/gene",
            peer: "PyTorch best bf16",
            ours: times(seconds),
            theirs: times(3.0 * seconds),
            memory,
        };
        let figures = Figures(vec![
            figure("infer-k1-128", 0.002_914, Some((0.81, 12.3))),
            figure("extract", 123.4, None),
        ]);
        let text = of(&figures);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(text.contains("0.33") && text.contains("memory-infer-k1-128"), "{text}");
        assert!(text.contains("ms/gene") && text.contains("(3.08-3.40)"), "{text}");
        assert_eq!(text.lines().count(), 6);
    }
}
