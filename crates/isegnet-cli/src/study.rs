//! A data set as a model sees it: rows in three parts, inputs scaled, a target.

use crate::config::{Config, ZeroExpression};
use anyhow::Context;
use isegnet_core::{Cancel, Examples, LearnError, Predictor, Progress};
use isegnet_encode::{
    Dataset, Part, RowFilter, ScaledView, Scaler, ScalerConfig, Split, Target, View, ViewConfig,
};
use isegnet_model::{Ensemble, predict_watched};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Rows predicted at a time.
const BATCH: usize = 64;

/// What belongs to a model beside its network; kept in its `model.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lens {
    /// Transforms and scales of the tracks, and the view they apply to.
    pub scaler: Scaler,
    /// What is predicted.
    pub target: Target,
    /// Fingerprint of the data set that it was fitted on.
    pub dataset: String,
    /// Hash of the split that it was fitted on.
    pub split: String,
    /// What everything random followed from.
    pub seed: u64,
}

/// A data set, divided and scaled.
pub struct Study {
    pub view: View,
    pub split: Split,
    pub lens: Lens,
}

impl Study {
    /// Divides the rows of a data set, and fits scales and target on the training rows.
    pub fn new(config: &Config, dataset: &Dataset, seed: u64) -> anyhow::Result<Self> {
        let view = dataset.view(&inputs(config))?;
        let rows = measured(config, dataset)?;
        let split_seed = config.split_seed.unwrap_or(seed);
        let split = Split::make(&config.split, &view, &rows, split_seed)?;
        let lens = Lens {
            scaler: Scaler::fit(&view, &split.train, &scaling(config))?,
            target: Target::fit(config.target, dataset, &split.train)?,
            dataset: dataset.fingerprint().to_owned(),
            split: split.hash(dataset),
            seed,
        };
        Ok(Self { view, split, lens })
    }

    /// Makes examples of rows of the data set.
    pub fn examples(&self, rows: &[usize]) -> anyhow::Result<ScaledView> {
        let (view, Lens { scaler, target, .. }) = (self.view.clone(), &self.lens);
        Ok(ScaledView::new(view, scaler.clone(), target, rows.to_vec())?)
    }

    /// The part that each row of the data set is in.
    pub fn parts(&self) -> Vec<Option<Part>> {
        parts(&self.split, self.view.dataset())
    }
}

/// What of a data set a configuration's model sees.
pub fn inputs(config: &Config) -> ViewConfig {
    ViewConfig {
        windows: Some(config.windows),
        tracks: Some(config.input.tracks.clone()),
        dna: Some(config.input.dna),
        bin_bp: Some(config.input.bin_bp),
    }
}

/// The rows that can be trained or tested on: measured, and kept by the filter.
pub fn measured(config: &Config, dataset: &Dataset) -> anyhow::Result<Vec<usize>> {
    let zero_expression = config.filter.zero_expression == ZeroExpression::Keep;
    let mut rows = dataset.select(&RowFilter { zero_expression, samples: None })?;
    rows.retain(|&row| dataset.expression(row).is_some());
    Ok(rows)
}

/// How values of tracks become input.
pub fn scaling(config: &Config) -> ScalerConfig {
    let tracks = config.tracks.iter().map(|t| (t.name.clone(), t.scaling)).collect();
    ScalerConfig { tracks, clip: config.input.clip }
}

/// The part that each row of the data set is in.
pub fn parts(split: &Split, dataset: &Dataset) -> Vec<Option<Part>> {
    let mut parts = vec![None; dataset.rows().len()];
    for part in Part::ALL {
        for &row in split.rows(part) {
            if let Some(place) = parts.get_mut(row) {
                *place = Some(part);
            }
        }
    }
    parts
}

/// Reads the model of a run, and how it sees a data set.
pub fn load(run: &Path) -> anyhow::Result<(Ensemble, Lens)> {
    crate::folder::key_of(run, "run")?;
    let (model, lens) = Ensemble::load(run)
        .with_context(|| format!("{} has no finished model yet", run.display()))?;
    let lens = serde_json::from_value(lens)
        .with_context(|| format!("{} was written by another isegnet", run.display()))?;
    Ok((model, lens))
}

/// What a model sees of a data set; refuses one that it was not made for.
pub fn view(run: &Path, lens: &Lens, dataset: &Dataset) -> anyhow::Result<View> {
    let (place, other) = (run.display(), dataset.folder().display());
    let view = dataset.view(lens.scaler.view()).with_context(|| {
        format!("the model of {place} cannot be applied to {other}; prepare one for its inputs")
    })?;
    if lens.dataset == dataset.fingerprint() {
        return Ok(view);
    }
    // What the model's tracks were binned by stands in its configuration only.
    let Ok(config) = Config::read(&run.join("isegnet.toml")) else { return Ok(view) };
    for track in view.tracks() {
        let then = config.tracks.iter().find(|then| then.name == track.name);
        if let Some(then) = then.filter(|then| then.bin_bp != track.bin_bp) {
            return Err(crate::failure::Refusal::usage(format!(
                "the model of {place} cannot be applied to {other}: track {:?} is in bins of {} \
                 there, and the model was trained on bins of {}; prepare the data set with \
                 bin_bp = {}",
                track.name, track.bin_bp, then.bin_bp, then.bin_bp
            ))
            .into());
        }
    }
    Ok(view)
}

/// The part of the model's split that each row of a data set is in; none in another data set
/// than that of the training.
pub fn parts_of(run: &Path, lens: &Lens, dataset: &Dataset) -> anyhow::Result<Vec<Option<Part>>> {
    Ok(match lens.dataset == dataset.fingerprint() {
        true => parts(&Split::read(&run.join("split.tsv"), dataset)?, dataset),
        false => vec![None; dataset.rows().len()],
    })
}

/// Predicts every row of `examples`.
pub fn predict(
    predictor: &mut dyn Predictor,
    examples: &dyn Examples,
    watch: (&dyn Progress, &Cancel),
) -> Result<Vec<f32>, LearnError> {
    let (progress, cancel) = watch;
    predict_watched(predictor, examples, BATCH, progress, cancel)
}
