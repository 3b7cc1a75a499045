//! A human-sized data set stays small.
#![allow(clippy::unwrap_used)]

use isegnet_core::{
    Cancel, Chromosome, Gene, Interval, SequenceSource, SignalSource, Silent, SourceError, Strand,
};
use isegnet_encode::{DatasetBuilder, SampleInput, TrackSpec, Windows};

const GENES: usize = 16_673;
const CHROMOSOMES: usize = 23;

/// A genome, and tracks on it, worked out from the position alone.
#[derive(Clone)]
struct Made {
    chromosomes: Vec<Chromosome>,
    /// Every so many bases there is a value.
    every: i64,
}

impl Made {
    fn new(every: i64) -> Self {
        let chromosome = |i| Chromosome { name: format!("chr{i}"), length: Some(130_000_000) };
        Self { chromosomes: (0..CHROMOSOMES).map(chromosome).collect(), every }
    }
}

impl SignalSource for Made {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.chromosomes
    }

    fn values_into(&mut self, _: &str, start: i64, out: &mut [f32]) -> Result<(), SourceError> {
        out.fill(f32::NAN);
        let first = (-start).rem_euclid(self.every) as usize;
        for value in out.iter_mut().skip(first).step_by(self.every as usize) {
            *value = 50.0;
        }
        Ok(())
    }

    fn reopen(&self) -> Result<Box<dyn SignalSource>, SourceError> {
        Ok(Box::new(self.clone()))
    }
}

impl SequenceSource for Made {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.chromosomes
    }

    fn bases_into(&mut self, _: &str, _: i64, out: &mut [u8]) -> Result<(), SourceError> {
        out.fill(b'A');
        Ok(())
    }

    fn reopen(&self) -> Result<Box<dyn SequenceSource>, SourceError> {
        Ok(Box::new(self.clone()))
    }
}

/// 16,673 genes, none of whose windows overlap, DNA, six binned tracks, and
/// methylation at every 15th base, which is denser than in CpG islands.
#[test]
fn a_human_cell_type_takes_less_than_250_megabytes() {
    let a_chromosome = GENES.div_ceil(CHROMOSOMES);
    let gene = |i: usize| {
        let start = 10_007 + (i % a_chromosome) as i64 * 150_001;
        let strand = if i.is_multiple_of(3) { Strand::Reverse } else { Strand::Forward };
        let body = Interval::new(format!("chr{}", i / a_chromosome), start, start + 30_000);
        Gene { id: format!("ENSG{i:011}.1"), name: Some(format!("GENE{i}")), strand, body }
    };
    let names = ["DNase", "H3K4me1", "H3K4me3", "H3K27me3", "H3K36me3", "H3K9me3"];
    let mut builder = DatasetBuilder::new(Windows::default(), (0..GENES).map(gene).collect())
        .sequence(Box::new(Made::new(1)));
    let mut sample = SampleInput {
        name: "K562".into(),
        condition: None,
        group: None,
        expression: Some(vec![Some(1.0); GENES]),
        tracks: Vec::new(),
    };
    for name in names {
        builder = builder.track(TrackSpec::signal(name));
        sample.tracks.push((name.into(), Box::new(Made::new(7))));
    }
    builder = builder.track(TrackSpec::methylation("methylation"));
    sample.tracks.push(("methylation".into(), Box::new(Made::new(15))));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("set");
    let dataset = builder.sample(sample).write(&path, &Silent, &Cancel::default()).unwrap();
    assert_eq!(dataset.genes().len(), GENES);
    let bytes = bytes_in(&path);
    println!("{bytes} bytes");
    assert!(bytes < 250_000_000, "{bytes} bytes");
}

fn bytes_in(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let bytes = entries.map(|entry| match entry.metadata().unwrap() {
        file if file.is_file() => file.len(),
        _ => bytes_in(&entry.path()),
    });
    bytes.sum()
}
