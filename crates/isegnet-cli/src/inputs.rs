//! Opens everything that a configuration names, and tells all that is wrong at once.

use crate::Session;
use crate::config::{Config, Sample, Track, TrackKind, Windows};
use crate::failure::Refusal;
use isegnet_core::{Gene, Interval, Progress, SequenceSource, SignalSource, SourceError};
use isegnet_io::expression::{self, Columns};
use isegnet_io::names::{self, Names};
use isegnet_io::{bedmethyl, fasta, genes, regions, signal};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
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

impl Inputs {
    /// Calls all chromosomes as the configuration asks, and compares them.
    fn agree(&mut self, config: &Config, found: &mut Findings) {
        let aliases = config.genome.chrom_alias;
        let mut files = Vec::new();
        let shown = |path: &Path| path.display().to_string();
        if let (Some(genome), Some(path)) = (&self.genome, &config.genome.fasta) {
            files.push(Names::new(shown(path), genome.chromosomes()));
        }
        files.push(Names::of_genes(shown(&config.genome.genes), &self.genes));
        let filter = &config.filter;
        let lists =
            [(&filter.include, self.include.as_ref()), (&filter.blacklist, Some(&self.blacklist))];
        for (path, list) in lists {
            if let (Some(path), Some(list)) = (path, list) {
                files.push(Names::of_regions(shown(path), list));
            }
        }
        for (sample, sources) in config.samples.iter().zip(&self.samples) {
            for (path, source) in sample.tracks.iter().zip(&sources.tracks) {
                let chromosomes = source.as_ref().map(|source| source.chromosomes());
                files.extend(chromosomes.map(|c| Names::new(shown(path), c)));
            }
        }
        let mapped: Vec<Names> = files.iter().map(|names| names.mapped(aliases)).collect();
        found.problems.extend(names::compare(&mapped).iter().map(ToString::to_string));

        self.genome = self.genome.take().map(|genome| names::sequence(genome, aliases));
        names::genes(&mut self.genes, aliases);
        self.include.as_deref_mut().into_iter().for_each(|list| names::regions(list, aliases));
        names::regions(&mut self.blacklist, aliases);
        for source in self.samples.iter_mut().flat_map(|sample| &mut sample.tracks) {
            *source = source.take().map(|source| names::signal(source, aliases));
        }
    }
}

impl Inputs {
    /// Reads windows of each track until one has data.
    fn look_for_data(&mut self, config: &Config, session: &Session, found: &mut Findings) {
        let sources: usize = self.samples.iter().map(|sample| sample.tracks.len()).sum();
        session.screen.start("looking for data", sources as u64);
        for (sample, sources) in config.samples.iter().zip(&mut self.samples) {
            for (path, source) in sample.tracks.iter().zip(&mut sources.tracks) {
                if let Some(source) = source {
                    found.warnings.extend(lacking(path, source.as_ref(), &self.genes));
                    match has_data(source.as_mut(), config.windows, &self.genes) {
                        Ok(true) => {}
                        Ok(false) => found.problems.push(format!(
                            "{} has no data in any window of {} genes; check that it is of the \
                             genome's assembly",
                            path.display(),
                            self.genes.len()
                        )),
                        Err(error) => found.problems.push(error.to_string()),
                    }
                }
                session.screen.advance(1);
            }
        }
        session.screen.finish();
    }
}

fn has_data(
    source: &mut dyn SignalSource,
    windows: Windows,
    genes: &[Gene],
) -> Result<bool, SourceError> {
    let mut values = Vec::new();
    for window in genes.iter().flat_map(|gene| windows.intervals(gene)) {
        values.resize(window.len(), f32::NAN);
        source.values_into(&window.chrom, window.start, &mut values)?;
        if values.iter().any(|value| !value.is_nan()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Says which chromosomes with genes a track does not have: they are no data.
fn lacking(path: &Path, source: &dyn SignalSource, genes: &[Gene]) -> Option<String> {
    let known: HashSet<&str> = source.chromosomes().iter().map(|c| c.name.as_str()).collect();
    let mut lacking: BTreeMap<&str, usize> = BTreeMap::new();
    for gene in genes.iter().filter(|gene| !known.contains(gene.body.chrom.as_str())) {
        *lacking.entry(&gene.body.chrom).or_default() += 1;
    }
    let first = lacking.keys().next()?;
    Some(format!(
        "{} has no data on {} chromosomes with {} genes, such as {first:?}; they count as missing",
        path.display(),
        lacking.len(),
        lacking.values().sum::<usize>()
    ))
}

fn genome(config: &Config, found: &mut Findings) -> Option<Box<dyn SequenceSource>> {
    let path = config.genome.fasta.as_deref()?;
    let genome = found.take(fasta::open(path))?;
    let bases: u64 = genome.chromosomes().iter().filter_map(|c| c.length).sum();
    let n = genome.chromosomes().len();
    found.file("genome", path, format!("{n} chromosomes, {} bases", thousands(bases)));
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
    let holds = format!("{format:?}, {} chromosomes", source.chromosomes().len());
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
