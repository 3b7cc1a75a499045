use super::Aliases;
use isegnet_core::{Chromosome, Gene, Interval, SequenceSource, SignalSource, SourceError};
use std::collections::HashMap;
use std::sync::Arc;

/// Gives a track whose chromosomes are called as asked.
pub fn signal(source: Box<dyn SignalSource>, aliases: Aliases) -> Box<dyn SignalSource> {
    match aliases {
        Aliases::None => source,
        _ => Box::new(Renamed { names: Mapping::new(source.chromosomes(), aliases), source }),
    }
}

/// Gives a genome whose chromosomes are called as asked.
pub fn sequence(source: Box<dyn SequenceSource>, aliases: Aliases) -> Box<dyn SequenceSource> {
    match aliases {
        Aliases::None => source,
        _ => Box::new(Renamed { names: Mapping::new(source.chromosomes(), aliases), source }),
    }
}

/// Calls the chromosomes of genes as asked.
pub fn genes(genes: &mut [Gene], aliases: Aliases) {
    for gene in genes {
        gene.body.chrom = aliases.apply(&gene.body.chrom).into_owned();
    }
}

/// Calls the chromosomes of regions as asked.
pub fn regions(regions: &mut [Interval], aliases: Aliases) {
    for region in regions {
        region.chrom = aliases.apply(&region.chrom).into_owned();
    }
}

/// A source under other names.
struct Renamed<S: ?Sized> {
    names: Arc<Mapping>,
    source: Box<S>,
}

struct Mapping {
    chromosomes: Vec<Chromosome>,
    /// What the source calls each of them.
    own: HashMap<String, String>,
}

impl Mapping {
    fn new(chromosomes: &[Chromosome], aliases: Aliases) -> Arc<Self> {
        let renamed = |c: &Chromosome| Chromosome {
            name: aliases.apply(&c.name).into_owned(),
            length: c.length,
        };
        let mut own = HashMap::new();
        for c in chromosomes {
            // Of two that become one name, the first has it.
            own.entry(renamed(c).name).or_insert_with(|| c.name.clone());
        }
        Arc::new(Self { chromosomes: chromosomes.iter().map(renamed).collect(), own })
    }

    fn own<'a>(&'a self, chrom: &'a str) -> &'a str {
        self.own.get(chrom).map_or(chrom, String::as_str)
    }
}

impl SignalSource for Renamed<dyn SignalSource> {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.names.chromosomes
    }

    fn values_into(&mut self, chrom: &str, start: i64, out: &mut [f32]) -> Result<(), SourceError> {
        self.source.values_into(self.names.own(chrom), start, out)
    }

    fn reopen(&self) -> Result<Box<dyn SignalSource>, SourceError> {
        Ok(Box::new(Self { names: self.names.clone(), source: self.source.reopen()? }))
    }
}

impl SequenceSource for Renamed<dyn SequenceSource> {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.names.chromosomes
    }

    fn bases_into(&mut self, chrom: &str, start: i64, out: &mut [u8]) -> Result<(), SourceError> {
        self.source.bases_into(self.names.own(chrom), start, out)
    }

    fn reopen(&self) -> Result<Box<dyn SequenceSource>, SourceError> {
        Ok(Box::new(Self { names: self.names.clone(), source: self.source.reopen()? }))
    }
}
