use super::explain;
use super::prepare::prepare;
use super::simulate::told;
use super::train::train;
use crate::Session;
use crate::config::Config as Study;
use crate::folder;
use crate::report::Metrics;
use isegnet_core::Progress;
use isegnet_io::atomic;
use isegnet_simulate::{Config, Scenario, simulate};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Try everything on a made-up organism, in under three minutes
///
/// Simulates the scenario `easy`, prepares the data set, trains a small
/// network, compares it with what could be known at all, and explains the genes
/// it never saw. The folder's `run` and `attributions` are as `isegnet train` and
/// `isegnet explain` would leave them.
///
/// Example: isegnet demo
#[derive(clap::Args)]
pub struct Args {
    /// The folder to work in
    #[arg(long, short, default_value = "isegnet-demo")]
    out: PathBuf,
    /// Number of genes
    #[arg(long, default_value_t = Config::default().genes)]
    genes: usize,
    /// Most epochs
    #[arg(long, default_value_t = 36)]
    epochs: usize,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let screen = &session.screen;
    let seed = session.seed.unwrap_or(Config::default().seed);
    let simulation = Config { scenario: Scenario::Easy, seed, genes: args.genes, replicates: 1 };
    folder::claim(&args.out, "demo", "", false)?;
    screen.say("1. a made-up organism");
    let summary = simulate(&simulation, &args.out.join("organism"), screen)?;
    screen.say(&told(&summary));
    screen.say("\n2. its data set");
    let config = configuration(&summary.configuration, args.epochs)?;
    let dataset = prepare(&config, &args.out.join("dataset"), true, session)?;
    screen.say("\n3. a network trained on it");
    let run = args.out.join("run");
    let metrics = train(&config, &dataset, &run, true, session)?;
    screen.line(&format!("\n{}", found(&metrics, summary.oracle_r2)));
    screen.event("demo", &json!({ "run": run, "oracle_r2": summary.oracle_r2 }));
    screen.say("\n4. what its predictions rest on, in the genes it never saw");
    let attributions = args.out.join("attributions");
    let truth = args.out.join("organism/truth.tsv");
    let dataset = args.out.join("dataset");
    explain::run(
        &explain::Args::usual(run.clone(), dataset, attributions.clone(), truth),
        session,
    )?;
    screen.say(&format!(
        "\nthe run is in {}: look at scatter.png; the explanation is in {}: look at profiles.png",
        run.display(),
        attributions.display()
    ));
    Ok(())
}

/// The organism's own configuration, with a number of epochs that fits the demo.
fn configuration(organism: &Path, epochs: usize) -> anyhow::Result<Study> {
    let text = std::fs::read_to_string(organism)?;
    let path = organism.with_file_name("demo.toml");
    atomic::write(&path, |out| write!(out, "{text}\n[train]\nepochs = {epochs}\n"))?;
    Ok(Study::read(&path)?)
}

/// Says what the demo found, as it is.
fn found(metrics: &Metrics, oracle: f64) -> String {
    let r2 = metrics.test.r2.unwrap_or(f64::NAN);
    let ridge = metrics.floors.iter().find(|line| line.name == "ridge");
    let ridge = ridge.and_then(|line| line.test.r2).unwrap_or(f64::NAN);
    let against = match r2 > ridge {
        true => format!("more than ridge regression ({ridge:.3})"),
        false => format!("no more than ridge regression ({ridge:.3})"),
    };
    format!(
        "on {} genes it never saw the network explains R2 {r2:.3} of expression, {against}; \
         knowing every cause explains {oracle:.3}, and the rest is noise",
        metrics.test.rows
    )
}
