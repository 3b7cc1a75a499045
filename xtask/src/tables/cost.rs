//! What the trials that are left will cost, from timed steps of each network.

use super::program::Program;
use super::report::Finished;
use super::trial::{Inputs, Model, Trial};
use anyhow::Context;
use std::path::Path;

/// What one network costs.
struct Cost {
    inputs: Inputs,
    model: Model,
    steps: u64,
    step_s: f64,
    /// Seconds an epoch of all networks of the trial.
    epoch_s: f64,
    /// Most epochs.
    epochs: f64,
}

/// What each network of a plan costs.
pub struct Costs(Vec<Cost>);

impl Costs {
    /// Times a few steps of each network that has a trial left.
    pub fn measure(left: &[&Trial], out: &Path, program: &Program) -> anyhow::Result<Self> {
        let mut costs: Vec<Cost> = Vec::new();
        for trial in left {
            if costs.iter().any(|cost| cost.is_of(trial)) {
                continue;
            }
            let (config, dataset) = (trial.config(out), trial.stage.dataset(out));
            let args = [
                "train".as_ref(),
                config.as_os_str(),
                "--dataset".as_ref(),
                dataset.as_os_str(),
                "--estimate".as_ref(),
            ];
            let event = program.event(&args, "estimate")?;
            let number = |field: &str| {
                event[field].as_f64().with_context(|| format!("the estimate has no {field}"))
            };
            costs.push(Cost {
                inputs: trial.inputs,
                model: trial.model.clone(),
                steps: number("steps")? as u64,
                step_s: number("step_s")?,
                epoch_s: number("epoch_s")? * number("networks")?,
                epochs: number("epochs")?,
            });
        }
        Ok(Self(costs))
    }

    /// Prints every trial's state, and what is left in hours.
    pub fn print(&self, trials: &[Trial], left: &[&Trial], out: &Path) {
        let is_left = |trial: &Trial| left.contains(&trial);
        for trial in trials {
            let state = match (is_left(trial), trial.run(out).exists()) {
                (false, _) => "done",
                (true, true) => "begun",
                (true, false) => "to do",
            };
            eprintln!("{state:<6} {}", trial.name());
        }
        let (mut most, mut likely) = (0.0, 0.0);
        for cost in &self.0 {
            let count = left.iter().filter(|trial| cost.is_of(trial)).count();
            let at_most = cost.hours(cost.epochs) * count as f64;
            most += at_most;
            let typical = match cost.typical(out) {
                Some(epochs) => {
                    let hours = cost.hours(epochs) * count as f64;
                    likely += hours;
                    format!(
                        "{} if they stop as finished ones did, after {epochs:.0}",
                        duration(hours)
                    )
                }
                None => {
                    likely += at_most;
                    "none is finished to tell where they stop".to_owned()
                }
            };
            eprintln!(
                "\n{} {}: {count} trials; {} steps an epoch, {:.3} s a step, {:.1} s an epoch;\n  \
                 {} for the most epochs, {:.0} each; {typical}",
                cost.inputs,
                cost.model.name(),
                cost.steps,
                cost.step_s,
                cost.epoch_s,
                duration(at_most),
                cost.epochs,
            );
        }
        eprintln!(
            "\n{} of {} trials left: {} by what is known, {} at most",
            left.len(),
            trials.len(),
            duration(likely),
            duration(most)
        );
    }

    /// Hours that a trial will take, by what is known.
    pub fn hours(&self, trial: &Trial, out: &Path) -> f64 {
        let cost = self.0.iter().find(|cost| cost.is_of(trial));
        cost.map_or(0.0, |cost| cost.hours(cost.typical(out).unwrap_or(cost.epochs)))
    }
}

/// Hours, or minutes where it is less than one.
pub fn duration(hours: f64) -> String {
    if hours < 1.0 {
        format!("{:.0} minutes", (hours * 60.0).ceil())
    } else {
        format!("{hours:.1} hours")
    }
}

impl Cost {
    fn is_of(&self, trial: &Trial) -> bool {
        self.inputs == trial.inputs && self.model == trial.model
    }

    fn hours(&self, epochs: f64) -> f64 {
        self.epoch_s * epochs / 3600.0
    }

    /// The median of the epochs that finished trials of this network took.
    fn typical(&self, out: &Path) -> Option<f64> {
        let mut epochs: Vec<f64> = super::trial::of(self.inputs, &self.model)
            .filter_map(|trial| Some(Finished::read(&trial.run(out)).ok()??.epochs))
            .collect();
        epochs.sort_by(f64::total_cmp);
        epochs.get(epochs.len() / 2).copied()
    }
}
