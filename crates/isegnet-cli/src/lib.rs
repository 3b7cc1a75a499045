#![doc = include_str!("../README.md")]

mod args;
mod commands;
pub mod config;
mod explained;
mod failure;
mod floors;
mod folder;
mod inputs;
mod near;
mod numbers;
mod panic;
mod report;
mod scores;
mod screen;
mod study;
mod trials;

use anyhow::Context;
use args::{Cli, Command};
use clap::Parser;
use failure::Outcome;
use isegnet_core::Cancel;
use screen::Screen;
use std::ffi::OsString;
use std::process::ExitCode;

/// What every command is given beside its own arguments.
struct Session {
    screen: Screen,
    cancel: Cancel,
    /// `--seed`, which wins over the configuration.
    seed: Option<u64>,
}

/// Runs the command line `args`, program name included, and gives its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let outcome = panic::caught(|| parsed(args)).unwrap_or_else(|report| {
        screen::complain(&report);
        Outcome::Bug
    });
    ExitCode::from(outcome as u8)
}

fn parsed(args: Vec<OsString>) -> Outcome {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(message) => {
            // Help and version go to standard output and are no failure.
            let _ = message.print();
            return if message.use_stderr() { Outcome::Usage } else { Outcome::Done };
        }
    };
    let session = Session {
        screen: Screen::new(cli.global.quiet, cli.global.json),
        cancel: Cancel::default(),
        seed: cli.global.seed,
    };
    let result = prepared(&session, &cli.global).and_then(|()| dispatch(cli.command, &session));
    let Err(error) = result else { return Outcome::Done };
    let outcome = failure::outcome(&error);
    session.screen.fail(&failure::block(&error), outcome as u8);
    outcome
}

/// Sets instructions, the number of threads and what Ctrl-C does.
fn prepared(session: &Session, global: &args::Global) -> anyhow::Result<()> {
    if let Some(isa) = global.isa {
        isa.pin().with_context(|| format!("--isa {isa} cannot be used"))?;
    }
    if let Some(threads) = global.threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    }
    let cancel = session.cancel.clone();
    ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            std::process::exit(Outcome::Interrupted as i32);
        }
        cancel.cancel();
        screen::complain("stopping at the next safe place; Ctrl-C again stops at once");
    })?;
    Ok(())
}

fn dispatch(command: Command, session: &Session) -> anyhow::Result<()> {
    match command {
        Command::Init(args) => commands::init::run(&args, session),
        Command::Check(args) => commands::check::run(&args, session),
        Command::Prepare(args) => commands::prepare::run(&args, session),
        Command::Train(args) => commands::train::run(&args, session),
        Command::Evaluate(args) => commands::evaluate::run(&args, session),
        Command::Predict(args) => commands::predict::run(&args, session),
        Command::Explain(args) => commands::explain::run(&args, session),
        Command::Compare(args) => commands::compare::run(&args, session),
        Command::Ablate(args) => commands::ablate::run(&args, session),
        Command::Sweep(args) => commands::sweep::run(&args, session),
        Command::Tune(args) => commands::tune::run(&args, session),
        Command::CompareModels(args) => commands::compare_models::run(&args, session),
        Command::Motif(args) => commands::motif::run(&args, session),
        Command::Overlap(args) => commands::overlap::run(&args, session),
        Command::Enrich(args) => commands::enrich::run(&args, session),
        Command::Export(args) => commands::export::run(&args, session),
        Command::Simulate(args) => commands::simulate::run(&args, session),
        Command::Demo(args) => commands::demo::run(&args, session),
        Command::Completions(args) => commands::completions::run(&args, session),
    }
}
