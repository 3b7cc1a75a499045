//! What `tune`, `compare-models`, `ablate` and `sweep` share: models and inputs by name,
//! the genes that are tested on, and a folder of trials that they all add to.

mod choice;
mod material;
mod networks;
mod tabular;
mod tested;

pub use choice::{Choice, Choices, parts};
pub use material::{EVERYTHING, Material};
pub use networks::cost as network_cost;
pub use tested::Tested;

use crate::config::Config;
use crate::{Session, folder};
use anyhow::Context;
use isegnet_encode::Dataset;
use isegnet_select::{Candidate, Cost, Forecast, Plan, Results, Runner, SelectError, Table, Trial};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What every study of trials is told.
#[derive(clap::Args, Clone, Debug)]
pub struct StudyArgs {
    /// The configuration
    config: PathBuf,
    /// The data set that `isegnet prepare` wrote
    #[arg(long, short, default_value = "dataset")]
    dataset: PathBuf,
    /// The study's folder; the commands that work on one data set may share it, and a trial
    /// that one of them has finished is not run again
    #[arg(long, short, default_value = "study")]
    pub out: PathBuf,
    /// Replace a study of another data set; one of this data set goes on
    #[arg(long, conflicts_with = "estimate")]
    overwrite: bool,
    /// Only tell what would be run and what it would cost
    #[arg(long)]
    pub estimate: bool,
}

impl StudyArgs {
    /// Reads the configuration and opens the data set.
    pub fn open(&self, session: &Session) -> anyhow::Result<Material> {
        let config = Config::read(&self.config)?;
        let dataset = Dataset::open(&self.dataset)?;
        crate::commands::train::fits(&config, &dataset, session)?;
        Material::new(config, dataset, session.seed)
    }

    /// Makes the folder ready; the trials of other data sets are refused.
    pub fn claim(&self, material: &Material) -> anyhow::Result<()> {
        let key = folder::key(&material.dataset.fingerprint())?;
        let ours = folder::key_of(&self.out, "study").is_ok_and(|known| known == key);
        folder::claim(&self.out, "study", &key, self.overwrite && !ours)?;
        Ok(())
    }
}

/// What a study of inputs fits, and where it looks.
#[derive(clap::Args)]
pub struct FittedArgs {
    /// The model, or several, as in compare-models
    #[arg(long, value_name = "LIST", default_value = "network")]
    pub models: Choices,
    /// Genes that are tested on: split, folds, or kfold=5, as in compare-models
    #[arg(long, value_name = "WHAT", default_value = "split")]
    pub over: Tested,
    /// Leave the control with shuffled labels out
    #[arg(long)]
    pub no_control: bool,
}

/// The runner of a study's trials, in its folder.
pub fn runner<'a>(trials: &'a Path, session: &'a Session) -> Runner<'a> {
    Runner {
        folder: trials,
        threads: rayon::current_num_threads(),
        keep_fits: false,
        progress: &session.screen,
        cancel: &session.cancel,
    }
}

/// Prints the plan and its cost; with `--estimate` that is all, and nothing comes back.
pub fn carried_out<'p>(
    args: &StudyArgs,
    plan: &Plan<'p>,
    session: &Session,
) -> anyhow::Result<Option<Results<'p>>> {
    let trials = args.out.join("trials");
    let runner = runner(&trials, session);
    if args.estimate {
        told(&runner.forecast(plan)?, session);
        return Ok(None);
    }
    Ok(Some(runner.run(plan)?))
}

/// Times a few steps of every network of a plan whose cost nothing tells yet.
pub fn costed<'m>(
    plan: Plan<'m>,
    choices: &[Choice],
    args: &StudyArgs,
    material: &Material,
    session: &Session,
) -> anyhow::Result<Plan<'m>> {
    let trials = args.out.join("trials");
    let runner = runner(&trials, session);
    let name = |trial: &Trial<'_>| format!("{} / {}", trial.candidate.label(), trial.inputs.name());
    let mut known: HashMap<String, Option<Cost>> = HashMap::new();
    let mut costed = Vec::new();
    for trial in plan.trials() {
        let mut trial = trial.clone();
        let is_of = |c: &&Choice| c.kind.is_network() && c.label() == trial.candidate.label();
        if let Some(choice) = choices.iter().find(is_of) {
            let name_of = name(&trial);
            if !known.contains_key(&name_of) {
                let alike = plan.trials().iter().filter(|other| name(other) == name_of);
                let told = runner.forecast(&Plan::new(alike.cloned().collect()))?.seconds().1 == 0;
                let timed = || network_cost(choice, &trial, material, &session.cancel);
                let cost = (!told).then(timed).transpose();
                let cost = cost.with_context(|| format!("{name_of} cannot be tried"))?;
                known.insert(name_of.clone(), cost);
            }
            if let Some(Some(cost)) = known.get(&name_of) {
                let candidate = Candidate::clone(&trial.candidate);
                trial.candidate = Arc::new(candidate.costing(cost.clone()));
            }
        }
        costed.push(trial);
    }
    Ok(Plan::new(costed))
}

/// Says what is left of a plan.
pub fn told(forecast: &Forecast, session: &Session) {
    session.screen.say(&forecast.to_string());
    let (seconds, unknown) = forecast.seconds();
    session.screen.event(
        "plan",
        &serde_json::json!({
            "trials": forecast.trials(),
            "left": forecast.left(),
            "seconds": seconds,
            "trials_of_unknown_cost": unknown,
        }),
    );
}

/// Writes a table into the study's folder, as .tsv and .md.
pub fn write(table: &Table, args: &StudyArgs, name: &str) -> anyhow::Result<()> {
    table.write(&args.out.join(name)).with_context(|| format!("{name} was not written"))
}

/// A setting that has no meaning, and what can be given.
fn refused(name: &str, value: &str, allowed: &str) -> SelectError {
    let (name, value, allowed) = (name.to_owned(), value.to_owned(), allowed.to_owned());
    SelectError::Setting { name, value, allowed }
}
