//! Sequences on their way into a scan.

use crate::Session;
use crate::failure::Refusal;
use isegnet_core::{Interval, LearnError, Progress, base_code};
use isegnet_io::names::{self, Names};
use isegnet_io::{fasta, regions as bed};
use isegnet_motif::{Background, Scan, Scanner, coordinates_in_name};
use std::path::Path;

/// Bases that are read from a region at once.
const PIECE: usize = 1 << 20;

/// Scans a file from beginning to end.
pub fn sequences(
    scanner: &Scanner,
    path: &Path,
    places_in_names: bool,
    session: &Session,
) -> anyhow::Result<Scan> {
    let mut scanning = scanner.start();
    walk(path, "scanning", session, |piece| {
        let place = coordinates_in_name(piece.name).filter(|_| places_in_names);
        let (name, from) = place.unwrap_or((piece.name, 0));
        match piece.start {
            0 => scanning.add_new(name, from, piece.bases),
            start => scanning.add(name, from + start, piece.bases),
        }
    })?;
    Ok(scanning.finish())
}

/// Counts the bases of a file.
pub fn frequencies(path: &Path, session: &Session) -> anyhow::Result<Background> {
    let mut counts = [1_u64; 5];
    walk(path, "counting bases", session, |piece| {
        piece.bases.iter().for_each(|&base| counts[usize::from(base_code(base)).min(4)] += 1);
    })?;
    let [a, c, g, t, _] = counts.map(|count| count as f64);
    Ok(Background::new([a, c, g, t]).map_err(|problem| Refusal::input(problem.to_string()))?)
}

fn walk(
    path: &Path,
    task: &str,
    session: &Session,
    mut take: impl FnMut(fasta::Piece<'_>),
) -> anyhow::Result<()> {
    let mut stream = fasta::Stream::open(path)?;
    session.screen.start(task, stream.length());
    let mut before = 0;
    while let Some(piece) = stream.next()? {
        if session.cancel.is_cancelled() {
            return Err(LearnError::Cancelled.into());
        }
        take(piece);
        let done = stream.done();
        session.screen.advance(done - before);
        before = done;
    }
    session.screen.finish();
    Ok(())
}

/// Scans parts of a genome; where they overlap or touch, they are one.
pub fn regions(
    scanner: &Scanner,
    path: &Path,
    regions: &Path,
    session: &Session,
) -> anyhow::Result<Scan> {
    let mut genome = fasta::open(path)?;
    let wanted = bed::read(regions)?;
    if wanted.is_empty() {
        let message = "has no region; give lines of chromosome, start and end";
        return Err(Refusal::input(format!("{} {message}", regions.display())).into());
    }
    let names = [
        Names::new(path.display().to_string(), genome.chromosomes()),
        Names::of_regions(regions.display().to_string(), &wanted),
    ];
    if let Some(problem) = names::compare(&names).first() {
        return Err(Refusal::input(problem.to_string()).into());
    }
    let wanted = joined(wanted);
    if let Some(region) =
        wanted.iter().find(|r| genome.chromosomes().iter().all(|c| c.name != r.chrom))
    {
        return Err(Refusal::input(format!(
            "{} has no chromosome {:?}, on which {region} of {} lies; take that line out",
            path.display(),
            region.chrom,
            regions.display()
        ))
        .into());
    }
    session.screen.start("scanning", wanted.iter().map(|region| region.len() as u64).sum());
    let mut scanning = scanner.start();
    let mut bases = Vec::new();
    for region in &wanted {
        scanning.add_new(&region.chrom, region.start as u64, &[]);
        for start in (region.start..region.end).step_by(PIECE) {
            if session.cancel.is_cancelled() {
                return Err(LearnError::Cancelled.into());
            }
            bases.resize(PIECE.min((region.end - start) as usize), b'.');
            genome.bases_into(&region.chrom, start, &mut bases)?;
            scanning.add(&region.chrom, start as u64, &bases);
            session.screen.advance(bases.len() as u64);
        }
    }
    session.screen.finish();
    Ok(scanning.finish())
}

/// Sorts regions, and joins those that overlap or touch.
fn joined(mut regions: Vec<Interval>) -> Vec<Interval> {
    regions.sort();
    let mut joined: Vec<Interval> = Vec::new();
    for region in regions {
        match joined.last_mut() {
            Some(last) if last.chrom == region.chrom && region.start <= last.end => {
                last.end = last.end.max(region.end);
            }
            _ => joined.push(region),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_that_touch_are_one() {
        let r = |start, end| Interval::new("a", start, end);
        let all = vec![r(5, 9), r(0, 5), r(20, 30), r(22, 25), Interval::new("b", 9, 12)];
        assert_eq!(joined(all), [r(0, 9), r(20, 30), Interval::new("b", 9, 12)]);
    }
}
