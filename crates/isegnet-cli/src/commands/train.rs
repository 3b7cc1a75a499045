use super::prepare::recorded;
use crate::config::Config;
use crate::failure::Refusal;
use crate::folder::{self, Claim};
use crate::report::{self, Member, Metrics, Prediction};
use crate::scores::{Scores, table};
use crate::study::{Study, predict};
use crate::{Session, floors};
use anyhow::Context;
use isegnet_core::{Examples, FitContext};
use isegnet_encode::{Dataset, LeakageReport, Part, ScaledView, TargetTransform};
use isegnet_io::atomic;
use isegnet_model::{
    EngineKind, Ensemble, Epoch, EpochEnd, NetworkLearner, TrainConfig, Trained, member_folder,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Train the network on a data set, and compare it with floors on held-out genes
///
/// Prints a line an epoch (an asterisk marks the best so far) and ends with a
/// table: R2, Pearson and Spearman (for classes accuracy, AUROC and AUPRC too) on
/// validation and test, beside the mean, gene length and ridge regression. The
/// run's folder holds the model, metrics.json, history.tsv, predictions.tsv,
/// split.tsv, leakage.json and two pictures. With `seeds` above 1 in the configuration, each network's own files
/// are in a folder `seed-N`, and the mean of the networks is what is scored.
///
/// An interrupted training resumes when the same command is given again, to
/// the same final numbers.
///
/// Example: isegnet train isegnet.toml --dataset dataset --out run
#[derive(clap::Args)]
pub struct Args {
    /// The configuration
    config: PathBuf,
    /// The data set that `isegnet prepare` wrote
    #[arg(long, short, default_value = "dataset")]
    dataset: PathBuf,
    /// The run's folder
    #[arg(long, short, default_value = "run")]
    out: PathBuf,
    /// Replace a run of another configuration or data set
    #[arg(long)]
    overwrite: bool,
    /// Most epochs; wins over the configuration
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Only tell what the training would cost, from a few timed steps
    #[arg(long)]
    estimate: bool,
}

/// Steps that `--estimate` times.
const TIMED: usize = 5;

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let mut config = Config::read(&args.config)?;
    if let Some(epochs) = args.epochs {
        config.model.training.epochs = epochs;
    }
    let dataset = Dataset::open(&args.dataset)?;
    if args.estimate {
        return estimate(&config, &dataset, session);
    }
    train(&config, &dataset, &args.out, args.overwrite, session)?;
    let (run, dataset) = (args.out.display(), args.dataset.display());
    session.screen.say(&format!("\nwrote {run}; next: isegnet evaluate {run} --dataset {dataset}"));
    Ok(())
}

/// Tells what a training would cost; nothing is written.
fn estimate(config: &Config, dataset: &Dataset, session: &Session) -> anyhow::Result<()> {
    fits(config, dataset, session)?;
    let study = Study::new(config, dataset, session.seed.unwrap_or(config.model.seed))?;
    let (learner, train, validation) = parts(config, &study)?;
    let cost = learner.cost(&train, &validation, &context(&study, None, session), TIMED)?;
    let networks = match cost.networks {
        1 => String::new(),
        n => format!(", {n} networks"),
    };
    session.screen.say(&format!(
        "{} parameters, {} rows, {} steps an epoch, {:.3} s a step, {:.1} s an epoch{networks}: \
         {:.2} hours for {} epochs, fewer where training stops early",
        cost.parameters,
        train.len(),
        cost.steps,
        cost.step_s,
        cost.epoch_s,
        cost.seconds(cost.epochs) / 3600.0,
        cost.epochs
    ));
    session.screen.event("estimate", &cost);
    Ok(())
}

/// Trains on `dataset` and writes the run into `out`.
pub fn train(
    config: &Config,
    dataset: &Dataset,
    out: &Path,
    overwrite: bool,
    session: &Session,
) -> anyhow::Result<Metrics> {
    let screen = &session.screen;
    let seed = session.seed.unwrap_or(config.model.seed);
    fits(config, dataset, session)?;
    let study = Study::new(config, dataset, seed)?;
    let leakage = LeakageReport::new(&study.view, &study.split);
    screen.say(&leakage.to_string());
    screen.event("leakage", &leakage);
    if claim(config, &study, out, overwrite)? == Claim::Ours {
        screen.note(&format!("{} is continued", out.display()));
    }
    atomic::write(out.join("isegnet.toml"), |file| file.write_all(config.text.as_bytes()))?;
    study.split.write(&out.join("split.tsv"), dataset)?;
    leakage.write(&out.join("leakage.json"))?;

    let trained = fit(config, &study, out, session)?;
    let networks: Vec<Member> = trained.iter().map(Member::of).collect();
    histories(&trained, out)?;
    let members = trained.into_iter().map(|t| (t.seed, t.network)).collect();
    let model = Ensemble::new(members).context("no network was trained")?;
    model.save(out, &serde_json::to_value(&study.lens)?)?;
    let lines = floors::fit(&study, session)?;
    let metrics = written(config, &study, (model, networks), lines, out, session)?;
    screen.say(&format!("\n{}", table(&metrics.lines())));
    screen.event("trained", &json!({ "path": out, "metrics": metrics }));
    Ok(metrics)
}

/// Refuses a data set that lacks a track of the configuration or has it otherwise.
pub fn fits(config: &Config, dataset: &Dataset, session: &Session) -> anyhow::Result<()> {
    let (manifest, place) = (dataset.manifest(), dataset.folder().display());
    for track in &config.tracks {
        let name = &track.name;
        let problem = match manifest.track(name).and_then(|i| manifest.tracks.get(i)) {
            None => format!("track {name:?} of the configuration is not in {place}"),
            Some(kept) if (kept.kind, kept.bin_bp) != (track.kind, track.bin_bp) => format!(
                "track {name:?} is {:?} in bins of {} in {place}, and {:?} in bins of {} in the \
                 configuration",
                kept.kind, kept.bin_bp, track.kind, track.bin_bp
            ),
            Some(_) => continue,
        };
        return Err(Refusal::usage(format!("{problem}; prepare the data set again")).into());
    }
    // Windows may be smaller than the prepared ones, and names were mapped then;
    // the rest should be as it was.
    let mut then: Value = manifest.configuration().unwrap_or_default();
    let mut now = recorded(config);
    for made_from in [&mut then, &mut now] {
        if let Some(fields) = made_from.as_object_mut() {
            fields.retain(|field, _| field != "windows" && field != "chrom_alias");
        }
    }
    if then != now {
        session.screen.note(&format!(
            "warning: {place} was prepared from another configuration of genome, samples or \
             tracks; prepare it again if that is not meant"
        ));
    }
    Ok(())
}

fn claim(config: &Config, study: &Study, out: &Path, overwrite: bool) -> anyhow::Result<Claim> {
    // What computes the network does not make it another run.
    let training = TrainConfig { engine: EngineKind::Cpu, ..config.model.training.clone() };
    let key = folder::key(&(&config.model.network, training, &study.lens))?;
    folder::claim(out, "run", &key, overwrite)
}

/// The learner of a configuration, its training and its validation rows.
fn parts(
    config: &Config,
    study: &Study,
) -> anyhow::Result<(NetworkLearner, ScaledView, ScaledView)> {
    let learner = NetworkLearner {
        network: config.model.network.clone(),
        training: config.model.training.clone(),
    };
    let train = study.examples(&study.split.train)?;
    Ok((learner, train, study.examples(&study.split.validation)?))
}

fn context<'a>(study: &Study, folder: Option<&'a Path>, session: &'a Session) -> FitContext<'a> {
    let (progress, cancel) = (&session.screen, &session.cancel);
    FitContext { seed: study.lens.seed, progress, cancel, folder }
}

fn fit(
    config: &Config,
    study: &Study,
    out: &Path,
    session: &Session,
) -> anyhow::Result<Vec<Trained>> {
    let (learner, train, validation) = parts(config, study)?;
    let (screen, networks) = (&session.screen, learner.training.seeds);
    let each_epoch = |end: EpochEnd<'_>| {
        let line = end.epoch.line(end.best);
        let line = if networks > 1 { format!("seed {}  {line}", end.seed) } else { line };
        screen.tell(&line, "epoch", &Told { seed: end.seed, best: end.best, epoch: end.epoch });
    };
    let context = context(study, Some(out), session);
    Ok(learner.train_all(&train, &validation, &context, &each_epoch)?)
}

/// An epoch as programs are told of it.
#[derive(Serialize)]
struct Told<'a> {
    seed: u64,
    best: bool,
    #[serde(flatten)]
    epoch: &'a Epoch,
}

/// Writes the epochs of each network beside its weights.
fn histories(trained: &[Trained], out: &Path) -> anyhow::Result<()> {
    for one in trained {
        let folder = member_folder(out, one.seed, trained.len());
        report::history(&folder.join("history.tsv"), &one.history)?;
        let scale = one.network.target.scale;
        report::draw_curves(&folder, &one.history, one.best_epoch, scale)?;
    }
    Ok(())
}

/// Predicts every row of the data set and writes what is to be read of the run.
fn written(
    config: &Config,
    study: &Study,
    (model, networks): (Ensemble, Vec<Member>),
    floors: Vec<crate::scores::Line>,
    out: &Path,
    session: &Session,
) -> anyhow::Result<Metrics> {
    let parameters = model.members().iter().map(|(_, n)| n.weights.layout().trained()).sum();
    let dataset = study.view.dataset();
    let all: Vec<usize> = (0..dataset.rows().len()).collect();
    let examples = study.examples(&all)?;
    let mut predictor = model.into_predictor(config.model.training.engine)?;
    let predicted = predict(&mut predictor, &examples, (&session.screen, &session.cancel))?;
    let parts = study.parts();
    let rows = Prediction::of(dataset, &study.lens.target, &parts, &predicted);
    let binary = study.lens.target.is_class();
    let scores = |part: Part| Scores::of(rows.iter().filter(|row| row.part == Some(part)), binary);
    let metrics = Metrics {
        isegnet: env!("CARGO_PKG_VERSION").to_owned(),
        isa: isegnet_ops::Isa::in_use().to_string(),
        target: unit(config),
        validation: scores(Part::Validation),
        test: scores(Part::Test),
        floors,
        parameters,
        seed: study.lens.seed,
        train_rows: study.split.train.len(),
        networks,
    };
    report::predictions(&out.join("predictions.tsv"), &rows)?;
    report::draw_scatter(out, &metrics, &rows).context("the scatter could not be drawn")?;
    report::json(&out.join("metrics.json"), &metrics)?;
    Ok(metrics)
}

/// What is predicted, for the axes of a figure.
pub fn unit(config: &Config) -> String {
    let mut columns: Vec<&str> =
        config.samples.iter().filter_map(|s| Some(s.expression.as_ref()?.value.as_str())).collect();
    columns.dedup();
    let x = if let [one] = columns[..] { one } else { "x" };
    match config.target {
        TargetTransform::Ln1p => format!("ln({x} + 1)"),
        TargetTransform::Log2p1 => format!("log2({x} + 1)"),
        TargetTransform::None => x.to_owned(),
        TargetTransform::MedianBinary => format!("{x} above the median"),
    }
}
