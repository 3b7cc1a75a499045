//! A folder of attributions, opened again.

use super::Manifest;
use super::explanation::Explanation;
use super::job;
use super::journal::Journal;
use crate::failure::Refusal;
use crate::{folder, study};
use anyhow::Context;
use isegnet_encode::Dataset;
use isegnet_encode::export::Rows;
use std::collections::HashMap;
use std::path::Path;

impl Explanation {
    /// Opens what `isegnet explain` wrote; the run and the data set must still be there.
    pub fn open(path: &Path) -> anyhow::Result<(Self, Manifest)> {
        folder::key_of(path, "explanation")?;
        let place = path.display();
        let unfinished = || format!("{place} is not finished; give its `isegnet explain` again");
        let text = std::fs::read(path.join("explain.json")).with_context(unfinished)?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .with_context(|| format!("{place} was written by another isegnet"))?;
        let (_, lens) = study::load(&manifest.run)?;
        let dataset = Dataset::open(&manifest.dataset)?;
        if dataset.fingerprint() != manifest.fingerprint {
            return Err(Refusal::input(format!(
                "{} is not the data set any more that {place} explains; explain it again",
                manifest.dataset.display()
            ))
            .into());
        }
        let view = study::view(&manifest.run, &lens, &dataset)?;
        let parts = study::parts_of(&manifest.run, &lens, &dataset)?;
        let rows = rows(&path.join("genes.tsv"), &dataset)?;
        let values = Rows::open(&path.join(job::ATTRIBUTIONS)).with_context(unfinished)?;
        let completeness = Journal::open(&path.join(job::JOURNAL))?.entries().to_vec();
        let lengths = [rows.len(), values.len(), completeness.len()];
        if lengths != [manifest.rows; 3] || *values.shape() != lens.scaler.shape() {
            return Err(Refusal::input(format!(
                "{place} does not hold together: {} rows in explain.json, {lengths:?} in genes.tsv, \
                 the arrays and journal.tsv; explain it again",
                manifest.rows
            ))
            .into());
        }
        let spread = manifest.spread;
        let tolerance = None;
        Ok((Self { view, lens, rows, parts, values, completeness, spread, tolerance }, manifest))
    }
}

/// Finds the rows of a data set that a table lists by gene and sample.
fn rows(path: &Path, dataset: &Dataset) -> anyhow::Result<Vec<usize>> {
    let place = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{place} cannot be read"))?;
    let names = |row| (dataset.gene_of(row).id.as_str(), dataset.sample_of(row).name.as_str());
    let numbers: HashMap<_, _> = (0..dataset.rows().len()).map(|row| (names(row), row)).collect();
    let row = |(line, number): (&str, usize)| {
        let mut fields = line.split('\t');
        let (gene, sample) = (fields.next().unwrap_or_default(), fields.nth(1).unwrap_or_default());
        numbers.get(&(gene, sample)).copied().ok_or_else(|| {
            let message = format!("{place}, line {number}: {gene:?} of sample {sample:?}");
            Refusal::input(format!("{message} is not in the data set; explain it again")).into()
        })
    };
    text.lines().zip(1..).skip(1).map(row).collect()
}
