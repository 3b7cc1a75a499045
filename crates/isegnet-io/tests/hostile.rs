//! Damaged bigWig files never make a panic, an abort or a large allocation; nor do large genomes.
#![allow(unsafe_code, clippy::unwrap_used)]

use isegnet_core::testdata::{fixtures, real_data};
use isegnet_core::{Random, SignalSource};
use isegnet_io::bigwig::Reader;
use isegnet_io::fasta;
use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, which remembers the largest piece asked for.
struct Watched;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LARGEST.fetch_max(size, Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watched = Watched;

/// No piece may be larger, whatever a file says: files here are smaller, and a block is at most 768 kB.
const LARGEST_ALLOWED: usize = 8 << 20;

/// Small bigWigs of every sort: (path, bytes).
fn seeds() -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in [fixtures("bigwig"), real_data("bigwig-odd")].into_iter().flatten() {
        paths.extend(std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()));
    }
    paths.retain(|p| p.extension().is_some_and(|e| e == "bw" || e == "bigWig" || e == "bb"));
    paths.sort();
    let read = |p: PathBuf| (p.clone(), std::fs::read(p).unwrap());
    paths.into_iter().map(read).filter(|(_, bytes)| bytes.len() < 1_200_000).collect()
}

/// What came of reading a file here and there.
#[derive(Debug, Default)]
struct Outcome {
    refused: usize,
    unreadable: usize,
    read: usize,
}

impl Outcome {
    /// Reads what can be read, and gives a digest of the values.
    fn try_file(&mut self, bytes: &[u8], what: &str) -> Option<u64> {
        let mut digest = None;
        match Reader::from_bytes(what, bytes).map_err(|e| e.to_string()).map(sample) {
            Err(message) => {
                self.refused += 1;
                check_message(&message, what);
            }
            Ok(Err(message)) => {
                self.unreadable += 1;
                check_message(&message, what);
            }
            Ok(Ok(values)) => {
                self.read += 1;
                digest = Some(values);
            }
        }
        let largest = LARGEST.load(Ordering::Relaxed);
        assert!(largest <= LARGEST_ALLOWED, "{what}: {largest} bytes were asked for at once");
        digest
    }
}

/// The message names the file.
fn check_message(message: &str, what: &str) {
    assert!(message.contains(what), "{message}");
}

fn sample(mut reader: Reader) -> Result<u64, String> {
    let mut digest = 0u64;
    let (mut values, mut pieces) = (vec![0.0; 5_000], vec![0.0; 5_000]);
    for c in reader.chromosomes().to_vec().into_iter().take(8) {
        let length = c.length.unwrap() as i64;
        let step = (length / 24).max(1_000);
        for start in (-100..length).step_by(step as usize) {
            reader.values_into(&c.name, start, &mut values).map_err(|e| e.to_string())?;
            // Cut anywhere, a stretch has the same values.
            let cut = (start + length).unsigned_abs() as usize % values.len();
            let (left, right) = pieces.split_at_mut(cut);
            reader.values_into(&c.name, start, left).map_err(|e| e.to_string())?;
            reader.values_into(&c.name, start + cut as i64, right).map_err(|e| e.to_string())?;
            assert!(values.iter().zip(&pieces).all(|(a, b)| a.to_bits() == b.to_bits()));
            let bits = values.iter().map(|v| u64::from(v.to_bits()));
            digest =
                bits.fold(digest, |d, b| d.rotate_left(5) ^ b.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        }
    }
    Ok(digest)
}

#[test]
fn truncated_files_are_refused_or_miss_nothing() {
    for (path, bytes) in seeds() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut outcome = Outcome::default();
        let whole = outcome.try_file(&bytes, name);
        let places = (0..80)
            .chain((1..60).map(|i| bytes.len() * i / 60))
            .chain(bytes.len() - 40..bytes.len());
        for cut in places {
            // What is cut off may be the filling of the last index node.
            let cut = outcome.try_file(&bytes[..cut.min(bytes.len())], name);
            assert!(cut.is_none() || cut == whole, "{name}");
        }
        println!("{name}: {outcome:?}");
        assert!(outcome.refused >= 100, "{name}: {outcome:?}");
    }
}

#[test]
fn files_with_flipped_bits_are_refused_or_read() {
    for (path, bytes) in seeds() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let random = Random::new(1, name);
        let mut outcome = Outcome::default();
        for i in 0..300 {
            let mut damaged = bytes.clone();
            // A third in the header, a third near the end (indexes), the rest anywhere.
            let n = bytes.len() as u64;
            let (from, span) = [(0, 200.min(n)), (n - n / 8, n / 8), (0, n)][i as usize % 3];
            for k in 0..1 + random.below(i, 0, 3) {
                let at = from + random.below(i, 2 * k + 1, span);
                damaged[at as usize] ^= 1 << random.below(i, 2 * k + 2, 8);
            }
            outcome.try_file(&damaged, name);
        }
        println!("{name}: {outcome:?}");
    }
}

#[test]
fn bytes_of_nothing_in_particular_are_refused() {
    let random = Random::new(2, "noise");
    for i in 0..200 {
        let n = random.below(i, 0, 2_000);
        let mut bytes: Vec<u8> = (0..n).map(|k| random.bits(i, k + 1) as u8).collect();
        // Half of them begin as a bigWig does.
        if i % 2 == 0 && bytes.len() > 6 {
            bytes[..6].copy_from_slice(&[0x26, 0xfc, 0x8f, 0x88, 4, 0]);
        }
        assert!(Reader::from_bytes("noise.bw", bytes).is_err());
    }
}

/// A flipped bit in compressed data is noticed: values are right or there are none.
#[test]
fn damaged_compressed_data_never_gives_other_values() {
    let Some(folder) = fixtures("bigwig") else { return };
    let bytes = std::fs::read(folder.join("chip.bw")).unwrap();
    let all = |bytes: &[u8]| -> Result<Vec<f32>, String> {
        let mut reader = Reader::from_bytes("chip.bw", bytes).map_err(|e| e.to_string())?;
        let mut all = Vec::new();
        for c in reader.chromosomes().to_vec() {
            let mut values = vec![0.0; c.length.unwrap() as usize];
            reader.values_into(&c.name, 0, &mut values).map_err(|e| e.to_string())?;
            all.extend(values);
        }
        Ok(all)
    };
    let sound = all(&bytes).unwrap();
    let u64_at = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let (data, index) = (u64_at(16) + 8, u64_at(24));
    let random = Random::new(3, "data");
    let mut noticed = 0;
    for i in 0..200 {
        let mut damaged = bytes.clone();
        damaged[(data + random.below(i, 0, index - data)) as usize] ^= 1 << random.below(i, 1, 8);
        match all(&damaged) {
            Err(_) => noticed += 1,
            Ok(values) => {
                assert!(values.iter().zip(&sound).all(|(a, b)| a.to_bits() == b.to_bits()))
            }
        }
    }
    assert!(noticed > 150, "{noticed} of 200 were noticed");
}

/// A genome of 32 MB is read in pieces no larger than a piece may be.
#[test]
fn an_indexed_genome_is_never_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.fa");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let line = "ACGT".repeat(20);
    for chrom in 0..4 {
        writeln!(out, ">chr{chrom}").unwrap();
        (0..100_000).for_each(|_| writeln!(out, "{line}").unwrap());
    }
    out.into_inner().unwrap().sync_all().unwrap();
    let mut genome = fasta::open(&path).unwrap();
    let mut bases = [0; 2_500];
    for start in (-1_000..8_001_000).step_by(99_991) {
        genome.bases_into("chr2", start, &mut bases).unwrap();
        let expected =
            |at: i64| if (0..8_000_000).contains(&at) { b"ACGT"[at as usize % 4] } else { b'.' };
        assert!(bases.iter().zip(start..).all(|(b, at)| *b == expected(at)), "{start}");
    }
    let largest = LARGEST.load(Ordering::Relaxed);
    assert!(largest <= LARGEST_ALLOWED, "{largest} bytes were asked for at once");
}
