//! One command of a chore, printed before it runs and timed.

use anyhow::{Context, bail};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Runs `command`, words separated by blanks, in the root; fails if it fails.
pub fn run(command: &str) -> anyhow::Result<()> {
    run_with(command, &[])
}

/// Runs `command` with environment variables set.
pub fn run_with(command: &str, variables: &[(&str, &str)]) -> anyhow::Result<()> {
    eprintln!("\n$ {command}");
    let start = Instant::now();
    let mut words = command.split_whitespace();
    let program = words.next().context("an empty command")?;
    let status = Command::new(program)
        .args(words)
        .envs(variables.iter().copied())
        .current_dir(root())
        .status()
        .with_context(|| format!("{program} could not be started; is it installed?"))?;
    if !status.success() {
        bail!("`{command}` failed ({status})");
    }
    eprintln!("  {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Tells whether `command` runs at all.
pub fn works(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let Some(program) = words.next() else { return false };
    Command::new(program).args(words).output().is_ok_and(|output| output.status.success())
}
