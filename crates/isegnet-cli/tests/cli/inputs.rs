//! Every kind of broken input is refused with file, place, both values and the way out.

use super::setup::{Folder, setup};

const CONFIG: &str = "organism/isegnet.toml";
const TRACK: &str = "organism/tracks/H3K4me3.bw";

/// Checks the organism, which must be refused as input with all these texts.
#[track_caller]
fn refused(folder: &Folder, texts: &[&str]) {
    folder.run(&format!("check {CONFIG}")).code(3).says(texts);
    folder.run(&format!("prepare {CONFIG} --out dataset")).code(3).says(texts);
    assert!(!folder.path("dataset").exists());
}

#[test]
fn a_sound_organism_passes() {
    let folder = setup("sound");
    folder.organism();
    let ran = folder.run(&format!("check {CONFIG}")).ok();
    assert!(ran.stdout().contains("60 genes"), "{}", ran.stdout());
    let json = folder.run(&format!("check {CONFIG} --json")).ok().json();
    assert_eq!(json[0]["event"], "checked");
    assert_eq!(json[0]["genes"], 60);
    assert_eq!(json[0]["problems"], serde_json::json!([]));
}

#[test]
fn all_problems_of_the_inputs_are_told_at_once() {
    let folder = setup("all-at-once");
    folder.organism();
    folder.write("organism/genes.gtf", "chr1\tsim\tgene\t100\n");
    folder.write("organism/expression.tsv", "gene_id\tTPM\nSIMG000001\t-3\n");
    folder.write(TRACK, "");
    std::fs::remove_file(folder.path("organism/genome.fa")).unwrap();
    refused(
        &folder,
        &[
            "4 problems",
            "organism/genome.fa",
            "organism/genes.gtf, line 1",
            "organism/expression.tsv, line 2: TPM of \"SIMG000001\" is \"-3\", below 0",
            TRACK,
        ],
    );
}

#[test]
fn files_that_are_no_bigwig_are_named_for_what_they_are() {
    let folder = setup("no-bigwig");
    folder.organism();
    let whole = std::fs::read(folder.path(TRACK)).unwrap();
    folder.write(TRACK, "");
    refused(&folder, &[TRACK]);
    folder.write(TRACK, &whole[..whole.len() / 2]);
    refused(&folder, &[TRACK, "damaged"]);
    folder.write(TRACK, "a text of some words\n");
    refused(&folder, &[TRACK, "line 1"]);
    // The signature of a bigBed file.
    folder.write(TRACK, [&0x8789_F2EBu32.to_le_bytes()[..], &whole[4..]].concat());
    refused(&folder, &[TRACK, "bigBed"]);
}

#[test]
fn a_flipped_bit_never_panics() {
    let folder = setup("bit-flip");
    folder.organism();
    let whole = std::fs::read(folder.path(TRACK)).unwrap();
    for k in 0..24 {
        let mut broken = whole.clone();
        let at = (k * 7919 + 13) % whole.len();
        broken[at] ^= 1 << (k % 8);
        folder.write(TRACK, broken);
        let ran = folder.run(&format!("prepare {CONFIG} --out dataset --overwrite"));
        let told = ran.stderr();
        assert!(!told.contains("isegnet has a bug"), "byte {at}: {told}");
        assert!(matches!(ran.exit(), Some(0 | 3)), "byte {at}: {:?} {told}", ran.exit());
    }
}

#[test]
fn an_annotation_with_a_wrong_line_is_told_by_line() {
    let folder = setup("gtf");
    folder.organism();
    let genes = folder.read("organism/genes.gtf");
    let first = genes.lines().find(|line| line.contains("\tgene\t")).unwrap();
    folder.write("organism/genes.gtf", format!("{first}\n{first}\n"));
    refused(&folder, &["organism/genes.gtf, line 2", "stands on line 1 already"]);
    folder.write("organism/genes.gtf", first.replace("gene_id", "gene"));
    refused(&folder, &["organism/genes.gtf, line 1", "gene_id"]);
}

#[test]
fn expression_that_is_no_number_or_no_column_is_told() {
    let folder = setup("expression");
    folder.organism();
    let table = folder.read("organism/expression.tsv");
    let row = table.lines().nth(1).unwrap();
    let nan = row.rsplit_once('\t').unwrap().0.to_owned() + "\tNaN";
    folder.replace("organism/expression.tsv", row, &nan);
    refused(&folder, &["organism/expression.tsv, line 2", "\"NaN\"", "leave the row out"]);
    folder.write("organism/expression.tsv", table.replace("TPM", "tpms"));
    refused(&folder, &["no column \"TPM\"", "did you mean \"tpms\"?"]);
}

#[test]
fn ids_that_never_join_are_shown_from_both_sides() {
    let folder = setup("join");
    folder.organism();
    let table = folder.read("organism/expression.tsv").replace("SIMG", "ENSG");
    folder.write("organism/expression.tsv", table);
    refused(
        &folder,
        &["no gene id is on both sides", "\"SIMG000001\"", "\"ENSG000001\"", "and 57 more"],
    );
}

#[test]
fn chromosome_names_are_mapped_on_request_or_refused_with_the_remedy() {
    let folder = setup("names");
    folder.organism();
    let genes = folder.read("organism/genes.gtf").replace("chr", "");
    folder.write("organism/genes.gtf", genes);
    refused(&folder, &["organism/genes.gtf", "\"chr1\"", "\"1\"", "chrom_alias = \"ucsc\""]);
    folder.run(&format!("check {CONFIG} --chrom-alias ucsc")).ok();
    folder.replace(CONFIG, "[genome]", "[genome]\nchrom_alias = \"ensembl\"");
    folder.run(&format!("prepare {CONFIG} --out dataset")).ok();
    assert!(folder.read("dataset/genes.tsv").contains("\t1\t"));
}

#[test]
fn lengths_that_disagree_name_both_files_and_both_lengths() {
    let folder = setup("lengths");
    folder.organism();
    let genome = folder.read("organism/genome.fa");
    let (first, rest) = genome.split_once(">chr2").unwrap();
    let length: usize = first.lines().skip(1).map(str::len).sum();
    // A base more at the end of chr1: on its last line, or on a new one where that is full.
    let full = first.lines().last().unwrap().len() == 60;
    let longer = if full { format!("{first}A\n") } else { format!("{}A\n", first.trim_end()) };
    folder.write("organism/genome.fa", format!("{longer}>chr2{rest}"));
    refused(
        &folder,
        &[
            "chromosome \"chr1\"",
            &format!("{length} bases in organism/tracks/H3K4me3.bw"),
            &format!("{} in organism/genome.fa", length + 1),
            "one assembly",
        ],
    );
}

#[test]
fn genes_off_the_chromosome_and_tracks_without_data_are_told() {
    let folder = setup("off");
    folder.organism();
    let genes = folder.read("organism/genes.gtf");
    let line = genes.lines().find(|line| line.contains("\tgene\t")).unwrap().to_owned();
    let mut fields: Vec<&str> = line.split('\t').collect();
    (fields[3], fields[4]) = ("900000000", "900002000");
    folder.write("organism/genes.gtf", genes.replace(&line, &fields.join("\t")));
    let ran = folder.run(&format!("prepare {CONFIG} --out dataset")).code(3);
    ran.says(&["SIMG000001", "off its chromosome", "one assembly"]);

    folder.write("organism/genes.gtf", genes);
    let gap = widest_gap(&folder.read("organism/genes.gtf"));
    folder.write("organism/far.bedGraph", format!("chr1\t{gap}\t{}\t5\n", gap + 1));
    folder.replace(CONFIG, "tracks/H3K4me3.bw", "far.bedGraph");
    refused(&folder, &["organism/far.bedGraph", "no data in any window"]);
}

/// The middle of the longest stretch of chr1 without a gene.
fn widest_gap(genes: &str) -> usize {
    let mut ends: Vec<(usize, usize)> = genes
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|fields| fields[0] == "chr1" && fields[2] == "gene")
        .map(|fields| (fields[3].parse().unwrap(), fields[4].parse().unwrap()))
        .collect();
    ends.sort_unstable();
    let gaps = ends.windows(2).map(|pair| (pair[1].0.saturating_sub(pair[0].1), pair[0].1));
    let (width, start) = gaps.max().unwrap();
    assert!(width > 2100, "no gap of chr1 is wide enough");
    start + width / 2
}

#[test]
fn a_track_of_another_chromosome_naming_is_refused() {
    let folder = setup("strange");
    folder.organism();
    folder.write("organism/odd.bedGraph", "contig7\t0\t1000\t5\n");
    folder.replace(CONFIG, "tracks/H3K4me3.bw", "odd.bedGraph");
    refused(&folder, &["organism/odd.bedGraph", "no chromosome in common", "\"contig7\""]);
}
