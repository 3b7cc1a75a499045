//! bigWig files as they come: real ones, odd ones, damaged ones.

use isegnet_core::SignalSource;
use isegnet_core::testdata::real_data;
use isegnet_io::bigwig::Reader;
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

#[test]
fn real_files_pass_the_look_through() {
    for folder in ["roadmap-pilot-hg19", "pf3d7/tracks"] {
        for path in bigwigs(real_data(folder)) {
            let reader = Reader::open(&path).unwrap_or_else(|e| panic!("{e}"));
            assert!(reader.block_count() > 0);
        }
    }
}
