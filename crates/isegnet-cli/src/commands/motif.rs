mod background;
mod enrich;
mod library;
mod scan;

pub use library::Library;

use crate::Session;
use clap::Subcommand;

/// Find motifs in sequences, and test which of them sequences have more of
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Scan(scan::Args),
    Enrich(Box<enrich::Args>),
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    match &args.what {
        What::Scan(args) => scan::run(args, session),
        What::Enrich(args) => enrich::run(args, session),
    }
}
