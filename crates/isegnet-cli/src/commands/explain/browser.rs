//! Attributions in genome coordinates, one bigWig a column, for a genome browser.

use super::Explanation;
use super::columns::Column;
use crate::Session;
use isegnet_core::{Chromosome, Progress};
use isegnet_encode::Stretch;
use isegnet_io::bigwig;
use std::path::Path;

/// A window of an explained row.
struct Piece {
    /// Index among the explained rows.
    row: usize,
    stretch: Stretch,
    /// Its bases on the chromosome.
    start: i64,
    end: i64,
}

/// Writes `<column>.bigWig` for every column, or `<sample>.<column>.bigWig` where rows are of
/// several samples. Where windows overlap, the attribution of the largest magnitude stands.
pub fn write(explanation: &Explanation, out: &Path, session: &Session) -> anyhow::Result<()> {
    let chromosomes = chromosomes(explanation);
    let samples = explanation.samples();
    let columns = explanation.columns();
    let files = samples.len() * columns.len();
    session.screen.start("writing bigWigs", files as u64);
    for sample in &samples {
        let pieces = pieces(explanation, sample);
        for column in &columns {
            if session.cancel.is_cancelled() {
                return Err(isegnet_core::LearnError::Cancelled.into());
            }
            let name = match samples.len() {
                1 => column.name.clone(),
                _ => format!("{sample}.{}", column.name),
            };
            let path = out.join(format!("{}.bigWig", super::file_name(&name)));
            let clusters = clusters(&pieces);
            let runs = clusters.into_iter().flat_map(|cluster| runs(explanation, column, cluster));
            bigwig::write(path, &chromosomes, runs)?;
            session.screen.advance(1);
        }
    }
    session.screen.finish();
    Ok(())
}

/// Chromosomes of the data set, as long as they are known to be.
fn chromosomes(explanation: &Explanation) -> Vec<Chromosome> {
    let known = &explanation.view.dataset().manifest().chromosomes;
    let reach = |name: &str| {
        let stretches = explanation.rows.iter().flat_map(|&row| explanation.view.stretches(row));
        let here = stretches.filter(|stretch| stretch.interval.chrom == name);
        here.map(|stretch| stretch.interval.end as u64).max()
    };
    let chromosome = |known: &isegnet_encode::ChromosomeLength| Chromosome {
        name: known.name.clone(),
        length: known.length.or_else(|| reach(&known.name)),
    };
    known.iter().map(chromosome).filter(|chromosome| chromosome.length.is_some()).collect()
}

/// The windows of a sample's rows in the order of a bigWig.
fn pieces(explanation: &Explanation, sample: &str) -> Vec<Piece> {
    let dataset = explanation.view.dataset();
    let mut pieces = Vec::new();
    for (row, &at) in explanation.rows.iter().enumerate() {
        if dataset.sample_of(at).name != sample {
            continue;
        }
        for stretch in explanation.view.stretches(at) {
            let on = stretch.on_chromosome();
            if let (false, Some(last)) = (on.is_empty(), on.end.checked_sub(1)) {
                let ends = [stretch.bases(on.start), stretch.bases(last)];
                let start = ends[0].start.min(ends[1].start);
                let end = ends[0].end.max(ends[1].end);
                pieces.push(Piece { row, stretch, start, end });
            }
        }
    }
    pieces.sort_by(|a, b| {
        let key =
            |piece: &Piece| (piece.start, piece.end, piece.row, piece.stretch.positions.start);
        a.stretch.interval.chrom.cmp(&b.stretch.interval.chrom).then_with(|| key(a).cmp(&key(b)))
    });
    pieces
}

/// Cuts pieces where none reaches over.
fn clusters(pieces: &[Piece]) -> Vec<&[Piece]> {
    let mut clusters = Vec::new();
    let (mut first, mut end) = (0, i64::MIN);
    for (i, piece) in pieces.iter().enumerate() {
        let before = &pieces[i.saturating_sub(1)].stretch.interval.chrom;
        if i > first && (piece.start >= end || piece.stretch.interval.chrom != *before) {
            clusters.push(&pieces[first..i]);
            (first, end) = (i, i64::MIN);
        }
        end = end.max(piece.end);
    }
    if first < pieces.len() {
        clusters.push(&pieces[first..]);
    }
    clusters
}

/// Bases of a cluster that share a value: chromosome, start, end, value.
fn runs<'a>(
    explanation: &Explanation,
    column: &Column,
    cluster: &'a [Piece],
) -> Vec<(&'a str, u32, u32, f32)> {
    let Some(first) = cluster.first() else { return Vec::new() };
    let end = cluster.iter().map(|piece| piece.end).max().unwrap_or(first.end);
    let mut bases = vec![f32::NAN; (end - first.start) as usize];
    let mut values = vec![0.0; explanation.view.positions()];
    for piece in cluster {
        explanation.column_into(piece.row, column, &mut values);
        for position in piece.stretch.on_chromosome() {
            let (value, on) = (values[position], piece.stretch.bases(position));
            let places = (on.start - first.start) as usize..(on.end - first.start) as usize;
            for base in bases.get_mut(places).unwrap_or_default() {
                if value.is_finite() && (base.is_nan() || value.abs() > base.abs()) {
                    *base = value;
                }
            }
        }
    }
    let mut runs = Vec::new();
    let mut at = first.start;
    for run in bases.chunk_by(|a, b| a.to_bits() == b.to_bits()) {
        let next = at + run.len() as i64;
        if !run[0].is_nan() {
            let chrom = first.stretch.interval.chrom.as_str();
            runs.push((chrom, at as u32, next as u32, run[0]));
        }
        at = next;
    }
    runs
}
