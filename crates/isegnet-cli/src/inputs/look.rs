//! Whether opened files fit together: names, lengths, data where genes are.

use super::{Findings, Inputs};
use crate::Session;
use crate::config::{Config, Windows};
use isegnet_core::{Gene, Progress, SignalSource, SourceError};
use isegnet_io::names::{self, Names};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

impl Inputs {
    /// Calls all chromosomes as the configuration asks, and compares them.
    pub(super) fn agree(&mut self, config: &Config, found: &mut Findings) {
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

    /// Reads windows of each track until one has data.
    pub(super) fn look_for_data(
        &mut self,
        config: &Config,
        session: &Session,
        found: &mut Findings,
    ) {
        let sources: usize = self.samples.iter().map(|sample| sample.tracks.len()).sum();
        session.screen.start("looking for data", sources as u64);
        let mut lack: BTreeMap<String, Vec<&Path>> = BTreeMap::new();
        for (sample, sources) in config.samples.iter().zip(&mut self.samples) {
            for (path, source) in sample.tracks.iter().zip(&mut sources.tracks) {
                if let Some(source) = source {
                    if let Some(lacking) = lacking(source.as_ref(), &self.genes) {
                        lack.entry(lacking).or_default().push(path);
                    }
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
        found.warnings.extend(lack.iter().filter_map(|(lacking, paths)| warning(lacking, paths)));
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

/// Says which chromosomes with genes a track does not have; nothing where it has all.
fn lacking(source: &dyn SignalSource, genes: &[Gene]) -> Option<String> {
    let known: HashSet<&str> = source.chromosomes().iter().map(|c| c.name.as_str()).collect();
    let mut lacking: BTreeMap<&str, usize> = BTreeMap::new();
    for gene in genes.iter().filter(|gene| !known.contains(gene.body.chrom.as_str())) {
        *lacking.entry(&gene.body.chrom).or_default() += 1;
    }
    let first = lacking.keys().next()?;
    let (chromosomes, genes) = (lacking.len(), lacking.values().sum::<usize>());
    Some(format!("{chromosomes} chromosomes with {genes} genes, such as {first:?}"))
}

/// Says once what several tracks lack.
fn warning(lacking: &str, paths: &[&Path]) -> Option<String> {
    let (first, more) = (paths.first()?.display(), paths.len() - 1);
    let who =
        if more == 0 { format!("{first} has") } else { format!("{first} and {more} more have") };
    Some(format!("{who} no data on {lacking}; they count as missing"))
}
