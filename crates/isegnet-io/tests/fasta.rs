//! Genomes: every compression reads the same, indexes are built, kept and renewed.
#![allow(clippy::unwrap_used)]

use isegnet_core::testdata::{fixtures, real_data};
use isegnet_core::{Random, SequenceSource};
use isegnet_io::fasta;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const GENOME: &str = ">chr1 first one\nACGTACGTAC\nNNNNnnnnac\nGT\n>chr2\nRYKM\n";

fn gzip(path: &Path, text: &[u8]) {
    let file = std::fs::File::create(path).unwrap();
    let mut out = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    out.write_all(text).unwrap();
    out.finish().unwrap();
}

fn bgzip(path: &Path, text: &[u8]) {
    let mut out = noodles::bgzf::io::Writer::new(std::fs::File::create(path).unwrap());
    // Small pieces, so that a genome of the tests has several blocks.
    for piece in text.chunks(1_000) {
        out.write_all(piece).unwrap();
        out.flush().unwrap();
    }
    out.finish().unwrap();
}

fn bases(genome: &mut dyn SequenceSource, chrom: &str, start: i64, n: usize) -> String {
    let mut out = vec![0; n];
    genome.bases_into(chrom, start, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    PathBuf::from(format!("{}.{extension}", path.display()))
}

/// The text in every form: (what, path).
fn forms(folder: &Path, text: &[u8]) -> Vec<(&'static str, PathBuf)> {
    let [plain, gz, bgz] = ["g.fa", "g.gz", "g.bgz"].map(|n| folder.join(n));
    std::fs::write(&plain, text).unwrap();
    gzip(&gz, text);
    bgzip(&bgz, text);
    vec![("plain", plain), ("gzip", gz), ("bgzip", bgz)]
}

#[test]
fn every_form_reads_the_same_and_off_the_chromosome_is_a_dot() {
    let folder = tempfile::tempdir().unwrap();
    for (what, path) in forms(folder.path(), GENOME.as_bytes()) {
        let mut genome = fasta::open(&path).unwrap();
        let lengths: Vec<_> =
            genome.chromosomes().iter().map(|c| (c.name.as_str(), c.length.unwrap())).collect();
        assert_eq!(lengths, [("chr1", 22), ("chr2", 4)], "{what}");
        assert_eq!(bases(&mut *genome, "chr1", -2, 26), "..ACGTACGTACNNNNnnnnacGT..");
        assert_eq!(bases(&mut *genome, "chr1", 9, 3), "CNN");
        assert_eq!(bases(&mut *genome, "chr2", 3, 3), "M..");
        assert_eq!(bases(&mut *genome.reopen().unwrap(), "chr2", -1, 2), ".R");
        for start in [i64::MIN, -9, 4, i64::MAX - 2] {
            assert_eq!(bases(&mut *genome, "chr2", start, 3), "...");
        }
        let error = genome.bases_into("1", 0, &mut [0]).unwrap_err().to_string();
        assert!(error.contains("no chromosome \"1\", it has \"chr1\", \"chr2\""), "{error}");
        assert_eq!(beside(&path, "fai").exists(), what != "gzip");
        assert_eq!(beside(&path, "gzi").exists(), what == "bgzip");
    }
}

#[test]
fn windows_ends_and_lines_without_an_end_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for (_, path) in forms(folder.path(), b">a\r\nACGT\r\nAC\r\n>b\r\nGG") {
        let mut genome = fasta::open(&path).unwrap();
        assert_eq!(bases(&mut *genome, "a", 0, 7), "ACGTAC.");
        assert_eq!(bases(&mut *genome, "b", 0, 3), "GG.");
    }
}

#[test]
fn random_stretches_of_the_fixture_are_the_same_in_every_form() {
    let Some(folder) = fixtures("windows") else { return };
    let text = std::fs::read(folder.join("genome.fa")).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let mut genomes: Vec<_> =
        forms(scratch.path(), &text).into_iter().map(|(_, p)| fasta::open(&p).unwrap()).collect();
    let chromosomes = genomes[0].chromosomes().to_vec();
    let random = Random::new(1, "stretches");
    for i in 0..2_000 {
        let c = &chromosomes[random.below(i, 0, chromosomes.len() as u64) as usize];
        let start = random.below(i, 1, c.length.unwrap() + 200) as i64 - 100;
        let n = random.below(i, 2, 400) as usize;
        let all: Vec<_> = genomes.iter_mut().map(|g| bases(&mut **g, &c.name, start, n)).collect();
        assert!(all[0] == all[1] && all[0] == all[2], "{}:{start}+{n}", c.name);
    }
}

#[test]
fn an_index_that_is_older_or_does_not_fit_is_built_again() {
    let folder = tempfile::tempdir().unwrap();
    for (what, path) in forms(folder.path(), GENOME.as_bytes()) {
        if what == "gzip" {
            continue;
        }
        fasta::open(&path).unwrap();
        let fai = beside(&path, "fai");
        let sound = std::fs::read(&fai).unwrap();
        assert_eq!(sound, b"chr1\t22\t16\t10\t11\nchr2\t4\t47\t4\t5\n");
        // Of another genome, longer than the file; then no index at all; then an old one.
        for wrong in [
            "chr1\t9000000\t6\t60\t61\n",
            "rubbish",
            "chr1\t5\t0\t0\t0\n",
            "chr1\t5\t18446744073709551615\t5\t6\n",
        ] {
            std::fs::write(&fai, wrong).unwrap();
            assert_eq!(
                bases(&mut *fasta::open(&path).unwrap(), "chr2", 0, 4),
                "RYKM",
                "{what} {wrong}"
            );
            assert_eq!(std::fs::read(&fai).unwrap(), sound);
        }
        std::fs::write(&fai, "chr1\t4\t16\t4\t5\n").unwrap();
        let old = SystemTime::now() - Duration::from_secs(9_000);
        std::fs::File::options().write(true).open(&fai).unwrap().set_modified(old).unwrap();
        assert_eq!(fasta::open(&path).unwrap().chromosomes().len(), 2);
    }
}

#[test]
fn an_index_that_cannot_be_kept_serves_from_memory() {
    let folder = tempfile::tempdir().unwrap();
    for (what, path) in forms(folder.path(), GENOME.as_bytes()) {
        // A folder of that name can neither be read nor be replaced.
        for extension in ["fai", "gzi"] {
            std::fs::create_dir(beside(&path, extension)).unwrap();
            std::fs::write(beside(&path, extension).join("x"), "").unwrap();
        }
        assert_eq!(bases(&mut *fasta::open(&path).unwrap(), "chr2", 0, 4), "RYKM", "{what}");
    }
}

#[test]
fn an_index_of_another_genome_shows_in_the_bases() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.fa");
    std::fs::write(&path, GENOME).unwrap();
    std::fs::write(beside(&path, "fai"), "chr1\t20\t2\t20\t21\n").unwrap();
    let error = fasta::open(&path).unwrap().bases_into("chr1", 0, &mut [0; 20]).unwrap_err();
    assert!(error.to_string().contains("where a base should be"), "{error}");
}

#[test]
fn what_cannot_be_indexed_or_is_no_genome_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.fa");
    let message = |text: &[u8]| {
        std::fs::remove_file(beside(&path, "fai")).ok();
        std::fs::write(&path, text).unwrap();
        fasta::open(&path).err().unwrap().to_string()
    };
    let ragged = message(b">a\nACGT\n>b\nAC\nACGT\nA\n");
    assert!(
        ragged.contains("the sequence after \"a\"") && ragged.contains("seqkit seq -w 60"),
        "{ragged}"
    );
    assert!(message(b">a\nAC\n>a\nAC\n").contains("\"a\": its name stands twice"));
    assert!(message(b"chr1\t5\t9\n").contains("is a text file, and a FASTA file is needed"));
    assert!(message(b"").contains("is an empty file"));
    gzip(&path, GENOME.as_bytes());
    let whole = std::fs::read(&path).unwrap();
    let cut = message(&whole[..whole.len() - 20]);
    assert!(cut.contains("cannot read") && cut.contains("cut short"), "{cut}");
}

#[test]
fn damaged_bgzip_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.fa.gz");
    bgzip(&path, GENOME.as_bytes());
    let whole = std::fs::read(&path).unwrap();
    let random = Random::new(5, "bgzip");
    for i in 0..300 {
        let mut damaged = whole.clone();
        let at = random.below(i, 0, whole.len() as u64) as usize;
        if i % 3 == 0 {
            damaged.truncate(at)
        } else {
            damaged[at] ^= 1 << random.below(i, 1, 8)
        }
        for extension in ["fai", "gzi"] {
            std::fs::remove_file(beside(&path, extension)).ok();
        }
        std::fs::write(&path, &damaged).unwrap();
        if let Ok(mut genome) = fasta::open(&path) {
            for c in genome.chromosomes().to_vec() {
                genome.bases_into(&c.name, -3, &mut [0; 40]).ok();
            }
        }
    }
}

#[test]
fn a_written_genome_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let long: String = (0..200_000).map(|i| ['A', 'c', 'G', 'n'][i * 7 % 4]).collect();
    for name in ["g.fa", "g.fa.gz"] {
        let path = folder.path().join(name);
        fasta::write(&path, [("one", long.as_str()), ("two", "ACGT")]).unwrap();
        let mut genome = fasta::open(&path).unwrap();
        assert_eq!(bases(&mut *genome, "one", 0, long.len()), long);
        assert_eq!(bases(&mut *genome, "two", 0, 4), "ACGT");
        assert!(fasta::write(&path, [("a b", "A")]).is_err());
        assert!(fasta::write(&path, [("a", "A1")]).is_err());
    }
}

#[test]
fn the_real_genome_that_is_gzip_is_read() {
    let Some(folder) = real_data("pf3d7") else { return };
    let genome = fasta::open(folder.join("genome.fa.gz")).unwrap();
    assert_eq!(genome.chromosomes().len(), 14);
    assert_eq!(genome.chromosomes().iter().map(|c| c.length.unwrap()).sum::<u64>(), 23_292_622);
}

#[test]
fn windows_of_a_bgzip_genome_cross_and_revisit_its_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.fa.gz");
    let random = Random::new(6, "bases");
    let letters = |chrom: u64| -> String {
        (0..150_000).map(|i| char::from(b"ACGT"[random.below(chrom, i, 4) as usize])).collect()
    };
    let sequences = [("a", letters(0)), ("b", letters(1))];
    fasta::write(&path, sequences.iter().map(|(name, bases)| (*name, bases.as_str()))).unwrap();
    let mut genome = fasta::open(&path).unwrap();
    // Blocks hold 64 kB of text: some windows cross one end or two, and go back.
    for i in 0..200 {
        let (name, bases) = &sequences[random.below(2, i, 2) as usize];
        let length = 1 + random.below(3, i, if i % 5 == 0 { 90_000 } else { 3_000 }) as usize;
        let start = random.below(4, i, (bases.len() - length) as u64) as usize;
        let mut got = vec![0; length];
        genome.bases_into(name, start as i64, &mut got).unwrap();
        assert_eq!(got, bases.as_bytes()[start..start + length], "{name}:{start}+{length}");
    }
}
