mod by;
mod picture;
mod space;

use crate::Session;
use crate::trials::{Choice, Material, StudyArgs, Tested, runner, told, write};
use by::By;
use isegnet_core::Progress;
use isegnet_select::{
    Cost, Division, Family, Halving, InputSet, Leaderboard, Resampling, Runner, Search,
    SelectError, Settings, Trial,
};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Tune a model's settings by cross-validation, without looking at test genes
///
/// Settings to look through are given with --try, as values (trees=100,200) or, with --random,
/// as ranges (C=log:0.01:100, dropout=uniform:0.1:0.6, k1=whole:8:64). Every combination is
/// fitted on the folds of the training and validation genes, and the mean R2 of the fold that was
/// left out ranks it; the genes of the test fold are in none of them.
///
/// The rank of the best is no honest number, for it was chosen by it. With --nested the whole
/// search is done again inside each division, and what it chose there is fitted on all that was
/// chosen by (networks need validation genes to stop) and tested once on genes that it never saw.
///
/// Prints its plan and cost first; after an interruption the same command goes on.
///
/// Writes tuning as .tsv and .md (every combination: R2 of each fold, mean, deviation, rank), a
/// picture, and with --nested also nested-tuning.
///
/// Example: isegnet tune isegnet.toml --model forest --try trees=100,200 --try max_features=0.3,1.0
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// The model, with settings that stay, as in compare-models
    #[arg(long, value_name = "NAME")]
    model: Choice,
    /// A setting and its values; may be given several times
    #[arg(long = "try", value_name = "NAME=VALUES", required = true)]
    tries: Vec<space::Try>,
    /// Draw so many combinations at random instead of trying all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    random: Option<u32>,
    /// Successive halving: give all combinations the least of a setting, and the best more and
    /// more of it up to the most, as in epochs=5:60 or epochs=5:60:3 (times as much each round)
    #[arg(long, value_name = "NAME=LEAST:MOST[:FACTOR]", value_parser = space::halving)]
    halving: Option<Halving>,
    /// Folds that are chosen by: folds (those of the configuration, or five of whole
    /// chromosomes, but for test genes) or kfold=5 (stretches of genes in their order)
    #[arg(long, value_name = "WHAT", default_value = "folds")]
    by: Tested,
    /// Test what a search inside each division chooses on its test genes
    #[arg(long)]
    nested: bool,
    /// With --nested, genes that are tested on: split, folds, or kfold=5
    #[arg(long, value_name = "WHAT", default_value = "split", requires = "nested")]
    over: Tested,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    space::check(&args.tries, &args.model, args.halving.as_ref())?;
    let material = args.study.open(session)?;
    args.study.claim(&material)?;
    let trials = args.study.out.join("trials");
    let runner = runner(&trials, session);
    let inputs = args.model.inputs(&material)?;
    let by = By::new(args.by, &material)?;
    let outer = Tested::Split.divisions(&material)?;
    let inner = by.inside(&outer[0], &material)?;
    let search = Search {
        family: family(args, &material, &inputs, &inner, runner)?,
        inputs: inputs.clone(),
        combinations: space::combinations(&args.tries, args.random, material.seed)?,
        halving: args.halving.clone(),
        seed: material.seed,
    };
    if args.study.estimate {
        return estimated(args, &search, inner, &by, &material, session);
    }
    let board = search.run(&inner, &runner)?;
    report(args, &board, session)?;
    board.chosen()?;
    if args.nested {
        nested(args, &search, &by, &material, &runner, session)?;
    }
    session.screen.event(
        "tuned",
        &json!({
            "path": args.study.out,
            "best": board.best().map(ToString::to_string),
        }),
    );
    Ok(())
}

/// Tells what all searches would fit.
fn estimated(
    args: &Args,
    search: &Search<'_>,
    mut inner: Vec<Arc<Division>>,
    by: &By,
    material: &Material,
    session: &Session,
) -> anyhow::Result<()> {
    let outer = if args.nested { args.over.divisions(material)? } else { Vec::new() };
    for division in &outer {
        for division in by.inside(division, material)? {
            // A search inside the configuration's split is the search itself.
            let other = |known: &Arc<Division>| {
                (known.train(), known.validation()) != (division.train(), division.validation())
            };
            if inner.iter().all(other) {
                inner.push(division);
            }
        }
    }
    if let Some(halving) = &search.halving {
        let rounds = halving.describe(search.combinations.len(), inner.len())?;
        session.screen.say(&format!("{rounds}; of the first round:"));
    }
    let trials = args.study.out.join("trials");
    told(&runner(&trials, session).forecast(&search.plan(&inner)?)?, session);
    if args.nested {
        session.screen.say(&format!("and {} fits of what was chosen", outer.len()));
    }
    Ok(())
}

/// The model with any settings.
fn family<'m>(
    args: &'m Args,
    material: &'m Material,
    inputs: &InputSet<'m>,
    inner: &[Arc<Division>],
    runner: Runner<'m>,
) -> Result<Family<'m>, SelectError> {
    let choice = &args.model;
    let with = |settings: &Settings| Choice {
        kind: choice.kind.clone(),
        settings: settings.iter().fold(choice.settings.clone(), |all, (n, v)| all.with(n, v)),
    };
    let base = choice.kind.base(&choice.settings, material)?;
    let base = choice.settings.iter().fold(base, |all, (name, value)| all.with(name, value));
    let family = Family::new(choice.label(), move |settings| {
        choice.kind.learner(&with(settings).settings, material)
    });
    let (inputs, first) = (inputs.clone(), inner.first().cloned());
    let known: Mutex<HashMap<String, Option<Cost>>> = Mutex::default();
    let cost = move |settings: &Settings| {
        let choice = with(settings);
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let timed = || {
            let candidate = choice.candidate(material).ok()?;
            let trial = Trial {
                candidate: Arc::new(candidate),
                inputs: inputs.clone(),
                division: first.clone()?,
                seed: material.seed,
            };
            crate::trials::network_cost(&choice, &trial, material, runner.cancel).ok()
        };
        known.entry(choice.label()).or_insert_with(timed).clone()
    };
    let family = family.resting_on(base).on(choice.kind.threads());
    Ok(if choice.kind.is_network() { family.costing(cost) } else { family })
}

/// Writes, draws and says how the combinations did.
fn report(args: &Args, board: &Leaderboard, session: &Session) -> anyhow::Result<()> {
    let table = board.table();
    write(&table, &args.study, "tuning")?;
    picture::draw(&args.study.out, &args.model.label(), board)?;
    session.screen.say(&format!("\n{}", table.plain()));
    match board.best() {
        Some(best) => session.screen.say(&format!(
            "\nbest of {}: {best}\nit was chosen by these numbers, so they are no measure of how \
             it does on unseen genes{}",
            board.ranked().len(),
            if args.nested { "" } else { "; --nested tells that" }
        )),
        None => session.screen.say("\nno combination has a rank; see the last column"),
    }
    session.screen.say(&format!("wrote {}", args.study.out.join("tuning*").display()));
    Ok(())
}

/// Searches inside each division and tests what was chosen.
fn nested(
    args: &Args,
    search: &Search<'_>,
    by: &By,
    material: &Material,
    runner: &Runner<'_>,
    session: &Session,
) -> anyhow::Result<()> {
    let rows = material.rows();
    let outer = args.model.kind.divisions(&args.over.divisions(material)?);
    let found = search.nested(&outer, |division| by.divide(division, rows), runner)?;
    for (division, board) in outer.iter().zip(&found.searches) {
        let best = board.best().map(ToString::to_string).unwrap_or_default();
        session.screen.line(&format!("{}: chosen inside: {best}", division.name()));
    }
    let comparison = found.results.open(rows)?;
    let resampling = Resampling { seed: material.seed, ..Resampling::default() };
    let table = comparison.table(&resampling);
    write(&table, &args.study, "nested-tuning")?;
    session.screen.say(&format!("\n{}", table.plain()));
    session.screen.say("these test genes took no part in any choice: this is the honest number");
    Ok(())
}
