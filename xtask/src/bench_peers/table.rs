//! The figures as a person reads them.

use super::figures::{Figure, Figures, Taken, Times};
use super::rows::memory_name;

/// Writes the times, then the memory, in at most 100 columns.
pub fn of(figures: &Figures) -> String {
    let mut text = format!(
        "{:<13} {:<7} {:>7} {:<15}  {:<17} {:>7} {:<15} {:>6}\n",
        "row", "unit", "ours", "", "peer", "its", "", "ratio"
    );
    for figure in &figures.0 {
        let Figure { row, ours, .. } = figure;
        // Seconds, or milliseconds where those are short.
        let (factor, prefix) = if ours.times.median() < 0.1 { (1e3, "m") } else { (1.0, "") };
        let unit = format!("{prefix}{}", figure.unit);
        let both =
            |taken: &Taken| [digits(factor * taken.times.median()), spread(factor, &taken.times)];
        let ([ours, our_spread], theirs) = (both(ours), figure.theirs().map(both));
        let [theirs, their_spread] = theirs.unwrap_or_default();
        let (peer, ratio) = (figure.peer_name().unwrap_or("none"), shown(figure.ratio()));
        text += &format!(
            "{row:<13} {unit:<7} {ours:>7} {our_spread:<15}  {peer:<17} {theirs:>7} \
             {their_spread:<15} {ratio:>6}\n",
        );
    }
    let memory = figures.0.iter().filter_map(|f| Some((f, f.ours.gb?)));
    for (i, (figure, ours)) in memory.enumerate() {
        if i == 0 {
            text += &format!(
                "\n{:<18} {:>8}  {:<17} {:>8} {:>6}\n",
                "peak memory, GB", "ours", "peer", "its", "ratio"
            );
        }
        let (row, peer) = (memory_name(&figure.row), figure.peer_name().unwrap_or("none"));
        let theirs = shown(figure.theirs().and_then(|theirs| theirs.gb));
        let ratio = shown(figure.memory_ratio());
        text += &format!("{row:<18} {ours:>8.2}  {peer:<17} {theirs:>8} {ratio:>6}\n");
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A number to two decimals, or nothing.
fn shown(number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| format!("{number:.2}"))
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

    fn taken(seconds: f64, gb: Option<f64>) -> Taken {
        let seconds = [seconds, seconds * 1.111, seconds * 1.222];
        Taken { times: Times::new(&seconds, 1.0), gb }
    }

    #[test]
    fn the_widest_rows_fit_100_columns() {
        let figure = |row: &str, seconds: f64, gb: [Option<f64>; 2]| Figure {
            row: row.into(),
            unit: "s/gene",
            ours: taken(seconds, gb[0]),
            peer: Some(("PyTorch best bf16", taken(3.0 * seconds, gb[1]))),
        };
        let figures = Figures(vec![
            figure("infer-k1-128", 0.002_914, [Some(0.81), Some(12.3)]),
            figure("extract", 123.4, [None; 2]),
        ]);
        let text = of(&figures);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(text.contains("0.33") && text.contains("memory-infer-k1-128"), "{text}");
        assert!(text.contains("ms/gene") && text.contains("(3.08-3.40)"), "{text}");
        assert_eq!(text.lines().count(), 6);
    }

    #[test]
    fn a_row_without_a_peer_says_so() {
        let ours = taken(1.0, Some(0.5));
        let figure = Figure { row: "motif-enrich".into(), unit: "s", ours, peer: None };
        let text = of(&Figures(vec![figure]));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1].split_whitespace().last(), Some("none"), "{text}");
        assert!(lines[4].starts_with("memory-motif-enrich") && lines[4].ends_with("none"));
    }
}
