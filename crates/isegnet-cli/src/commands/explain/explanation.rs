//! Rows of a data set, explained.

use super::baseline::Plan;
use super::how::{HowArgs, MethodName};
use super::job::{self, Method};
use super::rows::RowArgs;
use crate::Session;
use crate::failure::Refusal;
use crate::folder::{self, Claim};
use crate::study::{self, Lens};
use isegnet_core::{Inputs, Progress};
use isegnet_encode::export::Rows;
use isegnet_encode::{Dataset, Part, ScaledView, View};
use isegnet_explain::{Completeness, IntegratedGradients, MixedBaseline};
use isegnet_model::Ensemble;
use std::path::Path;

/// What is to be explained, and how.
pub struct Request<'a> {
    pub run: &'a Path,
    pub dataset: &'a Path,
    pub rows: &'a RowArgs,
    pub how: &'a HowArgs,
    pub out: &'a Path,
    pub overwrite: bool,
}

/// Rows of a data set, explained.
pub struct Explanation {
    /// What the model saw of the data set.
    pub view: View,
    pub lens: Lens,
    /// The explained rows of the data set, in the order of the arrays.
    pub rows: Vec<usize>,
    /// The part of each row of the data set.
    pub parts: Vec<Option<Part>>,
    /// The arrays.
    pub values: Rows,
    pub completeness: Vec<Completeness>,
    /// The target's standard deviation.
    pub spread: f64,
    /// The largest relative difference that is not flagged; none where there is no baseline
    /// that attributions add up from.
    pub tolerance: Option<f64>,
}

/// A model, and a data set as it sees it.
pub struct Source {
    pub model: Ensemble,
    lens: Lens,
    view: View,
    parts: Vec<Option<Part>>,
    seed: u64,
}

impl Source {
    /// Opens what a request names.
    pub fn open(request: &Request<'_>, session: &Session) -> anyhow::Result<Self> {
        let (model, lens) = study::load(request.run)?;
        let dataset = Dataset::open(request.dataset)?;
        let view = study::view(request.run, &lens, &dataset)?;
        let parts = study::parts_of(request.run, &lens, &dataset)?;
        let seed = session.seed.unwrap_or(lens.seed);
        Ok(Self { model, lens, view, parts, seed })
    }

    /// Makes examples of rows of the data set.
    pub fn examples(&self, rows: Vec<usize>) -> anyhow::Result<ScaledView> {
        let Lens { scaler, target, .. } = &self.lens;
        Ok(ScaledView::new(self.view.clone(), scaler.clone(), target, rows)?)
    }

    /// The model's training rows, where they are of this data set.
    fn training(&self) -> Vec<usize> {
        (0..self.parts.len()).filter(|&row| self.parts[row] == Some(Part::Train)).collect()
    }

    /// What inputs are compared with.
    pub fn baseline(&self, how: &HowArgs, session: &Session) -> anyhow::Result<MixedBaseline> {
        let training = || match self.training() {
            rows if !rows.is_empty() => self.examples(rows),
            _ => Err(Refusal::usage(format!(
                "--baseline mean is the mean of the training rows, and {} is another data set \
                 than that of the training; give a file of it",
                self.view.dataset().folder().display()
            ))
            .into()),
        };
        let watch = (&session.screen as &dyn Progress, &session.cancel);
        let plan = Plan::new(&how.baseline, &self.lens)?;
        plan.baseline(&self.lens, training, (self.seed, self.view.seam()), watch)
    }
}

/// Explains rows into a folder, or finds that done.
pub fn explain(request: &Request<'_>, session: &Session) -> anyhow::Result<Explanation> {
    let source = Source::open(request, session)?;
    let Source { lens, view, parts, .. } = &source;
    let dataset = view.dataset();
    let rows = request.rows.choose(dataset, parts, lens)?;
    let plan = Plan::new(&request.how.baseline, lens)?;
    request.how.check(&source.model)?;
    let spread = spread(dataset, lens, &source.training());
    let method = match request.how.method {
        MethodName::GradientXInput => {
            Method::GradientTimesInput { centre_bases: request.how.centre }
        }
        MethodName::IntegratedGradients => {
            let baseline = source.baseline(request.how, session)?;
            let method = IntegratedGradients {
                steps: request.how.steps(),
                spread,
                centre_bases: request.how.centre,
            };
            Method::Integrated(method, Box::new(baseline))
        }
    };
    // Nothing is written before all that was asked for is known to make sense.
    let key = folder::key(&(
        (env!("CARGO_PKG_VERSION"), isegnet_ops::Isa::in_use().to_string()),
        (folder::key_of(request.run, "run")?, lens, dataset.fingerprint()),
        (&rows, request.how, &plan, plan.files()?, session.seed),
    ))?;
    let out = request.out;
    if folder::claim(out, "explanation", &key, request.overwrite)? == Claim::Ours {
        session.screen.note(&format!("{} is continued", out.display()));
    }
    let examples = source.examples(rows.clone())?;
    let Source { model, lens, view, parts, .. } = source;
    let completeness = job::run(out, &examples, &method, || request.how.function(model), session)?;
    let values = Rows::open(&out.join(job::ATTRIBUTIONS))?;
    let adds_up = matches!(method, Method::Integrated(..));
    let tolerance = adds_up.then_some(request.how.tolerance);
    Ok(Explanation { view, lens, rows, parts, values, completeness, spread, tolerance })
}

impl Explanation {
    /// What an explained row was given, one row.
    pub fn attributions(&self, row: usize) -> Inputs {
        let shape = self.values.shape();
        let mut inputs = Inputs::zeros(1, shape);
        let mut column = vec![0.0; shape.positions];
        for track in 0..shape.tracks.len() {
            self.values.column_into(row, track, &mut column);
            let to = inputs.tracks.slice_mut(ndarray::s![0, .., track]);
            to.into_iter().zip(&column).for_each(|(to, &value)| *to = value);
        }
        if let Some(dna) = inputs.dna.as_slice_mut().filter(|dna| !dna.is_empty()) {
            self.values.dna_into(row, dna);
        }
        inputs
    }

    /// Tells whether a row's attributions do not add up.
    pub fn is_flagged(&self, row: &Completeness) -> bool {
        self.tolerance.is_some_and(|tolerance| !row.within(tolerance, self.spread))
    }

    /// The samples that explained rows are of, in the data set's order.
    pub fn samples(&self) -> Vec<String> {
        let dataset = self.view.dataset();
        let mut samples: Vec<usize> =
            self.rows.iter().map(|&row| dataset.rows()[row].sample).collect();
        samples.sort_unstable();
        samples.dedup();
        let summaries = &dataset.manifest().samples;
        samples.iter().filter_map(|&i| Some(summaries.get(i)?.name.clone())).collect()
    }
}

/// The standard deviation of the target over the training rows, over all rows where the data
/// set has none; 0 where nothing was measured.
fn spread(dataset: &Dataset, lens: &Lens, training: &[usize]) -> f64 {
    let all: Vec<usize> = (0..dataset.rows().len()).collect();
    let rows = if training.is_empty() { &all } else { training };
    let measured = rows.iter().filter_map(|&row| dataset.expression(row));
    let targets: Vec<f64> = measured.map(|x| f64::from(lens.target.of(Some(x)))).collect();
    let n = targets.len().max(1) as f64;
    let mean = targets.iter().sum::<f64>() / n;
    (targets.iter().map(|target| (target - mean).powi(2)).sum::<f64>() / n).sqrt()
}
