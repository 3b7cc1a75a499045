//! The tables: what every run folder measured, and what is missing.

use super::FOLDS;
use super::program::{self, NOT_NOTED};
use super::trial::Trial;
use anyhow::Context;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// What a finished run measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    network: Parts,
    ridge: Parts,
    ridge_with_length: Parts,
    /// Epochs of a network, as a mean where there are several.
    pub epochs: f64,
    networks: usize,
    /// What made it: the start of its SHA-256, or of each.
    program: String,
}

/// The two folds that were not trained on.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Parts {
    validation: Score,
    test: Score,
}

/// One of them: what the tables are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Decided when training stopped; what settings are chosen by.
    Validation,
    Test,
}

impl Parts {
    fn of(self, part: Part) -> Score {
        match part {
            Part::Validation => self.validation,
            Part::Test => self.test,
        }
    }
}

/// How well a fold was predicted.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Score {
    rows: u64,
    r2: Option<f64>,
    pearson: Option<f64>,
}

/// What is read of `metrics.json`.
#[derive(Deserialize)]
struct Metrics {
    #[serde(flatten)]
    network: Parts,
    floors: Vec<Floor>,
    networks: Vec<Network>,
}

#[derive(Deserialize)]
struct Floor {
    name: String,
    #[serde(flatten)]
    scores: Parts,
}

#[derive(Deserialize)]
struct Network {
    epochs: f64,
}

impl Finished {
    /// Reads what a run measured; `None` where it is not finished.
    pub fn read(run: &Path) -> anyhow::Result<Option<Self>> {
        let path = run.join("metrics.json");
        if !path.try_exists()? {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let metrics: Metrics = serde_json::from_str(&text)
            .with_context(|| format!("{}: another isegnet wrote it", path.display()))?;
        let floor = |name: &str| {
            let found = metrics.floors.iter().find(|floor| floor.name == name);
            let found = found.with_context(|| format!("{} has no {name:?}", path.display()));
            found.map(|floor| floor.scores)
        };
        let networks = metrics.networks.len();
        Ok(Some(Self {
            network: metrics.network,
            ridge: floor("ridge")?,
            ridge_with_length: floor("ridge with length")?,
            epochs: metrics.networks.iter().map(|n| n.epochs).sum::<f64>() / networks.max(1) as f64,
            networks,
            program: made_with(run)?,
        }))
    }
}

fn made_with(run: &Path) -> anyhow::Result<String> {
    let programs = program::programs(run)?;
    let short = |program: &String| program.chars().take(12).collect::<String>();
    let programs: Vec<String> = programs.iter().map(short).collect();
    Ok(if programs.is_empty() { NOT_NOTED.to_owned() } else { programs.join(" + ") })
}

/// One line of a table: a network, or a floor, over the folds.
type Folds<T> = [Option<T>; FOLDS];

/// Everything known of one stage and subset of inputs, by network.
#[derive(Default)]
struct Group(BTreeMap<String, Folds<Finished>>);

/// Stage and inputs.
type Key = (String, String);

/// Says what one trial came to.
pub fn line(trial: &Trial, out: &Path) -> anyhow::Result<String> {
    let run = trial.run(out);
    let found = Finished::read(&run)?;
    let found = found.with_context(|| format!("{} has no metrics.json", run.display()))?;
    let test = |scores: Parts| cell(Some(scores.test));
    let (network, ridge) = (test(found.network), test(found.ridge));
    Ok(format!("R2 / Pearson {network}, ridge {ridge}; {:.0} epochs", found.epochs))
}

/// Writes the tables of what is finished, be it of `trials` or not, as long as
/// its name holds one of the texts of `only`.
///
/// `tables.md` is of the test folds, `validation.md` of the validation folds,
/// `tables.tsv` has every number.
pub fn write(trials: &[Trial], only: &[String], out: &Path) -> anyhow::Result<()> {
    let mut names: BTreeSet<String> = trials.iter().map(Trial::name).collect();
    names.extend(found(out)?.into_iter().filter(|name| super::holds(name, only)));
    let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
    for name in &names {
        let parts: Vec<&str> = name.split('/').collect();
        let [stage, inputs, model, fold] = parts[..] else { continue };
        let fold = fold.strip_prefix("fold-").and_then(|n| n.parse::<usize>().ok());
        let Some(fold) = fold.filter(|fold| (1..=FOLDS).contains(fold)) else { continue };
        let group = groups.entry((stage.to_owned(), inputs.to_owned())).or_default();
        let line = group.0.entry(model.to_owned()).or_default();
        line[fold - 1] = Finished::read(&out.join("runs").join(name))?;
    }
    std::fs::create_dir_all(out)?;
    let test = markdown(&groups, Part::Test);
    let files = [
        ("tables.tsv", tsv(&groups)),
        ("tables.md", test.clone()),
        ("validation.md", markdown(&groups, Part::Validation)),
    ];
    for (file, text) in files {
        write_whole(&out.join(file), &text)?;
    }
    eprintln!("\n{test}\nwrote tables.tsv, tables.md and validation.md into {}", out.display());
    Ok(())
}

/// Writes a file that is there as a whole or as it was.
fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let part = path.with_added_extension("part");
    std::fs::write(&part, text).with_context(|| part.display().to_string())?;
    std::fs::rename(&part, path).with_context(|| path.display().to_string())
}

/// The names of finished trials below `out`.
fn found(out: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = vec![String::new()];
    for _ in 0..4 {
        let mut deeper = Vec::new();
        for name in names {
            let folder = out.join("runs").join(&name);
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries {
                let entry = entry.with_context(|| folder.display().to_string())?;
                if entry.file_type()?.is_dir() {
                    let below = entry.file_name().to_string_lossy().into_owned();
                    deeper.push(if name.is_empty() { below } else { format!("{name}/{below}") });
                }
            }
        }
        names = deeper;
    }
    names.retain(|name| out.join("runs").join(name).join("metrics.json").exists());
    Ok(names)
}

/// A line of a table.
struct Line {
    name: String,
    scores: Folds<Score>,
    /// R2 above that of the same run's ridge.
    gains: Folds<f64>,
}

impl Line {
    /// What one run a fold has measured.
    fn new(name: String, part: Part, runs: Folds<&Finished>, of: fn(&Finished) -> Parts) -> Self {
        let score = |found: &Finished| of(found).of(part);
        let gain = |found: &Finished| Some(score(found).r2? - found.ridge.of(part).r2?);
        Self { name, scores: runs.map(|run| run.map(score)), gains: runs.map(|run| gain(run?)) }
    }
}

impl Group {
    /// Every line of the group's table, floors first.
    fn lines(&self, part: Part) -> Vec<Line> {
        let ridge = |found: &Finished| found.ridge;
        let mut lines = vec![
            Line { gains: [None; FOLDS], ..self.floor("ridge", part, ridge) },
            self.floor("ridge with gene length", part, |found| found.ridge_with_length),
        ];
        for (model, folds) in &self.0 {
            let runs = folds.each_ref().map(Option::as_ref);
            lines.push(Line::new(format!("`{model}`"), part, runs, |found| found.network));
        }
        lines
    }

    /// A floor as the first run of each fold has it. It follows from stage,
    /// inputs and fold unless a network has windows or a target of its own:
    /// its name is marked where another run has another floor.
    fn floor(&self, name: &str, part: Part, of: fn(&Finished) -> Parts) -> Line {
        let runs = std::array::from_fn(|fold| self.0.values().find_map(|l| l[fold].as_ref()));
        let disagrees = |fold: usize| {
            let mut cells =
                self.0.values().filter_map(|l| Some(cell(Some(of(l[fold].as_ref()?).of(part)))));
            cells.next().is_some_and(|first| cells.any(|other| other != first))
        };
        let mark = if (0..FOLDS).any(disagrees) { DISAGREES } else { "" };
        Line::new(format!("{name}{mark}"), part, runs, of)
    }
}

/// Follows the name of a floor that is not the same for all networks.
const DISAGREES: &str = " (not of every network)";

/// The mean of all folds; none unless each is there.
fn mean<T: Copy>(folds: &Folds<T>, of: fn(T) -> Option<f64>) -> Option<f64> {
    let values: Option<Vec<f64>> = folds.iter().map(|fold| of((*fold)?)).collect();
    Some(values?.iter().sum::<f64>() / FOLDS as f64)
}

fn cell(score: Option<Score>) -> String {
    match score {
        None => "missing".to_owned(),
        Some(score) => format!("{} / {}", number(score.r2), number(score.pearson)),
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.3}"))
}

/// One table a stage: R2 / Pearson for each fold that is tested on, and their mean.
fn markdown(groups: &BTreeMap<Key, Group>, part: Part) -> String {
    let mut text = String::new();
    let mut above: Option<&str> = None;
    let kind = match part {
        Part::Validation => "validation",
        Part::Test => "test",
    };
    for ((stage, inputs), group) in groups {
        if above != Some(stage) {
            let folds: String = (1..=FOLDS).map(|fold| format!(" fold {fold} |")).collect();
            let gap = if above.is_some() { "\n" } else { "" };
            let _ = write!(
                text,
                "{gap}| {}, {kind}: R2 / Pearson | inputs |{folds} mean | R2 above ridge |\n|---|---|{}---|---|\n",
                stage.replace('-', " "),
                "---|".repeat(FOLDS)
            );
            above = Some(stage);
        }
        for Line { name, scores, gains } in group.lines(part) {
            let cells: String = scores.iter().map(|score| format!(" {} |", cell(*score))).collect();
            let means = (mean(&scores, |score| score.r2), mean(&scores, |score| score.pearson));
            let there = scores.iter().flatten().count();
            let summary = match means {
                (Some(r2), Some(pearson)) => format!("{r2:.3} / {pearson:.3}"),
                _ => format!("{there} of {FOLDS}"),
            };
            let gain = mean(&gains, Some).map_or_else(String::new, |gain| format!("{gain:+.3}"));
            let _ = writeln!(text, "| {name} | {inputs} |{cells} {summary} | {gain} |");
        }
    }
    text + &programs(groups)
}

/// Says how many runs each program made.
fn programs(groups: &BTreeMap<Key, Group>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for found in groups.values().flat_map(|group| group.0.values()).flatten().flatten() {
        *counts.entry(&found.program).or_default() += 1;
    }
    if counts.is_empty() {
        return String::new();
    }
    let counts: Vec<String> =
        counts.iter().map(|(program, runs)| format!("{program}: {runs} runs")).collect();
    let several = if counts.len() > 1 { "several programs" } else { "program" };
    format!("\nSHA-256 of the {several} that made them: {}.\n", counts.join("; "))
}

/// One line a trial and part, missing ones as NA.
fn tsv(groups: &BTreeMap<Key, Group>) -> String {
    let mut text = String::from(
        "stage\tinputs\tmodel\tfold\tpart\trows\tr2\tpearson\tridge_r2\tridge_pearson\t\
         ridge_length_r2\tridge_length_pearson\tnetworks\tepochs\tprogram\n",
    );
    let full = |value: Option<f64>| value.map_or_else(|| "NA".to_owned(), |v| v.to_string());
    for ((stage, inputs), group) in groups {
        for (model, folds) in &group.0 {
            for (fold, found) in folds.iter().enumerate() {
                for (part, name) in [(Part::Validation, "validation"), (Part::Test, "test")] {
                    let _ = write!(text, "{stage}\t{inputs}\t{model}\t{}\t{name}", fold + 1);
                    let Some(found) = found else {
                        text.push_str(&"\tNA".repeat(10));
                        text.push('\n');
                        continue;
                    };
                    let _ = write!(text, "\t{}", found.network.of(part).rows);
                    for scores in [found.network, found.ridge, found.ridge_with_length] {
                        let score = scores.of(part);
                        let _ = write!(text, "\t{}\t{}", full(score.r2), full(score.pearson));
                    }
                    let Finished { networks, epochs, program, .. } = found;
                    let _ = writeln!(text, "\t{networks}\t{epochs}\t{program}");
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finish(out: &Path, name: &str, r2: f64, ridge: f64) {
        let score = |r2: f64| serde_json::json!({ "rows": 9, "r2": r2, "pearson": 0.5 });
        let floor = |name: &str, r2: f64| serde_json::json!({ "name": name, "validation": score(0.125), "test": score(r2) });
        let metrics = serde_json::json!({
            "validation": score(r2 + 0.5),
            "test": score(r2),
            "floors": [floor("ridge", ridge), floor("ridge with length", 0.9)],
            "networks": [{ "epochs": 4 }, { "epochs": 5 }],
        });
        let run = out.join("runs").join(name);
        std::fs::create_dir_all(&run).unwrap();
        std::fs::write(run.join("metrics.json"), metrics.to_string()).unwrap();
    }

    #[test]
    fn what_is_missing_is_shown_as_missing_and_has_no_mean() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        for fold in 1..=FOLDS {
            let r2 = fold as f64 / 10.0;
            finish(out, &format!("late-ring/dna/isegnet/fold-{fold}"), r2, 0.25);
            if fold != 3 {
                finish(out, &format!("late-ring/dna/gao2022/fold-{fold}"), r2, 0.25);
            }
        }
        std::fs::create_dir_all(out.join("runs/late-ring/dna/gao2022/fold-3")).unwrap();
        write(&[], &[], out).unwrap();
        let text = std::fs::read_to_string(out.join("tables.md")).unwrap();
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(
            line("| `isegnet` |").ends_with("0.500 / 0.500 | 0.300 / 0.500 | +0.050 |"),
            "{text}"
        );
        let short = line("| `gao2022` |");
        assert!(short.contains("| 0.200 / 0.500 | missing | 0.400 / 0.500 |"), "{text}");
        assert!(short.ends_with("| 4 of 5 |  |"), "{text}");
        // The floor of the fold that one network lacks is known from the other.
        assert!(line("| ridge |").ends_with("| 0.250 / 0.500 |  |"), "{text}");
        let text = std::fs::read_to_string(out.join("tables.tsv")).unwrap();
        assert_eq!(text.lines().count(), 21);
        assert!(text.contains("late-ring\tdna\tgao2022\t3\ttest\tNA\tNA"), "{text}");
        let line = "late-ring\tdna\tisegnet\t2\ttest\t9\t0.2\t0.5\t0.25\t0.5\t0.9\t0.5\t2\t4.5\tnot noted\n";
        assert!(text.contains(line), "{text}");
        let text = std::fs::read_to_string(out.join("validation.md")).unwrap();
        assert!(text.contains("| 0.600 / 0.500 | 0.700 / 0.500 |"), "{text}");
        assert!(text.contains("| 0.125 / 0.500 | 0.125 / 0.500 |"), "{text}");

        // A network with a floor of its own is held against that one.
        for fold in 1..=FOLDS {
            finish(out, &format!("late-ring/dna/short/fold-{fold}"), 0.5, 0.125);
        }
        write(&[], &[], out).unwrap();
        let text = std::fs::read_to_string(out.join("tables.md")).unwrap();
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line("| `short` |").ends_with("| +0.375 |"), "{text}");
        assert!(line("| `isegnet` |").ends_with("| +0.050 |"), "{text}");
        assert!(line("| ridge (not of every network) |").ends_with("| 0.250 / 0.500 |  |"));
        line("| ridge with gene length |");
        assert!(!out.join("tables.md.part").exists());
        assert!(text.ends_with("the program that made them: not noted: 14 runs.\n"), "{text}");
        let noted = out.join("runs/late-ring/dna/short/fold-2.program");
        std::fs::write(noted, "0123456789abcdef\nfedcba9876543210\n").unwrap();
        write(&[], &[], out).unwrap();
        let text = std::fs::read_to_string(out.join("tables.md")).unwrap();
        let mixed = "several programs that made them: 0123456789ab + fedcba987654: 1 runs; \
                     not noted: 13 runs.\n";
        assert!(text.ends_with(mixed), "{text}");

        write(&[], &["isegnet".to_owned()], out).unwrap();
        let text = std::fs::read_to_string(out.join("tables.md")).unwrap();
        assert!(text.contains("isegnet") && !text.contains("gao2022"), "{text}");
    }
}
