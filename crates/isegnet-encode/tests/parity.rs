//! Windows, one-hot codes, joins and genome-grid values against reference
//! numbers that other programs computed.
#![allow(clippy::unwrap_used)]

use isegnet_core::testdata::fixtures;
use isegnet_core::{Cancel, Gene, Interval, SignalSource, Silent, Strand, base_code};
use isegnet_encode::{
    Dataset, DatasetBuilder, RowFilter, SampleInput, TrackKind, TrackSpec, ViewConfig, Windows, dna,
};
use isegnet_io::expression::{self, Columns};
use isegnet_io::genes::{self, Anchor};
use isegnet_io::{bigwig, fasta};
use ndarray::{Array1, Array3};
use ndarray_npy::NpzReader;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use tempfile::TempDir;

/// A table's rows by column name.
fn table(path: &Path) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let row = |line: &str| {
        let fields = line.split('\t').map(str::to_owned);
        names.iter().map(|&name| name.to_owned()).zip(fields).collect()
    };
    lines.map(row).collect()
}

fn number(row: &HashMap<String, String>, column: &str) -> i64 {
    row[column].parse().unwrap()
}

fn sample(expression: Option<Vec<Option<f64>>>) -> SampleInput {
    SampleInput {
        name: "sample".into(),
        condition: None,
        group: None,
        expression,
        tracks: Vec::new(),
    }
}

fn write(builder: DatasetBuilder) -> (TempDir, Dataset) {
    let folder = tempfile::tempdir().unwrap();
    let dataset = builder.write(&folder.path().join("set"), &Silent, &Cancel::default()).unwrap();
    (folder, dataset)
}

/// The data set of all genes of the fixture, DNA only.
fn windows_set(fixture: &Path) -> (TempDir, Dataset) {
    let genes = genes::read(fixture.join("genes.gtf"), Anchor::Gene).unwrap();
    let builder = DatasetBuilder::new(Windows::default(), genes)
        .sequence(fasta::open(fixture.join("genome.fa")).unwrap())
        .sample(sample(None));
    write(builder)
}

#[test]
fn parity_windows_bounds() {
    let Some(fixture) = fixtures("windows") else { return };
    let genes = genes::read(fixture.join("genes.gtf"), Anchor::Gene).unwrap();
    let expected = table(&fixture.join("windows.tsv"));
    assert_eq!(genes.len(), expected.len());
    for (gene, row) in genes.iter().zip(&expected) {
        assert_eq!(gene.id, row["gene_id"]);
        assert_eq!((gene.tss(), gene.tts()), (number(row, "tss0"), number(row, "tts0")));
        let [tss, tts] = Windows::default().intervals(gene);
        assert_eq!(tss.chrom, row["chrom"]);
        let bounds = (tss.start, tss.end, tts.start, tts.end);
        let expected = ["tss_win_start0", "tss_win_end0", "tts_win_start0", "tts_win_end0"];
        let [a, b, c, d] = expected.map(|column| number(row, column));
        assert_eq!(bounds, (a, b, c, d), "{}", gene.id);
    }
}

#[test]
fn parity_windows_letters_and_one_hot() {
    let Some(fixture) = fixtures("windows") else { return };
    let (_folder, dataset) = windows_set(&fixture);
    let view = dataset.view(&ViewConfig::default()).unwrap();
    let letters = table(&fixture.join("windows.seq.tsv"));
    let mut npz = NpzReader::new(File::open(fixture.join("onehot.npz")).unwrap()).unwrap();
    let expected: Array3<u8> = npz.by_name("onehot").unwrap();
    assert_eq!(expected.dim(), (dataset.rows().len(), view.positions(), 4));
    for (row, letters) in letters.iter().enumerate() {
        assert_eq!(dataset.gene_of(row).id, letters["gene_id"]);
        let mut codes = vec![9; view.positions()];
        view.dna_into(row, &mut codes);
        let expected_codes: Vec<u8> = letters["seq_2500"].bytes().map(base_code).collect();
        assert_eq!(codes, expected_codes, "{}", letters["gene_id"]);
        let mut one_hot = vec![9; 4 * codes.len()];
        dna::one_hot_into(&codes, &mut one_hot);
        assert_eq!(one_hot, expected.index_axis(ndarray::Axis(0), row).as_slice().unwrap());
    }
}

#[test]
fn parity_windows_off_chromosome_and_unknown_letters() {
    let Some(fixture) = fixtures("windows") else { return };
    let (_folder, dataset) = windows_set(&fixture);
    let view = dataset.view(&ViewConfig::default()).unwrap();
    for (row, expected) in table(&fixture.join("windows.tsv")).iter().enumerate() {
        let gene = dataset.gene_of(row);
        let chromosomes = &dataset.manifest().chromosomes;
        let chromosome = chromosomes.iter().find(|c| c.name == gene.body.chrom).unwrap();
        let whole = Interval::new(&chromosome.name, 0, chromosome.length.unwrap() as i64);
        let on: usize = view.intervals(row).iter().map(|w| w.shared_bases(&whole)).sum();
        let off = number(expected, "n_off_chrom") as usize;
        assert_eq!(view.positions() - on, off, "{}", gene.id);
        assert_eq!(off == 0, expected["complete"] == "1");
        let mut codes = vec![9; view.positions()];
        view.dna_into(row, &mut codes);
        let none = codes.iter().filter(|&&code| code == 4).count();
        assert_eq!(none, off + number(expected, "n_nonACGT_in_chrom") as usize);
    }
}

#[test]
fn parity_windows_joins() {
    let Some(fixture) = fixtures("windows") else { return };
    let genes = genes::read(fixture.join("genes.gtf"), Anchor::Gene).unwrap();
    let columns = Columns::new("gene_id", "TPM");
    let table_of = expression::read(fixture.join("expression.tsv"), &columns).unwrap();
    let join = expression::join(genes.iter().map(|gene| gene.id.as_str()), &table_of).unwrap();
    let mut values = vec![None; genes.len()];
    for (gene, value) in join.pairs {
        values[gene] = Some(value);
    }
    let builder = DatasetBuilder::new(Windows::default(), genes)
        .sequence(fasta::open(fixture.join("genome.fa")).unwrap())
        .sample(sample(Some(values)));
    let (_folder, dataset) = write(builder);
    let expected = table(&fixture.join("join.tsv"));
    let joined: Vec<_> = expected.iter().filter(|row| row["TPM"] != "NA").collect();
    assert_eq!(dataset.rows().len(), joined.len());
    for (row, expected) in joined.iter().enumerate() {
        assert_eq!(dataset.gene_of(row).id, expected["gene_id"]);
        assert_eq!(dataset.expression(row), expected["TPM"].parse().ok());
    }
    let filter = RowFilter { zero_expression: false, samples: None };
    let kept: Vec<_> = dataset.select(&filter).unwrap();
    let kept: Vec<_> = kept.iter().map(|&row| dataset.gene_of(row).id.clone()).collect();
    let nonzero = expected.iter().filter(|row| row["keep_nonzero"] == "1");
    assert_eq!(kept, nonzero.map(|row| row["gene_id"].clone()).collect::<Vec<_>>());
    let counts = dataset.manifest().counts;
    assert_eq!((counts.annotation, counts.with_expression), (expected.len(), joined.len()));
    let zero = dataset.manifest().samples[0].zero_expression;
    assert_eq!(zero, joined.len() - kept.len());
}

const TRACKS: [&str; 4] = ["chip", "meth", "big", "dense"];

/// All tracks of the bigWig fixture over whole chromosomes, both strands: once
/// on the genome grid, once base by base, and methylation as it is kept.
fn tracks_set(fixture: &Path) -> (TempDir, Dataset) {
    let regions = table(&fixture.join("regions.tsv"));
    let mut chroms: Vec<String> = regions.iter().map(|r| r["chrom"].clone()).collect();
    chroms.sort_unstable();
    chroms.dedup();
    let gene = |chrom: &str, strand: Strand| Gene {
        id: format!("{chrom}{strand}"),
        name: None,
        strand,
        body: Interval::new(chrom, 0, 1),
    };
    let both = chroms.iter().flat_map(|c| [gene(c, Strand::Forward), gene(c, Strand::Reverse)]);
    let farthest = regions.iter().flat_map(|r| [number(r, "start").abs(), number(r, "end").abs()]);
    let far = farthest.max().unwrap() + 1;
    let mut sample = sample(None);
    let mut builder =
        DatasetBuilder::new(Windows::new([-far, far], [0, 0]).unwrap(), both.collect());
    let mut add = |spec: TrackSpec, name: &str| {
        let source: Box<dyn SignalSource> =
            bigwig::open(fixture.join(format!("{name}.bw"))).unwrap();
        sample.tracks.push((spec.name.clone(), source));
        spec
    };
    for name in TRACKS {
        let spec = TrackSpec::signal(format!("{name}.grid"));
        builder = builder.track(add(spec, name));
        let spec = TrackSpec { name: format!("{name}.base"), kind: TrackKind::Signal, bin_bp: 1 };
        builder = builder.track(add(spec, name));
    }
    builder = builder.track(add(TrackSpec::methylation("meth.exact"), "meth"));
    write(builder.sample(sample))
}

#[test]
fn parity_bigwig_grid_and_bases_in_views() {
    let Some(fixture) = fixtures("bigwig") else { return };
    let (_folder, dataset) = tracks_set(&fixture);
    let open = |name: &str| NpzReader::new(File::open(fixture.join(name)).unwrap()).unwrap();
    let mut grid = open("grid20.regions.npz");
    let mut bases: Vec<_> = TRACKS.iter().map(|t| open(&format!("{t}.regions.npz"))).collect();
    let mut compared = 0;
    for region in table(&fixture.join("regions.tsv")) {
        let (start, end) = (number(&region, "start"), number(&region, "end"));
        let id = format!("{}{}", region["chrom"], region["strand"]);
        let window = if region["strand"] == "+" { [start, end] } else { [1 - end, 1 - start] };
        let Ok(windows) = Windows::new(window, [0, 0]) else { continue };
        let config = ViewConfig { windows: Some(windows), ..ViewConfig::default() };
        let view = dataset.view(&config).unwrap();
        let row = dataset.genes().iter().position(|gene| gene.id == id).unwrap();
        let values = |track: usize| {
            let mut values = vec![0.0; view.positions()];
            view.values_into(row, track, &mut values);
            values
        };
        let name = &region["name"];
        for (t, track) in TRACKS.iter().enumerate() {
            let expected: Array1<f64> = match grid.by_name(&format!("{track}.{name}")) {
                Ok(expected) => expected,
                Err(_) => grid.by_name(&format!("{track}.bw.{name}")).unwrap(),
            };
            let found = values(2 * t);
            assert_eq!(found.len(), expected.len());
            for (p, (&found, &expected)) in found.iter().zip(&expected).enumerate() {
                let same = found.is_nan() && expected.is_nan();
                let close = (f64::from(found) - expected).abs() <= 1e-7 * expected.abs();
                assert!(same || close, "{track} {name} position {p}: {found} {expected}");
                compared += 1;
            }
            let expected: Array1<f32> = bases[t].by_name(&format!("{name}.perbase")).unwrap();
            let same = |(&a, &b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan());
            assert!(values(2 * t + 1).iter().zip(&expected).all(same), "{track} {name}");
            if *track == "meth" {
                assert!(values(2 * TRACKS.len()).iter().zip(&expected).all(same), "{name}");
            }
        }
    }
    assert!(compared > 0);
}
