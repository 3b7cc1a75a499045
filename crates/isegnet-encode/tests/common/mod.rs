//! Sources in memory, and a slow reference for what a data set must hold.
#![allow(dead_code, clippy::unwrap_used)]

use isegnet_core::{
    Cancel, Chromosome, Gene, Interval, Random, SequenceSource, SignalSource, Silent, SourceError,
    Strand,
};
use isegnet_encode::{
    Dataset, DatasetBuilder, DatasetError, SampleInput, TrackKind, TrackSpec, Windows,
};
use std::collections::HashMap;
use std::sync::Arc;
use tempfile::TempDir;

/// Values of a track, by chromosome; NaN where missing.
#[derive(Clone, Default)]
pub struct MemorySignal {
    pub chromosomes: Vec<Chromosome>,
    pub values: Arc<HashMap<String, Vec<f32>>>,
}

impl MemorySignal {
    pub fn new(values: HashMap<String, Vec<f32>>) -> Self {
        let mut chromosomes: Vec<Chromosome> = values
            .iter()
            .map(|(name, v)| Chromosome { name: name.clone(), length: Some(v.len() as u64) })
            .collect();
        chromosomes.sort_by(|a, b| a.name.cmp(&b.name));
        Self { chromosomes, values: Arc::new(values) }
    }

    pub fn at(&self, chrom: &str, position: i64) -> f32 {
        let values = self.values.get(chrom);
        let i = usize::try_from(position).ok();
        values.zip(i).and_then(|(v, i)| v.get(i).copied()).unwrap_or(f32::NAN)
    }
}

impl SignalSource for MemorySignal {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.chromosomes
    }

    fn values_into(&mut self, chrom: &str, start: i64, out: &mut [f32]) -> Result<(), SourceError> {
        for (i, value) in out.iter_mut().enumerate() {
            *value = self.at(chrom, start + i as i64);
        }
        Ok(())
    }

    fn reopen(&self) -> Result<Box<dyn SignalSource>, SourceError> {
        Ok(Box::new(self.clone()))
    }
}

/// Letters of a genome.
#[derive(Clone)]
pub struct MemoryGenome {
    pub chromosomes: Vec<Chromosome>,
    pub letters: Arc<HashMap<String, Vec<u8>>>,
}

impl MemoryGenome {
    pub fn new(letters: Vec<(String, Vec<u8>)>) -> Self {
        let chromosomes = letters
            .iter()
            .map(|(name, v)| Chromosome { name: name.clone(), length: Some(v.len() as u64) })
            .collect();
        Self { chromosomes, letters: Arc::new(letters.into_iter().collect()) }
    }

    pub fn at(&self, chrom: &str, position: i64) -> u8 {
        let letters = &self.letters[chrom];
        usize::try_from(position).ok().and_then(|i| letters.get(i).copied()).unwrap_or(b'.')
    }
}

impl SequenceSource for MemoryGenome {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.chromosomes
    }

    fn bases_into(&mut self, chrom: &str, start: i64, out: &mut [u8]) -> Result<(), SourceError> {
        for (i, letter) in out.iter_mut().enumerate() {
            *letter = self.at(chrom, start + i as i64);
        }
        Ok(())
    }

    fn reopen(&self) -> Result<Box<dyn SequenceSource>, SourceError> {
        Ok(Box::new(self.clone()))
    }
}

pub fn gene(id: &str, chrom: &str, strand: Strand, start: i64, end: i64) -> Gene {
    Gene { id: id.into(), name: None, strand, body: Interval::new(chrom, start, end) }
}

/// A small made-up study: three chromosomes, both strands, all kinds of tracks,
/// two samples, missing values, genes at the ends.
pub struct Study {
    pub folder: TempDir,
    pub genome: MemoryGenome,
    pub genes: Vec<Gene>,
    pub specs: Vec<TrackSpec>,
    /// By sample, then track.
    pub signals: Vec<Vec<MemorySignal>>,
    pub expression: Vec<Vec<Option<f64>>>,
    pub windows: Windows,
}

const LENGTHS: [(&str, usize); 3] = [("chr1", 30_011), ("chr2", 20_000), ("chrX", 12_345)];

impl Study {
    pub fn new(seed: u64, windows: Windows) -> Self {
        let random = Random::new(seed, "study");
        let genome = LENGTHS.iter().zip(0..).map(|(&(name, length), c)| {
            let letter = |i| b"ACGTacgtN"[random.part(c).below(0, i, 9) as usize];
            (name.to_owned(), (0..length as u64).map(letter).collect())
        });
        let genome = MemoryGenome::new(genome.collect());
        let genes = (0..40)
            .map(|i| {
                let (chrom, length) = LENGTHS[random.below(1, i, 3) as usize];
                let start = random.below(2, i, length as u64 - 200) as i64;
                let longest = (length as u64 - start as u64).min(4000);
                let end = start + 1 + random.below(3, i, longest) as i64;
                let strands = [Strand::Forward, Strand::Reverse];
                gene(&format!("g{i}"), chrom, strands[random.below(4, i, 2) as usize], start, end)
            })
            .collect::<Vec<_>>();
        let specs = vec![
            TrackSpec::signal("binned"),
            TrackSpec { name: "single".into(), kind: TrackKind::Signal, bin_bp: 1 },
            TrackSpec::methylation("meth"),
            TrackSpec { name: "coarse".into(), kind: TrackKind::Signal, bin_bp: 33 },
        ];
        let signals =
            (0..2).map(|s| (0..4).map(|t| signal(random.part(10 + 4 * s + t), t)).collect());
        let expression = (0..2).map(|s| {
            let value = |i| match random.below(20 + s, i, 6) {
                0 => None,
                1 => Some(0.0),
                _ => Some(10.0 * random.uniform(30 + s, i)),
            };
            (0..genes.len() as u64).map(value).collect()
        });
        Self {
            folder: tempfile::tempdir().unwrap(),
            genome,
            specs,
            signals: signals.collect(),
            expression: expression.collect(),
            windows,
            genes,
        }
    }

    pub fn builder(&self) -> DatasetBuilder {
        let mut builder = DatasetBuilder::new(self.windows, self.genes.clone())
            .sequence(Box::new(self.genome.clone()));
        for spec in &self.specs {
            builder = builder.track(spec.clone());
        }
        for (s, signals) in self.signals.iter().enumerate() {
            let tracks = self.specs.iter().zip(signals).map(|(spec, signal)| {
                let source: Box<dyn SignalSource> = Box::new(signal.clone());
                (spec.name.clone(), source)
            });
            builder = builder.sample(SampleInput {
                name: format!("s{s}"),
                condition: None,
                group: None,
                expression: Some(self.expression[s].clone()),
                tracks: tracks.collect(),
            });
        }
        builder
    }

    pub fn build(&self) -> Result<Dataset, DatasetError> {
        self.builder().write(&self.folder.path().join("set"), &Silent, &Cancel::default())
    }

    /// The genome's position of each position of a row, TSS window first.
    pub fn positions(&self, gene: &Gene, windows: &Windows) -> Vec<i64> {
        let mut positions = Vec::new();
        for (window, anchor) in windows.both().into_iter().zip([gene.tss(), gene.tts()]) {
            for offset in window.start()..window.end() {
                positions.push(match gene.strand {
                    Strand::Forward => anchor + offset,
                    Strand::Reverse => anchor - offset,
                });
            }
        }
        positions
    }

    /// The value of one base, worked out one base at a time.
    pub fn value(&self, sample: usize, track: usize, chrom: &str, position: i64) -> f32 {
        let length = self.genome.letters[chrom].len() as i64;
        if position < 0 || position >= length {
            return f32::NAN;
        }
        let spec = &self.specs[track];
        let signal = &self.signals[sample][track];
        if spec.kind == TrackKind::Methylation {
            return signal.at(chrom, position);
        }
        let bin_bp = spec.bin_bp as i64;
        let first = position / bin_bp * bin_bp;
        let values = (first..first + bin_bp).map(|p| signal.at(chrom, p)).filter(|v| !v.is_nan());
        let (sum, n) = values.fold((0.0f64, 0u32), |(sum, n), v| (sum + f64::from(v), n + 1));
        if n == 0 { f32::NAN } else { (sum / f64::from(n)) as f32 }
    }
}

fn signal(random: Random, track: u64) -> MemorySignal {
    let mut all = HashMap::new();
    for (&(name, length), c) in LENGTHS.iter().zip(0..) {
        if track == 1 && name == "chrX" {
            continue;
        }
        let random = random.part(c);
        let value = |i: u64| {
            // Missing in blocks of 50, so that whole bins are missing too.
            let missing = match track {
                2 => random.below(0, i, 30) != 0,
                _ => random.below(0, i / 50, 5) == 0,
            };
            match track {
                _ if missing => f32::NAN,
                2 => random.below(1, i, 101) as f32,
                3 => random.normal(1, i) as f32,
                _ => (3.0 * random.uniform(1, i)) as f32,
            }
        };
        all.insert(name.to_owned(), (0..length as u64).map(value).collect());
    }
    MemorySignal::new(all)
}

/// Tells whether two values are the same, missing being one value.
pub fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}
