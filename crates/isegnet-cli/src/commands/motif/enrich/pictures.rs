use super::Args;
use super::outcome::{Outcome, Test, named};
use crate::report;
use isegnet_io::atomic;
use isegnet_motif::Enriched;
use isegnet_plot::{Heatmap, Shading, heatmap as draw};
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::Path;

/// Draws -log10 of the adjusted p-values of the most enriched factors in all tests, factors
/// and tests clustered (Figure 5 A of the paper), and writes them as a table beside it.
///
/// A motif that could not be tested is missing.
pub fn heatmap(outcome: &Outcome, args: &Args, stem: &Path) -> anyhow::Result<()> {
    let ids = most_enriched(outcome, args);
    let columns: Vec<String> = outcome.tests().map(|(test, _)| column(outcome, test)).collect();
    let mut values = vec![f64::NAN; ids.len() * columns.len()];
    let mut names: HashMap<&str, &str> = HashMap::new();
    for (c, (_, table)) in outcome.tests().enumerate() {
        let rows: HashMap<&str, &Enriched> =
            table.rows.iter().map(|row| (row.id.as_str(), row)).collect();
        for (r, id) in ids.iter().enumerate() {
            if let Some(row) = rows.get(id) {
                values[r * columns.len() + c] = row.adjusted.minus_log10().min(1e5);
                names.insert(id, named(row));
            }
        }
    }
    let rows = titles(&ids, &names);
    let write = |out: &mut dyn Write| {
        writeln!(out, "motif_ID\tfactor\t{}", columns.join("\t"))?;
        for ((id, name), values) in ids.iter().zip(&rows).zip(values.chunks(columns.len())) {
            let cells: Vec<String> =
                values.iter().map(|&v| crate::commands::explain::cell(v)).collect();
            writeln!(out, "{id}\t{name}\t{}", cells.join("\t"))?;
        }
        Ok(())
    };
    atomic::write(stem.with_extension("tsv"), write)?;
    if rows.is_empty() || columns.is_empty() {
        return Ok(());
    }
    let figure = draw(&Heatmap {
        title: "Motifs enriched around the highest sites",
        row_label: "",
        column_label: "",
        rows: &rows,
        columns: &columns,
        values: &values,
        value_label: "−log10 adjusted p",
        shading: Shading::FromZero,
        // Distances to what is missing are not defined.
        cluster_rows: rows.len() > 1 && values.iter().all(|v| v.is_finite()),
        cluster_columns: columns.len() > 1 && values.iter().all(|v| v.is_finite()),
        decimals: None,
    })?;
    report::draw(stem, &figure)
}

/// The motifs of the smallest p-value in any test; of each family the first, if asked for.
fn most_enriched<'a>(outcome: &'a Outcome, args: &Args) -> Vec<&'a str> {
    let mut all: Vec<&Enriched> = outcome.tests().flat_map(|(_, table)| &table.rows).collect();
    all.sort_by(|a, b| a.adjusted.ln().total_cmp(&b.adjusted.ln()).then(a.id.cmp(&b.id)));
    let listed = all.iter().filter(|row| outcome.is_factor(row)).count();
    // Where nothing is significant, the best are shown all the same.
    if listed > 0 {
        all.truncate(listed.max(1));
    }
    let mut seen = HashSet::new();
    let key = |row: &&'a Enriched| match args.families {
        true => outcome.family(&row.id),
        false => row.id.as_str(),
    };
    all.iter()
        .filter(|row| seen.insert(key(row)))
        .take(args.top)
        .map(|row| row.id.as_str())
        .collect()
}

/// What a column is called: track and condition, whichever tell tests apart.
fn column(outcome: &Outcome, test: &Test) -> String {
    let several = outcome.tests().any(|(other, _)| other.condition != test.condition);
    match (test.track.as_str(), several) {
        ("", _) => test.condition.clone(),
        (track, false) => track.to_owned(),
        (track, true) => format!("{} {track}", test.condition),
    }
}

/// Names of motifs, with the identifier where two share one.
fn titles(ids: &[&str], names: &HashMap<&str, &str>) -> Vec<String> {
    let name = |id: &str| names.get(id).copied().unwrap_or(id).to_owned();
    let mut count: HashMap<String, usize> = HashMap::new();
    for id in ids {
        *count.entry(name(id)).or_default() += 1;
    }
    let title = |id: &&str| match count[&name(id)] {
        1 => name(id),
        _ => format!("{} {id}", name(id)),
    };
    ids.iter().map(title).collect()
}
