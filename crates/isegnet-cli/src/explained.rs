//! The folder of an explanation, read as files: whoever wrote them, neither the run nor the
//! data set has to be there.
//!
//! `explain.json` names windows and columns, `genes.tsv` the rows, `<column>.bigWig` (or
//! `<sample>.<column>.bigWig` where there are several samples) has the attributions in genome
//! coordinates, `sites.bed` and `sites.fa` the highest sites and the bases around them.

mod genome;
mod row;
mod sites;

pub use row::Row;
pub use sites::Site;

use crate::commands::explain::file_name;
use crate::failure::Refusal;
use anyhow::Context;
use isegnet_core::SignalSource;
use isegnet_encode::{Dataset, Windows};
use isegnet_io::bigwig;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// An explanation's folder.
pub struct Explained {
    folder: PathBuf,
    about: About,
    /// Explained rows, in the order of `genes.tsv`; at least one.
    pub rows: Vec<Row>,
    /// Their samples, each once.
    pub samples: Vec<String>,
}

/// What is needed of `explain.json`.
#[derive(Deserialize)]
struct About {
    windows: Windows,
    columns: Vec<String>,
    #[serde(default)]
    dataset: Option<PathBuf>,
}

impl Explained {
    /// Reads what the folder is about.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let about = folder.join("explain.json");
        let place = about.display();
        let text = std::fs::read(&about).map_err(|cause| {
            Refusal::usage(format!(
                "{place} cannot be read ({cause}); name a finished folder of isegnet explain"
            ))
        })?;
        let about: About = serde_json::from_slice(&text)
            .map_err(|cause| Refusal::input(format!("{place}: {cause}; explain again")))?;
        let rows = row::read(&folder.join("genes.tsv"))?;
        let mut samples: Vec<String> = Vec::new();
        for row in &rows {
            if !samples.contains(&row.sample) {
                samples.push(row.sample.clone());
            }
        }
        Ok(Self { folder: folder.to_owned(), about, rows, samples })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the folder is called.
    pub fn name(&self) -> String {
        let whole = std::path::absolute(&self.folder).unwrap_or_else(|_| self.folder.clone());
        let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "explanation".to_owned())
    }

    /// The condition of each sample, where the data set is still there and names it.
    pub fn conditions(&self) -> HashMap<String, String> {
        let dataset = self.about.dataset.as_ref().and_then(|path| Dataset::open(path).ok());
        let samples = dataset.iter().flat_map(|dataset| &dataset.manifest().samples);
        samples.filter_map(|s| Some((s.name.clone(), s.condition.clone()?))).collect()
    }

    /// The windows of a gene.
    pub fn windows(&self) -> Windows {
        self.about.windows
    }

    /// Tracks and DNA: all columns but masks, or those asked for.
    pub fn tracks(&self, asked: &[String]) -> anyhow::Result<Vec<String>> {
        let known = &self.about.columns;
        if let Some(unknown) = asked.iter().find(|name| !known.contains(name)) {
            return Err(Refusal::usage(format!(
                "{} has no track {unknown:?}; it has {}",
                self.folder.display(),
                known.join(", ")
            ))
            .into());
        }
        let is_mask = |name: &str| {
            name.strip_suffix(".measured").is_some_and(|of| known.iter().any(|k| k == of))
        };
        let wanted = |name: &&String| match asked.is_empty() {
            true => !is_mask(name),
            false => asked.contains(name),
        };
        Ok(known.iter().filter(wanted).cloned().collect())
    }

    /// The attributions of a track in a sample.
    pub fn attributions(&self, sample: &str, track: &str) -> anyhow::Result<Box<dyn SignalSource>> {
        let name = match self.samples.len() {
            1 => track.to_owned(),
            _ => format!("{sample}.{track}"),
        };
        let path = self.folder.join(format!("{}.bigWig", file_name(&name)));
        bigwig::open(&path).with_context(|| format!("attributions of {track} cannot be read"))
    }

    /// The rows of a sample, by their places among all, in the order of the genome.
    pub fn rows_of(&self, sample: &str) -> Vec<usize> {
        let of_sample = |&row: &usize| self.rows[row].sample == sample;
        let mut rows: Vec<usize> = (0..self.rows.len()).filter(of_sample).collect();
        rows.sort_by_key(|&row| {
            let body = &self.rows[row].gene.body;
            (&body.chrom, body.start, row)
        });
        rows
    }
}
