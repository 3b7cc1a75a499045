//! Writes the arrays of a data set, read from its sources as a stream.

use super::arrays::{ArrayWriter, Spool};
use super::filter::Kept;
use super::layout::{Layout, Place};
use super::manifest::{ChromosomeLength, Manifest, SampleSummary, TrackKind, TrackSpec};
use super::read::{self, Part, Read};
use super::{DatasetError, SampleInput, folder, kept_bin_bp};
use isegnet_core::bins::bin_means_into;
use isegnet_core::{
    Cancel, Interval, Progress, SequenceSource, SignalSource, SourceError, base_code,
};
use std::collections::HashMap;
use std::path::Path;

/// A layout and how it is read.
pub(super) struct Plan {
    layout: Layout,
    chunks: Vec<Vec<Read>>,
    chromosomes: Vec<String>,
}

impl Plan {
    /// Counts the bases that are read.
    pub fn bases(&self) -> u64 {
        read::plan_bases(&self.chunks)
    }

    fn chrom(&self, read: &Read) -> &str {
        self.chromosomes.get(read.chrom as usize).map_or("", String::as_str)
    }
}

/// One plan a bin size.
pub(super) struct Plans<'a> {
    places: &'a [[Place; 2]],
    chromosomes: Vec<String>,
    made: HashMap<usize, Plan>,
}

impl<'a> Plans<'a> {
    pub fn new(places: &'a [[Place; 2]], chromosomes: &[ChromosomeLength]) -> Self {
        let chromosomes = chromosomes.iter().map(|c| c.name.clone()).collect();
        Self { places, chromosomes, made: HashMap::new() }
    }

    pub fn get(&mut self, bin_bp: usize) -> &Plan {
        self.made.entry(bin_bp).or_insert_with(|| {
            let layout = Layout::new(self.places, bin_bp);
            let chunks = read::plan(&layout);
            Plan { layout, chunks, chromosomes: self.chromosomes.clone() }
        })
    }
}

/// Writes the codes of the kept bases, forward strand.
pub(super) fn write_dna(
    path: &Path,
    genome: Box<dyn SequenceSource>,
    plan: &Plan,
    watch: (&dyn Progress, &Cancel),
) -> Result<(), DatasetError> {
    let mut writer = ArrayWriter::create(path)?;
    let codes = |genome: &mut Box<dyn SequenceSource>, chunk: &[Read]| {
        let mut codes = Vec::new();
        let mut letters = Vec::new();
        for read in chunk {
            letters.resize((read.end - read.start) as usize, b'.');
            genome.bases_into(plan.chrom(read), read.start, &mut letters)?;
            for part in &read.parts {
                let range = (part.start - read.start) as usize..(part.end - read.start) as usize;
                let part = letters.get(range).unwrap_or_default();
                codes.extend(part.iter().map(|&letter| base_code(letter)));
            }
        }
        Ok(codes)
    };
    read::in_order(genome, &plan.chunks, watch, codes, |codes| writer.push(&codes))?;
    writer.end::<u8>("codes");
    writer.finish()
}

/// Writes the expression and tracks of sample `number`.
pub(super) fn write_sample(
    path: &Path,
    number: usize,
    sample: SampleInput,
    kept: &Kept,
    manifest: &Manifest,
    plans: &mut Plans<'_>,
    watch: (&dyn Progress, &Cancel),
) -> Result<SampleSummary, DatasetError> {
    let folder = folder::sample(path, number);
    std::fs::create_dir_all(&folder).map_err(|cause| DatasetError::written(&folder, cause))?;
    let expression: Option<Vec<Option<f64>>> = sample
        .expression
        .as_ref()
        .map(|values| kept.genes.iter().map(|&gene| values.get(gene).copied().flatten()).collect());
    if let Some(values) = &expression {
        let mut writer = ArrayWriter::create(&folder.join(folder::EXPRESSION))?;
        let values: Vec<f64> = values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        writer.push(&values)?;
        writer.end::<f64>("expression");
        writer.finish()?;
    }
    let mut sources: HashMap<String, Box<dyn SignalSource>> = sample.tracks.into_iter().collect();
    for (i, track) in manifest.tracks.iter().enumerate() {
        let Some(source) = sources.remove(&track.name) else { continue };
        let plan = plans.get(kept_bin_bp(track));
        let job = TrackJob { track, sample: &sample.name, plan };
        let file = folder.join(folder::track(i));
        let found = match track.kind {
            TrackKind::Signal => job.write_bins(&file, source, watch)?,
            TrackKind::Methylation => job.write_points(&file, source, watch)?,
        };
        if !found {
            let (track, sample) = (track.name.clone(), sample.name);
            let chrom = plan.chromosomes.first().cloned().unwrap_or_default();
            return Err(DatasetError::NoData { track, sample, genes: kept.genes.len(), chrom });
        }
    }
    Ok(SampleSummary {
        name: sample.name,
        condition: sample.condition,
        group: sample.group,
        expression: expression.is_some(),
        rows: expression.as_ref().map_or(kept.genes.len(), |e| e.iter().flatten().count()),
        zero_expression: expression.iter().flatten().filter(|v| **v == Some(0.0)).count(),
    })
}

/// The covered bases of some parts of stretches.
#[derive(Default)]
struct Points {
    /// A part's stretch and its number of covered bases.
    counts: Vec<(usize, u64)>,
    positions: Vec<u32>,
    values: Vec<f32>,
}

/// The reading of one track of one sample.
struct TrackJob<'a> {
    track: &'a TrackSpec,
    sample: &'a str,
    plan: &'a Plan,
}

impl TrackJob<'_> {
    /// Writes the means of the kept bins; tells whether there was any.
    fn write_bins(
        &self,
        path: &Path,
        source: Box<dyn SignalSource>,
        watch: (&dyn Progress, &Cancel),
    ) -> Result<bool, DatasetError> {
        let mut writer = ArrayWriter::create(path)?;
        let mut found = false;
        let bins = |source: &mut Box<dyn SignalSource>, chunk: &[Read]| {
            let mut bins: Vec<f32> = Vec::new();
            self.parts(source, chunk, |chrom, part, values| {
                let mut means = vec![0.0; values.len() / self.track.bin_bp];
                bin_means_into(values, self.track.bin_bp, &mut means);
                let bases = values.chunks(self.track.bin_bp);
                let places = (part.start..).step_by(self.track.bin_bp);
                for ((mean, bases), at) in means.into_iter().zip(bases).zip(places) {
                    // Infinities of both signs have no mean; they are not missing data.
                    let infinite = bases.iter().find(|v| mean.is_nan() && v.is_infinite());
                    self.check(infinite.map_or(mean, |&v| f64::from(v)), chrom, at)?;
                    bins.push(mean as f32);
                }
                Ok(())
            })?;
            Ok(bins)
        };
        read::in_order(source, &self.plan.chunks, watch, bins, |bins| {
            found |= bins.iter().any(|mean| !mean.is_nan());
            writer.push(&bins)
        })?;
        writer.end::<f32>("bins");
        writer.finish()?;
        Ok(found)
    }

    /// Writes positions and values of the covered bases, and where each stretch's end.
    fn write_points(
        &self,
        path: &Path,
        source: Box<dyn SignalSource>,
        watch: (&dyn Progress, &Cancel),
    ) -> Result<bool, DatasetError> {
        let mut writer = ArrayWriter::create(path)?;
        let mut spool = Spool::create(path.parent().unwrap_or(path))?;
        let mut counts = vec![0u64; self.plan.layout.stretches.len()];
        let points = |source: &mut Box<dyn SignalSource>, chunk: &[Read]| {
            let mut points = Points::default();
            self.parts(source, chunk, |chrom, part, values| {
                let before = points.positions.len();
                let bases = (part.start..).zip(values);
                for (at, &value) in bases.filter(|(_, value)| !value.is_nan()) {
                    self.check(f64::from(value), chrom, at)?;
                    let place = u32::try_from(at).map_err(|_| {
                        let message =
                            "a position above 4294967295 cannot be kept; cut the chromosome";
                        SourceError::new(&self.track.name, at.to_string(), message)
                    })?;
                    points.positions.push(place);
                    points.values.push(value);
                }
                points.counts.push((part.stretch, (points.positions.len() - before) as u64));
                Ok(())
            })?;
            Ok(points)
        };
        read::in_order(source, &self.plan.chunks, watch, points, |points| {
            for (stretch, covered) in points.counts {
                if let Some(count) = counts.get_mut(stretch) {
                    *count += covered;
                }
            }
            writer.push(&points.positions)?;
            spool.push(&points.values)
        })?;
        writer.end::<u32>("positions");
        writer.append(&mut spool)?;
        writer.end::<f32>("values");
        let mut total = 0;
        let ends = counts.iter().map(|count| {
            total += count;
            total
        });
        let offsets: Vec<u64> = std::iter::once(0).chain(ends).collect();
        writer.push(&offsets)?;
        writer.end::<u64>("offsets");
        writer.finish()?;
        Ok(total > 0)
    }

    /// Reads a chunk and hands on each part with its chromosome and values.
    fn parts(
        &self,
        source: &mut Box<dyn SignalSource>,
        chunk: &[Read],
        mut each: impl FnMut(&str, Part, &[f32]) -> Result<(), DatasetError>,
    ) -> Result<(), DatasetError> {
        let mut values = Vec::new();
        for read in chunk {
            values.resize((read.end - read.start) as usize, f32::NAN);
            let chrom = self.plan.chrom(read);
            source.values_into(chrom, read.start, &mut values)?;
            for &part in &read.parts {
                let range = (part.start - read.start) as usize..(part.end - read.start) as usize;
                each(chrom, part, values.get(range).unwrap_or_default())?;
            }
        }
        Ok(())
    }

    fn check(&self, value: f64, chrom: &str, at: i64) -> Result<(), DatasetError> {
        let percent = self.track.kind == TrackKind::Methylation;
        let finite = !value.is_infinite();
        if finite && (!percent || (0.0..=100.0).contains(&value)) {
            return Ok(());
        }
        let (track, sample) = (self.track.name.clone(), self.sample.to_owned());
        let place = Interval::new(chrom, at, at + kept_bin_bp(self.track) as i64);
        Err(match finite {
            true => DatasetError::Percent { track, sample, place, value },
            false => DatasetError::NotFinite { track, sample, place, value },
        })
    }
}
