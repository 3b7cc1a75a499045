//! The files of an organism, read with the readers that real ones go through.
#![allow(clippy::unwrap_used)]

use isegnet_core::{SequenceSource, Silent, Strand};
use isegnet_io::expression::{self, Columns};
use isegnet_io::genes::{self, Anchor};
use isegnet_io::{fasta, signal};
use isegnet_simulate::{Config, Scenario, simulate};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// A row of the truth.
struct Planted {
    gene: String,
    cause: String,
    kind: String,
    chrom: String,
    start: i64,
    end: i64,
    strand: String,
    amount: f64,
}

fn truth(folder: &Path) -> Vec<Planted> {
    let text = fs::read_to_string(folder.join("truth.tsv")).unwrap();
    let row = |line: &str| {
        let c: Vec<&str> = line.split('\t').collect();
        Planted {
            gene: c[0].into(),
            cause: c[1].into(),
            kind: c[2].into(),
            chrom: c[3].into(),
            start: c[4].parse().unwrap(),
            end: c[5].parse().unwrap(),
            strand: c[6].into(),
            amount: c[9].parse().unwrap(),
        }
    };
    text.lines().skip(1).map(row).collect()
}

fn make(scenario: Scenario) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { scenario, genes: 200, ..Config::default() };
    simulate(&config, folder.path(), &Silent).unwrap();
    folder
}

/// Upper-case bases of a stretch, read along `strand`.
fn word(genome: &mut dyn SequenceSource, p: &Planted) -> String {
    let mut bases = vec![0; (p.end - p.start) as usize];
    genome.bases_into(&p.chrom, p.start, &mut bases).unwrap();
    bases.make_ascii_uppercase();
    if p.strand == "-" {
        let turn = |b: &u8| match b {
            b'A' => b'T',
            b'C' => b'G',
            b'G' => b'C',
            _ => b'A',
        };
        bases = bases.iter().rev().map(turn).collect();
    }
    String::from_utf8(bases).unwrap()
}

#[test]
fn every_motif_stands_where_the_truth_says() {
    let folder = make(Scenario::Easy);
    let mut genome = fasta::open(folder.path().join("genome.fa")).unwrap();
    let mut words: HashMap<String, String> = HashMap::new();
    let truth = truth(folder.path());
    for p in truth.iter().filter(|p| p.kind.ends_with("-motif")) {
        // The motifs of this scenario do not vary.
        let found = word(genome.as_mut(), p);
        assert_eq!(words.entry(p.cause.clone()).or_insert(found.clone()), &found);
    }
    assert_eq!(words.len(), 4, "{words:?}");
}

#[test]
fn genes_and_expression_join_and_motifs_point_with_their_gene() {
    let folder = make(Scenario::Default);
    let genes = genes::read(folder.path().join("genes.gtf"), Anchor::Gene).unwrap();
    let table =
        expression::read(folder.path().join("expression.tsv"), &Columns::new("gene_id", "TPM"))
            .unwrap();
    assert_eq!((genes.len(), table.len()), (200, 200));
    assert!(genes.iter().all(|g| table.get(&g.id).is_some()));
    let genome = fasta::open(folder.path().join("genome.fa")).unwrap();
    assert_eq!(genome.chromosomes().len(), 5);
    for g in &genes {
        let c = genome.chromosomes().iter().find(|c| c.name == g.body.chrom).unwrap();
        assert!(g.body.start >= 0 && g.body.end as u64 <= c.length.unwrap());
    }
    let by_id: HashMap<&str, _> = genes.iter().map(|g| (g.id.as_str(), g)).collect();
    for p in truth(folder.path()).iter().filter(|p| p.kind == "causal-motif") {
        let gene = by_id[p.gene.as_str()];
        assert_eq!(p.strand, gene.strand.to_string());
        let anchor = if p.cause == "motif-end" { gene.tts() } else { gene.tss() };
        assert!((p.start - anchor).abs() < 1000);
        let upstream =
            if gene.strand == Strand::Forward { p.end <= anchor } else { p.start > anchor };
        assert!(p.cause != "motif-up" || upstream);
    }
}

#[test]
fn marks_are_as_high_as_their_cause() {
    let folder = make(Scenario::Default);
    let truth = truth(folder.path());
    for (mark, kind) in [
        ("H3K4me3", "causal-mark"),
        ("H3K27ac", "correlated-mark"),
        ("H3K9me3", "unrelated-mark"),
        ("methylation", "causal-methylation"),
    ] {
        let mut track = signal::open(folder.path().join(format!("tracks/{mark}.bw"))).unwrap();
        let (mut amounts, mut means) = (Vec::new(), Vec::new());
        for p in truth.iter().filter(|p| p.cause == mark && p.kind == kind) {
            let mut values = vec![0.0; (p.end - p.start) as usize];
            track.values_into(&p.chrom, p.start, &mut values).unwrap();
            values.retain(|v| !v.is_nan());
            assert!(values.iter().all(|v| (0.0..=100.0).contains(v)));
            if values.len() > 10 {
                amounts.push(p.amount);
                means.push(f64::from(values.iter().sum::<f32>()) / values.len() as f64);
            }
        }
        assert!(amounts.len() > 50, "{mark}: {}", amounts.len());
        let r = isegnet_stats::pearson(&amounts, &means).unwrap();
        assert!(r > 0.85, "{mark}: {r}");
    }
}

#[test]
fn tracks_have_stretches_without_data() {
    let folder = make(Scenario::Default);
    let mut track = signal::open(folder.path().join("tracks/H3K4me3.bw")).unwrap();
    let mut values = vec![0.0; track.chromosomes()[0].length.unwrap() as usize];
    track.values_into("chr1", 0, &mut values).unwrap();
    let missing = values.iter().filter(|v| v.is_nan()).count();
    assert!(missing > 100 && missing < values.len() / 10, "{missing}");
}
