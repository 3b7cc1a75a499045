//! The tables of real data: every trial a run folder made by the command
//! itself, skipped when it is there and resumed when it was cut off.

mod cost;
mod data;
mod lock;
mod program;
mod report;
mod trial;

use anyhow::{Context, bail};
use cost::Costs;
use data::Data;
use lock::Lock;
use program::{Ended, INTERRUPTED, Program};
use std::path::{Path, PathBuf};
use std::time::Instant;
use trial::{Inputs, Model, Setting, Stage, Trial};

/// The five folds of `folds.tsv`.
pub const FOLDS: usize = 5;

/// Makes the tables of Plasmodium falciparum, late ring and late schizont: five
/// chromosome folds, subsets of the inputs, networks beside ridge regression.
///
/// The plan and its cost are printed first. Ctrl-C is safe: the same command
/// goes on where it stopped, with the same program and to the same numbers.
#[derive(clap::Args)]
pub struct Args {
    /// The folder of the data [default: pf3d7 below ISEGNET_DATA or ../shared/data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The folder of data sets, runs and tables
    #[arg(long, value_name = "DIR", default_value = "target/tables")]
    out: PathBuf,
    /// Only trials whose name holds one of these texts, such as late-ring/tracks+dna
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// Only print the plan and its cost; data sets are prepared if they are not
    /// there, since steps are timed on them
    #[arg(long)]
    plan: bool,
    /// Only write the tables of what is finished: test folds, and validation
    /// folds, by which settings are to be chosen
    #[arg(long, conflicts_with = "plan")]
    report: bool,
    /// Another network than the default list's: a preset of the command
    #[arg(long)]
    preset: Option<String>,
    /// Kernels of its first convolution
    #[arg(long, requires = "preset")]
    k1: Option<usize>,
    /// Kernels of its other convolutions
    #[arg(long, requires = "preset")]
    k2: Option<usize>,
    /// Any other field of its configuration, such as train.seeds=3
    #[arg(long, value_name = "SECTION.FIELD=VALUE", requires = "preset")]
    set: Vec<Setting>,
    /// What it sees
    #[arg(long, value_delimiter = ',', requires = "preset", default_values_t = Inputs::ALL)]
    inputs: Vec<Inputs>,
    /// Threads a training works with [default: one a core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// An isegnet to use from now on instead of the folder's own
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Build isegnet anew and use it from now on, where the folder has one
    #[arg(long, conflicts_with = "program")]
    rebuild: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let out = std::path::absolute(super::step::root().join(&args.out))?;
    let data = Data::find(args.data.as_deref())?;
    let trials: Vec<Trial> =
        asked(args).into_iter().filter(|trial| holds(&trial.name(), &args.only)).collect();
    if trials.is_empty() {
        bail!("no trial's name holds {:?}; cargo xtask tables --plan lists them", args.only);
    }
    if args.report {
        return report::write(&trials, &args.only, &out);
    }
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let _lock = Lock::take(&out)?;
    let program = Program::new(args.program.as_deref(), args.rebuild, args.threads, &out)?;
    let mut left = Vec::new();
    for trial in &trials {
        trial.write(&data, &out)?;
        if !trial.is_finished(&out)? {
            left.push(trial);
        }
    }
    for stage in Stage::ALL {
        if left.iter().any(|trial| trial.stage == stage) {
            prepare(stage, &data, &out, &program)?;
        }
    }
    let costs = Costs::measure(&left, &out, &program)?;
    costs.print(&trials, &left, &out);
    if args.plan {
        return Ok(());
    }
    let trained = train(&left, &costs, &out, &program);
    report::write(&trials, &args.only, &out)?;
    trained
}

/// The trials of the command line, in the order they are run.
fn asked(args: &Args) -> Vec<Trial> {
    let Some(preset) = &args.preset else { return trial::default_list() };
    let kernels = [("k1", args.k1), ("k2", args.k2)];
    let kernels = kernels.into_iter().filter_map(|(field, k)| Some(Setting::model(field, k?)));
    let model = Model::new(preset, kernels.chain(args.set.iter().cloned()));
    args.inputs.iter().flat_map(|&inputs| trial::of(inputs, &model)).collect()
}

/// Tells whether a name holds one of these texts; any does when there is none.
fn holds(name: &str, texts: &[String]) -> bool {
    texts.is_empty() || texts.iter().any(|text| name.contains(text))
}

fn prepare(stage: Stage, data: &Data, out: &Path, program: &Program) -> anyhow::Result<()> {
    let config = out.join(format!("{}.toml", stage.name()));
    std::fs::write(&config, trial::dataset(stage, data)?)?;
    let dataset = stage.dataset(out);
    let args = ["prepare".as_ref(), config.as_os_str(), "--out".as_ref(), dataset.as_os_str()];
    match program.run(&args, &dataset.with_extension("log"))? {
        Ended::Done => Ok(()),
        Ended::Failed(how) => bail!("{} was not made ({how}); see its .log", dataset.display()),
        Ended::Interrupted => bail!(INTERRUPTED),
    }
}

fn train(left: &[&Trial], costs: &Costs, out: &Path, program: &Program) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    for (i, trial) in left.iter().enumerate() {
        let hours: f64 = left[i..].iter().map(|trial| costs.hours(trial, out)).sum();
        let name = trial.name();
        eprintln!("\n{} of {}: {name}; about {} left", i + 1, left.len(), cost::duration(hours));
        let start = Instant::now();
        let (config, run) = (trial.config(out), trial.run(out));
        let dataset = trial.stage.dataset(out);
        let args = [
            "train".as_ref(),
            config.as_os_str(),
            "--dataset".as_ref(),
            dataset.as_os_str(),
            "--out".as_ref(),
            run.as_os_str(),
        ];
        program.note(&run)?;
        match program.run(&args, &run.with_extension("log"))? {
            Ended::Done => {
                let minutes = start.elapsed().as_secs_f64() / 60.0;
                eprintln!("  {}; {minutes:.1} minutes", report::line(trial, out)?);
            }
            Ended::Failed(how) => {
                eprintln!("  {how}; see {}", run.with_extension("log").display());
                failed.push(name);
            }
            Ended::Interrupted => bail!(INTERRUPTED),
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!(
        "{} trials failed: {}; the same command tries them again",
        failed.len(),
        failed.join(", ")
    )
}
