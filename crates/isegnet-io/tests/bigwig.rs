//! bigWig files as they come: real ones, odd ones, damaged ones.
#![allow(clippy::unwrap_used)]

use isegnet_core::testdata::real_data;
use isegnet_core::{Chromosome, SignalSource};
use isegnet_io::bigwig::{self, Reader};
use std::path::PathBuf;

fn bigwigs(folder: Option<PathBuf>) -> Vec<PathBuf> {
    let Some(folder) = folder else { return Vec::new() };
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "bw" || e == "bigWig"));
    paths.sort();
    paths
}

/// Reads every chromosome in pieces, from left to right.
fn read_all(reader: &mut Reader, piece: usize) -> Result<(u64, f64), isegnet_core::SourceError> {
    let (mut covered, mut sum) = (0, 0.0);
    let mut values = vec![0.0; piece];
    for c in reader.chromosomes().to_vec() {
        let length = c.length.unwrap() as i64;
        for start in (0..length.min(20_000_000)).step_by(piece) {
            reader.values_into(&c.name, start, &mut values)?;
            for v in values.iter().filter(|v| !v.is_nan()) {
                covered += 1;
                sum += f64::from(*v);
            }
        }
    }
    Ok((covered, sum))
}

#[test]
fn every_odd_file_opens_or_says_what_it_is() {
    let Some(folder) = real_data("bigwig-odd") else { return };
    for path in bigwigs(Some(folder.clone())) {
        let mut reader = Reader::open(&path).unwrap_or_else(|e| panic!("{e}"));
        let (covered, _) = read_all(&mut reader, 50_000).unwrap_or_else(|e| panic!("{e}"));
        assert!(reader.blocks_decoded() <= reader.block_count(), "{}", path.display());
        println!("{}: {covered} bases, {} blocks", path.display(), reader.block_count());
    }
    let error = Reader::open(folder.join("volvox.bb")).err().unwrap();
    assert!(error.to_string().contains("is a bigBed file, and a bigWig file is needed"), "{error}");
}

/// bigtools, read without the guard, has the same intervals with the same values.
#[test]
fn odd_files_hold_what_bigtools_reads_in_them() {
    for path in bigwigs(real_data("bigwig-odd")) {
        let mut ours = Reader::open(&path).unwrap();
        let mut theirs = bigtools::BigWigRead::open_file(&path).unwrap();
        let mut compared = 0;
        for c in ours.chromosomes().to_vec() {
            let length = c.length.unwrap() as u32;
            let intervals = theirs.get_interval(&c.name, 0, length).unwrap();
            let intervals: Vec<_> = intervals.map(|i| i.unwrap()).collect();
            for i in intervals.iter().step_by(1 + intervals.len() / 500) {
                let mut values = vec![0.0; (i.end - i.start).min(1_000) as usize];
                ours.values_into(&c.name, i.start.into(), &mut values).unwrap();
                assert!(
                    values.iter().all(|v| *v == i.value),
                    "{} {}:{}",
                    path.display(),
                    c.name,
                    i.start
                );
                compared += 1;
            }
        }
        println!("{}: {compared} intervals", path.display());
    }
}

#[test]
fn real_files_pass_the_look_through() {
    for folder in ["roadmap-pilot-hg19", "pf3d7/tracks"] {
        for path in bigwigs(real_data(folder)) {
            let reader = Reader::open(&path).unwrap_or_else(|e| panic!("{e}"));
            assert!(reader.block_count() > 0);
        }
    }
}

/// A made-up file with known blocks: one of 1,024 values every 1,024 bases.
fn dense(folder: &std::path::Path, bases: u32) -> PathBuf {
    let path = folder.join("dense.bw");
    let chromosomes =
        ["chr1", "chr2"].map(|name| Chromosome { name: name.into(), length: Some(bases.into()) });
    let values = ["chr1", "chr2"].into_iter().flat_map(|c| {
        (0..bases).filter(|at| at % 7 != 3).map(move |at| (c, at, at + 1, at as f32 / 8.0))
    });
    bigwig::write(&path, &chromosomes, values).unwrap();
    path
}

#[test]
fn each_block_is_decoded_once_in_order_of_position() {
    let folder = tempfile::tempdir().unwrap();
    let path = dense(folder.path(), 100_000);
    let mut reader = Reader::open(&path).unwrap();
    let mut values = vec![0.0; 2_500];
    let mut read = |reader: &mut Reader, chrom: &str, start: i64, n: usize| {
        reader.values_into(chrom, start, &mut values[..n]).unwrap();
        for (v, at) in values[..n].iter().zip(start..) {
            let inside = (0..100_000).contains(&at) && at % 7 != 3;
            assert!(if inside { *v == at as f32 / 8.0 } else { v.is_nan() }, "{chrom}:{at} {v}");
        }
    };
    for chrom in ["chr1", "chr2"] {
        for start in (-1_000..101_000).step_by(331) {
            // Long, short and long again: what the long one read is still needed.
            read(&mut reader, chrom, start, 2_500);
            read(&mut reader, chrom, start + 5, 10);
        }
    }
    assert_eq!(reader.blocks_decoded(), reader.block_count());
    assert!(reader.block_count() > 100);
    // Another thread's reader starts afresh and needs no second look through.
    let again = reader.reopened().unwrap();
    assert_eq!((again.blocks_decoded(), again.block_count()), (0, reader.block_count()));
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bw");
    let chromosomes = [("chrA", 500), ("chrB", 90), ("chrC", 7)]
        .map(|(name, length)| Chromosome { name: name.into(), length: Some(length) });
    let values = [
        ("chrA", 0, 1, -1.5),
        ("chrA", 1, 40, 0.0),
        ("chrA", 490, 500, 1e30),
        ("chrB", 89, 90, 4.0),
    ];
    bigwig::write(&path, &chromosomes, values).unwrap();
    let mut reader = bigwig::open(&path).unwrap();
    // A chromosome without values is not listed, and reads as no data.
    assert_eq!(reader.chromosomes(), &chromosomes[..2]);
    for c in &chromosomes {
        let mut read = vec![0.0; c.length.unwrap() as usize + 20];
        reader.values_into(&c.name, -10, &mut read).unwrap();
        for (got, at) in read.iter().zip(-10..) {
            let of = values
                .iter()
                .find(|v| v.0 == c.name && (i64::from(v.1)..i64::from(v.2)).contains(&at));
            assert!(of.map_or(got.is_nan(), |v| *got == v.3), "{}:{at} {got}", c.name);
        }
    }
    let mut far = [0.0; 4];
    for start in [i64::MIN, i64::MAX - 1, -4, 500] {
        reader.values_into("chrA", start, &mut far).unwrap();
        assert!(far.iter().all(|v| v.is_nan()));
    }
    reader.values_into("chrA", 3, &mut []).unwrap();
}

#[test]
fn what_cannot_be_written_is_told_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bw");
    let chromosomes = [("a", Some(100)), ("b", Some(100)), ("c", None)]
        .map(|(name, length)| Chromosome { name: name.into(), length });
    let write = |values: &[(&str, u32, u32, f32)]| {
        let error = bigwig::write(&path, &chromosomes[..2], values.iter().copied()).unwrap_err();
        assert!(!path.exists() && std::fs::read_dir(folder.path()).unwrap().count() == 0);
        error.to_string()
    };
    assert!(write(&[("a", 5, 9, 1.0), ("a", 8, 10, 1.0)]).contains("overlap"));
    assert!(write(&[("b", 5, 9, 1.0), ("a", 8, 10, 1.0)]).contains("sort"));
    assert!(write(&[("a", 5, 101, 1.0)]).contains("100"));
    assert!(write(&[("z", 5, 10, 1.0)]).contains("z"));
    assert!(write(&[("a", 5, 10, f32::NAN)]).contains("NaN"));
    assert!(write(&[("a", 5, 5, 1.0)]).contains("a:5-5"));
    assert!(write(&[]).contains("empty"));
    let error = bigwig::write(&path, &chromosomes, [("a", 0, 1, 1.0)]).unwrap_err();
    assert!(error.to_string().contains("\"c\""), "{error}");
}

#[test]
fn files_of_another_kind_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let message = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Reader::open(&path).err().unwrap().to_string()
    };
    assert!(message("a.bw", b"").contains("is an empty file"));
    assert!(message("b.bw", b"chr1\t0\t5\t1\n").contains("is a text file"));
    assert!(message("c.bw", b"<html><body>404</body></html>").contains("is a web page"));
    assert!(
        message("d.bw", &[0x26, 0xfc, 0x8f, 0x88])
            .contains("header: 64 bytes at 0 reach past the end")
    );
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, &[0x26, 0xfc, 0x8f, 0x88, 4, 0, 0, 0]).unwrap();
    assert!(message("e.bw.gz", &gz.finish().unwrap()).contains("is a gzip file, and a bigWig"));
    assert!(Reader::open(folder.path()).err().unwrap().to_string().contains("is a folder"));
    let absent = Reader::open(folder.path().join("none.bw")).err().unwrap().to_string();
    assert!(absent.contains("none.bw") && absent.contains("check the path"), "{absent}");
}
