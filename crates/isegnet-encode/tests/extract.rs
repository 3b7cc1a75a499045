//! Data sets made from bigWig files and a bgzip genome by any number of threads.
#![allow(clippy::unwrap_used)]

mod common;

use common::same;
use isegnet_core::bins::covered_mean;
use isegnet_core::{
    Cancel, Chromosome, Gene, Interval, Random, SignalSource, Silent, Strand, base_code,
};
use isegnet_encode::{
    Dataset, DatasetBuilder, DatasetError, SampleInput, TrackSpec, ViewConfig, Windows, dna,
};
use isegnet_io::{bigwig, fasta};
use std::path::{Path, PathBuf};

/// Long enough that windows make the work of several threads.
const LENGTHS: [(&str, u32); 3] = [("chr1", 3_000_017), ("chr2", 900_000), ("chr3", 40_000)];
const GENES: u64 = 500;
const TRACKS: [&str; 3] = ["narrow", "wide", "methylation"];

struct Files {
    folder: tempfile::TempDir,
    genes: Vec<Gene>,
    letters: Vec<String>,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let chromosomes = LENGTHS
            .map(|(name, length)| Chromosome { name: name.into(), length: Some(length.into()) });
        for (track, name) in (0..).zip(TRACKS) {
            let values = (0..).zip(LENGTHS).flat_map(|(c, (chrom, length))| {
                let random = Random::new(track, name).part(c);
                signal(random, track, length).into_iter().map(move |(s, e, v)| (chrom, s, e, v))
            });
            bigwig::write(path(folder.path(), name), &chromosomes, values).unwrap();
        }
        let random = Random::new(1, "files");
        let letters: Vec<String> = (0..)
            .zip(LENGTHS)
            .map(|(c, (_, length))| {
                let letter = |i| char::from(b"ACGTN"[random.below(c, i, 5) as usize]);
                (0..u64::from(length)).map(letter).collect()
            })
            .collect();
        let sequences = LENGTHS.iter().zip(&letters).map(|(l, bases)| (l.0, bases.as_str()));
        fasta::write(folder.path().join("genome.fa.gz"), sequences).unwrap();
        Self { folder, genes: genes(random), letters }
    }

    fn sources(&self) -> Vec<Box<dyn SignalSource>> {
        TRACKS.iter().map(|name| bigwig::open(path(self.folder.path(), name)).unwrap()).collect()
    }

    fn write(&self, out: &str, threads: usize) -> Result<Dataset, DatasetError> {
        let genome = fasta::open(self.folder.path().join("genome.fa.gz")).unwrap();
        let tracks = TRACKS.map(str::to_owned).into_iter().zip(self.sources()).collect();
        let sample = SampleInput {
            name: "s".into(),
            condition: None,
            group: None,
            expression: None,
            tracks,
        };
        let builder = DatasetBuilder::new(Windows::default(), self.genes.clone())
            .sequence(genome)
            .track(TrackSpec::signal("narrow"))
            .track(TrackSpec { bin_bp: 50, ..TrackSpec::signal("wide") })
            .track(TrackSpec::methylation("methylation"))
            .sample(sample);
        let out = self.folder.path().join(out);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| builder.write(&out, &Silent, &Cancel::default()))
    }
}

fn path(folder: &Path, track: &str) -> PathBuf {
    folder.join(format!("{track}.bw"))
}

/// Narrow steps, wide steps with gaps, or single bases.
fn signal(random: Random, track: u64, length: u32) -> Vec<(u32, u32, f32)> {
    let (mut at, mut all) = (0, Vec::new());
    for i in 0.. {
        let gap = if random.below(0, i, 40) == 0 { 100 } else { random.below(1, i, 3) as u32 };
        let start = at + gap * if track == 2 { 7 } else { 1 };
        at = start + if track == 2 { 1 } else { 1 + random.below(2, i, 9 + 40 * track) as u32 };
        if at > length {
            break;
        }
        all.push((start, at, random.below(3, i, 100) as f32 / if track == 2 { 1.0 } else { 7.0 }));
    }
    all
}

/// Genes in heaps and alone, some with windows off their chromosome.
fn genes(random: Random) -> Vec<Gene> {
    let gene = |i: u64| {
        let (chrom, length) = LENGTHS[[0, 0, 0, 0, 1, 1, 2][random.below(10, i, 7) as usize]];
        let area = if i.is_multiple_of(2) { length / 8 } else { length };
        let start = random.below(11, i, u64::from(area) - 3_000) as i64;
        let end = start + 1 + random.below(12, i, 2_999) as i64;
        let strand = if random.below(13, i, 2) == 0 { Strand::Forward } else { Strand::Reverse };
        Gene { id: format!("g{i}"), name: None, strand, body: Interval::new(chrom, start, end) }
    };
    (0..GENES).map(gene).collect()
}

fn bytes_in(folder: &Path, all: &mut Vec<(PathBuf, Vec<u8>)>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        match path.is_dir() {
            true => bytes_in(&path, all),
            false => all.push((path.clone(), std::fs::read(path).unwrap())),
        }
    }
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let files = Files::new();
    let of = |threads: usize| {
        let name = format!("set{threads}");
        files.write(&name, threads).unwrap();
        let (folder, mut all) = (files.folder.path().join(name), Vec::new());
        bytes_in(&folder, &mut all);
        let inside = |(path, bytes): (PathBuf, Vec<u8>)| {
            (path.strip_prefix(&folder).unwrap().to_owned(), bytes)
        };
        all.into_iter().map(inside).collect::<Vec<_>>()
    };
    let one = of(1);
    assert_eq!(one.len(), 6);
    for threads in [2, 5] {
        let many = of(threads);
        assert!(one.iter().zip(&many).all(|(a, b)| a == b), "{threads} threads");
    }
}

/// Every gene's windows, read from the files one base's bin at a time.
#[test]
fn a_data_set_holds_what_each_window_holds_alone() {
    let files = Files::new();
    let dataset = files.write("set", 3).unwrap();
    let view = dataset.view(&ViewConfig::default()).unwrap();
    let mut sources = files.sources();
    let (mut values, mut codes) = (vec![0.0; view.positions()], vec![0; view.positions()]);
    let mut covered = 0;
    for (row, gene) in dataset.genes().iter().enumerate() {
        let (c, length) = (0..)
            .zip(LENGTHS)
            .find_map(|(c, (name, length))| (name == gene.body.chrom).then_some((c, length)))
            .unwrap();
        let positions = Windows::default().intervals(gene).into_iter().flat_map(|window| {
            let bases: Vec<i64> = match gene.strand {
                Strand::Forward => (window.start..window.end).collect(),
                Strand::Reverse => (window.start..window.end).rev().collect(),
            };
            bases
        });
        let positions: Vec<i64> = positions.collect();
        let on = |p: i64| (0..i64::from(length)).contains(&p);
        view.dna_into(row, &mut codes);
        for (&p, code) in positions.iter().zip(&codes) {
            let letter = if on(p) { files.letters[c].as_bytes()[p as usize] } else { b'.' };
            let mut expected = [base_code(letter)];
            dna::orient(&mut expected, gene.strand);
            assert_eq!([*code], expected, "{} {p}", gene.id);
        }
        for (track, bin_bp) in [20, 50, 1].into_iter().enumerate() {
            view.values_into(row, track, &mut values);
            // Each window is a run of places, forwards or backwards.
            let (low, high) = (positions.iter().min().unwrap(), positions.iter().max().unwrap());
            let first = low.div_euclid(bin_bp) * bin_bp;
            let mut bases = vec![0.0; (high + bin_bp - first) as usize];
            sources[track].values_into(&gene.body.chrom, first, &mut bases).unwrap();
            for (&p, &value) in positions.iter().zip(&values) {
                let at = ((p - first) / bin_bp * bin_bp) as usize;
                let mean = covered_mean(&bases[at..at + bin_bp as usize]) as f32;
                let expected = if on(p) { mean } else { f32::NAN };
                assert!(same(value, expected), "{} {track} {p}: {value} {expected}", gene.id);
                covered += usize::from(!value.is_nan());
            }
        }
    }
    assert!(dataset.genes().len() > 400 && covered > 1_000_000, "{covered}");
}

/// A file that is damaged in one place is an error, whatever thread meets it,
/// and leaves nothing behind.
#[test]
fn a_damaged_block_ends_the_work() {
    let files = Files::new();
    let place = path(files.folder.path(), "wide");
    let mut bytes = std::fs::read(&place).unwrap();
    let data = u64::from_le_bytes(bytes[16..24].try_into().unwrap()) as usize + 8;
    bytes[data + 40] ^= 0x55;
    std::fs::write(&place, bytes).unwrap();
    let before = std::fs::read_dir(files.folder.path()).unwrap().count();
    for threads in [1, 4] {
        let text = files.write("set", threads).unwrap_err().to_string();
        assert!(text.contains("wide.bw") && text.contains("damaged"), "{text}");
        // The genome's indexes were built; nothing else is there.
        assert_eq!(std::fs::read_dir(files.folder.path()).unwrap().count(), before + 2);
    }
}
