//! Genes, expression, tracks and regions as they come, and how they meet.
#![allow(clippy::unwrap_used)]

use isegnet_core::testdata::real_data;
use isegnet_io::expression::{self, Columns, join};
use isegnet_io::genes::{self, Anchor};
use isegnet_io::names::{self, Names};
use isegnet_io::{Error, bedgraph, bigwig, fasta, regions, signal};

#[test]
fn real_genes_and_expression_join_and_agree_with_their_genome() {
    let Some(folder) = real_data("pf3d7") else { return };
    let genes = genes::read(folder.join("genes.gtf.gz"), Anchor::Gene).unwrap();
    let (header, columns) = expression_columns(&folder.join("expression.LR.tsv"));
    let table = expression::read(folder.join("expression.LR.tsv"), &columns).unwrap();
    let joined = join(genes.iter().map(|g| g.id.as_str()), &table).unwrap();
    assert_eq!((joined.pairs.len(), joined.genes_without), (genes.len(), 0), "{header}");

    let genome = fasta::open(folder.join("genome.fa.gz")).unwrap();
    let mut files = vec![
        Names::new("genome.fa.gz", genome.chromosomes()),
        Names::of_genes("genes.gtf.gz", &genes),
    ];
    for track in std::fs::read_dir(folder.join("tracks")).unwrap().map(|e| e.unwrap().path()) {
        files.push(Names::new(
            track.display().to_string(),
            bigwig::open(&track).unwrap().chromosomes(),
        ));
    }
    assert_eq!(names::compare(&files), []);
}

fn expression_columns(path: &std::path::Path) -> (String, Columns) {
    let text = std::fs::read_to_string(path).unwrap();
    let header = text.lines().next().unwrap().to_owned();
    let mut names = header.split('\t');
    let columns = Columns::new(names.next().unwrap(), names.next_back().unwrap());
    (header, columns)
}

#[test]
fn a_track_is_the_same_as_bed_graph_and_as_big_wig() {
    let Some(folder) = real_data("pf3d7") else { return };
    let mut text =
        signal::open(folder.join("ChIPseq_H3K9ac_20hpi_Ring_log2ratio.bedgraph.gz")).unwrap();
    let mut binary = bigwig::open(folder.join("tracks/H3K9ac_20hpi_Ring.bw")).unwrap();
    let (mut a, mut b) = (vec![0.0; 5_000], vec![0.0; 5_000]);
    for c in binary.chromosomes().to_vec() {
        for start in (0..c.length.unwrap() as i64).step_by(100_000) {
            text.values_into(&c.name, start, &mut a).unwrap();
            binary.values_into(&c.name, start, &mut b).unwrap();
            let same = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-4 || a.is_nan() && b.is_nan();
            assert!(a.iter().zip(&b).all(same), "{}:{start}", c.name);
        }
    }
}

#[test]
fn other_real_files_are_read() {
    if let Some(folder) = real_data("roadmap-pilot-hg19") {
        assert!(
            genes::read(folder.join("gencode_10_genes.gtf.gz"), Anchor::Gene).unwrap().len()
                > 10_000
        );
        assert_eq!(regions::read(folder.join("pilot.bed")).unwrap().len(), 42);
    }
    if let Some(folder) = real_data("chr22-mini-hg19") {
        let tracks = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
        let tracks: Vec<_> = tracks.filter(|p| p.extension().is_some_and(|e| e == "gz")).collect();
        assert_eq!(tracks.len(), 10);
        for path in tracks {
            assert_eq!(signal::format(&path).unwrap(), signal::Format::BedGraph);
            signal::open(&path).unwrap();
        }
    }
    if let Some(folder) = real_data("myc-a549") {
        assert!(regions::read(folder.join("MYC_A549_peaks.narrowPeak")).unwrap().len() > 1_000);
    }
}

#[test]
fn files_of_another_kind_are_named_by_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for (bytes, kind) in [
        (&b""[..], "an empty file"),
        (b">chr1\nACGT\n", "a FASTA file"),
        (b"\x26\xfc\x8f\x88\x04\0\0\0\0\0", "a bigWig file"),
        (b"<!DOCTYPE html>\n<html>", "a web page"),
        (b"PK\x03\x04\0\0", "a zip archive"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let errors = [
            genes::read(&path, Anchor::Gene).err(),
            expression::read(&path, &Columns::rsem()).err(),
            bedgraph::open(&path).err(),
            regions::read(&path).err(),
        ];
        for error in errors {
            let text = error.unwrap().to_string();
            assert!(text.contains(&format!("is {kind}, and ")), "{text}");
        }
    }
    let errors =
        [genes::read(folder.path(), Anchor::Gene).err(), signal::open(folder.path()).err()];
    assert!(errors.iter().all(|e| e.as_ref().unwrap().to_string().contains("is a folder")));
    assert!(matches!(regions::read(folder.path().join("none")), Err(Error::Open { .. })));
}

#[test]
fn rsem_tables_are_told_by_their_header() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rsem.tsv");
    let header = "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM\n";
    std::fs::write(&path, format!("{header}E1.2\tT1\t5\t4\t10\t1.16\t2\n")).unwrap();
    assert_eq!(expression::detect(&path).unwrap(), Some(Columns::rsem()));
    assert_eq!(expression::read(&path, &Columns::rsem()).unwrap().get("E1.2"), Some(1.16));
    std::fs::write(&path, "gene,TPM\nE1,2\n").unwrap();
    assert_eq!(expression::detect(&path).unwrap(), None);
}

#[test]
fn a_name_map_is_put_on_every_source() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.fa");
    fasta::write(&path, [("1", "ACGT"), ("MT", "GG"), ("scaffold_9", "TT")]).unwrap();
    let mut genome = names::sequence(fasta::open(&path).unwrap(), names::Aliases::Ucsc);
    let called: Vec<_> = genome.chromosomes().iter().map(|c| c.name.clone()).collect();
    assert_eq!(called, ["chr1", "chrM", "scaffold_9"]);
    let mut bases = [0; 2];
    genome.reopen().unwrap().bases_into("chrM", 0, &mut bases).unwrap();
    assert_eq!(&bases, b"GG");
    genome.bases_into("scaffold_9", 0, &mut bases).unwrap();
    let track = bedgraph::from_reader("chr1\t0\t5\t2\n".as_bytes(), "t").unwrap();
    let mut track = names::signal(track, names::Aliases::Ensembl);
    let mut value = [0.0];
    track.values_into("1", 4, &mut value).unwrap();
    assert_eq!(value, [2.0]);
}
