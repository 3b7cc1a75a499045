//! What inputs are worth, and the signals of genes that a part of them predicts (Gao et al.,
//! Figures 4 A and S6).

use super::alike::Signals;
use crate::commands::explain::Ruler;
use crate::report;
use isegnet_explain::SEAM_MARGIN;
use isegnet_plot::{BarSeries, GroupedBars, Profile, ProfileTrack, Series, grouped_bars, profile};
use isegnet_select::{Alike, Comparison, Resampling, Scored};
use std::path::Path;

/// Draws R2 of each set of inputs, a series a model.
pub fn bars(out: &Path, comparison: &Comparison, resampling: &Resampling) -> anyhow::Result<()> {
    let scored = comparison.scores(resampling);
    let distinct = |of: fn(&Scored) -> &str| {
        let mut names: Vec<String> = Vec::new();
        for name in scored.iter().map(of) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    };
    let (models, inputs) = (distinct(|s| &s.line.model), distinct(|s| &s.line.inputs));
    let values = |model: &String| -> Vec<Vec<f64>> {
        let of = |inputs: &String| {
            let same = |s: &&Scored| s.line.model == *model && s.line.inputs == *inputs;
            scored.iter().filter(same).filter_map(|s| s.score.r2).collect()
        };
        inputs.iter().map(of).collect()
    };
    let all: Vec<Vec<Vec<f64>>> = models.iter().map(values).collect();
    if all.iter().flatten().any(Vec::is_empty) {
        return Ok(());
    }
    let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let means: Vec<Vec<f64>> = all.iter().map(|m| m.iter().map(mean).collect()).collect();
    let intervals = |model: &String| -> Option<Vec<(f64, f64)>> {
        let of = |inputs: &String| {
            let same = |s: &&Scored| s.line.model == *model && s.line.inputs == *inputs;
            let interval = scored.iter().find(same)?.intervals[0]?;
            Some((interval.low, interval.high))
        };
        inputs.iter().map(of).collect()
    };
    let several = all.iter().flatten().any(|values| values.len() > 1);
    let errors: Vec<Option<Vec<(f64, f64)>>> =
        models.iter().map(|model| intervals(model).filter(|_| !several)).collect();
    let series: Vec<BarSeries<'_>> = (0..models.len())
        .map(|m| BarSeries {
            name: &models[m],
            values: &means[m],
            errors: errors[m].as_deref(),
            points: if several { &all[m] } else { &[] },
        })
        .collect();
    let title =
        if several { "Test genes, each division a dot" } else { "Test genes, 95 % interval" };
    let chart = GroupedBars { title, value_label: "R²", groups: &inputs, series: &series };
    report::draw(&out.join("ablation-r2"), &grouped_bars(&chart)?)
}

/// Draws the mean signal of genes predicted alike, and of the others, along the windows.
pub fn signals(
    out: &Path,
    name: &str,
    signals: &Signals<'_>,
    alike: &Alike,
    part: &str,
) -> anyhow::Result<()> {
    let ruler = Ruler::of(&signals.view);
    let names: Vec<&str> = signals.view.tracks().map(|track| track.name.as_str()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let lines: Vec<[Vec<f64>; 2]> = (0..names.len())
        .map(|t| {
            [alike.alike(), alike.rest()].map(|genes| ruler.stretched(&signals.profile(t, genes)))
        })
        .collect();
    let called = format!("predicted alike by {part}");
    let series: Vec<[Series<'_>; 2]> = lines
        .iter()
        .map(|[genes, rest]| [Series::new(&called, genes), Series::new("other genes", rest)])
        .collect();
    let tracks = names.iter().zip(&series);
    let tracks: Vec<ProfileTrack<'_>> =
        tracks.map(|(name, series)| ProfileTrack { name, series }).collect();
    let title = format!("{} genes beside {} others", alike.alike().len(), alike.rest().len());
    let figure = profile(&Profile {
        title: &title,
        value_label: "mean signal",
        windows: &ruler.windows(&[String::new(), String::new()]),
        seam: SEAM_MARGIN * signals.view.bin_bp(),
        tracks: &tracks,
    })?;
    report::draw(&out.join(format!("ablation-signals-{name}")), &figure)
}
