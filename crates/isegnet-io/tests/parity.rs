//! Reading against reference numbers: bigWig (pyBigWig, pybigtools, deepTools), genes and expression.
//!
//! Everything is read from the folder, so another one with other numbers serves as well.
#![allow(clippy::unwrap_used)]

use isegnet_core::bins::{bin_count, bin_means_into};
use isegnet_core::testdata::fixtures;
use isegnet_core::{Chromosome, SignalSource};
use isegnet_io::expression::{self, Columns};
use isegnet_io::genes::{self, Anchor};
use isegnet_io::{bigwig, grid};
use ndarray::Array1;
use ndarray_npy::NpzReader;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

const BIN_BP: usize = 20;

struct Region {
    name: String,
    chrom: String,
    start: i64,
    end: i64,
    reverse: bool,
}

fn npz(folder: &Path, name: &str) -> NpzReader<File> {
    let path = folder.join(name);
    let file = File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    NpzReader::new(file).unwrap()
}

/// The bigWigs of the folder: (name without extension, path).
fn tracks(folder: &Path) -> Vec<(String, PathBuf)> {
    let paths = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let bigwigs = paths.filter(|p| p.extension().is_some_and(|e| e == "bw"));
    let mut tracks: Vec<_> =
        bigwigs.map(|p| (p.file_stem().unwrap().to_str().unwrap().to_owned(), p)).collect();
    tracks.sort();
    assert!(!tracks.is_empty());
    tracks
}

fn regions(folder: &Path) -> Vec<Region> {
    let text = std::fs::read_to_string(folder.join("regions.tsv")).unwrap();
    let region = |line: &str| {
        let f: Vec<_> = line.split('\t').collect();
        let (start, end) = (f[2].parse().unwrap(), f[3].parse().unwrap());
        Region { name: f[0].into(), chrom: f[1].into(), start, end, reverse: f[4] == "-" }
    };
    let regions: Vec<_> = text.lines().skip(1).map(region).collect();
    assert!(regions.iter().any(|r| r.reverse) && regions.iter().any(|r| !r.reverse));
    regions
}

fn read(track: &mut dyn SignalSource, r: &Region) -> Vec<f32> {
    let mut values = vec![0.0; (r.end - r.start) as usize];
    track.values_into(&r.chrom, r.start, &mut values).unwrap();
    values
}

fn oriented<T: Clone>(values: &[T], reverse: bool) -> Vec<T> {
    if reverse { values.iter().rev().cloned().collect() } else { values.to_vec() }
}

#[track_caller]
fn assert_same_bits(got: &[f32], expected: &[f32], what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!(g == e || g.is_nan() && e.is_nan(), "{what}: at {i} {g}, and {e} is expected");
    }
}

/// Sums of f32 values near 1e30 and 1e-8 in f64 differ by their order only.
#[track_caller]
fn assert_close(got: &[f64], expected: &[f64], what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let scale = expected.iter().filter(|e| !e.is_nan()).fold(0.0, |m: f64, e| m.max(e.abs()));
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        let near = (g - e).abs() <= 1e-12 * e.abs().max(scale * 1e-3);
        assert!(near || g.is_nan() && e.is_nan(), "{what}: bin {i} is {g}, and {e} is expected");
    }
}

#[test]
fn parity_bigwig_chromosomes() {
    let Some(folder) = fixtures("bigwig") else { return };
    let text = std::fs::read_to_string(folder.join("checks.json")).unwrap();
    let checks: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (name, path) in tracks(&folder) {
        let track = bigwig::open(&path).unwrap();
        let got: BTreeMap<_, _> =
            track.chromosomes().iter().map(|c| (c.name.clone(), c.length.unwrap())).collect();
        let expected: BTreeMap<String, u64> = checks[format!("{name}.bw")]["chroms"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| (k.clone(), v.as_u64().unwrap()))
            .collect();
        assert_eq!(got, expected, "{name}");
    }
}

#[test]
fn parity_bigwig_per_base() {
    let Some(folder) = fixtures("bigwig") else { return };
    let mut reference = npz(&folder, "genome_values.npz");
    for (name, path) in tracks(&folder) {
        let mut track = bigwig::open(&path).unwrap();
        for key in reference.names().unwrap().iter().filter(|k| k.starts_with(&format!("{name}__")))
        {
            let expected: Array1<f32> = reference.by_name(key).unwrap();
            let (_, chrom) = key.trim_end_matches(".npy").split_once("__").unwrap();
            let mut values = vec![0.0; expected.len()];
            track.values_into(chrom, 0, &mut values).unwrap();
            assert_same_bits(&values, expected.as_slice().unwrap(), key);
        }
    }
}

#[test]
fn parity_bigwig_regions_per_base() {
    let Some(folder) = fixtures("bigwig") else { return };
    for (name, path) in tracks(&folder) {
        let mut track = bigwig::open(&path).unwrap();
        let mut reference = npz(&folder, &format!("{name}.regions.npz"));
        for r in regions(&folder) {
            let expected: Array1<f32> = reference.by_name(&format!("{}.perbase", r.name)).unwrap();
            let got = oriented(&read(&mut *track, &r), r.reverse);
            assert_same_bits(&got, expected.as_slice().unwrap(), &format!("{name} {}", r.name));
        }
    }
}

/// Means and maxima of the bins of one region, by each rule of the reference.
fn binned(values: &[f32]) -> [(&'static str, Vec<f64>); 4] {
    let filled: Vec<f32> = values.iter().map(|v| if v.is_nan() { 0.0 } else { *v }).collect();
    let max = |values: &[f32]| -> Vec<f64> {
        let largest = |bin: &[f32]| bin.iter().fold(f32::NAN, |m, v| m.max(*v)).into();
        values.chunks(BIN_BP).map(largest).collect()
    };
    let mean = |values: &[f32]| {
        let mut means = vec![0.0; bin_count(values.len(), BIN_BP)];
        bin_means_into(values, BIN_BP, &mut means);
        means
    };
    [
        ("covmean", mean(values)),
        ("covmax", max(values)),
        ("zmean", mean(&filled)),
        ("zmax", max(&filled)),
    ]
}

#[test]
fn parity_bigwig_region_anchored_bins() {
    let Some(folder) = fixtures("bigwig") else { return };
    let mut short = 0;
    for (name, path) in tracks(&folder) {
        let mut track = bigwig::open(&path).unwrap();
        let mut reference = npz(&folder, &format!("{name}.regions.npz"));
        for r in regions(&folder) {
            let genomic = read(&mut *track, &r);
            short += usize::from(!genomic.len().is_multiple_of(BIN_BP));
            for (order, values) in [("g", genomic.clone()), ("t", oriented(&genomic, r.reverse))] {
                for (rule, got) in binned(&values) {
                    let key = format!("{}.{order}.{rule}", r.name);
                    let expected: Array1<f64> = reference.by_name(&key).unwrap();
                    assert_close(&got, expected.as_slice().unwrap(), &format!("{name} {key}"));
                }
            }
        }
    }
    assert!(short > 0, "no region has a short last bin");
}

#[test]
fn parity_bigwig_genome_grid() {
    let Some(folder) = fixtures("bigwig") else { return };
    let mut reference = npz(&folder, "grid20.bins.npz");
    for (name, path) in tracks(&folder) {
        let mut track = bigwig::open(&path).unwrap();
        for key in reference.names().unwrap().iter().filter(|k| k.starts_with(&format!("{name}__")))
        {
            let expected: Array1<f64> = reference.by_name(key).unwrap();
            let (_, chrom) = key.trim_end_matches(".npy").split_once("__").unwrap();
            let length = |c: &Chromosome| (c.name == chrom).then_some(c.length.unwrap() as usize);
            if let Some(length) = track.chromosomes().iter().find_map(length) {
                assert_eq!(expected.len(), bin_count(length, BIN_BP), "{key}");
            }
            let mut means = vec![0.0; expected.len()];
            grid::means_into(&mut *track, chrom, 0, BIN_BP, &mut means).unwrap();
            assert_close(&means, expected.as_slice().unwrap(), key);
        }
    }
}

#[test]
fn parity_bigwig_genome_grid_in_regions() {
    let Some(folder) = fixtures("bigwig") else { return };
    let mut reference = npz(&folder, "grid20.regions.npz");
    for (name, path) in tracks(&folder) {
        let mut track = bigwig::open(&path).unwrap();
        for r in regions(&folder) {
            let expected: Array1<f64> = reference.by_name(&format!("{name}.{}", r.name)).unwrap();
            let bin = BIN_BP as i64;
            let first = r.start.div_euclid(bin);
            let mut means = vec![0.0; ((r.end + bin - 1).div_euclid(bin) - first) as usize];
            grid::means_into(&mut *track, &r.chrom, first, BIN_BP, &mut means).unwrap();
            let length =
                track.chromosomes().iter().find(|c| c.name == r.chrom).and_then(|c| c.length);
            let base = |at: i64| match length {
                Some(length) if (0..length as i64).contains(&at) => {
                    means[(at.div_euclid(bin) - first) as usize]
                }
                _ => f64::NAN,
            };
            let genomic: Vec<f64> = (r.start..r.end).map(base).collect();
            let got = oriented(&genomic, r.reverse);
            assert_close(&got, expected.as_slice().unwrap(), &format!("{name} {}", r.name));
        }
    }
}

#[test]
fn parity_bigwig_deeptools_tables() {
    let Some(folder) = fixtures("bigwig") else { return };
    let mut rows = 0;
    for (name, path) in tracks(&folder) {
        let mut track = bigwig::open(&path).unwrap();
        for (rule, suffix) in
            [("covmean", "mean"), ("covmax", "max"), ("zmean", "mean.zero"), ("zmax", "max.zero")]
        {
            let table = folder.join(format!("deeptools/{name}.{suffix}.tsv"));
            if !table.exists() {
                continue;
            }
            let text = std::fs::read_to_string(&table).unwrap();
            for line in text.lines().skip(1) {
                let fields: Vec<_> = line.split('\t').collect();
                let expected: Vec<f64> = fields[6..].iter().map(|v| v.parse().unwrap()).collect();
                let got = deeptools_row(&mut *track, &fields, expected.len(), rule);
                for (i, (g, e)) in got.iter().zip(&expected).enumerate() {
                    // Six decimals are printed.
                    let same = (g - e).abs() <= 1e-6 + 1e-6 * e.abs() || g.is_nan() && e.is_nan();
                    assert!(
                        same,
                        "{} {line:.40} bin {i}: {g}, and {e} is expected",
                        table.display()
                    );
                }
                rows += 1;
            }
        }
    }
    assert!(rows > 0, "no deepTools table was found");
}

/// One row around the TSS, its window [-1000, +500) cut where the chromosome starts or ends.
fn deeptools_row(
    track: &mut dyn SignalSource,
    fields: &[&str],
    bins: usize,
    rule: &str,
) -> Vec<f64> {
    let reverse = fields[5] == "-";
    let (start, end): (i64, i64) = (fields[1].parse().unwrap(), fields[2].parse().unwrap());
    let tss = if reverse { end } else { start };
    let (from, to) = if reverse { (tss - 500, tss + 1000) } else { (tss - 1000, tss + 500) };
    let window =
        Region { name: fields[3].into(), chrom: fields[0].into(), start: from, end: to, reverse };
    let values = oriented(&read(track, &window), reverse);
    assert_eq!(bin_count(values.len(), BIN_BP), bins);
    let all = binned(&values);
    all.into_iter().find(|(name, _)| *name == rule).unwrap().1
}

/// The rows of a table, by column name.
fn rows(path: &Path) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|l| l.split('\t').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    lines.map(|l| header.iter().cloned().zip(l).collect()).collect()
}

#[test]
fn parity_windows_genes() {
    let Some(folder) = fixtures("windows") else { return };
    let genes = genes::read(folder.join("genes.gtf"), Anchor::Gene).unwrap();
    let expected = rows(&folder.join("windows.tsv"));
    assert_eq!(genes.len(), expected.len());
    for (gene, row) in genes.iter().zip(&expected) {
        assert_eq!((&gene.id, &gene.body.chrom), (&row["gene_id"], &row["chrom"]));
        assert_eq!(gene.strand.to_string(), row["strand"]);
        assert_eq!(gene.tss().to_string(), row["tss0"]);
        assert_eq!(gene.tts().to_string(), row["tts0"]);
    }
}

#[test]
fn parity_windows_join() {
    let Some(folder) = fixtures("windows") else { return };
    let genes = genes::read(folder.join("genes.gtf"), Anchor::Gene).unwrap();
    let columns = Columns::new("gene_id", "TPM");
    let table = expression::read(folder.join("expression.tsv"), &columns).unwrap();
    let joined = expression::join(genes.iter().map(|g| g.id.as_str()), &table).unwrap();
    let got: HashMap<usize, f64> = joined.pairs.into_iter().collect();
    let expected = rows(&folder.join("join.tsv"));
    assert_eq!(genes.len(), expected.len());
    for (at, (gene, row)) in genes.iter().zip(&expected).enumerate() {
        assert_eq!(expression::join_key(&gene.id), row["norm_id"]);
        assert_eq!(got.get(&at).copied(), row["TPM"].parse().ok(), "{}", gene.id);
    }
}
