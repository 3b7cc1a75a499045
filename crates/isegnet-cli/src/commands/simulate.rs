use crate::Session;
use crate::folder::{self, Claim};
use crate::inputs::thousands;
use isegnet_simulate::{Config, Scenario, Summary, simulate};
use serde_json::json;
use std::path::PathBuf;

/// Write the files of a made-up organism with known causes of expression
///
/// Genome, genes, tracks, methylation and expression as real files, a
/// configuration for them, and truth.tsv, which says what caused what, where.
///
/// Example: isegnet simulate --scenario easy --out organism
#[derive(clap::Args)]
pub struct Args {
    /// What kind of truth: easy, default, null (no cause) or two-condition
    #[arg(long, short, default_value = "default")]
    scenario: Scenario,
    /// Number of genes
    #[arg(long, default_value_t = Config::default().genes)]
    genes: usize,
    /// Samples of each condition, for two-condition
    #[arg(long, default_value_t = Config::default().replicates)]
    replicates: usize,
    /// The folder to write
    #[arg(long, short, default_value = "organism")]
    out: PathBuf,
    /// Replace another simulated organism
    #[arg(long)]
    overwrite: bool,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let default = Config::default();
    let config = Config {
        scenario: args.scenario,
        seed: session.seed.unwrap_or(default.seed),
        genes: args.genes,
        replicates: args.replicates,
    };
    let key = folder::key(&config)?;
    if folder::claim(&args.out, "simulation", &key, args.overwrite)? == Claim::Ours {
        session.screen.note(&format!("{} is written again", args.out.display()));
    }
    let summary = simulate(&config, &args.out, &session.screen)?;
    session.screen.event("simulated", &json!({ "path": args.out, "summary": summary }));
    session.screen.say(&told(&summary));
    session.screen.say(&format!("next: isegnet check {}", summary.configuration.display()));
    Ok(())
}

/// Says what was made, and how much of it can be explained at all.
pub fn told(summary: &Summary) -> String {
    format!(
        "made up {} genes on {} bases, {} tracks, {} samples; knowing all causes predicts \
         expression with R2 {:.3}",
        summary.genes,
        thousands(summary.bases),
        summary.tracks.len(),
        summary.samples.len(),
        summary.oracle_r2
    )
}
