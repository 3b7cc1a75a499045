use super::Explained;
use crate::failure::Refusal;
use isegnet_core::SequenceSource;
use isegnet_encode::Dataset;
use isegnet_io::fasta;
use isegnet_io::names::{self, Aliases};
use serde_json::Value;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

impl Explained {
    /// Opens the genome given, or that of the data set where both are still there.
    pub fn genome(&self, given: Option<&Path>) -> anyhow::Result<Box<dyn SequenceSource>> {
        let (own, aliases) = self.dataset_genome().unwrap_or_default();
        let there = own.clone().filter(|path| path.is_file());
        let Some(path) = given.map(Path::to_owned).or(there) else {
            let own = own.map(|path| format!(" {}", path.display())).unwrap_or_default();
            return Err(Refusal::usage(format!(
                "the genome{own} that {} was made from is not there any more; say with --genome \
                 where it is, or compare with --shuffle 1 or --control",
                self.folder.display()
            ))
            .into());
        };
        let genome = names::sequence(fasta::open(&path)?, aliases);
        let known: HashSet<&str> = genome.chromosomes().iter().map(|c| c.name.as_str()).collect();
        match self.rows.iter().find(|row| !known.contains(row.gene.body.chrom.as_str())) {
            None => Ok(genome),
            Some(row) => Err(Refusal::input(format!(
                "{} has no chromosome {:?}, on which gene {:?} is; give the genome of the \
                 explained genes with --genome",
                path.display(),
                row.gene.body.chrom,
                row.gene.id
            ))
            .into()),
        }
    }

    /// The genome of the data set, and what it calls chromosomes.
    fn dataset_genome(&self) -> Option<(Option<PathBuf>, Aliases)> {
        let dataset = Dataset::open(self.about.dataset.as_ref()?).ok()?;
        let manifest = dataset.manifest();
        let own = manifest.inputs.iter().find(|input| input.role == "genome");
        let configuration: Value = manifest.configuration().unwrap_or_default();
        let aliases = configuration.get("chrom_alias").cloned().unwrap_or_default();
        let aliases: Aliases = serde_json::from_value(aliases).unwrap_or_default();
        Some((own.map(|input| input.path.clone()), aliases))
    }
}
