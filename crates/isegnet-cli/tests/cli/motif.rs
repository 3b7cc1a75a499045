//! `motif scan` and `motif enrich`, against the MEME Suite's runs and against what was planted.

use super::attributed::{self, POSITIONS, Track, base_of, noise};
use super::explain::table;
use super::setup::{Folder, setup};
use isegnet_core::{Gene, Interval, Random};
use isegnet_io::fasta;
use isegnet_io::genes::{self, Anchor};
use isegnet_simulate::read_truth;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// Patterns of the simulated organism, and others that are nowhere in particular.
const PATTERNS: [(&str, &str); 10] = [
    ("UP1", "GGGCGGRGCYGGGA"),
    ("CORE1", "CCTCCCRCCCYCAC"),
    ("END1", "GTGCGCGRCYGCGG"),
    ("NUP1", "GAGGGYGGCGGRCG"),
    ("NCORE1::NCORE2", "CACCCYTCCGRCCC"),
    ("NEND1(var.2)", "GGCACRCGYGGCGT"),
    ("OTHER1", "TGACGTCATGAC"),
    ("OTHER2", "CCATATTAGGAA"),
    ("OTHER3", "TTTCGCGCCTTA"),
    ("OTHER4", "GATAAGATCAGT"),
];

/// The patterns as a library of counts.
fn library(folder: &Folder) {
    let mut text = String::new();
    for (i, (name, pattern)) in PATTERNS.iter().enumerate() {
        text += &format!(">MX{i:04}.1 {name}\n");
        for (row, pair) in [("A", "R"), ("C", "Y"), ("G", "R"), ("T", "Y")] {
            let count = |letter: char| match letter.to_string() {
                one if one == row => "20",
                both if both == pair => "10",
                _ => "0",
            };
            let counts: Vec<&str> = pattern.chars().map(count).collect();
            text += &format!("{row} [ {} ]\n", counts.join(" "));
        }
    }
    folder.write("motifs.pfm", text);
}

/// An organism explained: `DNA` is highest where a gene's causes were planted, `shuffled` where
/// those of the next gene were, in the same windows.
fn planted(folder: &Folder) {
    folder.run("simulate --scenario easy --genes 300 --out organism --quiet").ok();
    library(folder);
    let genes = genes::read(folder.path("organism/genes.gtf"), Anchor::default()).unwrap();
    let truth = read_truth(&folder.path("organism/truth.tsv")).unwrap();
    let random = Random::new(1, "test/which motif");
    // The middle of one of each gene's planted motifs, as a position of its windows.
    let place = |i: usize, gene: &Gene| {
        let own = truth.iter().filter(|p| p.is_cause() && p.is_motif());
        let own: Vec<i64> = own
            .filter(|p| p.gene.as_deref() == Some(gene.id.as_str()))
            .map(|p| (p.place.start + p.place.end) / 2)
            .collect();
        let middle = *own.get(random.below(0, i as u64, own.len().max(1) as u64) as usize)?;
        (0..POSITIONS).find(|&position| base_of(gene, position) == middle)
    };
    let places: Vec<Option<usize>> = genes.iter().enumerate().map(|(i, g)| place(i, g)).collect();
    let high = |i: usize, place: Option<usize>, name: &str| {
        let mut values = noise(i, name);
        let reach = place.map_or(0..0, |p| p.saturating_sub(7)..(p + 7).min(POSITIONS));
        reach.for_each(|position| values[position] += 1.0);
        values
    };
    let mut genome = fasta::open(folder.path("organism/genome.fa")).unwrap();
    let chromosomes = genome.chromosomes().to_vec();
    let mut around = |place: &Interval| {
        let mut bases = vec![0; place.len()];
        genome.bases_into(&place.chrom, place.start, &mut bases).unwrap();
        bases.to_ascii_uppercase()
    };
    let tracks = [
        Track { name: "DNA", values: &|i| high(i, places[i], "dna") },
        Track { name: "shuffled", values: &|i| high(i, places[(i + 1) % places.len()], "other") },
    ];
    attributed::write(folder, "attributions", (&genes, &chromosomes), &tracks, &mut around);
}

#[test]
fn planted_motifs_come_first_around_top_sites_and_not_around_shuffled_ones() {
    let folder = setup("motif-planted");
    planted(&folder);
    let args = "motif enrich motifs.pfm attributions --genome organism/genome.fa";
    let told = folder.run(&format!("{args} --out enrichment --json")).ok().json();
    let told = told.iter().find(|event| event["event"] == "enriched").unwrap();
    let tests = told["enrichment"]["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 2);
    for test in tests {
        assert_eq!(test["against"], "matched");
        let matched = &test["matched"];
        let of = |name: &str, i: usize| matched[name][i].as_f64().unwrap();
        assert!((of("mean_gc", 0) - of("mean_gc", 1)).abs() < 0.03, "{test}");
        assert!((of("mean_distance", 0) - of("mean_distance", 1)).abs() < 50.0, "{test}");
        let kept = test["primary"].as_u64().unwrap();
        assert_eq!(kept, test["controls"].as_u64().unwrap());
        assert_eq!(
            kept + matched["unmatched"].as_u64().unwrap(),
            matched["sites"].as_u64().unwrap()
        );
        assert!(kept > 200, "{test}");
    }
    let lines = table(&folder.read("enrichment/enrichment.tsv"));
    assert_eq!(lines.len(), 2 * PATTERNS.len());
    let of = |track: &str| lines.iter().filter(|l| l["track"] == track).collect::<Vec<_>>();
    let q =
        |line: &std::collections::HashMap<String, String>| line["q-value"].parse::<f64>().unwrap();
    let dna = of("DNA");
    let first: BTreeSet<&str> = dna[..3].iter().map(|l| l["motif_alt_ID"].as_str()).collect();
    assert_eq!(first, BTreeSet::from(["UP1", "CORE1", "END1"]), "{dna:?}");
    assert!(dna[..3].iter().all(|line| q(line) < 0.02), "{dna:?}");
    assert!(dna[3..].iter().all(|line| q(line) > 0.2), "{dna:?}");
    let shuffled = of("shuffled");
    assert!(shuffled.iter().all(|line| q(line) > 0.05), "{shuffled:?}");

    // Each test can be done again from the files it left, to the same numbers.
    let again = "enrichment/DNA.primary.fa --control enrichment/DNA.control.fa --out again";
    folder.run(&format!("motif enrich motifs.pfm {again}")).ok();
    let [whole, again] = ["enrichment/DNA", "again/DNA.primary"]
        .map(|stem| table(&folder.read(&format!("{stem}.ame.tsv"))));
    assert_eq!(whole, again);
    // The same command comes to the same bytes at any number of threads; others are refused.
    let files = ["enrichment.tsv", "factors.tsv", "heatmap.svg", "DNA.control.fa", "heatmap.tsv"];
    let read = |out: &str| files.map(|file| folder.read(&format!("{out}/{file}")));
    let before = read("enrichment");
    folder.run(&format!("{args} --out enrichment --threads 1 --quiet")).ok();
    assert_eq!(before, read("enrichment"));
    folder.run(&format!("{args} --out enrichment --seed 9")).code(2).says(&["--overwrite"]);

    // The control windows lie on promoters and touch no site.
    let sites: Vec<(String, i64)> = table(&folder.read("attributions/sites.bed").replacen(
        "#chrom\tstart\tend",
        "#chrom\tstart\tend\tname\tscore\tstrand\tattribution\tgene\tcolumn",
        1,
    ))
    .into_iter()
    .filter(|site| site["column"] == "DNA")
    .map(|site| (site["chrom"].clone(), site["start"].parse().unwrap()))
    .collect();
    let controls = fasta::records(folder.path("enrichment/DNA.control.fa")).unwrap();
    let mut names = BTreeSet::new();
    for control in &controls {
        let (_, place) = control.name.split_once('/').unwrap();
        let (chrom, range) = place.split_once(':').unwrap();
        let (start, end) = range.split_once('-').unwrap();
        let (start, end): (i64, i64) = (start.parse().unwrap(), end.parse().unwrap());
        assert_eq!(end - start + 1, 101);
        let touched = sites.iter().any(|(c, at)| c == chrom && at - 50 < end && start <= at + 51);
        assert!(!touched, "{}", control.name);
        assert!(names.insert(&control.name), "{} twice", control.name);
    }
}

#[test]
fn sites_become_factors_and_factors_pathways_step_by_step() {
    let folder = setup("motif-chain");
    planted(&folder);
    let args = "--genome organism/genome.fa --tracks DNA";
    folder.run(&format!("motif enrich motifs.pfm attributions {args} --out enrichment")).ok();
    let factors = table(&folder.read("enrichment/factors.tsv"));
    let names: BTreeSet<&str> = factors.iter().map(|l| l["motif_alt_ID"].as_str()).collect();
    assert_eq!(names, BTreeSet::from(["UP1", "CORE1", "END1"]));
    folder.write(
        "sets.gmt",
        "planted\t\tup1\tCore1\tEND1\nneutral\t\tNUP1\tNCORE1\tNCORE2\tNEND1\nmixed\t\tUP1\tOTHER1\tFAR1\n",
    );
    let ran = folder.run("enrich enrichment sets.gmt --out pathways").ok();
    assert!(ran.stdout().contains("3 factors are 3 symbols"), "{}", ran.stdout());
    let terms = table(&folder.read("pathways/enrichment.terms.tsv"));
    // 11 symbols: NCORE1::NCORE2 is two. P(all 3 of 3 | 3 of 11) = 1 / C(11, 3).
    assert_eq!((terms[0]["Term"].as_str(), terms[0]["Overlap"].as_str()), ("planted", "3/3"));
    let p: f64 = terms[0]["P-value"].parse().unwrap();
    assert!((p - 1.0 / 165.0).abs() < 1e-12, "{p}");
    // FAR1 is no factor of the library, so the set has two genes.
    assert_eq!((terms[1]["Term"].as_str(), terms[1]["Overlap"].as_str()), ("mixed", "1/2"));
    assert_eq!(terms.len(), 2);
    for file in ["pathways/enrichment.terms.png", "enrichment/heatmap.png"] {
        assert!(folder.path(file).is_file(), "{file}");
    }
    // From a plain list, and with a genome for a universe, as the paper did.
    folder.write("list.txt", "Up1\nCORE1\n");
    folder.run("enrich list.txt sets.gmt --out plain").code(2).says(&["--motifs", "--universe"]);
    folder.run("enrich list.txt sets.gmt --motifs motifs.pfm --out plain").ok();
    folder.run("enrich list.txt sets.gmt --universe genome --out genome").ok();
    let p = |out: &str| -> f64 {
        table(&folder.read(&format!("{out}/list.terms.tsv")))[0]["P-value"].parse().unwrap()
    };
    assert!(p("genome") < 1e-4 && p("plain") > 0.05, "{} {}", p("genome"), p("plain"));
}

#[test]
fn conditions_and_tracks_make_one_clustered_heatmap() {
    let folder = setup("motif-conditions");
    planted(&folder);
    let args = "motif enrich motifs.pfm attributions attributions --genome organism/genome.fa";
    folder.run(&format!("{args} --out x")).code(2).says(&["named twice", "--names"]);
    folder.run(&format!("{args} --names one,two --shuffle 2 --out x")).ok();
    let lines = table(&folder.read("x/heatmap.tsv"));
    let columns: BTreeSet<&str> = lines[0].keys().map(String::as_str).collect();
    let expected = ["motif_ID", "factor", "one DNA", "one shuffled", "two DNA", "two shuffled"];
    assert_eq!(columns, BTreeSet::from(expected));
    assert!(lines.iter().all(|line| line["one DNA"] == line["two DNA"]));
    let listed = table(&folder.read("x/factors.tsv"));
    assert!(listed.iter().any(|line| line["condition"] == "two" && line["track"] == "DNA"));
    assert!(folder.path("x/one.DNA.factors.tsv").is_file());
    assert!(folder.path("x/two.shuffled.ame.tsv").is_file());
}

/// Asserts that a heatmap has the mean -log10 p of the tests of each condition and track.
fn has_means(folder: &Folder, out: &str, conditions: [&str; 2], replicates: usize) {
    let map = table(&folder.read(&format!("{out}/heatmap.tsv")));
    let tests = table(&folder.read(&format!("{out}/enrichment.tsv")));
    assert!(!map.is_empty());
    for (line, condition) in map.iter().flat_map(|line| conditions.map(|c| (line, c))) {
        assert_eq!(line.len(), 2 + 2 * conditions.len(), "{line:?}");
        for track in ["DNA", "H3K4me3"] {
            let of = |test: &&std::collections::HashMap<String, String>| {
                (&test["condition"][..], &test["track"][..]) == (condition, track)
                    && test["motif_ID"] == line["motif_ID"]
            };
            let p = |text: &str| text.parse::<f64>().unwrap();
            let all: Vec<f64> =
                tests.iter().filter(of).map(|test| -p(&test["adj_p-value"]).log10()).collect();
            assert_eq!(all.len(), replicates, "{condition} {track}");
            let mean = all.iter().sum::<f64>() / replicates as f64;
            let drawn = p(&line[&format!("{condition} {track}")]);
            // The table has three digits.
            assert!((drawn - mean).abs() < 0.003, "{drawn} {all:?}");
        }
    }
}

#[test]
fn replicates_of_a_condition_are_one_column_of_the_heatmap() {
    let folder = setup("motif-replicates");
    library(&folder);
    folder.run("simulate --scenario two-condition --genes 60 --replicates 2 --out organism").ok();
    folder.tiny("epochs = 1");
    folder.run("prepare organism/tiny.toml --out dataset --quiet").ok();
    folder.run("train organism/tiny.toml --dataset dataset --out run --quiet").ok();
    let explain = "explain run --dataset dataset --steps 2 --quiet";
    folder.run(&format!("{explain} --out attributions")).ok();
    let args = "--shuffle --tracks DNA,H3K4me3";
    folder.run(&format!("motif enrich motifs.pfm attributions {args} --out samples")).ok();
    has_means(&folder, "samples", ["control", "treated"], 2);
    for sample in ["control1", "control2", "treated1", "treated2"] {
        assert!(folder.path(format!("samples/{sample}.DNA.ame.tsv")).is_file(), "{sample}");
    }

    // Folders that are called alike are replicates too.
    for sample in ["control1", "control2", "treated1"] {
        folder.run(&format!("{explain} --sample {sample} --out {sample}")).ok();
    }
    let folders = "motif enrich motifs.pfm control1 control2 treated1";
    folder.run(&format!("{folders} {args} --names a,a,b --out folders")).ok();
    let map = table(&folder.read("folders/heatmap.tsv"));
    assert!(map[0].contains_key("a DNA") && map[0].len() == 6, "{map:?}");
    assert!(folder.path("folders/a_control1.DNA.ame.tsv").is_file());
    let listed = |out: &str, sample: &str| {
        let tests = table(&folder.read(&format!("{out}/enrichment.tsv")));
        let own = tests.into_iter().filter(|line| line["sample"] == sample);
        own.map(|line| (line["motif_ID"].clone(), line["p-value"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(listed("folders", "a control2"), listed("samples", "control2"));
    let clash = folder.run(&format!("{folders} {args} --names a,b/c,b_c --out clash"));
    clash.code(2).says(&["b_c.", "two tests", "--names"]);
}

/// Unpacks a reference file.
fn unpacked(fixtures: &Path, name: &str) -> String {
    let file = std::fs::File::open(fixtures.join(format!("{name}.gz"))).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// The lines of a table of the MEME Suite without its header and remarks, some columns of it.
fn columns(text: &str, which: &[usize]) -> BTreeSet<String> {
    let lines = text.lines().skip(1).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pick = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        which.iter().map(|&i| fields[i]).collect::<Vec<_>>().join("\t")
    };
    lines.map(pick).collect()
}

#[test]
fn parity_of_the_commands_with_fimo_and_ame() {
    let Some(fixtures) = isegnet_core::testdata::fixtures("motifs") else { return };
    let folder = setup("motif-parity");
    let copied =
        ["motifs20.meme", "motifs60.meme", "fimo_seqs.fa", "ame_primary.fa", "ame_control.fa"];
    for name in copied {
        let text = match fixtures.join(name).is_file() {
            true => std::fs::read_to_string(fixtures.join(name)).unwrap(),
            false => unpacked(&fixtures, name),
        };
        folder.write(name, text);
    }
    let scan = "motif scan motifs20.meme fimo_seqs.fa";
    for (args, reference) in [
        ("", "fimo.default.tsv"),
        ("--background uniform", "fimo.uniform.tsv"),
        ("--background motifs", "fimo.motifbg.tsv"),
    ] {
        folder.run(&format!("{scan} {args} --out hits.tsv,hits.bed,hits.gff")).ok();
        let all_but_q = [0, 1, 2, 3, 4, 5, 6, 7, 9];
        let expected = columns(&unpacked(&fixtures, reference), &all_but_q);
        assert!(expected.len() > 100);
        assert_eq!(columns(&folder.read("hits.tsv"), &all_but_q), expected, "{args}");
        let bed = folder.read("hits.bed");
        assert_eq!(bed.lines().count(), expected.len());
        let gff = folder.read("hits.gff");
        assert_eq!(gff.lines().count(), expected.len() + 1);
    }
    let enrich = "motif enrich motifs60.meme ame_primary.fa --control ame_control.fa --rules ame";
    for (args, reference) in [
        ("", "ame.fisher_avg.tsv"),
        ("--scoring max", "ame.fisher_max.tsv"),
        ("--test ranksum", "ame.ranksum_avg.tsv"),
    ] {
        folder.run(&format!("{enrich} {args} --e-value 10 --out ame --overwrite")).ok();
        // Below the limit, where rounding does not decide which are listed.
        let listed = |text: &str| {
            let below = |line: &&str| {
                let e = line.split('\t').nth(7).and_then(|e| e.parse::<f64>().ok());
                e.is_none_or(|e| e < 9.0)
            };
            let lines: Vec<&str> = text.lines().filter(below).collect();
            columns(&lines.join("\n"), &[2, 3, 5, 6, 7])
        };
        let expected = listed(&unpacked(&fixtures, reference));
        assert!(expected.len() >= 5);
        assert_eq!(listed(&folder.read("ame/ame_primary.ame.tsv")), expected, "{args}");
    }
}

#[test]
fn a_scan_of_regions_finds_what_a_scan_of_everything_finds_there() {
    let folder = setup("motif-regions");
    folder.organism();
    library(&folder);
    let scan = "motif scan motifs.pfm organism/genome.fa --no-q";
    folder.run(&format!("{scan} --out all.tsv")).ok();
    folder.write("regions.bed", "chr2\t2000\t9000\nchr1\t500\t4000\nchr1\t3000\t6000\n");
    folder.run(&format!("{scan} --regions regions.bed --out some.tsv")).ok();
    let inside = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let (start, end): (i64, i64) = (fields[3].parse().unwrap(), fields[4].parse().unwrap());
        let within = |from: i64, to: i64| start > from && end <= to;
        (fields[2] == "chr2" && within(2000, 9000)) || (fields[2] == "chr1" && within(500, 6000))
    };
    let lines =
        |name: &str| folder.read(name).lines().skip(1).map(str::to_owned).collect::<BTreeSet<_>>();
    let expected: BTreeSet<String> = lines("all.tsv").into_iter().filter(|l| inside(l)).collect();
    assert!(!expected.is_empty());
    assert_eq!(lines("some.tsv"), expected);
    folder.write("far.bed", "chr77\t1\t500\n");
    let far = folder.run(&format!("{scan} --regions far.bed"));
    far.code(3).says(&["far.bed", "chr77"]);
    folder.write("no.bed", "# none\n");
    folder.run(&format!("{scan} --regions no.bed")).code(3).says(&["no.bed has no region"]);
    // A region may be longer than the chromosome.
    folder.write("long.bed", "chr1\t0\t9000000\n");
    folder.run(&format!("{scan} --regions long.bed --out long.tsv")).ok();
    let first = |line: &String| line.split('\t').nth(2) == Some("chr1");
    assert_eq!(lines("long.tsv"), lines("all.tsv").into_iter().filter(first).collect());
    // Names that are places are told as such, and any number of threads finds the same.
    let bases = &folder.read("organism/genome.fa").replace('\n', "")[100..400];
    folder.write("place.fa", format!(">chr9:1001-1300\n{bases}\n>tiny\nAC\n"));
    folder.run("motif scan motifs.pfm place.fa --p 0.01 --out a.bed --threads 1").ok();
    let ran = folder.run("motif scan motifs.pfm place.fa --p 0.01 --out b.bed --threads 3").ok();
    ran.says(&["1 of 2 sequences are shorter than every motif (12 bases)"]);
    assert_eq!(folder.read("a.bed"), folder.read("b.bed"));
    assert!(folder.read("a.bed").lines().all(|line| line.starts_with("chr9\t1")));
    folder.write("end.fa", format!(">chr9:4294967295-4294967295\n{bases}\n"));
    folder.run("motif scan motifs.pfm end.fa --p 0.01 --out end.bed").ok();
    assert!(folder.read("end.bed").starts_with("chr9\t42949"));
    folder
        .write("beyond.fa", format!(">chr9:18446744073709551615-18446744073709551615\n{bases}\n"));
    folder.run("motif scan motifs.pfm beyond.fa --p 0.01 --out beyond.bed").ok();
    assert!(folder.read("beyond.bed").starts_with("chr9:1844"));
    folder.run("motif scan motifs.pfm place.fa --p 0.01 --plain-names --out c.bed").ok();
    assert!(folder.read("c.bed").starts_with("chr9:1001-1300\t"));
}

#[test]
fn what_is_wrong_with_motifs_and_sequences_is_told() {
    let folder = setup("motif-wrong");
    library(&folder);
    folder.write("ok.fa", ">a\nACGTACGTACGTACGTACGT\n");
    let head = "MEME version 4\n\nALPHABET= ACGT\n\n";
    let motif = "MOTIF M1 X\nletter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0\n";
    folder.write("sum.meme", format!("{head}{motif}0.25 0.25 0.25 0.25\n0.5 0.2 0.2 0.2\n"));
    let refused = |args: &str, code: i32, texts: &[&str]| {
        folder.run(args).code(code).says(texts);
        assert!(!folder.path("hits.tsv").exists() && !folder.path("enrichment").exists());
    };
    refused("motif scan sum.meme ok.fa", 3, &["sum.meme, line 6", "row 2 sum", "not to 1"]);
    folder.write("none.meme", head);
    refused("motif scan none.meme ok.fa", 3, &["none.meme has no motif"]);
    refused("motif scan absent.meme ok.fa", 3, &["absent.meme", "check the path"]);
    folder.write("bad.fa", ">a\nACGT\nAC1T\n");
    refused("motif scan motifs.pfm bad.fa", 3, &["bad.fa, line 3", "\"1\" where a base"]);
    refused("motif scan motifs.pfm absent.fa", 3, &["absent.fa"]);
    refused("motif scan ok.fa motifs.pfm", 3, &["ok.fa, line 2", "a JASPAR PFM, not sequences"]);
    refused("motif scan motifs.pfm ok.fa --p 0", 2, &["0 is no threshold"]);
    refused(
        "motif scan motifs.pfm ok.fa --motif UPP1",
        2,
        &["no motif \"UPP1\"", "did you mean UP1"],
    );
    refused("motif scan motifs.pfm ok.fa --out hits.csv", 2, &["hits.csv", ".tsv, .bed or .gff"]);
    refused("motif scan motifs.pfm ok.fa --background gc", 2, &["\"gc\" is no file"]);
    refused("motif enrich motifs.pfm ok.fa", 2, &["ok.fa is no folder", "--control"]);
    refused("motif enrich motifs.pfm ok.fa --ranked", 3, &["sequence \"a\"", "no number"]);
    refused("motif enrich motifs.pfm absent.fa --shuffle", 3, &["absent.fa"]);
    refused("motif enrich motifs.pfm ok.fa --shuffle --e-value NaN", 2, &["--e-value NaN"]);
    refused("motif enrich motifs.pfm ok.fa --shuffle 100000000", 2, &["1 to 1000"]);
    refused("motif enrich motifs.pfm ok.fa --ranked --by-motif NaN", 2, &["--by-motif NaN"]);
    std::fs::create_dir(folder.path("empty")).unwrap();
    refused("motif enrich motifs.pfm empty", 2, &["empty/explain.json", "isegnet explain"]);
    folder.write("short.fa", ">a\nAC\n>b\nGT\n");
    let ran = folder.run("motif enrich motifs.pfm short.fa --shuffle --rules ame --out short");
    ran.code(3).says(&["no primary sequence of at least 14 bases"]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_scan_leaves_nothing() {
    let folder = setup("motif-interrupted");
    library(&folder);
    let random = Random::new(1, "test/bases");
    let bases: Vec<u8> = (0..40_000_000)
        .map(|i| b"ACGT"[(random.bits(0, i / 32) >> (2 * (i % 32)) & 3) as usize])
        .collect();
    folder.write("long.fa", [b">long\n", bases.as_slice(), b"\n"].concat());
    // How long a scan takes is the machine's affair: one of these moments falls inside it.
    let interrupted = [400, 200, 100, 50, 25].into_iter().any(|after| {
        let mut command = folder.command("motif scan motifs.pfm long.fa --p 0.001 --threads 1");
        let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(after));
        let kill = format!("kill -INT {}", child.id());
        std::process::Command::new("sh").args(["-c", &kill]).status().unwrap();
        let ended = child.wait_with_output().unwrap().status.code();
        let there = folder.path("hits.tsv").exists();
        assert_eq!(there, ended == Some(0), "after {after} ms: {ended:?}");
        if there {
            std::fs::remove_file(folder.path("hits.tsv")).unwrap();
        }
        ended == Some(130)
    });
    assert!(interrupted, "every scan ended before it was interrupted, or was not there yet");
}
