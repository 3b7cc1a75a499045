//! How combinations of settings did (Gao et al., Figures S1 and S3).

use crate::report;
use isegnet_plot::{Bar, Bars, Heatmap, Shading, bars, heatmap};
use isegnet_select::{Leaderboard, Ranked};
use std::path::Path;

/// Combinations that a list of bars shows, the best ones.
const SHOWN: usize = 30;

/// Draws a grid where two settings were tried, the best combinations otherwise.
pub fn draw(out: &Path, model: &str, board: &Leaderboard) -> anyhow::Result<()> {
    let last = board.ranked().iter().map(|ranked| ranked.round).max().unwrap_or(1);
    let tried: Vec<(&Ranked, f64)> =
        board.ranked().iter().filter_map(|r| Some((r, r.moments?.0))).collect();
    if tried.is_empty() {
        return Ok(());
    }
    match grid(&tried).filter(|_| last == 1) {
        Some(grid) => grid.draw(out, model),
        None => best(out, model, tried),
    }
}

/// Means of two settings' combinations.
struct Grid {
    names: [String; 2],
    rows: Vec<String>,
    columns: Vec<String>,
    /// (rows, columns) row by row.
    values: Vec<f64>,
}

/// The grid of two settings with a few values each; none where that is not what was tried.
fn grid(tried: &[(&Ranked, f64)]) -> Option<Grid> {
    let names: Vec<&str> = tried[0].0.settings.iter().map(|(name, _)| name).collect();
    let [first, second] = names[..] else { return None };
    let distinct = |name: &str| {
        let mut values: Vec<String> = Vec::new();
        for (ranked, _) in tried {
            let value = ranked.settings.get(name).unwrap_or_default();
            if !values.iter().any(|known| known == value) {
                values.push(value.to_owned());
            }
        }
        values
    };
    let (rows, columns) = (distinct(first), distinct(second));
    let mut values = vec![f64::NAN; rows.len() * columns.len()];
    for (ranked, mean) in tried {
        let place = |name: &str, all: &[String]| {
            all.iter().position(|value| Some(value.as_str()) == ranked.settings.get(name))
        };
        values[place(first, &rows)? * columns.len() + place(second, &columns)?] = *mean;
    }
    let full = values.iter().filter(|value| value.is_finite()).count();
    let names = [first, second].map(str::to_owned);
    (2 * full > values.len()).then_some(Grid { names, rows, columns, values })
}

impl Grid {
    fn draw(&self, out: &Path, model: &str) -> anyhow::Result<()> {
        let title = format!("{model}: mean R² of the folds left out");
        let figure = heatmap(&Heatmap {
            title: &title,
            row_label: &self.names[0],
            column_label: &self.names[1],
            rows: &self.rows,
            columns: &self.columns,
            values: &self.values,
            value_label: "R²",
            shading: Shading::Range,
            cluster_rows: false,
            cluster_columns: false,
            decimals: Some(3),
        })?;
        report::draw(&out.join("tuning"), &figure)
    }
}

fn best(out: &Path, model: &str, mut tried: Vec<(&Ranked, f64)>) -> anyhow::Result<()> {
    tried.sort_by(|a, b| b.0.round.cmp(&a.0.round).then(b.1.total_cmp(&a.1)));
    tried.truncate(SHOWN);
    let names: Vec<(String, String)> = tried
        .iter()
        .map(|(ranked, mean)| {
            let deviation = ranked.moments.map_or(0.0, |moments| moments.1);
            (ranked.settings.to_string(), format!("{mean:.3} ± {deviation:.3}"))
        })
        .collect();
    let drawn: Vec<Bar<'_>> = names
        .iter()
        .zip(&tried)
        .map(|((name, note), (_, mean))| Bar { name, value: *mean, note })
        .collect();
    let figure = bars(&Bars {
        title: model,
        value_label: "mean R² of the folds left out",
        bars: &drawn,
        threshold: None,
    })?;
    report::draw(&out.join("tuning"), &figure)
}
