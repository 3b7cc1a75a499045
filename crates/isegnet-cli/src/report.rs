//! What a training leaves in its folder for people and programs to read.

use crate::scores::Line;
use anyhow::Context;
use isegnet_encode::{Dataset, Part, Target};
use isegnet_io::atomic;
use isegnet_model::{Epoch, Trained};
use isegnet_plot::{Curve, Figure, LearningCurve, Scatter, curves, scatter};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::Path;

/// `metrics.json`: how well the network does, beside the floors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Metrics {
    /// The version that trained.
    pub isegnet: String,
    /// The vector instructions it ran on; the same ones give the same bits.
    pub isa: String,
    /// What expression was turned into before it was predicted.
    pub target: String,
    pub validation: crate::scores::Scores,
    pub test: crate::scores::Scores,
    /// What needs no network: mean, gene length, ridge.
    pub floors: Vec<Line>,
    /// How many numbers were trained.
    pub parameters: usize,
    pub seed: u64,
    pub train_rows: usize,
    /// What was trained: one network, or those of `seeds`.
    pub networks: Vec<Member>,
}

/// How the training of one network went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    pub seed: u64,
    pub epochs: usize,
    /// The epoch whose weights were kept.
    pub best_epoch: usize,
    /// R2 of that epoch on the validation rows.
    pub validation_r2: Option<f64>,
}

impl Member {
    /// Sums a training up.
    pub fn of(trained: &Trained) -> Self {
        let best = trained.history.iter().find(|epoch| epoch.epoch == trained.best_epoch);
        Self {
            seed: trained.seed,
            epochs: trained.history.len(),
            best_epoch: trained.best_epoch,
            validation_r2: best.map(|epoch| epoch.validation_r2),
        }
    }
}

impl Metrics {
    /// The network and the floors, for the closing table.
    pub fn lines(&self) -> Vec<Line> {
        let network = Line {
            name: "network".to_owned(),
            validation: self.validation.clone(),
            test: self.test.clone(),
        };
        std::iter::once(network).chain(self.floors.iter().cloned()).collect()
    }
}

/// A predicted row.
#[derive(Clone, Debug)]
pub struct Prediction<'a> {
    pub gene: &'a str,
    pub sample: &'a str,
    /// None where the split does not have the row.
    pub part: Option<Part>,
    /// None where there is no expression to compare with.
    pub measured: Option<f32>,
    pub predicted: f32,
}

impl<'a> Prediction<'a> {
    /// Puts predictions to the rows of a data set, one each, in order.
    pub fn of(
        dataset: &'a Dataset,
        target: &Target,
        parts: &[Option<Part>],
        predicted: &[f32],
    ) -> Vec<Self> {
        let rows = parts.iter().zip(predicted).enumerate();
        rows.map(|(row, (&part, &predicted))| Self {
            gene: &dataset.gene_of(row).id,
            sample: &dataset.sample_of(row).name,
            part,
            measured: dataset.expression(row).map(|value| target.of(Some(value))),
            predicted,
        })
        .collect()
    }
}

/// Writes `value` as indented JSON.
pub fn json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    Ok(atomic::write(path, |out| writeln!(out, "{text}"))?)
}

/// Writes predicted rows as a table.
pub fn predictions(path: &Path, rows: &[Prediction<'_>]) -> anyhow::Result<()> {
    let write = |out: &mut dyn Write| {
        writeln!(out, "gene_id\tsample\tpart\tmeasured\tpredicted")?;
        rows.iter().try_for_each(|row| {
            let measured = row.measured.map_or_else(|| "NA".to_owned(), |v| v.to_string());
            let Prediction { gene, sample, predicted, .. } = row;
            let part = row.part.map_or_else(|| "-".to_owned(), |part| part.to_string());
            writeln!(out, "{gene}\t{sample}\t{part}\t{measured}\t{predicted}")
        })
    };
    Ok(atomic::write(path, write)?)
}

/// Writes the epochs as a table.
pub fn history(path: &Path, epochs: &[Epoch]) -> anyhow::Result<()> {
    let write = |out: &mut dyn Write| {
        writeln!(
            out,
            "epoch\tlearning_rate\ttrain_loss\tpenalty\tvalidation_mse\tvalidation_r2\t\
             validation_pearson"
        )?;
        epochs.iter().try_for_each(|e| {
            writeln!(
                out,
                "{}\t{}\t{}\t{}\t{}\t{}\t{}",
                e.epoch,
                e.learning_rate,
                e.train_loss,
                e.penalty,
                e.validation_mse,
                e.validation_r2,
                e.validation_pearson
            )
        })
    };
    Ok(atomic::write(path, write)?)
}

/// Draws the test rows, predicted against measured, as `scatter.svg` and `.png`.
pub fn draw_scatter(
    folder: &Path,
    metrics: &Metrics,
    rows: &[Prediction<'_>],
) -> anyhow::Result<()> {
    let tested = rows.iter().filter(|row| row.part == Some(Part::Test));
    let (measured, predicted): (Vec<f64>, Vec<f64>) =
        tested.filter_map(|row| Some((f64::from(row.measured?), f64::from(row.predicted)))).unzip();
    let note = |name: &str, v: Option<f64>| v.map(|v| format!("{name} {v:.3}"));
    let notes: Vec<String> = [
        note("R²", metrics.test.r2),
        note("Pearson", metrics.test.pearson),
        note("AUROC", metrics.test.auroc),
        Some(format!("{} test rows", metrics.test.rows)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let figure = scatter(&Scatter {
        title: "Test genes",
        unit: &metrics.target,
        measured: &measured,
        predicted: &predicted,
        notes: &notes,
    })?;
    draw(&folder.join("scatter"), &figure)
}

/// Draws losses and validation R2 by epoch, as `learning-curve.svg` and `.png`.
///
/// `scale` is what the network's number is multiplied by on its way to the
/// target; both losses are drawn in the target's unit.
pub fn draw_curves(folder: &Path, epochs: &[Epoch], best: usize, scale: f64) -> anyhow::Result<()> {
    let column = |get: fn(&Epoch) -> f64| epochs.iter().map(get).collect::<Vec<f64>>();
    let train: Vec<f64> = epochs.iter().map(|e| e.train_loss * scale * scale).collect();
    let validation = column(|e| e.validation_mse);
    let (r2, pearson) = (column(|e| e.validation_r2), column(|e| e.validation_pearson));
    let figure = curves(&LearningCurve {
        title: "Training",
        losses: &[
            Curve { name: "training, dropout on", values: &train },
            Curve { name: "validation", values: &validation },
        ],
        scores: &[Curve { name: "R²", values: &r2 }, Curve { name: "Pearson", values: &pearson }],
        score_label: "Validation",
        best: Some(best),
    })?;
    draw(&folder.join("learning-curve"), &figure)
}

/// Writes a figure as `stem`.svg and .png; a stem with a point of its own ends in .svg already.
pub fn draw(stem: &Path, figure: &Figure) -> anyhow::Result<()> {
    let svg = figure.to_svg();
    atomic::write(stem.with_extension("svg"), |out| out.write_all(svg.as_bytes()))?;
    let png = figure.to_png(2.0).context("a picture could not be drawn")?;
    Ok(atomic::write(stem.with_extension("png"), |out| out.write_all(&png))?)
}
