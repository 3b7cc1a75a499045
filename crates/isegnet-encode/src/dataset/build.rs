use super::filter::{Filter, Kept};
use super::layout::Place;
use super::manifest::{ChromosomeLength, InputFile, Manifest, TrackSpec};
use super::write::{Plans, write_dna, write_sample};
use super::{Dataset, DatasetError, folder, genes, kept_bin_bp, names};
use crate::Windows;
use isegnet_core::{Cancel, Gene, Interval, Progress, SequenceSource, SignalSource};
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;

/// One sample: its expression, and one source for each declared track.
pub struct SampleInput {
    /// Name, unique.
    pub name: String,
    /// Condition, such as `treated`.
    pub condition: Option<String>,
    /// Group, such as a patient.
    pub group: Option<String>,
    /// Expression of each gene of the builder, in order; none where the sample
    /// has no value, which leaves the row out. No vector at all makes every
    /// gene a row, to be predicted only.
    pub expression: Option<Vec<Option<f64>>>,
    /// Each track by name.
    pub tracks: Vec<(String, Box<dyn SignalSource>)>,
}

/// Builds a data set folder from genes, sources and expression values.
///
/// Windows are read sorted by position, each stretch once, with one reader a
/// thread; memory holds some million bases at a time. The folder is written
/// under another name beside its place and renamed when it is whole.
pub struct DatasetBuilder {
    windows: Windows,
    genes: Vec<Gene>,
    sequence: Option<Box<dyn SequenceSource>>,
    tracks: Vec<TrackSpec>,
    samples: Vec<SampleInput>,
    include: Option<Vec<Interval>>,
    blacklist: Vec<Interval>,
    inputs: Vec<InputFile>,
    configuration: serde_json::Value,
}

impl DatasetBuilder {
    /// Starts with the windows of `genes`, which become rows in this order.
    pub fn new(windows: Windows, genes: Vec<Gene>) -> Self {
        Self {
            windows,
            genes,
            sequence: None,
            tracks: Vec::new(),
            samples: Vec::new(),
            include: None,
            blacklist: Vec::new(),
            inputs: Vec::new(),
            configuration: serde_json::Value::Null,
        }
    }

    /// Adds the genome, which every sample shares.
    pub fn sequence(mut self, genome: Box<dyn SequenceSource>) -> Self {
        self.sequence = Some(genome);
        self
    }

    /// Declares a track, of which every sample has a source.
    pub fn track(mut self, track: TrackSpec) -> Self {
        self.tracks.push(track);
        self
    }

    /// Adds a sample.
    pub fn sample(mut self, sample: SampleInput) -> Self {
        self.samples.push(sample);
        self
    }

    /// Keeps only genes of which each window lies inside one of `regions`
    /// (touching ones count as one).
    pub fn include(mut self, regions: Vec<Interval>) -> Self {
        self.include = Some(regions);
        self
    }

    /// Leaves out genes of which a window touches one of `regions`.
    pub fn blacklist(mut self, regions: Vec<Interval>) -> Self {
        self.blacklist = regions;
        self
    }

    /// Records a file that the data set is made from.
    pub fn input(mut self, file: InputFile) -> Self {
        self.inputs.push(file);
        self
    }

    /// Records what the caller was told to do: anything that serde writes.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn configuration(mut self, configuration: &impl Serialize) -> Result<Self, DatasetError> {
        self.configuration = serde_json::to_value(configuration)
            .map_err(|cause| DatasetError::Configuration { message: cause.to_string() })?;
        Ok(self)
    }

    /// Reads all sources and writes the data set to `path`, in the place of a
    /// data set that is there.
    ///
    /// # Errors
    /// Names, values or sources do not fit together, a source cannot be read,
    /// the folder cannot be written, or the work was cancelled. Nothing is left
    /// behind then.
    pub fn write(
        mut self,
        path: &Path,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Dataset, DatasetError> {
        self.check()?;
        let target = folder::Folder::create(path)?;
        let chromosomes = self.chromosomes()?;
        let kept = self.filter(&chromosomes)?;
        let watch = (progress, cancel);
        let manifest = self.write_files(target.path(), &chromosomes, &kept, watch)?;
        if cancel.is_cancelled() {
            return Err(DatasetError::Cancelled);
        }
        target.commit(&manifest)?;
        progress.finish();
        Dataset::open(path)
    }

    fn check(&self) -> Result<(), DatasetError> {
        if self.tracks.is_empty() && self.sequence.is_none() {
            return Err(DatasetError::NoInput);
        }
        if self.samples.is_empty() {
            return Err(DatasetError::NoSample);
        }
        names::check_tracks(&self.tracks)?;
        names::check_names("sample", self.samples.iter().map(|s| s.name.as_str()))?;
        names::check_names("gene", self.genes.iter().map(|g| g.id.as_str()))?;
        let symbols = self.genes.iter().filter_map(|g| g.name.as_deref());
        for name in symbols.chain(self.genes.iter().map(|g| g.body.chrom.as_str())) {
            if name.chars().any(char::is_control) {
                return Err(DatasetError::Name { what: "gene or chromosome", name: name.into() });
            }
        }
        self.samples.iter().try_for_each(|sample| self.check_sample(sample))
    }

    fn check_sample(&self, sample: &SampleInput) -> Result<(), DatasetError> {
        let mut given: Vec<_> = sample.tracks.iter().map(|(name, _)| name.clone()).collect();
        let mut declared: Vec<_> = self.tracks.iter().map(|track| track.name.clone()).collect();
        given.sort_unstable();
        declared.sort_unstable();
        if given != declared {
            return Err(DatasetError::Tracks { sample: sample.name.clone(), given, declared });
        }
        let Some(expression) = &sample.expression else { return Ok(()) };
        if expression.len() != self.genes.len() {
            let (given, genes) = (expression.len(), self.genes.len());
            let sample = sample.name.clone();
            return Err(DatasetError::ExpressionLength { sample, given, genes });
        }
        for (gene, value) in self.genes.iter().zip(expression) {
            if let Some(value) = value.filter(|v| !v.is_finite() || *v < 0.0) {
                let (sample, gene) = (sample.name.clone(), gene.id.clone());
                return Err(DatasetError::Expression { sample, gene, value });
            }
        }
        Ok(())
    }

    /// The genome's chromosomes, or without one those that any track has.
    fn chromosomes(&self) -> Result<Vec<(String, Option<u64>)>, DatasetError> {
        if let Some(genome) = &self.sequence {
            return Ok(genome.chromosomes().iter().map(|c| (c.name.clone(), c.length)).collect());
        }
        let mut places = HashMap::new();
        let mut all: Vec<(String, Option<u64>)> = Vec::new();
        // The track that each length is of.
        let mut tracks = HashMap::new();
        let samples = self.samples.iter().flat_map(|s| s.tracks.iter().map(move |t| (s, t)));
        for (sample, (track, source)) in samples {
            let name = || format!("track {track:?} of sample {:?}", sample.name);
            for chromosome in source.chromosomes() {
                let place = *places.entry(chromosome.name.clone()).or_insert_with(|| {
                    all.push((chromosome.name.clone(), None));
                    all.len() - 1
                });
                let (Some((chrom, known)), Some(length)) = (all.get_mut(place), chromosome.length)
                else {
                    continue;
                };
                let (first, said) = tracks.entry(place).or_insert_with(|| (name(), length));
                if *said != length {
                    let (first, second) = ((first.clone(), *said), (name(), length));
                    return Err(DatasetError::Lengths { chrom: chrom.clone(), first, second });
                }
                *known = Some(length);
            }
        }
        Ok(all)
    }

    fn filter(&self, chromosomes: &[(String, Option<u64>)]) -> Result<Kept, DatasetError> {
        let expressed = |i: usize| {
            self.samples.iter().any(|sample| match &sample.expression {
                Some(expression) => expression.get(i).is_some_and(Option::is_some),
                None => true,
            })
        };
        let filter = Filter {
            windows: &self.windows,
            chromosomes,
            include: self.include.as_deref(),
            blacklist: &self.blacklist,
            expressed: &expressed,
        };
        filter.apply(&self.genes)
    }

    fn write_files(
        &mut self,
        path: &Path,
        chromosomes: &[(String, Option<u64>)],
        kept: &Kept,
        watch: (&dyn Progress, &Cancel),
    ) -> Result<Manifest, DatasetError> {
        let (genes, chromosomes, places) = self.keep(chromosomes, kept);
        let mut manifest = Manifest::new(self.windows, std::mem::take(&mut self.configuration));
        manifest.counts = kept.counts;
        manifest.inputs = std::mem::take(&mut self.inputs);
        manifest.tracks = std::mem::take(&mut self.tracks);
        manifest.dna = self.sequence.is_some();
        manifest.chromosomes = chromosomes
            .into_iter()
            .map(|(name, length)| ChromosomeLength { name, length })
            .collect();
        folder::write(path, folder::GENES, |out| genes::write(out, &genes))?;
        let mut plans = Plans::new(&places, &manifest.chromosomes);
        let bases = self.bases(&manifest, &mut plans);
        watch.0.start("reading windows", bases);
        if let Some(genome) = self.sequence.take() {
            write_dna(&path.join(folder::DNA), genome, plans.get(1), watch)?;
        }
        for (i, sample) in std::mem::take(&mut self.samples).into_iter().enumerate() {
            let summary = write_sample(path, i, sample, kept, &manifest, &mut plans, watch)?;
            manifest.samples.push(summary);
        }
        manifest.files = folder::files(path, &manifest, watch.1)?;
        Ok(manifest)
    }

    /// The genes kept and their chromosomes, numbered anew in the genome's order.
    #[allow(clippy::type_complexity)]
    fn keep(
        &self,
        chromosomes: &[(String, Option<u64>)],
        kept: &Kept,
    ) -> (Vec<Gene>, Vec<(String, Option<u64>)>, Vec<[Place; 2]>) {
        let mut used = vec![None; chromosomes.len()];
        for [place, _] in &kept.places {
            if let Some(number) = used.get_mut(place.chrom as usize) {
                *number = Some(0);
            }
        }
        let mut names = Vec::new();
        for (number, chromosome) in used.iter_mut().zip(chromosomes) {
            if number.is_some() {
                *number = Some(names.len() as u32);
                names.push(chromosome.clone());
            }
        }
        let mut places = kept.places.clone();
        for place in places.as_flattened_mut() {
            place.chrom = used.get(place.chrom as usize).copied().flatten().unwrap_or_default();
        }
        let genes = kept.genes.iter().filter_map(|&i| self.genes.get(i).cloned()).collect();
        (genes, names, places)
    }

    /// Counts the bases that all sources are read for.
    fn bases(&self, manifest: &Manifest, plans: &mut Plans<'_>) -> u64 {
        let dna = if manifest.dna { plans.get(1).bases() } else { 0 };
        let a_sample: u64 =
            (manifest.tracks.iter()).map(|track| plans.get(kept_bin_bp(track)).bases()).sum();
        dna + a_sample * self.samples.len() as u64
    }
}
