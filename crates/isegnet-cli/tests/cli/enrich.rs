//! `enrich`: factors become symbols, and symbols terms.

use super::explain::table;
use super::setup::{Folder, setup};

const SETS: &str = "AP-1\t\tFOS\tJUN\tJUNB\nEts fusion\t\tEwsr1\tFli1\nMyc\t\tMYC\tMAX\tMGA\n\
                    far away\t\tINS\tGCG\n";

/// A library of motifs with these names.
fn library(folder: &Folder, names: &[&str]) {
    let mut text = String::new();
    for (i, name) in names.iter().enumerate() {
        text += &format!(">M{i} {name}\nA [ 9 0 ]\nC [ 0 9 ]\nG [ 1 1 ]\nT [ 1 1 ]\n");
    }
    folder.write("library.pfm", text);
}

#[test]
fn what_becomes_of_each_name_is_shown() {
    let folder = setup("enrich-names");
    folder.write("sets.gmt", SETS);
    library(&folder, &["FOS::JUN", "Fosl1(var.2)", "EWSR1-FLI1", "MAX::MYC", "mix-a", "Odd"]);
    folder.write(
        "list.tsv",
        "motif_ID\tmotif_alt_ID\nM0\tFOS::JUN\nM1\tFosl1(var.2)\nM2\tEWSR1-FLI1\nM9\tSTRANGER\n",
    );
    let ran = folder.run("enrich list.tsv sets.gmt --motifs library.pfm --out all").ok();
    let out = ran.stdout();
    for text in [
        "4 factors are 6 symbols",
        "EWSR1-FLI1 -> EWSR1",
        "1 not in the universe, left out: STRANGER",
        "1 in no gene set: FOSL1",
    ] {
        assert!(out.contains(text), "{text:?} is not in\n{out}");
    }
    let symbols = table(&folder.read("all/symbols.tsv"));
    let of = |symbol: &str| symbols.iter().find(|line| line["symbol"] == symbol).unwrap();
    assert_eq!(symbols.len(), 6);
    assert_eq!((&of("JUN")["factor"][..], &of("JUN")["in_sets"][..]), ("FOS::JUN", "true"));
    assert_eq!(
        (&of("FLI1")["by_alias"][..], &of("STRANGER")["in_universe"][..]),
        ("true", "false")
    );
    // The universe: FOS JUN FOSL1 EWSR1 FLI1 MAX MYC MIXL1 ODD. Of its 9, 5 are listed.
    let terms = table(&folder.read("all/list.terms.tsv"));
    assert_eq!(terms.len(), 2);
    for (line, hits) in terms.iter().zip(["FOS;JUN", "EWSR1;FLI1"]) {
        // P(both of 2 | 5 of 9) = C(5, 2) / C(9, 2), the same for both terms.
        let p: f64 = line["P-value"].parse().unwrap();
        let adjusted: f64 = line["Adjusted P-value"].parse().unwrap();
        assert!((p - 10.0 / 36.0).abs() < 1e-12 && (adjusted - p).abs() < 1e-12, "{line:?}");
        assert_eq!((&line["Overlap"][..], &line["Genes"][..]), ("2/2", hits));
        let odds: f64 = line["Odds Ratio"].parse().unwrap();
        // ((2 + .5) (4 + .5)) / ((3 + .5) (0 + .5))
        assert!((odds - 2.5 * 4.5 / (3.5 * 0.5)).abs() < 1e-12, "{odds}");
        let combined: f64 = line["Combined Score"].parse().unwrap();
        assert!((combined + p.ln() * odds).abs() < 1e-9);
    }
    folder.write("mine.tsv", "stranger\tINS\nfosl1\tGCG\n");
    let args = "--universe 1000 --aliases mine.tsv --out mine";
    folder.run(&format!("enrich list.tsv sets.gmt {args}")).ok();
    let terms = table(&folder.read("mine/list.terms.tsv"));
    assert!(terms.iter().any(|t| t["Term"] == "far away" && t["Genes"] == "GCG;INS"), "{terms:?}");
}

#[test]
fn two_lists_meet_in_the_terms_of_both() {
    let folder = setup("enrich-both");
    folder.write("sets.gmt", SETS);
    folder.write("dmr.txt", "FOS::JUN\nJUNB\nMYC\nMAX\nMGA\n");
    folder.write("attribution.txt", "JUN::FOS\nJUNB\nINS\nGCG\n");
    let args = "enrich dmr.txt sets.gmt --also attribution.txt --universe genome --out p --json";
    let events = folder.run(args).ok().json();
    let told = events.iter().find(|event| event["event"] == "pathways").unwrap();
    assert_eq!(told["pathways"]["universe_genes"], 20_000);
    let names = |file: &str| -> Vec<String> {
        table(&folder.read(file)).iter().map(|line| line["Term"].clone()).collect()
    };
    assert_eq!(names("p/dmr.terms.tsv"), ["AP-1", "Myc"]);
    assert_eq!(names("p/attribution.terms.tsv"), ["AP-1", "far away"]);
    assert_eq!(names("p/both.terms.tsv"), ["AP-1"]);
    for name in ["dmr", "attribution", "both"] {
        assert!(folder.path(format!("p/{name}.terms.png")).is_file(), "{name}");
    }
    // Of the two p-values the term has the larger one.
    let adjusted = |list: &str| -> f64 {
        table(&folder.read(&format!("p/{list}.terms.tsv")))[0]["Adjusted P-value"].parse().unwrap()
    };
    let larger = adjusted("dmr").max(adjusted("attribution"));
    assert!((adjusted("both") / larger - 1.0).abs() < 1e-12);
    folder
        .run("enrich dmr.txt sets.gmt --also dmr.txt --universe genome --out q")
        .code(2)
        .says(&["--names"]);
    let lists = "enrich dmr.txt sets.gmt --also attribution.txt --universe genome --out q";
    folder.run(&format!("{lists} --names both,other")).code(2).says(&["\"both\"", "--names"]);
    folder.run(&format!("{lists} --names a/b,a_b")).code(2).says(&["--names"]);
    assert!(!folder.path("q").exists());
}

#[test]
fn what_matches_nothing_is_told() {
    let folder = setup("enrich-wrong");
    folder.write("sets.gmt", SETS);
    library(&folder, &["MYC", "MAX"]);
    let refused = |args: &str, code: i32, texts: &[&str]| {
        folder.run(&format!("enrich {args} --out none")).code(code).says(texts);
        assert!(!folder.path("none").exists(), "{args}");
    };
    folder.write("fly.txt", "bcd\nhb\nKr\n");
    let texts = ["none of 3 symbols (BCD, HB, KR)", "sets.gmt", "--aliases"];
    refused("fly.txt sets.gmt --universe genome", 3, &texts);
    refused("fly.txt sets.gmt --motifs library.pfm", 3, &["none of 3 symbols", "--motifs"]);
    folder.write("myc.txt", "MYC\n");
    refused("myc.txt sets.gmt", 2, &["motifs.tsv", "--motifs", "--universe"]);
    refused("myc.txt sets.gmt --universe 2", 2, &["universe", "--universe 2"]);
    refused("myc.txt sets.gmt --universe gnome", 2, &["\"gnome\" is no file"]);
    refused("absent.txt sets.gmt --universe genome", 3, &["absent.txt cannot be read"]);
    folder.write("empty.txt", "# nothing\n");
    refused("empty.txt sets.gmt --universe genome", 3, &["empty.txt has no factor"]);
    folder.write("bad.gmt", "a\t\tX\nb\n");
    refused("myc.txt bad.gmt --universe genome", 3, &["bad.gmt, line 2", "no tab"]);
    folder.write("bad.tsv", "MYC MAX\n");
    refused("myc.txt sets.gmt --universe genome --aliases bad.tsv", 3, &["bad.tsv, line 1"]);
}

#[test]
fn a_real_library_knows_almost_all_vertebrate_factors() {
    use isegnet_core::testdata::real_data;
    let (Some(jaspar), Some(sets)) = (real_data("jaspar"), real_data("gene-sets")) else { return };
    let folder = setup("enrich-real");
    let motifs = jaspar.join("JASPAR2022_CORE_vertebrates_non-redundant.from_pyjaspar.meme");
    let gmt = sets.join("enrichr.GO_Biological_Process_2021.gmt");
    folder.write(
        "list.txt",
        "MYC\nMAX::MYC\nFOS::JUN\nRORA\nRORB\nRORC\nNR1D1\nNR1D2\nARNTL\nCLOCK\n",
    );
    let run = |universe: &str, out: &str| {
        let mut command =
            folder.command(&format!("enrich list.txt --universe {universe} --out {out}"));
        command.arg(&gmt).arg("--motifs").arg(&motifs);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let terms = table(&folder.read(&format!("{out}/list.terms.tsv")));
        let adjusted = |term: &str| -> f64 {
            let line = terms.iter().find(|line| line["Term"] == term).unwrap();
            line["Adjusted P-value"].parse().unwrap()
        };
        [
            adjusted("regulation of transcription, DNA-templated (GO:0006355)"),
            adjusted("regulation of transcription by RNA polymerase II (GO:0006357)"),
            adjusted("positive regulation of circadian rhythm (GO:0042753)"),
        ]
    };
    // Among all genes, any list of factors looks like transcription; among factors it does not,
    // and what these are about stays.
    let ([a, b, clock], [c, d, clock_too]) = (run("genome", "genome"), run("motifs", "motifs"));
    assert!(a < 1e-6 && b < 1e-6 && clock < 0.01, "{a} {b} {clock}");
    assert!(c > 0.05 && d > 0.05 && clock_too < 0.05, "{c} {d} {clock_too}");
}
