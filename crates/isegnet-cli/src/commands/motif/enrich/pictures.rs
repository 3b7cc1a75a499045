use super::Args;
use super::outcome::{Outcome, Test, named};
use crate::report;
use isegnet_io::atomic;
use isegnet_motif::Enriched;
use isegnet_plot::{Heatmap, Shading, heatmap as draw};
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::Path;

/// Draws -log10 of the adjusted p-values of the most enriched factors, factors and (condition,
/// track) clustered (Figure 5 A of the paper), and writes them as a table beside it.
///
/// Of replicates of a condition it is the mean. A motif that could not be tested is missing.
pub fn heatmap(outcome: &Outcome, args: &Args, stem: &Path) -> anyhow::Result<()> {
    let ids = most_enriched(outcome, args);
    let columns = columns(outcome);
    let mut values = vec![f64::NAN; ids.len() * columns.len()];
    let mut names: HashMap<&str, &str> = HashMap::new();
    for (c, Column { tables, .. }) in columns.iter().enumerate() {
        for (r, id) in ids.iter().enumerate() {
            let tested: Vec<&Enriched> = tables.iter().filter_map(|t| t.get(id).copied()).collect();
            if let Some(row) = tested.first() {
                let sum: f64 = tested.iter().map(|row| row.adjusted.minus_log10().min(1e5)).sum();
                values[r * columns.len() + c] = sum / tested.len() as f64;
                names.insert(id, named(row));
            }
        }
    }
    let replicates = columns.iter().any(|column| column.tables.len() > 1);
    let columns: Vec<String> = columns.into_iter().map(|column| column.name).collect();
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
        title: match outcome.tests().all(|(test, _)| test.track.is_empty()) {
            true => "Enriched motifs",
            false => "Motifs enriched around the highest sites",
        },
        row_label: "",
        column_label: if replicates { "Means of replicates" } else { "" },
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

/// The factors of all tests, the first of each before the second of any; where nothing is
/// significant, the best motifs. Of each family there is the first, if asked for.
fn most_enriched<'a>(outcome: &'a Outcome, args: &Args) -> Vec<&'a str> {
    let ranked = outcome.tests().flat_map(|(_, table)| (1..).zip(&table.rows));
    let mut all: Vec<(usize, &Enriched)> = ranked.collect();
    if all.iter().any(|(_, row)| outcome.is_factor(row)) {
        all.retain(|(_, row)| outcome.is_factor(row));
    }
    let p = |row: &Enriched| row.adjusted.ln();
    all.sort_by(|(i, a), (j, b)| {
        i.cmp(j).then(p(a).total_cmp(&p(b))).then_with(|| a.id.cmp(&b.id))
    });
    let mut seen = HashSet::new();
    let key = |row: &&'a Enriched| match args.families {
        true => outcome.family(&row.id),
        false => row.id.as_str(),
    };
    all.iter()
        .map(|(_, row)| row)
        .filter(|row| seen.insert(key(row)))
        .take(args.top)
        .map(|row| row.id.as_str())
        .collect()
}

/// The tests of a track in a condition, one a replicate.
struct Column<'a> {
    name: String,
    /// The motifs of each test by their identifiers.
    tables: Vec<HashMap<&'a str, &'a Enriched>>,
}

/// The columns in the order of the tests.
fn columns(outcome: &Outcome) -> Vec<Column<'_>> {
    let (mut columns, mut places) = (Vec::<Column<'_>>::new(), HashMap::new());
    for (test, table) in outcome.tests() {
        let at = *places.entry((&test.condition, &test.track)).or_insert(columns.len());
        if at == columns.len() {
            columns.push(Column { name: title(outcome, test), tables: Vec::new() });
        }
        let motifs = table.rows.iter().map(|row| (row.id.as_str(), row));
        columns[at].tables.push(motifs.collect());
    }
    columns
}

/// What a column is called: track and condition, whichever tell columns apart.
fn title(outcome: &Outcome, test: &Test) -> String {
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
