use crate::cause::Causes;
use crate::design::{Amounts, CAUSE_NAMES, Design};
use crate::expression::Expression;
use crate::files::{self, METHYLATION_TRACK, path_of, track_names};
use crate::layout::Layout;
use crate::sequence::{Planted, Sequence};
use crate::signal::{Peak, Signal, place};
use crate::truth::Truth;
use crate::{Config, Error, methylation};
use isegnet_core::{Progress, Random};
use isegnet_io::{atomic, bigwig};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What was written, and how well its causes predict it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// What it was made from.
    pub config: Config,
    /// Number of genes.
    pub genes: usize,
    /// Length of the genome.
    pub bases: u64,
    /// Names of the tracks, in order.
    pub tracks: Vec<String>,
    /// Names of the samples, in order.
    pub samples: Vec<String>,
    /// R2 on ln(TPM + 1), over all rows, of predicting from the causes
    /// themselves: no model can be expected to do better. 0 without causes.
    pub oracle_r2: f64,
    /// ln(TPM + 1) of a gene without any cause.
    pub intercept: f64,
    /// Change of ln(TPM + 1) by one copy of a motif, by a mark of full height,
    /// by full methylation.
    pub effects: BTreeMap<String, f64>,
    /// Number of genes at which a cause differs between the conditions.
    pub changed_genes: usize,
    /// The configuration for the command, `isegnet.toml` in the folder.
    pub configuration: PathBuf,
}

/// An organism before it is written.
struct Organism {
    design: Design,
    layout: Layout,
    causes: Causes,
    sequence: Sequence,
    planted: Vec<Planted>,
    peaks: Vec<Vec<Peak>>,
    expression: Expression,
}

/// Makes up an organism and writes its files into `folder`, which is made if it
/// is not there; files of these names are replaced.
///
/// `genome.fa`, `genes.gtf`, `isegnet.toml`, `truth.tsv` and `simulation.json`
/// (the [`Summary`]); with one sample `expression.tsv` and `tracks/*.bw`, with
/// several the same below `samples/NAME/`. Everything follows from `config`:
/// the same one gives the same bytes.
///
/// # Errors
/// A number of `config` is out of range, or a file cannot be written.
pub fn simulate(config: &Config, folder: &Path, progress: &dyn Progress) -> Result<Summary, Error> {
    config.check()?;
    let design = Design::of(config);
    let files = design.samples.len() * (design.marks.len() + 2) + 4;
    progress.start("simulating", files as u64 + 1);
    let organism = Organism::new(config, design);
    progress.advance(1);
    let summary = organism.summary(config, folder);
    organism.write(config, folder, progress)?;
    let json = serde_json::to_string_pretty(&summary).unwrap_or_default();
    atomic::write(folder.join("simulation.json"), |out| writeln!(out, "{json}"))?;
    progress.finish();
    Ok(summary)
}

impl Organism {
    fn new(config: &Config, design: Design) -> Self {
        let seed = config.seed;
        let layout = Layout::new(seed, config.genes);
        let mut causes = Causes::new(seed, &design, config.genes);
        let mut sequence = Sequence::new(seed, &layout);
        let planted = sequence.plant(seed, &design, &layout, &mut causes);
        let marks = design.marks.iter().enumerate();
        let peaks = marks.map(|(i, m)| place(seed, i, m, &layout, &sequence)).collect();
        sequence.blemish(seed);
        let expression = Expression::new(seed, &design, &causes);
        Self { design, layout, causes, sequence, planted, peaks, expression }
    }

    fn summary(&self, config: &Config, folder: &Path) -> Summary {
        let effects = CAUSE_NAMES.iter().zip(self.expression.effects);
        Summary {
            config: config.clone(),
            genes: self.layout.loci.len(),
            bases: self.layout.lengths.iter().map(|n| *n as u64).sum(),
            tracks: track_names(&self.design).into_iter().map(str::to_owned).collect(),
            samples: self.design.samples.iter().map(|s| s.name.clone()).collect(),
            oracle_r2: self.expression.oracle_r2,
            intercept: self.expression.intercept,
            effects: effects.map(|(n, e)| ((*n).to_owned(), e)).collect(),
            changed_genes: self.causes.changed.iter().flatten().count(),
            configuration: folder.join("isegnet.toml"),
        }
    }

    fn write(&self, config: &Config, folder: &Path, progress: &dyn Progress) -> Result<(), Error> {
        let Self { design, layout, .. } = self;
        make_folder(folder)?;
        atomic::write(folder.join("genome.fa"), |out| {
            files::write_bases(layout, &self.sequence.bases, out)
        })?;
        atomic::write(folder.join("genes.gtf"), |out| files::write_genes(layout, out))?;
        let scenario = config.scenario.name();
        atomic::write(folder.join("isegnet.toml"), |out| {
            files::write_configuration(scenario, design, out)
        })?;
        atomic::write(folder.join("truth.tsv"), |out| self.truth().write(out))?;
        progress.advance(4);
        (0..design.samples.len())
            .try_for_each(|s| self.write_sample(config.seed, s, folder, progress))
    }

    fn truth(&self) -> Truth<'_> {
        Truth {
            design: &self.design,
            layout: &self.layout,
            causes: &self.causes,
            expression: &self.expression,
            planted: &self.planted,
            peaks: &self.peaks,
        }
    }

    fn write_sample(
        &self,
        seed: u64,
        number: usize,
        folder: &Path,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let Self { design, layout, .. } = self;
        let sample = &design.samples[number];
        let path = |file: &str| folder.join(path_of(design, sample, file));
        make_folder(path("x.bw").parent().unwrap_or(folder))?;
        let tpm = &self.expression.tpm[number];
        atomic::write(path("expression.tsv"), |out| files::write_expression(layout, tpm, out))?;
        progress.advance(1);
        let amounts = &self.causes.amounts[sample.condition];
        let random = Random::new(seed, "simulate/signal").part(number as u64);
        for (i, (mark, peaks)) in design.marks.iter().zip(&self.peaks).enumerate() {
            let random = random.part(i as u64);
            let signal = Signal { design, mark, peaks, amounts, random };
            self.write_track(&path(&format!("{}.bw", mark.name)), &|chrom| {
                signal.runs(chrom, layout.lengths[chrom])
            })?;
            progress.advance(1);
        }
        self.write_methylation(seed, number, amounts, &path(&format!("{METHYLATION_TRACK}.bw")))?;
        progress.advance(1);
        Ok(())
    }

    fn write_methylation(
        &self,
        seed: u64,
        sample: usize,
        amounts: &[Amounts],
        path: &Path,
    ) -> Result<(), Error> {
        let random = Random::new(seed, "simulate/methylation").part(sample as u64);
        self.write_track(path, &|chrom| {
            methylation::sites(random, chrom, &self.layout, &self.sequence.bases[chrom], amounts)
        })
    }

    fn write_track(
        &self,
        path: &Path,
        runs: &dyn Fn(usize) -> Vec<(u32, u32, f32)>,
    ) -> Result<(), Error> {
        let chromosomes = &self.layout.chromosomes;
        let values = chromosomes.iter().enumerate().flat_map(|(i, chromosome)| {
            runs(i).into_iter().map(|(start, end, v)| (chromosome.name.as_str(), start, end, v))
        });
        Ok(bigwig::write(path, chromosomes, values)?)
    }
}

fn make_folder(path: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(path).map_err(|cause| Error::Folder { path: path.to_owned(), cause })
}
