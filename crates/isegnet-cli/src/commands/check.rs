use crate::Session;
use crate::config::{Aliases, Config};
use crate::inputs::{self, File, Findings};
use serde_json::json;
use std::path::PathBuf;

/// Open every file of a configuration and name all problems at once
///
/// Reads the configuration, opens the genome, the annotation, the expression
/// tables and every track, joins genes with expression, and compares
/// chromosome names and lengths. Nothing is written.
///
/// Example: isegnet check isegnet.toml
#[derive(clap::Args)]
pub struct Args {
    /// The configuration
    config: PathBuf,
    #[command(flatten)]
    names: NameArgs,
}

/// How chromosome names are made to agree.
#[derive(clap::Args)]
pub struct NameArgs {
    /// Call all chromosomes chr1, chrM (ucsc) or 1, MT (ensembl); wins over the configuration
    #[arg(long, value_name = "WAY", value_parser = aliases)]
    chrom_alias: Option<Aliases>,
}

impl NameArgs {
    /// Lets the command line win over the configuration.
    pub fn apply(&self, config: &mut Config) {
        config.genome.chrom_alias = self.chrom_alias.unwrap_or(config.genome.chrom_alias);
    }
}

fn aliases(text: &str) -> Result<Aliases, String> {
    match text {
        "none" => Ok(Aliases::None),
        "ucsc" => Ok(Aliases::Ucsc),
        "ensembl" => Ok(Aliases::Ensembl),
        _ => Err("choose none, ucsc or ensembl".to_owned()),
    }
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let mut config = Config::read(&args.config)?;
    args.names.apply(&mut config);
    let (inputs, found) = inputs::open(&config, session);
    listed(&found).iter().for_each(|line| session.screen.say(line));
    warn(&found, session);
    session.screen.event(
        "checked",
        &json!({
            "files": found.files,
            "warnings": found.warnings,
            "problems": found.problems,
            "genes": inputs.genes.len(),
        }),
    );
    found.refuse()?;
    let path = args.config.display();
    session.screen.say(&format!("all is well; next: isegnet prepare {path} --out dataset"));
    Ok(())
}

/// Says what each file holds, a line each.
pub fn listed(found: &Findings) -> Vec<String> {
    let width = found.files.iter().map(|f| f.role.chars().count()).max().unwrap_or(0);
    let line =
        |file: &File| format!("{:width$}  {}: {}", file.role, file.path.display(), file.holds);
    found.files.iter().map(line).collect()
}

/// Prints what may be wrong.
pub fn warn(found: &Findings, session: &Session) {
    for warning in &found.warnings {
        session.screen.note(&format!("warning: {warning}"));
    }
}
