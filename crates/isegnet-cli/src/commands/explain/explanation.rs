//! Rows of a data set, explained.

use super::baseline::Plan;
use super::how::{HowArgs, MethodName};
use super::job::{self, Method};
use super::rows::RowArgs;
use crate::Session;
use crate::failure::Refusal;
use crate::folder::{self, Claim};
use crate::study::{self, Lens};
use isegnet_core::Progress;
use isegnet_encode::export::Rows;
use isegnet_encode::{Dataset, Part, ScaledView, View};
use isegnet_explain::{Completeness, IntegratedGradients};
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

/// Explains rows into a folder, or finds that done.
pub fn explain(request: &Request<'_>, session: &Session) -> anyhow::Result<Explanation> {
    let (model, lens) = study::load(request.run)?;
    let dataset = Dataset::open(request.dataset)?;
    let view = study::view(request.run, &lens, &dataset)?;
    let parts = study::parts_of(request.run, &lens, &dataset)?;
    let rows = request.rows.choose(&dataset, &parts, &lens)?;
    let plan = Plan::new(&request.how.baseline, &lens)?;
    request.how.check()?;
    let target = &lens.target;
    let examples =
        |rows: Vec<usize>| ScaledView::new(view.clone(), lens.scaler.clone(), target, rows);
    let training = of_part(&parts, Part::Train);
    let spread = spread(&dataset, &lens, &training);
    let method = match request.how.method {
        MethodName::GradientXInput => {
            Method::GradientTimesInput { centre_bases: request.how.centre }
        }
        MethodName::IntegratedGradients => {
            let training = || match training.is_empty() {
                false => Ok(examples(training.clone())?),
                true => Err(Refusal::usage(format!(
                    "--baseline mean is the mean of the training rows, and {} is another data \
                     set than that of the training; give a file of it",
                    dataset.folder().display()
                ))
                .into()),
            };
            let numbers = (session.seed.unwrap_or(lens.seed), view.seam());
            let watch = (&session.screen as &dyn Progress, &session.cancel);
            let baseline = plan.baseline(&lens, training, numbers, watch)?;
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
        (folder::key_of(request.run, "run")?, &lens, dataset.fingerprint()),
        (&rows, request.how, &plan, plan.files()?, session.seed),
    ))?;
    let out = request.out;
    if folder::claim(out, "explanation", &key, request.overwrite)? == Claim::Ours {
        session.screen.note(&format!("{} is continued", out.display()));
    }
    let model = || request.how.function(model);
    let examples = examples(rows.clone())?;
    let completeness = job::run(out, &examples, &method, model, session)?;
    let values = Rows::open(&out.join(job::ATTRIBUTIONS))?;
    let adds_up = matches!(method, Method::Integrated(..));
    let tolerance = adds_up.then_some(request.how.tolerance);
    Ok(Explanation { view, lens, rows, parts, values, completeness, spread, tolerance })
}

impl Explanation {
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

/// Rows of a part.
fn of_part(parts: &[Option<Part>], part: Part) -> Vec<usize> {
    (0..parts.len()).filter(|&row| parts[row] == Some(part)).collect()
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
