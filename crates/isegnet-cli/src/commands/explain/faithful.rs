//! Whether attributions point at what the model uses: a report on some of the rows.

use super::explanation::{Request, Source};
use super::planted::{self, Found, Tally, Truth};
use super::sites::Site;
use super::{Explanation, baseline};
use crate::Session;
use crate::report;
use anyhow::Context;
use isegnet_core::{Batch, Differentiable, Examples, Inputs, Progress};
use isegnet_explain::{
    Curves, Faithfulness, FaithfulnessCurves, mutate_bases, mutate_tracks, stretches,
};
use isegnet_io::atomic;
use isegnet_plot::{Lines, Series, lines};
use ndarray::{Array1, Axis};
use serde::Serialize;
use serde_json::json;
use std::ops::Range;
use std::path::Path;

/// Bases on either side of the DNA's highest site that are mutated.
const FLANK: usize = 50;

/// Bases of a track that are mutated together.
const BIN_BP: usize = 20;

/// What one row came to.
#[derive(Serialize)]
struct Line {
    gene_id: String,
    sample: String,
    deletion_gain: Option<f64>,
    insertion_gain: Option<f64>,
    dna_agreement: Option<f64>,
    track_agreement: Option<f64>,
}

/// The report.
pub struct Report {
    lines: Vec<Line>,
    shares: Vec<f64>,
    /// Curves of each row, as shares of the way from baseline to input: top and random
    /// deletion, top and random insertion.
    curves: [Vec<Array1<f64>>; 4],
    /// What mutagenesis finds of what was planted, beside the attributions at the same
    /// positions.
    planted: Option<[Vec<Found>; 2]>,
}

/// Measures `count` rows, spread evenly over those explained.
pub fn measure(
    request: &Request<'_>,
    explanation: &Explanation,
    sites: &[Site],
    count: usize,
    truth: Option<&Truth>,
    session: &Session,
) -> anyhow::Result<Report> {
    let source = Source::open(request, session)?;
    let examples = source.examples(explanation.rows.clone())?;
    let baseline = source.baseline(request.how, session)?;
    let mut model = request.how.function(source.model)?;
    let count = count.min(explanation.rows.len());
    session.screen.start("mutating genes", count as u64);
    let settings = Faithfulness::default();
    let shares = settings.shares.clone();
    let mut report =
        Report { lines: Vec::new(), curves: Default::default(), shares, planted: None };
    let mut tallies = [Tally::default(), Tally::default()];
    let mut batch = Batch::default();
    for i in 0..count {
        if session.cancel.is_cancelled() {
            return Err(isegnet_core::LearnError::Cancelled.into());
        }
        let row = i * explanation.rows.len() / count;
        examples.fill(&[row], &mut batch)?;
        let inputs = Inputs::from(&batch);
        let ids = [explanation.rows[row] as u64];
        let attributions = explanation.attributions(row);
        let curves = settings.curves(model.as_mut(), &inputs, &ids, &baseline, &attributions)?;
        report.add_curves(&curves);
        let mutated = Mutated::of(
            explanation,
            row,
            sites,
            (model.as_mut(), &inputs, &ids, &baseline),
            &attributions,
        )?;
        if let Some(truth) = truth {
            mutated.tally(explanation, row, truth, &mut tallies);
        }
        let dataset = explanation.view.dataset();
        let gain = |curves: &Curves| curves.gains().first().copied().flatten();
        report.lines.push(Line {
            gene_id: dataset.gene_of(explanation.rows[row]).id.clone(),
            sample: dataset.sample_of(explanation.rows[row]).name.clone(),
            deletion_gain: gain(&curves.deletion),
            insertion_gain: gain(&curves.insertion),
            dna_agreement: mutated.dna_agreement,
            track_agreement: mutated.track_agreement,
        });
        session.screen.advance(1);
    }
    session.screen.finish();
    report.planted = truth.map(|_| tallies.map(Tally::found));
    Ok(report)
}

/// One column of a row, mutated place by place.
struct MutatedColumn {
    name: String,
    places: Vec<Range<usize>>,
    /// What each place is worth to the model.
    importance: Vec<f32>,
    /// What it was given.
    attribution: Vec<f32>,
}

/// A row's mutations and attributions at the same places.
struct Mutated {
    columns: Vec<MutatedColumn>,
    dna_agreement: Option<f64>,
    track_agreement: Option<f64>,
}

impl Mutated {
    fn of(
        explanation: &Explanation,
        row: usize,
        sites: &[Site],
        (model, inputs, ids, baseline): (
            &mut dyn Differentiable,
            &Inputs,
            &[u64],
            &dyn isegnet_explain::Baseline,
        ),
        attributions: &Inputs,
    ) -> anyhow::Result<Self> {
        let mut this = Self { columns: Vec::new(), dna_agreement: None, track_agreement: None };
        let view = &explanation.view;
        let columns = explanation.columns();
        let tracks = columns.iter().filter(|column| column.input.is_some()).count();
        if tracks > 0 {
            let bin = BIN_BP.div_ceil(view.bin_bp());
            let [tss, tts] = [0..view.seam(), view.seam()..view.positions()];
            let bins = [stretches(tss, bin, bin), stretches(tts, bin, bin)].concat();
            let mutated = mutate_tracks(model, inputs, ids, baseline, &bins)?;
            this.track_agreement = mutated.agreement(attributions)?.pop().flatten();
            for (i, column) in columns.iter().enumerate().take(tracks) {
                let lost = mutated.differences.index_axis(Axis(0), 0);
                let lost = lost.column(i).iter().map(|&v| v as f32).collect();
                let track = attributions.tracks.index_axis(Axis(0), 0);
                let sum = |bin: &Range<usize>| {
                    bin.clone().map(|position| track[[position, i]]).sum::<f32>()
                };
                this.columns.push(MutatedColumn {
                    name: column.name.clone(),
                    places: bins.clone(),
                    importance: lost,
                    attribution: bins.iter().map(sum).collect(),
                });
            }
        }
        let top = sites
            .iter()
            .find(|site| site.top.row == row && columns[site.top.column].name == baseline::DNA);
        if let Some(top) = top {
            let segment = match top.top.position < view.seam() {
                true => 0..view.seam(),
                false => view.seam()..view.positions(),
            };
            let first = top.top.position.saturating_sub(FLANK).max(segment.start);
            let last = (top.top.position + FLANK + 1).min(segment.end);
            let positions: Vec<usize> = (first..last).collect();
            let mutated = mutate_bases(model, inputs, &positions)?;
            this.dna_agreement = mutated.agreement(attributions)?.pop().flatten();
            let dna = attributions.dna.index_axis(Axis(0), 0);
            this.columns.push(MutatedColumn {
                name: baseline::DNA.to_owned(),
                places: positions.iter().map(|&position| position..position + 1).collect(),
                importance: mutated.importance().row(0).iter().map(|&v| v as f32).collect(),
                attribution: positions.iter().map(|&position| dna.row(position).sum()).collect(),
            });
        }
        Ok(this)
    }

    /// Adds the mutations to the first tally, and the attributions to the second.
    fn tally(
        &self,
        explanation: &Explanation,
        row: usize,
        truth: &Truth,
        tallies: &mut [Tally; 2],
    ) {
        let columns = explanation.columns();
        for mutated in &self.columns {
            let found = columns.iter().find(|column| column.name == mutated.name);
            let labels = found.and_then(|column| truth.labels(explanation, row, column));
            let Some(labels) = labels else { continue };
            for (tally, scores) in
                tallies.iter_mut().zip([&mutated.importance, &mutated.attribution])
            {
                let labelled = mutated.places.iter().zip(scores).map(|(place, &score)| {
                    (labels[place.clone()].iter().any(|&label| label), score)
                });
                tally.add(&mutated.name, labelled);
            }
        }
    }
}

impl Report {
    /// Adds a row's curves, scaled to the way from its baseline to its input, if there is one.
    fn add_curves(&mut self, curves: &FaithfulnessCurves) {
        let last = self.shares.len() - 1;
        let (value, base) = (curves.deletion.top[[0, 0]], curves.deletion.top[[0, last]]);
        let way = value - base;
        if way.abs() < f64::EPSILON * value.abs().max(base.abs()).max(1.0) {
            return;
        }
        let random = |curves: &Curves| {
            let draws = curves.random.index_axis(Axis(0), 0);
            draws.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(last + 1))
        };
        let four = [
            curves.deletion.top.row(0).to_owned(),
            random(&curves.deletion),
            curves.insertion.top.row(0).to_owned(),
            random(&curves.insertion),
        ];
        for (all, curve) in self.curves.iter_mut().zip(four) {
            all.push(curve.mapv(|v| (v - base) / way));
        }
    }

    /// Writes a line a row.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let write = |out: &mut dyn std::io::Write| {
            writeln!(
                out,
                "gene_id\tsample\tdeletion_gain\tinsertion_gain\tdna_agreement\ttrack_agreement"
            )?;
            self.lines.iter().try_for_each(|line| {
                write!(out, "{}\t{}", line.gene_id, line.sample)?;
                for number in line.numbers() {
                    write!(out, "\t{}", super::tables::cell(number.unwrap_or(f64::NAN)))?;
                }
                writeln!(out)
            })
        };
        Ok(atomic::write(path, write)?)
    }

    /// Draws the mean curves as `stem`.svg and .png.
    pub fn draw(&self, stem: &Path) -> anyhow::Result<()> {
        let names =
            ["top sites deleted", "random deleted", "top sites inserted", "random inserted"];
        // Medians: where a row's value is next to its baseline's, shares of the way between
        // them are without bound.
        let at = |curves: &[Array1<f64>], share: usize| {
            median(curves.iter().map(|curve| curve[share]).collect()).unwrap_or(f64::NAN)
        };
        let shares = self.shares.len();
        let medians = |curves: &Vec<Array1<f64>>| (0..shares).map(|i| at(curves, i)).collect();
        let curves: Vec<Vec<f64>> = self.curves.iter().map(medians).collect();
        let series: Vec<Series<'_>> =
            names.iter().zip(&curves).map(|(name, curve)| Series::new(name, curve)).collect();
        let figure = lines(&Lines {
            title: &format!("Sites by |attribution|, medians of {} rows", self.lines.len()),
            x_label: "share of sites replaced",
            y_label: "share of the way from baseline to input",
            x: &self.shares,
            series: &series,
            reference: None,
        })?;
        report::draw(stem, &figure)
    }

    /// Says what came of it, as medians, and what was found of what was planted.
    pub fn tell(&self, session: &Session) -> anyhow::Result<()> {
        let planted = self.planted.as_ref();
        session.screen.event("faithfulness", &json!({ "rows": self.lines, "planted": planted }));
        session.screen.say(&self.medians()?);
        let titles = ["by mutagenesis of these rows", "by |attribution| at the same positions"];
        for (title, found) in titles.iter().zip(planted.into_iter().flatten()) {
            session.screen.say(&planted::table(title, found)?);
        }
        Ok(())
    }

    fn medians(&self) -> anyhow::Result<String> {
        let median = |which: usize| {
            let values = self.lines.iter().filter_map(|line| line.numbers()[which]).collect();
            median(values).map_or_else(|| "none".to_owned(), |value| format!("{value:.2}"))
        };
        self.lines.first().context("no row was measured")?;
        Ok(format!(
            "faithfulness, medians of {} rows: gain over random order {} when top sites are \
             deleted and {} when inserted; agreement (Spearman) with mutagenesis {} in tracks, \
             {} around the DNA's top site",
            self.lines.len(),
            median(0),
            median(1),
            median(3),
            median(2),
        ))
    }
}

impl Line {
    fn numbers(&self) -> [Option<f64>; 4] {
        [self.deletion_gain, self.insertion_gain, self.dna_agreement, self.track_agreement]
    }
}

/// The middle value, or the upper of the two middle ones.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
