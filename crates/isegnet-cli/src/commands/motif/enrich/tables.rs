use super::outcome::{Outcome, Test};
use crate::commands::motif::Library;
use crate::numbers::p_value;
use isegnet_io::atomic;
use isegnet_motif::Enriched;
use std::io::{self, Write};
use std::path::Path;

/// Writes AME's table of each test, `<label>.ame.tsv`.
pub fn write_ame(
    outcome: &Outcome,
    most: f64,
    library: &Library,
    folder: &Path,
) -> anyhow::Result<()> {
    for (test, table) in outcome.tests() {
        let path = folder.join(format!("{}.ame.tsv", test.label));
        atomic::write(path, |out| table.write_tsv(out, &library.name(), most))?;
    }
    Ok(())
}

/// Writes every motif of every test, the most enriched of each test first.
pub fn write_all(outcome: &Outcome, path: &Path) -> anyhow::Result<()> {
    let write = |out: &mut dyn Write| {
        writeln!(
            out,
            "condition\tsample\ttrack\trank\tmotif_ID\tmotif_alt_ID\tfamily\tconsensus\tp-value\t\
             adj_p-value\tq-value"
        )?;
        for (test, table) in outcome.tests() {
            for (rank, row) in (1..).zip(&table.rows) {
                let names = (&row.id, row.name.as_deref().unwrap_or_default());
                let family = outcome.family(&row.id);
                let [p, adjusted] = [row.p, row.adjusted].map(p_value);
                let q = row.q.map(p_value).unwrap_or_default();
                let Test { condition, sample, track, .. } = test;
                writeln!(
                    out,
                    "{condition}\t{sample}\t{track}\t{rank}\t{}\t{}\t{family}\t{}\t{p}\t\
                     {adjusted}\t{q}",
                    names.0, names.1, row.consensus
                )?;
            }
        }
        Ok(())
    };
    Ok(atomic::write(path, write)?)
}

/// Writes the listed factors of all tests, and those of each test where there are several.
pub fn write_factors(outcome: &Outcome, path: &Path) -> anyhow::Result<()> {
    let tests: Vec<_> = outcome.tests().collect();
    let line = |out: &mut dyn Write, test: &Test, row: &Enriched| -> io::Result<()> {
        let name = row.name.as_deref().unwrap_or_default();
        let q = row.q.map(p_value).unwrap_or_default();
        let Test { condition, sample, track, .. } = test;
        writeln!(out, "{condition}\t{sample}\t{track}\t{}\t{name}\t{q}", row.id)
    };
    let table = |path: &Path, which: &[usize]| {
        atomic::write(path, |out| {
            writeln!(out, "condition\tsample\ttrack\tmotif_ID\tmotif_alt_ID\tq-value")?;
            for &which in which {
                let (test, table) = tests[which];
                for row in table.rows.iter().filter(|row| outcome.is_factor(row)) {
                    line(out, test, row)?;
                }
            }
            Ok(())
        })
    };
    let all: Vec<usize> = (0..tests.len()).collect();
    table(path, &all)?;
    for one in all.iter().filter(|_| tests.len() > 1) {
        let name = format!("{}.factors.tsv", tests[*one].0.label);
        table(&path.with_file_name(name), &[*one])?;
    }
    Ok(())
}
