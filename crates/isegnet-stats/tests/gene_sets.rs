//! Over-representation against the columns that gseapy prints.
#![allow(clippy::unwrap_used)]

use isegnet_core::testdata::fixtures;
use isegnet_stats::{
    Alternative, Correction, GeneSet, Hypergeometric, PValue, Universe, fisher_exact, odds_ratio,
    over_representation,
};
use std::collections::HashMap;
use std::path::Path;

const LISTS: [&str; 5] = ["L1", "L2", "L3", "L4_tiny", "L5_dups"];

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn lines(path: &Path) -> Vec<String> {
    read(path).lines().map(str::to_owned).collect()
}

fn library(folder: &Path) -> Vec<GeneSet> {
    let set = |line: &String| {
        let fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
        GeneSet { name: fields[0].clone(), genes: fields[2..].to_vec() }
    };
    lines(&folder.join("sets.gmt")).iter().map(set).collect()
}

/// A table's rows by column name.
fn table(path: &Path) -> Vec<HashMap<String, String>> {
    let text = read(path);
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let row = |line: &str| {
        names.iter().map(|n| n.to_string()).zip(line.split('\t').map(str::to_owned)).collect()
    };
    lines.map(row).collect()
}

#[track_caller]
fn close(ours: f64, theirs: &str) {
    let theirs: f64 = theirs.parse().unwrap();
    assert!(
        ours == theirs || (ours - theirs).abs() <= 1e-9 * theirs.abs(),
        "{ours} is not {theirs}"
    );
}

#[test]
fn parity_gseapy_columns() {
    let Some(folder) = fixtures("stats") else { return };
    let library = library(&folder);
    let background = lines(&folder.join("background.txt")).into_iter().collect();
    let universes = [
        ("gmt_union", Universe::Library),
        ("file", Universe::Genes(background)),
        ("int20000", Universe::Size(20_000)),
    ];
    for list in LISTS {
        let genes = lines(&folder.join(format!("{list}.txt")));
        for (name, universe) in &universes {
            let ours = over_representation(&genes, &library, universe).unwrap();
            let theirs = table(&folder.join(format!("gseapy.{list}.{name}.tsv")));
            assert_eq!(ours.len(), theirs.len(), "{list} {name}");
            for row in ours {
                let reference = theirs.iter().find(|r| r["Term"] == row.set).unwrap();
                let overlap = format!("{}/{}", row.hits.len(), row.set_size);
                assert_eq!(overlap, reference["Overlap"], "{list} {name} {}", row.set);
                close(row.p.p(), &reference["P-value"]);
                close(row.adjusted.p(), &reference["Adjusted P-value"]);
                close(row.odds_ratio, &reference["Odds Ratio"]);
                close(row.combined_score, &reference["Combined Score"]);
                // gseapy's order of genes is that of a hash.
                let mut hits = row.hits;
                let mut expected: Vec<&str> = reference["Genes"].split(';').collect();
                hits.sort();
                expected.sort();
                assert_eq!(hits, expected);
            }
        }
    }
}

#[test]
fn parity_fisher_of_every_set() {
    let Some(folder) = fixtures("stats") else { return };
    for list in LISTS {
        for universe in ["gmt_union", "file"] {
            let rows = table(&folder.join(format!("fisher.{list}.{universe}.tsv")));
            let mut all = Vec::new();
            for row in &rows {
                let [k, set, drawn, total] =
                    ["k", "K", "n", "N"].map(|c| row[c].parse::<u64>().unwrap());
                let table = [[k, set - k], [drawn - k, total + k - set - drawn]];
                let p = Hypergeometric::new(total, set, drawn).unwrap().upper(k);
                close(p.p(), &row["p_hypergeom"]);
                let fisher = |alternative| fisher_exact(table, alternative).unwrap().p();
                close(fisher(Alternative::Greater), &row["p_fisher_greater"]);
                close(fisher(Alternative::TwoSided), &row["p_fisher_two_sided"]);
                close(odds_ratio(table).unwrap(), &row["oddsratio_sample"]);
                all.push((k, p));
            }
            let check = |least: u64, column: &str| {
                let chosen: Vec<usize> = (0..all.len()).filter(|&i| all[i].0 >= least).collect();
                let p: Vec<PValue> = chosen.iter().map(|&i| all[i].1).collect();
                for (q, &i) in Correction::BenjaminiHochberg.adjust(&p).iter().zip(&chosen) {
                    close(q.p(), &rows[i][column]);
                }
            };
            check(0, "bh_all_sets");
            check(1, "bh_hit_sets");
        }
    }
}
