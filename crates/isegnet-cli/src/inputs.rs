//! Opens everything that a configuration names, and tells all that is wrong at once.

mod look;

use crate::Session;
use crate::config::{Config, Sample, Track, TrackKind};
use crate::failure::Refusal;
use isegnet_core::{Gene, Interval, Progress, SequenceSource, SignalSource};
use isegnet_io::expression::{self, Columns};
use isegnet_io::{bedmethyl, fasta, genes, regions, signal};
use serde::Serialize;
use std::path::Path;

/// The inputs of a data set, opened.
#[derive(Default)]
pub struct Inputs {
    pub genome: Option<Box<dyn SequenceSource>>,
    pub genes: Vec<Gene>,
    pub include: Option<Vec<Interval>>,
    pub blacklist: Vec<Interval>,
    /// One for each sample of the configuration, in order.
    pub samples: Vec<SampleSources>,
}

/// The expression and the tracks of a sample.
pub struct SampleSources {
    /// One entry a gene, none where the table has no value for it; no table
    /// makes a sample that can only be predicted.
    pub expression: Option<Vec<Option<f64>>>,
    /// One source a track, in the configuration's order; none where it could
    /// not be opened.
    pub tracks: Vec<Option<Box<dyn SignalSource>>>,
}

/// What opening the inputs brought to light.
#[derive(Default)]
pub struct Findings {
    /// What each file holds, in the order they were opened.
    pub files: Vec<File>,
    /// What may be meant, or may not.
    pub warnings: Vec<String>,
    /// What must be mended first.
    pub problems: Vec<String>,
}

/// A file that was opened.
#[derive(Serialize)]
pub struct File {
    /// What it is used for, such as `genome` or `track H3K4me3`.
    pub role: String,
    pub path: std::path::PathBuf,
    pub holds: String,
}

impl Findings {
    /// Fails with all problems if there are any.
    pub fn refuse(&self) -> anyhow::Result<()> {
        let message = match self.problems.as_slice() {
            [] => return Ok(()),
            [one] => one.clone(),
            many => format!("{} problems\n- {}", many.len(), many.join("\n- ")),
        };
        Err(Refusal::input(message).into())
    }

    fn file(&mut self, role: impl Into<String>, path: &Path, holds: String) {
        self.files.push(File { role: role.into(), path: path.to_owned(), holds });
    }

    /// Takes the value, or notes why there is none.
    fn take<T>(&mut self, result: Result<T, impl std::fmt::Display>) -> Option<T> {
        result.map_err(|error| self.problems.push(error.to_string())).ok()
    }
}

/// Opens every file of `config`.
pub fn open(config: &Config, session: &Session) -> (Inputs, Findings) {
    let mut found = Findings::default();
    let files = 2 + config.samples.len() * (1 + config.tracks.len());
    session.screen.start("opening files", files as u64);
    let mut inputs = Inputs { genome: genome(config, &mut found), ..Inputs::default() };
    session.screen.advance(1);
    inputs.genes = annotation(config, &mut found);
    session.screen.advance(1);
    let mut list = |role: &str, path: Option<&Path>| {
        let path = path?;
        let list = found.take(regions::read(path))?;
        found.file(role, path, format!("{} regions", list.len()));
        Some(list)
    };
    inputs.include = list("include", config.filter.include.as_deref());
    inputs.blacklist = list("blacklist", config.filter.blacklist.as_deref()).unwrap_or_default();
    for sample in &config.samples {
        let expression = expression(config, sample, &inputs.genes, &mut found);
        session.screen.advance(1);
        let tracks = config.tracks.iter().zip(&sample.tracks).map(|(spec, path)| {
            let source = track(config, sample, spec, path, &mut found);
            session.screen.advance(1);
            source
        });
        let tracks = tracks.collect();
        inputs.samples.push(SampleSources { expression, tracks });
    }
    session.screen.finish();
    inputs.agree(config, &mut found);
    if found.problems.is_empty() {
        inputs.look_for_data(config, session, &mut found);
    }
    (inputs, found)
}

fn genome(config: &Config, found: &mut Findings) -> Option<Box<dyn SequenceSource>> {
    let path = config.genome.fasta.as_deref()?;
    let genome = found.take(fasta::open(path))?;
    let bases: u64 = genome.chromosomes().iter().filter_map(|c| c.length).sum();
    let n = genome.chromosomes().len();
    found.file("genome", path, format!("chromosomes: {n}, bases: {}", thousands(bases)));
    Some(genome)
}

fn annotation(config: &Config, found: &mut Findings) -> Vec<Gene> {
    let path = &config.genome.genes;
    let biotypes = &config.genome.biotypes;
    let options = genes::Options {
        anchor: config.genome.anchor,
        biotypes: (!biotypes.is_empty()).then(|| biotypes.clone()),
    };
    let Some(read) = found.take(genes::read_with(path, &options)) else { return Vec::new() };
    let mut holds = format!("{} genes", read.genes.len());
    for (n, what) in [
        (read.other_biotype, "of other biotypes left out"),
        (read.without_strand, "without a strand left out"),
        (read.fell_back, "without such a transcript, so their gene line is used"),
    ] {
        if n > 0 {
            holds.push_str(&format!("; {n} {what}"));
        }
    }
    found.file("genes", path, holds);
    read.genes
}

/// Puts the values of a sample's table to the genes.
fn expression(
    config: &Config,
    sample: &Sample,
    genes: &[Gene],
    found: &mut Findings,
) -> Option<Vec<Option<f64>>> {
    let Some(table) = &sample.expression else {
        let name = &sample.name;
        found.warnings.push(format!("sample {name:?} has no expression: it can only be predicted"));
        return None;
    };
    let columns = Columns::new(&table.id, &table.value);
    let mut values = vec![None; genes.len()];
    let read = found.take(expression::read(&table.path, &columns))?;
    let mut holds = format!("{} values", read.len());
    if !genes.is_empty() {
        let files = (table.path.display(), config.genome.genes.display());
        let joined = expression::join(genes.iter().map(|g| g.id.as_str()), &read)
            .map_err(|error| format!("{} and {}: {error}", files.0, files.1));
        if let Some(joined) = found.take(joined) {
            let n = joined.pairs.len();
            holds.push_str(&format!(
                ", {n} for genes of the annotation ({} genes have none, {} values no gene)",
                joined.genes_without, joined.values_without
            ));
            if joined.ambiguous > 0 {
                found.warnings.push(format!(
                    "{}: {} genes have several ids that differ only in what looks like a version; \
                     they are left out",
                    files.0, joined.ambiguous
                ));
            }
            if 2 * n < genes.len().min(read.len()) {
                found.warnings.push(format!(
                    "{}: only {n} of {} values have a gene; check that it is the table of this \
                     annotation",
                    files.0,
                    read.len()
                ));
            }
            for (gene, value) in joined.pairs {
                values[gene] = Some(value);
            }
        }
    }
    found.file(role(config, sample, "expression"), &table.path, holds);
    Some(values)
}

fn track(
    config: &Config,
    sample: &Sample,
    track: &Track,
    path: &Path,
    found: &mut Findings,
) -> Option<Box<dyn SignalSource>> {
    let format = found.take(signal::format(path))?;
    let methylated = format == signal::Format::BedMethyl;
    if methylated && track.kind == TrackKind::Signal {
        let name = &track.name;
        found.problems.push(format!(
            "{} is bedMethyl, and track {name:?} is a signal; set kind = \"methylation\"",
            path.display()
        ));
        return None;
    }
    let source = match methylated {
        true => bedmethyl::open(path, track.min_coverage),
        false => signal::open(path),
    };
    let source = found.take(source)?;
    let holds = format!("{format:?}, chromosomes: {}", source.chromosomes().len());
    found.file(role(config, sample, &format!("track {}", track.name)), path, holds);
    Some(source)
}

/// Names what a file is used for; with several samples, in which one.
fn role(config: &Config, sample: &Sample, what: &str) -> String {
    match config.samples.len() {
        1 => what.to_owned(),
        _ => format!("{what} of {}", sample.name),
    }
}

/// Writes a number with a blank between groups of three digits.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(" ")
}
