//! The computation: chunk after chunk of rows, each on the disk before the next.

use super::journal::Journal;
use crate::Session;
use anyhow::Context;
use isegnet_core::{Batch, Differentiable, Examples, Inputs, Progress};
use isegnet_encode::ScaledView;
use isegnet_encode::export::RowsWriter;
use isegnet_explain::{
    Attribution, Baseline, Completeness, ExplainError, IntegratedGradients, gradient,
};
use std::path::Path;

/// Rows computed at a time. Chunks begin at multiples of it, interrupted or not, so that
/// nothing depends on where an interruption fell.
const CHUNK: usize = 16;

/// The finished file of attributions.
pub const ATTRIBUTIONS: &str = "attributions.safetensors";
/// The file while it is filled.
const UNFINISHED: &str = "attributions.safetensors.partial";
/// What each row came to.
pub const JOURNAL: &str = "journal.tsv";

/// How attributions are made.
pub enum Method {
    /// Integrated gradients from a baseline.
    Integrated(IntegratedGradients, Box<dyn Baseline>),
    /// Gradient x input, bases centred or not.
    GradientTimesInput {
        /// Whether the mean over the four bases is taken from the gradient.
        centre_bases: bool,
    },
}

impl Method {
    fn attribute(
        &self,
        model: &mut dyn Differentiable,
        inputs: &Inputs,
        ids: &[u64],
    ) -> Result<Attribution, ExplainError> {
        match self {
            Self::Integrated(method, baseline) => {
                method.attribute(model, inputs, ids, baseline.as_ref())
            }
            Self::GradientTimesInput { centre_bases } => {
                let mut gradient = gradient(model, inputs)?;
                if *centre_bases {
                    gradient = gradient.centred();
                }
                let values = gradient.times(inputs);
                let sum = |row| {
                    let parts = [&values.tracks, &values.dna];
                    let part = |part: &ndarray::Array3<f32>| {
                        let row = part.index_axis(ndarray::Axis(0), row);
                        row.iter().map(|&value| f64::from(value)).sum::<f64>()
                    };
                    parts.into_iter().map(part).sum()
                };
                let row = |(row, &value): (usize, &f64)| Completeness {
                    value,
                    baseline_value: f64::NAN,
                    sum: sum(row),
                    steps: 1,
                };
                let completeness = gradient.values.iter().enumerate().map(row).collect();
                Ok(Attribution { values, completeness })
            }
        }
    }
}

/// Fills `folder` with the attributions of all rows of `examples`, or goes on doing so, and
/// gives what each row came to.
///
/// `model` is only asked for when there is something left to compute.
pub fn run(
    folder: &Path,
    examples: &ScaledView,
    method: &Method,
    model: impl FnOnce() -> anyhow::Result<Box<dyn Differentiable>>,
    session: &Session,
) -> anyhow::Result<Vec<Completeness>> {
    let rows = examples.len();
    let mut journal = Journal::open(&folder.join(JOURNAL))?;
    if folder.join(ATTRIBUTIONS).is_file() && journal.entries().len() == rows {
        return Ok(journal.entries().to_vec());
    }
    let done = journal.entries().len().min(rows) / CHUNK * CHUNK;
    let mut file = RowsWriter::open(&folder.join(UNFINISHED), examples.shape(), rows, done)?;
    journal.keep(file.next())?;
    let mut model = model()?;
    session.screen.start("explaining genes", rows as u64);
    session.screen.advance(file.next() as u64);
    let mut batch = Batch::default();
    for start in (file.next()..rows).step_by(CHUNK) {
        if session.cancel.is_cancelled() {
            return Err(isegnet_core::LearnError::Cancelled)
                .context("stopped; what is computed is kept, and the same command goes on");
        }
        let chunk: Vec<usize> = (start..rows.min(start + CHUNK)).collect();
        examples.fill(&chunk, &mut batch)?;
        let ids: Vec<u64> = chunk.iter().map(|&row| examples.rows()[row] as u64).collect();
        let inputs = Inputs::from(&batch);
        let found = method.attribute(model.as_mut(), &inputs, &ids)?;
        file.push(&found.values)?;
        file.sync()?;
        journal.push(&found.completeness)?;
        session.screen.advance(chunk.len() as u64);
    }
    session.screen.finish();
    file.finish(&folder.join(ATTRIBUTIONS))?;
    Ok(journal.entries().to_vec())
}
