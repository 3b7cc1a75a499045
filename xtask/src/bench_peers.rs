//! Races ours against what one would use instead, on the same inputs and threads.

mod agreement;
mod contestant;
mod figures;
mod machine;
mod ours;
mod python;
mod race;
mod rows;
mod table;

use crate::step;
use anyhow::{Context, bail};
use figures::Figures;
use rows::Row;
use std::path::{Path, PathBuf};

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Args {
    /// Runs the row of this name, or those whose names start with it.
    #[arg(long)]
    only: Option<String>,
    /// Writes the figures to this file as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// How often each contestant runs; fewer than 5 are a trial, not a measurement.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
    /// Threads of each contestant.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
}

/// Runs the rows that are asked for, and prints what they came to.
#[allow(clippy::print_stdout)]
pub fn run(args: &Args) -> anyhow::Result<()> {
    let rows = chosen(rows::all(), args.only.as_deref())?;
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    eprintln!("rows: {}", names.join(", "));
    if args.runs < 5 {
        eprintln!("fewer than 5 runs: a trial, not a measurement");
    }
    let data = step::root().join("target/peers-data");
    std::fs::create_dir_all(&data).with_context(|| data.display().to_string())?;
    let start = race::Start {
        python: python::environment()?,
        ours: ours::build()?,
        data,
        threads: args.threads.into(),
    };
    let machine = machine::description(args.threads.into());
    eprintln!("\n{machine}");
    let mut all = Figures::default();
    for row in &rows {
        all.add(race::run(row, &start, args.runs.into())?);
        if let Some(file) = &args.json {
            write(file, &all.json())?;
        }
    }
    println!("\n{machine}; {} runs, median (quartiles)\n{}", args.runs, table::of(&all));
    Ok(())
}

fn write(file: &Path, json: &serde_json::Value) -> anyhow::Result<()> {
    let text = format!("{json:#}\n");
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

/// The row of that name, or else all rows whose names start with it.
fn chosen(rows: Vec<Row>, only: Option<&str>) -> anyhow::Result<Vec<Row>> {
    let Some(only) = only else { return Ok(rows) };
    let has = |row: &Row, test: &dyn Fn(&str) -> bool| row.figures().iter().any(|name| test(name));
    let exact = rows.iter().any(|row| has(row, &|name| name == only));
    let names: Vec<String> = rows.iter().flat_map(Row::figures).collect();
    let chosen: Vec<Row> = rows
        .into_iter()
        .filter(|row| has(row, &|name| if exact { name == only } else { name.starts_with(only) }))
        .collect();
    if chosen.is_empty() {
        bail!("no row is named {only}; there are {}", names.join(", "));
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: Option<&str>) -> Vec<String> {
        chosen(rows::all(), only).unwrap().into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn a_whole_name_is_one_row_and_a_beginning_is_all_that_have_it() {
        assert_eq!(names(Some("train")), ["train"]);
        assert_eq!(names(Some("train-k5")), ["train-k50"]);
        assert_eq!(names(Some("infer-k1-")), ["infer-k1-16", "infer-k1-32", "infer-k1-128"]);
        assert_eq!(names(Some("memory-train")), ["train"]);
        assert_eq!(names(Some("scan")), ["scan-windows", "scan-genome"]);
        assert_eq!(names(Some("svr")), ["svr"]);
        assert_eq!(names(Some("memory-scan")), ["scan-genome"]);
        assert_eq!(names(Some("memory-svr")), ["svr"]);
        let measured = ["train", "explain", "extract", "scan-genome", "svr", "nu-svr"];
        assert_eq!(names(Some("memory")), measured);
        assert_eq!(names(None).len(), rows::all().len());
    }

    #[test]
    fn an_unknown_row_is_refused_with_those_there_are() {
        let error = chosen(rows::all(), Some("trian")).err().unwrap().to_string();
        assert!(error.contains("trian") && error.contains("train-k50"), "{error}");
    }
}
