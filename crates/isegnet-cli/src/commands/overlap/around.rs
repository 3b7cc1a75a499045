//! The experiment's signal around the highest sites.

use super::bound::Bound;
use super::promoters::Promoters;
use crate::explained::{Explained, Site};
use crate::report;
use isegnet_core::{Interval, Random, Strand};
use isegnet_io::atomic;
use isegnet_plot::{Lines, Series, lines};
use std::io::Write;
use std::path::Path;

/// Bases on either side of a site.
const REACH: i64 = 500;
/// Bases that make one value.
const BIN: usize = 20;
/// Random positions for each site.
const RANDOM: u64 = 10;
/// Lines that a picture has colours for.
const DRAWN: usize = 6;

/// Mean signal by distance from a site, 5' to 3' of its gene, one line a track and list.
#[derive(Default)]
pub struct Around(Vec<Line>);

struct Line {
    sample: String,
    track: String,
    list: String,
    sites: usize,
    /// One a bin.
    mean: Vec<f64>,
    /// The same around random positions of the same windows.
    random: Vec<f64>,
}

impl Around {
    /// Adds those of a track's sites that lie in the windows; nothing where there is none.
    pub fn add(
        &mut self,
        explained: &Explained,
        (sample, track, list): (&str, &str, &str),
        sites: &[&Site],
        (promoters, seed): (&Promoters, u64),
        bound: &mut Bound,
    ) -> anyhow::Result<()> {
        let random = Random::new(seed, "overlap/random positions").part(self.0.len() as u64);
        let (mut mean, mut other) = (Mean::default(), Mean::default());
        for site in sites {
            let row = &explained.rows[site.row];
            let (strand, middle) = (row.gene.strand, middle(&site.place));
            let places = promoters.places(explained, row);
            if !places.iter().any(|place| (place.start..place.end).contains(&middle)) {
                continue;
            }
            mean.add(&site.place.chrom, middle, strand, bound)?;
            let total: usize = places.iter().map(Interval::len).sum();
            for draw in 0..RANDOM {
                let at = random.below(draw, site.row as u64, total as u64) as usize;
                let at = row.bases(&places, &(at..at + 1));
                other.add(&at.chrom, at.start, strand, bound)?;
            }
        }
        if mean.count == 0 {
            return Ok(());
        }
        self.0.push(Line {
            sample: sample.to_owned(),
            track: track.to_owned(),
            list: list.to_owned(),
            sites: mean.count,
            mean: mean.of(),
            random: other.of(),
        });
        Ok(())
    }

    /// Writes a line a bin.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let write = |out: &mut dyn Write| {
            writeln!(out, "sample\ttrack\tgenes\tsites\tdistance_bp\tsignal\trandom")?;
            for Line { sample, track, list, sites, mean, random } in &self.0 {
                for ((at, mean), random) in distances().iter().zip(mean).zip(random) {
                    writeln!(out, "{sample}\t{track}\t{list}\t{sites}\t{at}\t{mean}\t{random}")?;
                }
            }
            Ok(())
        };
        Ok(atomic::write(path, write)?)
    }

    /// Draws the genes with the motif where there are any, else all; of many lines those that
    /// reach highest. `unit` is that of the signal.
    pub fn draw(&self, unit: &str, picture: &Path) -> anyhow::Result<()> {
        let carriers = self.0.iter().any(|line| line.list != "all");
        let mut shown: Vec<&Line> =
            self.0.iter().filter(|l| (l.list != "all") == carriers).collect();
        if shown.is_empty() {
            return Ok(());
        }
        let highest = |line: &Line| line.mean.iter().copied().fold(0.0, f64::max);
        shown.sort_by(|a, b| highest(b).total_cmp(&highest(a)));
        shown.truncate(DRAWN);
        let several = shown.iter().any(|line| line.sample != shown[0].sample);
        let name = |line: &&Line| {
            let sample = if several { format!("{} ", line.sample) } else { String::new() };
            format!("{sample}{} ({} sites)", line.track, line.sites)
        };
        let names: Vec<String> = shown.iter().map(name).collect();
        let series: Vec<Series<'_>> =
            shown.iter().zip(&names).map(|(line, name)| Series::new(name, &line.mean)).collect();
        let random: Vec<f64> = shown.iter().flat_map(|line| &line.random).copied().collect();
        let random = random.iter().sum::<f64>() / random.len() as f64;
        let which = if carriers { ", genes with the motif" } else { "" };
        let figure = lines(&Lines {
            title: &format!("ChIP-seq around the highest sites{which}"),
            x_label: "Distance from the site (bp)",
            y_label: &format!("Mean {unit}"),
            x: &distances(),
            series: &series,
            reference: Some((random, "around random positions")),
        })?;
        report::draw(picture, &figure)
    }
}

/// The middles of bins.
fn distances() -> Vec<f64> {
    let bins = (2 * REACH) as usize / BIN;
    (0..bins).map(|bin| (bin * BIN + BIN / 2) as f64 - REACH as f64).collect()
}

fn middle(place: &Interval) -> i64 {
    (place.start + place.end - 1) / 2
}

/// Sums of signal, base by base.
#[derive(Default)]
struct Mean {
    sums: Vec<f64>,
    count: usize,
    values: Vec<f32>,
}

impl Mean {
    fn add(
        &mut self,
        chrom: &str,
        at: i64,
        strand: Strand,
        bound: &mut Bound,
    ) -> anyhow::Result<()> {
        // The site's base is the first behind the middle, on either strand.
        let start = if strand == Strand::Forward { at - REACH } else { at - REACH + 1 };
        bound.signal_into(&Interval::new(chrom, start, start + 2 * REACH), &mut self.values)?;
        if strand == Strand::Reverse {
            self.values.reverse();
        }
        self.sums.resize(self.values.len(), 0.0);
        self.sums.iter_mut().zip(&self.values).for_each(|(sum, &v)| *sum += f64::from(v));
        self.count += 1;
        Ok(())
    }

    fn of(&self) -> Vec<f64> {
        let n = (self.count.max(1) * BIN) as f64;
        self.sums.chunks(BIN).map(|bin| bin.iter().sum::<f64>() / n).collect()
    }
}
