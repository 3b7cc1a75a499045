//! Made-up genes and genome-sized bigWig files, the same each time.

use isegnet::core::{Chromosome, Gene, Interval, Random, Strand};
use isegnet::io::bigwig;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Tracks of the race.
pub const TRACKS: usize = 7;

/// Genes of the race, as many as the paper has.
const GENES: usize = 16_673;

/// Lengths of the human chromosomes 1 to 22, X and Y, in Mb.
const LENGTHS_MB: [u64; 24] = [
    249, 242, 198, 190, 182, 171, 159, 145, 138, 134, 135, 133, 114, 107, 102, 90, 83, 80, 59, 64,
    47, 51, 156, 57,
];

/// Bases of an interval where there is signal.
const STEP_BP: u32 = 25;

/// Mean number of intervals of a stretch with signal; one without is as long.
const STRETCH: u64 = 100;

/// Size of one file, in MB, and the seconds it takes to make: as measured, for the announcement.
const FILE: (usize, usize) = (310, 30);

fn chromosomes() -> Vec<Chromosome> {
    let name = |i: usize| match i {
        22 => "chrX".into(),
        23 => "chrY".into(),
        _ => format!("chr{}", i + 1),
    };
    let length =
        |(i, mb): (usize, &u64)| Chromosome { name: name(i), length: Some(mb * 1_000_000) };
    let mut all: Vec<_> = LENGTHS_MB.iter().enumerate().map(length).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// The genes: anywhere, with lengths like those of human genes, in order of position.
pub fn genes() -> Vec<Gene> {
    let random = Random::new(1, "genes");
    let chromosomes = chromosomes();
    let lengths = chromosomes.iter().map(|c| c.length.unwrap_or(0));
    let total: u64 = lengths.clone().sum();
    let gene = |i: u64| {
        let mut place = random.below(0, i, total);
        let mut on = chromosomes.iter().zip(lengths.clone());
        let (chromosome, room) = on.find(|(_, length)| {
            let here = place < *length;
            place -= if here { 0 } else { *length };
            here
        })?;
        let length = (25_000.0 * (1.3 * random.normal(1, i)).exp()) as i64;
        let end = (place as i64 + length.max(200)).min(room as i64);
        let strand = if random.uniform(2, i) < 0.5 { Strand::Forward } else { Strand::Reverse };
        let body = Interval::new(chromosome.name.clone(), place.min(end as u64 - 1) as i64, end);
        Some(Gene { id: format!("gene{i}"), name: None, strand, body })
    };
    let mut genes: Vec<Gene> = (0..GENES as u64).filter_map(gene).collect();
    genes.sort_by(|a, b| (&a.body.chrom, a.body.start).cmp(&(&b.body.chrom, b.body.start)));
    genes
}

/// Paths of the tracks in `folder`; makes those that are not there.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let paths: Vec<PathBuf> =
        (1..=TRACKS).map(|i| folder.join(format!("track{i}.bigWig"))).collect();
    let missing = paths.iter().filter(|path| !path.is_file()).count();
    if missing > 0 {
        let (mb, seconds) = (missing * FILE.0, missing * FILE.1);
        let place = folder.display();
        eprintln!("making {missing} bigWig files in {place}, once: about {mb} MB, {seconds} s");
    }
    for (i, path) in paths.iter().enumerate().filter(|(_, path)| !path.is_file()) {
        let start = Instant::now();
        write(path, i as u64)?;
        let mb = std::fs::metadata(path)?.len() / 1_000_000;
        eprintln!("  {}: {mb} MB, {:.0} s", path.display(), start.elapsed().as_secs_f64());
    }
    Ok(paths)
}

fn write(path: &Path, track: u64) -> Result<(), Box<dyn Error>> {
    let chromosomes = chromosomes();
    let random = Random::new(1, "tracks").part(track);
    let values = chromosomes.iter().enumerate().flat_map(|(i, chromosome)| {
        let length = chromosome.length.unwrap_or(0) as u32;
        let intervals = Intervals::new(random.part(i as u64), length);
        intervals.map(|(start, end, value)| (chromosome.name.as_str(), start, end, value))
    });
    Ok(bigwig::write(path, &chromosomes, values)?)
}

/// Intervals that cover one chromosome: long ones of value 0, and stretches of
/// short ones whose values walk, as those of a ChIP-seq's signal do.
struct Intervals {
    random: Random,
    length: u32,
    start: u32,
    /// Intervals left of the stretch with signal.
    left: u64,
    /// Where the walk stands.
    level: i32,
}

impl Intervals {
    fn new(random: Random, length: u32) -> Self {
        Self { random, length, start: 0, left: 0, level: 1 }
    }
}

impl Iterator for Intervals {
    type Item = (u32, u32, f32);

    fn next(&mut self) -> Option<Self::Item> {
        if self.start >= self.length {
            return None;
        }
        let [a, b, ..] = self.random.block(0, u64::from(self.start));
        let stretch = |word: u32| 1 + ((u64::from(word) * 2 * STRETCH) >> 32);
        let (bases, value) = if self.left == 0 {
            self.left = stretch(a);
            (stretch(b) as u32 * STEP_BP, 0.0)
        } else {
            self.left -= 1;
            self.level = (self.level + (a % 3) as i32 - 1).clamp(1, 200);
            (STEP_BP, (f64::from(self.level).powf(1.2) * 21_701.0).round() as f32 / 1e5)
        };
        let (start, end) = (self.start, self.length.min(self.start + bases));
        self.start = end;
        Some((start, end, value))
    }
}
