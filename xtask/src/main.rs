//! The chores of this workspace: `cargo xtask <chore>`.
#![allow(clippy::print_stderr)]

mod bench_peers;
mod ci;
mod step;
mod tables;

use clap::Parser;

/// The chores of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Chore {
    /// Runs everything a change has to pass.
    Ci {
        /// Also builds each crate alone, and packages all of them.
        #[arg(long)]
        full: bool,
    },
    /// Races ours against what one would use instead: TensorFlow, PyTorch, pyBigWig, memelite,
    /// MOODS, scikit-learn.
    BenchPeers(bench_peers::Args),
    Tables(Box<tables::Args>),
}

fn main() -> anyhow::Result<()> {
    match Chore::parse() {
        Chore::Ci { full } => ci::run(full),
        Chore::BenchPeers(args) => bench_peers::run(&args),
        Chore::Tables(args) => tables::run(&args),
    }
}
