//! The command line; its texts are the command's manual.

use crate::commands;
use crate::failure::EXIT_CODES;
use clap::{Args, Parser, Subcommand};

/// Predicts gene expression from DNA and epigenetic tracks.
///
/// One TOML file names the genome, the genes, the expression table and the
/// tracks; the commands below take it from there.
#[derive(Parser)]
#[command(name = "isegnet", version, after_help = STEPS, after_long_help = format!("{STEPS}\n\n{EXIT_CODES}"))]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args)]
pub struct Global {
    /// Say nothing but results and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Write one JSON object a line to standard output, for other programs
    #[arg(long, global = true)]
    pub json: bool,
    /// Threads to work with [default: one a core]
    #[arg(long, global = true, value_name = "N", value_parser = at_least_one)]
    pub threads: Option<usize>,
    /// Vector instructions to work with: portable, avx2 or avx512 [default: the widest
    /// there are]; the bits of a result depend on it
    #[arg(long, global = true, value_name = "SET")]
    pub isa: Option<isegnet_ops::Isa>,
    /// Everything random follows from this number; wins over the configuration
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
}

#[derive(Subcommand)]
pub enum Command {
    Init(commands::init::Args),
    Check(commands::check::Args),
    Prepare(commands::prepare::Args),
    Train(commands::train::Args),
    Evaluate(commands::evaluate::Args),
    Predict(commands::predict::Args),
    Explain(commands::explain::Args),
    Compare(commands::compare::Args),
    Ablate(commands::ablate::Args),
    Sweep(commands::sweep::Args),
    Tune(commands::tune::Args),
    CompareModels(commands::compare_models::Args),
    Motif(commands::motif::Args),
    Overlap(Box<commands::overlap::Args>),
    Enrich(commands::enrich::Args),
    Export(commands::export::Args),
    Simulate(commands::simulate::Args),
    Demo(commands::demo::Args),
    Completions(commands::completions::Args),
}

const STEPS: &str = "\
From files to a model:
  isegnet demo                                            try it on a made-up organism
  isegnet init isegnet.toml                               then put your paths in
  isegnet check isegnet.toml                              all problems at once
  isegnet prepare isegnet.toml --out dataset
  isegnet train isegnet.toml --dataset dataset --out run
  isegnet evaluate run --dataset dataset
  isegnet predict run --dataset dataset
  isegnet explain run --dataset dataset --out attributions
  isegnet compare run --dataset dataset --a SAMPLES --b SAMPLES

Honest comparison, all in one study folder:
  isegnet compare-models isegnet.toml --dataset dataset --models network,baselines
  isegnet tune isegnet.toml --dataset dataset --model forest --try trees=100,200
  isegnet ablate isegnet.toml --dataset dataset
  isegnet sweep isegnet.toml --dataset dataset --tss=-500:500,-1000:500

From sites to factors and pathways:
  isegnet motif enrich jaspar.meme attributions --out enrichment
  isegnet enrich enrichment KEGG.gmt --out pathways
  isegnet overlap attributions MYC.narrowPeak --motif MYC --motifs jaspar.meme";

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("give a whole number from 1 on".to_owned()),
        Ok(n) => Ok(n),
    }
}
