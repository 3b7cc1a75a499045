//! The rows of a study, and what models may see of them.

use crate::config::Config;
use crate::study::{inputs, measured, scaling};
use isegnet_core::Examples;
use isegnet_encode::{Dataset, ScaledView, Scaler, Target, View, ViewConfig};
use isegnet_select::{Division, InputSet, Rows, SelectError, Settings};
use std::sync::Arc;

/// What tables call all inputs of the configuration.
pub const EVERYTHING: &str = "everything";

/// A data set's measured rows, numbered from 0, and the configuration that they are seen by.
pub struct Material {
    config: Config,
    pub dataset: Dataset,
    /// The data set's number of each row.
    numbers: Arc<[usize]>,
    rows: Rows,
    lengths: Arc<[f64]>,
    pub seed: u64,
}

impl Material {
    /// Takes the measured rows of a data set.
    pub fn new(config: Config, dataset: Dataset, seed: Option<u64>) -> anyhow::Result<Self> {
        let seed = seed.unwrap_or(config.model.seed);
        let numbers: Arc<[usize]> = measured(&config, &dataset)?.into();
        let genes: Vec<&str> =
            numbers.iter().map(|&row| dataset.gene_of(row).id.as_str()).collect();
        let samples: Vec<&str> =
            numbers.iter().map(|&row| dataset.sample_of(row).name.as_str()).collect();
        let rows = Rows::new(&genes, &samples)?;
        let lengths = numbers.iter().map(|&row| dataset.body_bp(row) as f64).collect();
        Ok(Self { config, dataset, numbers, rows, lengths, seed })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Genes and samples of the rows.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The data set's number of each row.
    pub fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// Bases of each row's gene.
    pub fn lengths(&self) -> &Arc<[f64]> {
        &self.lengths
    }

    /// What is predicted, for the axes of a figure.
    pub fn unit(&self) -> String {
        crate::commands::train::unit(&self.config)
    }

    /// All that the configuration's model sees.
    pub fn everything(&self) -> ViewConfig {
        inputs(&self.config)
    }

    /// Makes an input set of a part of the data set.
    ///
    /// Scales are fitted on a division's training rows, the target (its median, for classes)
    /// on training and validation rows, so that it is the same for models that train on both.
    pub fn inputs(&self, name: &str, seen: &ViewConfig) -> anyhow::Result<InputSet<'_>> {
        let view = self.dataset.view(seen)?;
        let from = self.follows_from(&view)?;
        let owned = name.to_owned();
        Ok(InputSet::new(name, from, move |division| {
            let refused = |error| SelectError::Inputs { inputs: owned.clone(), error };
            let examples = self.examples(&view, division).map_err(|error| refused(error.into()))?;
            Ok(Box::new(examples) as Box<dyn Examples>)
        }))
    }

    fn examples(&self, view: &View, division: &Division) -> anyhow::Result<ScaledView> {
        let of = |rows: &[usize]| -> Vec<usize> { rows.iter().map(|&r| self.numbers[r]).collect() };
        let target = Target::fit(self.config.target, &self.dataset, &of(&division.development()))?;
        let scaler = Scaler::fit(view, &of(division.train()), &scaling(&self.config))?;
        Ok(ScaledView::new(view.clone(), scaler, &target, self.numbers.to_vec())?)
    }

    /// Everything that examples follow from beside the division.
    fn follows_from(&self, view: &View) -> anyhow::Result<Settings> {
        Ok(Settings::new()
            .with("dataset", self.dataset.fingerprint())
            .with("rows", self.numbers.len())
            .with("zero expression", format!("{:?}", self.config.filter.zero_expression))
            .with("view", serde_json::to_string(&view.config())?)
            .with("scaling", serde_json::to_string(&scaling(&self.config))?)
            .with("target", serde_json::to_string(&self.config.target)?))
    }
}
