use super::predict::Applied;
use crate::Session;
use crate::report::Prediction;
use crate::scores::{Scores, parts_table};
use isegnet_encode::Part;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// Score a trained model on a data set
///
/// On the data set of the training, every part of its split is scored; on
/// another one, all rows are, and how many of its genes the model was trained
/// on is said. With several samples each is scored by itself too.
///
/// Example: isegnet evaluate run --dataset dataset
#[derive(clap::Args)]
pub struct Args {
    /// The run's folder
    run: PathBuf,
    /// The data set
    #[arg(long, short, default_value = "dataset")]
    dataset: PathBuf,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let model = Applied::new(&args.run, &args.dataset, session)?;
    let (rows, binary) = (model.rows(), model.lens.target.is_class());
    let known = model.parts.iter().any(Option::is_some);
    let groups: Vec<(String, Vec<&Prediction<'_>>)> = match known {
        true => Part::ALL
            .map(|part| (part.to_string(), of_part(&rows, Some(part))))
            .into_iter()
            .collect(),
        false => vec![("all rows".to_owned(), of_part(&rows, None))],
    };
    let mut scored: Vec<(String, Scores)> = Vec::new();
    for (name, rows) in groups {
        scored.push((name.clone(), Scores::of(rows.iter().copied(), binary)));
        let mut samples: BTreeMap<&str, Vec<&Prediction<'_>>> = BTreeMap::new();
        rows.iter().for_each(|row| samples.entry(row.sample).or_default().push(row));
        if samples.len() > 1 {
            let of = |(sample, rows): (&str, Vec<&Prediction<'_>>)| {
                (format!("{name}, {sample}"), Scores::of(rows.iter().copied(), binary))
            };
            scored.extend(samples.into_iter().map(of));
        }
    }
    session.screen.say(&parts_table(&scored));
    let by_name: BTreeMap<_, _> = scored.iter().map(|(name, s)| (name.as_str(), s)).collect();
    let mut event = json!({ "run": args.run, "dataset": args.dataset, "scores": by_name });
    if !known {
        let (seen, genes) = seen(&args.run, &rows)?;
        event["genes_trained_on"] = json!(seen);
        session.screen.say(&format!(
            "this is another data set than that of the training; {seen} of its {genes} genes were \
             trained on there, so this is no measure of unseen genes"
        ));
    }
    session.screen.event("evaluated", &event);
    Ok(())
}

fn of_part<'a, 'b>(rows: &'b [Prediction<'a>], part: Option<Part>) -> Vec<&'b Prediction<'a>> {
    rows.iter().filter(|row| row.part == part && row.measured.is_some()).collect()
}

/// Counts the genes of `rows` that the run was trained on, and all of them.
fn seen(run: &Path, rows: &[Prediction<'_>]) -> anyhow::Result<(usize, usize)> {
    let split = std::fs::read_to_string(run.join("split.tsv"))?;
    let trained: HashSet<&str> = split
        .lines()
        .filter(|line| line.ends_with("\ttrain"))
        .filter_map(|line| line.split('\t').next())
        .collect();
    let genes: HashSet<&str> = rows.iter().map(|row| row.gene).collect();
    Ok((genes.iter().filter(|gene| trained.contains(**gene)).count(), genes.len()))
}
