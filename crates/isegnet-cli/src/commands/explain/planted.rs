//! How well attributions find what a simulated organism was given.

use super::Explanation;
use super::columns::Column;
use anyhow::Context;
use isegnet_simulate::{Planted, read_truth};
use isegnet_stats::auroc;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The causes of each gene's expression, and where they lie.
pub struct Truth {
    of_gene: HashMap<String, Vec<Planted>>,
    /// Columns in which anything was planted.
    columns: HashSet<String>,
}

/// Area under the curve of finding planted positions among the others by |attribution|:
/// 0.5 is chance, 1 is all of them before any other.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// A track, `DNA`, or all tracks together.
    pub column: String,
    pub auroc: f64,
    /// Positions that were planted, and others.
    pub planted: usize,
    pub others: usize,
}

impl Truth {
    /// Reads what a simulation wrote.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let (mut of_gene, mut columns) = (HashMap::<String, Vec<Planted>>::new(), HashSet::new());
        for planted in read_truth(path)?.into_iter().filter(Planted::is_cause) {
            columns.insert(column_of(&planted).to_owned());
            if let Some(gene) = planted.gene.clone() {
                of_gene.entry(gene).or_default().push(planted);
            }
        }
        Ok(Self { of_gene, columns })
    }

    /// Tells of each position of an explained row whether something was planted there in a
    /// column; none where nothing ever was.
    pub fn labels(
        &self,
        explanation: &Explanation,
        row: usize,
        column: &Column,
    ) -> Option<Vec<bool>> {
        if !self.columns.contains(&column.name) {
            return None;
        }
        let (view, row) = (&explanation.view, explanation.rows[row]);
        let dataset = view.dataset();
        let condition = dataset.sample_of(row).condition.as_deref();
        let mut labels = vec![false; view.positions()];
        let planted = self.of_gene.get(&dataset.gene_of(row).id).into_iter().flatten();
        let here = planted.filter(|planted| {
            column_of(planted) == column.name
                && (planted.condition == "all" || Some(planted.condition.as_str()) == condition)
        });
        for planted in here {
            for stretch in view.stretches(row) {
                for position in stretch.positions.clone() {
                    let bases = stretch.bases(position);
                    let apart =
                        bases.end <= planted.place.start || planted.place.end <= bases.start;
                    labels[position] |= !apart && bases.chrom == planted.place.chrom;
                }
            }
        }
        Some(labels)
    }
}

/// The column that a cause can be found in.
fn column_of(planted: &Planted) -> &str {
    if planted.is_motif() { super::baseline::DNA } else { &planted.cause }
}

/// Scores with labels, column by column.
#[derive(Default)]
pub struct Tally(Vec<(String, Vec<bool>, Vec<f32>)>);

impl Tally {
    /// Adds positions of a row.
    pub fn add(&mut self, column: &str, labelled: impl IntoIterator<Item = (bool, f32)>) {
        let place = match self.0.iter().position(|(name, ..)| name == column) {
            Some(place) => place,
            None => {
                self.0.push((column.to_owned(), Vec::new(), Vec::new()));
                self.0.len() - 1
            }
        };
        let (_, labels, scores) = &mut self.0[place];
        for (label, score) in labelled {
            labels.push(label);
            scores.push(score.abs());
        }
    }

    /// The areas: a line a column, before them one of all tracks together.
    pub fn found(self) -> Vec<Found> {
        let (dna, tracks): (Vec<_>, Vec<_>) =
            self.0.into_iter().partition(|(name, ..)| name == super::baseline::DNA);
        let mut all = ("all tracks".to_owned(), Vec::new(), Vec::new());
        for (_, labels, scores) in &tracks {
            all.1.extend_from_slice(labels);
            all.2.extend_from_slice(scores);
        }
        let lines = std::iter::once(all).filter(|(_, labels, _)| !labels.is_empty());
        let found = lines.chain(tracks).chain(dna).filter_map(|(column, labels, scores)| {
            let planted = labels.iter().filter(|&&label| label).count();
            let auroc = auroc(&labels, &scores).ok()?;
            Some(Found { column, auroc, planted, others: labels.len() - planted })
        });
        found.collect()
    }
}

/// Scores all explained rows, on the chromosome and where a track was measured: methylation
/// is at some bases only.
pub fn found(explanation: &Explanation, truth: &Truth) -> Vec<Found> {
    let mut tally = Tally::default();
    let allowed = explanation.allowed();
    let view = &explanation.view;
    let (mut values, mut signal) = (vec![0.0; view.positions()], vec![0.0; view.positions()]);
    for column in explanation.columns() {
        for (row, allowed) in allowed.outer_iter().enumerate() {
            let Some(labels) = truth.labels(explanation, row, &column) else { break };
            explanation.column_into(row, &column, &mut values);
            if let Some(track) = view.tracks().position(|track| track.name == column.name) {
                view.values_into(explanation.rows[row], track, &mut signal);
            } else {
                signal.fill(0.0);
            }
            let all = labels.into_iter().zip(values.iter().copied());
            let measured = allowed.iter().zip(&signal).map(|(on, v)| *on && !v.is_nan());
            let here = all.zip(measured).filter(|(_, here)| *here);
            tally.add(&column.name, here.map(|(both, _)| both));
        }
    }
    tally.found()
}

/// The areas as a table.
pub fn table(title: &str, found: &[Found]) -> anyhow::Result<String> {
    let width = found.iter().map(|line| line.column.len()).max();
    let width = width.context("nothing was planted in the windows of the explained genes")?;
    let mut text = format!("{title}\n{:width$}  AUROC  planted positions  others", "");
    for Found { column, auroc, planted, others } in found {
        text += &format!("\n{column:width$}  {auroc:.3}  {planted:>17}  {others}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_by_magnitude_column_by_column_and_together() {
        let mut tally = Tally::default();
        tally.add("H3K4me3", [(true, -0.9), (false, 0.1), (false, -0.2), (true, 0.8)]);
        tally.add("DNA", [(true, 0.1), (false, -0.5)]);
        tally.add("methylation", [(true, 0.05), (false, 0.3), (true, -0.6)]);
        tally.add("masked", [(false, 0.3)]);
        let found = tally.found();
        let areas: Vec<(&str, f64)> =
            found.iter().map(|line| (line.column.as_str(), line.auroc)).collect();
        assert_eq!(areas[1..], [("H3K4me3", 1.0), ("methylation", 0.5), ("DNA", 0.0)]);
        // 4 planted against 4 others in the tracks; only 0.05 lies below any, below all four.
        assert_eq!(areas[0], ("all tracks", 12.0 / 16.0));
        assert!(table("areas", &found).unwrap().contains("1.000"));
        assert!(table("areas", &[]).is_err());
    }
}
