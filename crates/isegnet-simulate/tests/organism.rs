//! What a simulated organism must show: its causes explain what they should.
#![allow(clippy::unwrap_used)]

use isegnet_core::Silent;
use isegnet_simulate::{Config, Scenario, Summary, simulate};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

const CAUSES: [&str; 7] =
    ["motif-up", "motif-core", "motif-end", "H3K4me3", "H3K36me3", "H3K27me3", "methylation"];

fn make(scenario: Scenario, seed: u64) -> (tempfile::TempDir, Summary) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { scenario, seed, ..Config::default() };
    let summary = simulate(&config, folder.path(), &Silent).unwrap();
    (folder, summary)
}

/// ln(TPM + 1) by gene.
fn expression(path: &Path) -> BTreeMap<String, f64> {
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().skip(1).map(|line| line.split_once('\t').unwrap());
    rows.map(|(id, tpm)| (id.to_owned(), tpm.parse::<f64>().unwrap().ln_1p())).collect()
}

/// A column of the truth, summed by gene and cause.
fn truth(folder: &Path, condition: &str, kinds: &str, column: &str) -> HashMap<String, [f64; 7]> {
    let text = fs::read_to_string(folder.join("truth.tsv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let wanted = header.split('\t').position(|c| c == column).unwrap();
    let mut genes: HashMap<String, [f64; 7]> = HashMap::new();
    for line in rows.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), 10, "{line}");
        let here = cells[8] == "all" || cells[8] == condition;
        let cause = CAUSES.iter().position(|c| *c == cells[1]);
        if let (true, Some(k)) = (here && cells[2].starts_with(kinds), cause) {
            genes.entry(cells[0].to_owned()).or_default()[k] +=
                cells[wanted].parse::<f64>().unwrap();
        }
    }
    genes
}

/// R2 of a least-squares fit with an intercept, by elimination.
fn fitted_r2(x: &[[f64; 7]], y: &[f64]) -> f64 {
    let mut a = [[0.0; 9]; 8];
    for (x, y) in x.iter().zip(y) {
        let row: Vec<f64> = x.iter().copied().chain([1.0, *y]).collect();
        for i in 0..8 {
            for j in 0..9 {
                a[i][j] += row[i] * row[j];
            }
        }
    }
    for i in 0..8 {
        for j in (0..8).filter(|j| *j != i) {
            let factor = a[j][i] / a[i][i];
            let pivot = a[i];
            a[j].iter_mut().zip(pivot).for_each(|(v, p)| *v -= factor * p);
        }
    }
    let weights: Vec<f64> = (0..8).map(|i| a[i][8] / a[i][i]).collect();
    let predicted: Vec<f64> = x
        .iter()
        .map(|x| x.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>() + weights[7])
        .collect();
    isegnet_stats::r2(y, &predicted).unwrap()
}

/// Amounts of the causes and ln(TPM + 1), a row a gene.
fn rows(folder: &Path, kinds: &str) -> (Vec<[f64; 7]>, Vec<f64>) {
    let amounts = truth(folder, "", kinds, "amount");
    let y = expression(&folder.join("expression.tsv"));
    y.iter().map(|(id, y)| (amounts.get(id).copied().unwrap_or_default(), *y)).unzip()
}

#[test]
fn true_causes_explain_seven_tenths() {
    for (scenario, seed) in [(Scenario::Default, 1), (Scenario::Easy, 7)] {
        let (folder, summary) = make(scenario, seed);
        assert!((summary.oracle_r2 - 0.7).abs() < 1e-6, "{}", summary.oracle_r2);
        let (x, y) = rows(folder.path(), "causal-");
        assert_eq!(y.len(), 2000);
        let r2 = fitted_r2(&x, &y);
        assert!((r2 - 0.7).abs() < 0.03, "{scenario}: {r2}");
        // The effects that the truth states are those that the fit would find.
        let stated: Vec<f64> = x
            .iter()
            .map(|x| {
                summary.intercept
                    + CAUSES.iter().zip(x).map(|(c, a)| summary.effects[*c] * a).sum::<f64>()
            })
            .collect();
        assert!((isegnet_stats::r2(&y, &stated).unwrap() - 0.7).abs() < 1e-3);
    }
}

#[test]
fn nothing_explains_the_null() {
    let (folder, summary) = make(Scenario::Null, 1);
    assert_eq!(summary.oracle_r2, 0.0);
    let (x, y) = rows(folder.path(), "null-");
    assert!(x.iter().filter(|x| x[0] > 0.0).count() > 500);
    let r2 = fitted_r2(&x, &y);
    assert!(r2 < 0.015, "{r2}");
}

#[test]
fn conditions_differ_where_the_truth_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { scenario: Scenario::TwoCondition, genes: 400, replicates: 2, seed: 5 };
    let summary = simulate(&config, folder.path(), &Silent).unwrap();
    assert_eq!(summary.samples, ["control1", "control2", "treated1", "treated2"]);
    assert!((80..160).contains(&summary.changed_genes), "{}", summary.changed_genes);
    let sums = |condition| {
        let effects = truth(folder.path(), condition, "causal-", "effect");
        effects.into_iter().map(|(g, e)| (g, e.iter().sum::<f64>())).collect::<HashMap<_, _>>()
    };
    let (control, treated) = (sums("control"), sums("treated"));
    let mean = |condition: &str| {
        let read =
            |r| expression(&folder.path().join(format!("samples/{condition}{r}/expression.tsv")));
        let (a, b) = (read(1), read(2));
        a.into_iter()
            .map(|(g, v)| {
                let w = b[&g];
                (g, 0.5 * (v + w))
            })
            .collect::<BTreeMap<_, _>>()
    };
    let (c, t) = (mean("control"), mean("treated"));
    let zero = 0.0;
    let expected: Vec<f64> = c
        .keys()
        .map(|g| treated.get(g).unwrap_or(&zero) - control.get(g).unwrap_or(&zero))
        .collect();
    let seen: Vec<f64> = c.iter().map(|(g, v)| t[g] - v).collect();
    assert!(expected.iter().filter(|e| e.abs() > 0.05).count() > 60);
    assert!(isegnet_stats::pearson(&expected, &seen).unwrap() > 0.5);
}

fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != "simulation.json" {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let write = |seed| {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { genes: 120, seed, ..Config::default() };
        simulate(&config, folder.path(), &Silent).unwrap();
        bytes_of(folder.path())
    };
    let (a, b, other) = (write(3), write(3), write(4));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in &a {
        assert!(*bytes == b[name], "{name} differs");
        assert!(
            name == "isegnet.toml" || *bytes != other[name],
            "{name} is the same for another seed"
        );
    }
    assert_eq!(a.len(), 5 + 6);
}

#[test]
fn numbers_out_of_range_are_named() {
    let config = Config { genes: 1, ..Config::default() };
    let error = simulate(&config, Path::new("/nowhere"), &Silent).unwrap_err().to_string();
    assert_eq!(error, "genes is 1; choose from 50 to 100000");
}
