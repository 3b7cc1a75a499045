//! Makes seven bigWig tracks as large as a human genome's, and measures how
//! long and in how much memory a data set is made from them:
//!
//! ```text
//! cargo run --release --example human -- make FOLDER
//! cargo run --release --example human -- read FOLDER
//! ```
#![allow(clippy::print_stdout)]

use isegnet_core::{Cancel, Chromosome, Gene, Interval, Random, Silent, Strand};
use isegnet_encode::{DatasetBuilder, SampleInput, TrackSpec, Windows};
use isegnet_io::bigwig;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

const GENES: u64 = 16_673;
const TRACKS: u64 = 7;
/// Lengths of the chromosomes, in millions of bases.
const LENGTHS: [u32; 24] = [
    249, 242, 198, 190, 182, 171, 159, 145, 138, 134, 135, 133, 114, 107, 102, 90, 83, 80, 59, 64,
    47, 51, 156, 57,
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", folder] => make(Path::new(folder)),
        ["read", folder] => read(Path::new(folder)),
        _ => Err("say make FOLDER or read FOLDER".into()),
    }
}

fn chromosomes() -> Vec<Chromosome> {
    let named = |(i, length): (usize, &u32)| Chromosome {
        name: format!("chr{:02}", i + 1),
        length: Some(u64::from(*length) * 1_000_000),
    };
    LENGTHS.iter().enumerate().map(named).collect()
}

fn track_path(folder: &Path, track: u64) -> PathBuf {
    folder.join(format!("track{track}.bw"))
}

/// Writes the tracks that are not there, and the genes as BED.
fn make(folder: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let mut bed = std::io::BufWriter::new(std::fs::File::create(folder.join("genes.bed"))?);
    for gene in genes() {
        let (body, strand) = (gene.body, if gene.strand == Strand::Forward { '+' } else { '-' });
        writeln!(bed, "{}\t{}\t{}\t{}\t0\t{strand}", body.chrom, body.start, body.end, gene.id)?;
    }
    bed.flush()?;
    for track in (0..TRACKS).filter(|&track| !track_path(folder, track).exists()) {
        let chromosomes = chromosomes();
        let values = chromosomes.iter().enumerate().flat_map(|(c, chromosome)| {
            let random = Random::new(track, "signal").part(c as u64);
            Signal::new(random, LENGTHS[c] * 1_000_000)
                .map(|(start, end, value)| (chromosome.name.as_str(), start, end, value))
        });
        bigwig::write(track_path(folder, track), &chromosomes, values)?;
    }
    Ok(())
}

/// Signal in steps of 25 bases, equal steps joined, and long stretches of zero.
struct Signal {
    random: Random,
    length: u32,
    at: u32,
    step: u64,
    height: i32,
    busy_until: u32,
}

impl Signal {
    fn new(random: Random, length: u32) -> Self {
        Self { random, length, at: 10_000, step: 0, height: 0, busy_until: 0 }
    }
}

impl Iterator for Signal {
    type Item = (u32, u32, f32);

    fn next(&mut self) -> Option<Self::Item> {
        self.step += 1;
        let (start, bits) = (self.at, self.random.bits(self.step, 0));
        if start + 20_000 > self.length {
            return None;
        }
        let steps = if start >= self.busy_until {
            self.busy_until = start + 2_000 + (bits >> 40) as u32 % 18_000;
            self.height = 0;
            1 + (bits >> 20) as u32 % 120
        } else {
            self.height = (self.height + (bits & 7) as i32 - 3).clamp(1, 60);
            1 + (bits >> 8 & bits >> 9 & 1) as u32
        };
        self.at += 25 * steps;
        Some((start, self.at, 0.137_31 * self.height as f32))
    }
}

/// Genes, a third of them close to the one before, as on a real genome.
fn genes() -> Vec<Gene> {
    let random = Random::new(1, "genes");
    let total: u64 = LENGTHS.iter().map(|&length| u64::from(length)).sum();
    let mut genes: Vec<Gene> = Vec::new();
    let mut at = (0, 0);
    for i in 0..GENES {
        if random.below(i, 0, 3) > 0 || genes.is_empty() {
            let mut place = random.below(i, 1, total * 1_000_000);
            let mut chrom = 0;
            while place >= u64::from(LENGTHS[chrom]) * 1_000_000 {
                place -= u64::from(LENGTHS[chrom]) * 1_000_000;
                chrom += 1;
            }
            at = (chrom, place as i64);
        } else {
            at.1 += random.below(i, 2, 40_000) as i64;
        }
        let length = (27_000.0 * (1.4 * random.normal(i, 3)).exp()).clamp(1_500.0, 1e6) as i64;
        let last = i64::from(LENGTHS[at.0]) * 1_000_000 - length - 2_000;
        let start = at.1.clamp(2_000, last);
        let strand = if random.below(i, 9, 2) == 0 { Strand::Forward } else { Strand::Reverse };
        let body = Interval::new(format!("chr{:02}", at.0 + 1), start, start + length);
        genes.push(Gene { id: format!("g{i}"), name: None, strand, body });
    }
    genes
}

/// Writes the data set and says what it cost.
fn read(folder: &Path) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let mut builder = DatasetBuilder::new(Windows::default(), genes());
    let mut sample = SampleInput {
        name: "made".into(),
        condition: None,
        group: None,
        expression: None,
        tracks: Vec::new(),
    };
    for track in 0..TRACKS {
        let name = format!("track{track}");
        sample.tracks.push((name.clone(), bigwig::open(track_path(folder, track))?));
        builder = builder.track(TrackSpec::signal(name));
    }
    let opened = begun.elapsed();
    let dataset = builder.sample(sample).write(&folder.join("set"), &Silent, &Cancel::default())?;
    println!(
        "{} genes in {:.2} s ({:.2} s of them to open), {}, fingerprint {}",
        dataset.genes().len(),
        begun.elapsed().as_secs_f64(),
        opened.as_secs_f64(),
        peak_memory(),
        dataset.fingerprint(),
    );
    Ok(())
}

/// The most memory that this process had, where the system says so.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    peak.unwrap_or("peak memory unknown").split_whitespace().collect::<Vec<_>>().join(" ")
}
