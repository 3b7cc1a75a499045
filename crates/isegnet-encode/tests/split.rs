//! Divisions into parts, and what they share.
#![allow(clippy::unwrap_used)]

mod common;

use common::{MemoryGenome, gene};
use isegnet_core::{Cancel, Gene, Silent, Strand};
use isegnet_encode::{
    Dataset, DatasetBuilder, LeakageReport, Part, SampleInput, Split, SplitConfig, View,
    ViewConfig, Windows,
};
use tempfile::TempDir;

/// Two samples of DNA only on chromosomes of 100 kb.
fn set(genes: Vec<Gene>) -> (TempDir, Dataset, View, Vec<usize>) {
    let folder = tempfile::tempdir().unwrap();
    let mut chroms: Vec<String> = genes.iter().map(|g| g.body.chrom.clone()).collect();
    chroms.sort_unstable();
    chroms.dedup();
    let letters = chroms.into_iter().map(|chrom| (chrom, vec![b'A'; 100_000])).collect();
    let sample = |name: &str| SampleInput {
        name: name.into(),
        condition: None,
        group: None,
        expression: Some(genes.iter().map(|_| Some(1.0)).collect()),
        tracks: vec![],
    };
    let (a, b) = (sample("a"), sample("b"));
    let dataset = DatasetBuilder::new(Windows::default(), genes)
        .sequence(Box::new(MemoryGenome::new(letters)))
        .sample(a)
        .sample(b)
        .write(&folder.path().join("set"), &Silent, &Cancel::default())
        .unwrap();
    let view = dataset.view(&ViewConfig::default()).unwrap();
    let rows = (0..dataset.rows().len()).collect();
    (folder, dataset, view, rows)
}

/// `counts[i]` genes far apart on chromosome `i`.
fn spread(counts: &[usize]) -> Vec<Gene> {
    let mut genes = Vec::new();
    for (c, &count) in counts.iter().enumerate() {
        for i in 0..count {
            let start = 2000 + 5000 * i as i64;
            let name = format!("g{c}.{i}");
            genes.push(gene(&name, &format!("chr{c}"), Strand::Forward, start, start + 2000));
        }
    }
    genes
}

#[test]
fn folds_are_balanced_by_genes() {
    let (_folder, _dataset, view, rows) = set(spread(&[10, 9, 8, 7, 6, 5, 4, 3]));
    let sizes = (1..=4).map(|test| {
        let config = SplitConfig::Folds { folds: 4, test, validation: test % 4 + 1 };
        Split::make(&config, &view, &rows, 0).unwrap().test.len()
    });
    // 10 + 3, 9 + 4, 8 + 5, 7 + 6 genes, in two samples.
    assert_eq!(sizes.collect::<Vec<_>>(), [26, 26, 26, 26]);
    let fail = |folds, test, validation| {
        let config = SplitConfig::Folds { folds, test, validation };
        Split::make(&config, &view, &rows, 0).unwrap_err().to_string()
    };
    assert!(fail(9, 1, 2).contains("8 chromosomes have genes"));
    assert!(fail(5, 1, 1).contains("two different ones"));
    assert!(fail(5, 0, 1).contains("of 1 to 5"));
    assert!(fail(2, 1, 2).contains("at least 3"));
}

#[test]
fn chromosomes_are_those_named() {
    let (folder, dataset, view, rows) = set(spread(&[3, 2, 4, 1]));
    let config: SplitConfig =
        toml::from_str("kind = \"chromosomes\"\ntest = [\"chr1\"]\nvalidation = [\"chr2\"]")
            .unwrap();
    let split = Split::make(&config, &view, &rows, 0).unwrap();
    assert_eq!((split.train.len(), split.validation.len(), split.test.len()), (8, 8, 4));
    assert!(split.test.iter().all(|&row| dataset.gene_of(row).body.chrom == "chr1"));
    let make = |test: &str, validation: &str| {
        let config = SplitConfig::Chromosomes {
            test: vec![test.into()],
            validation: vec![validation.into()],
        };
        Split::make(&config, &view, &rows, 0).unwrap_err().to_string()
    };
    assert!(make("1", "chr2").contains("[chr0, chr1, chr2, chr3]"));
    assert!(make("chr2", "chr2").contains("both test and validation"));
    let path = folder.path().join("leakage.json");
    let report = LeakageReport::new(&view, &split);
    report.write(&path).unwrap();
    let read: LeakageReport = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(read, report);
    assert!(report.is_clean());
    assert!(report.to_string().contains("share nothing"));
}

#[test]
fn configurations_are_read_as_they_are_written() {
    let read = |text: &str| toml::from_str::<SplitConfig>(text);
    assert_eq!(read("kind = \"folds\"").unwrap(), SplitConfig::default());
    let file = read("kind = \"file\"\npath = \"folds.tsv\"\ntest = 1\nvalidation = \"2\"").unwrap();
    let expected =
        SplitConfig::File { path: "folds.tsv".into(), test: 1.into(), validation: 2.into() };
    assert_eq!(file, expected);
    assert_eq!(
        read("kind = \"groups\"\ntest = 0.3").unwrap(),
        SplitConfig::Groups { test: 0.3, validation: 0.2 }
    );
    assert!(read("kind = \"random\"\nseed = 1").is_err());
    assert!(read("kind = \"chromosomes\"\ntest = [\"a\"]").is_err());
}

/// Three pairs that must stay together, and three genes alone.
fn neighbours() -> Vec<Gene> {
    use Strand::{Forward, Reverse};
    let mut genes = vec![
        // Divergent: TSSs at 9,999 and 10,800; the windows overlap as well.
        gene("d0", "c", Reverse, 8000, 10_000),
        gene("d1", "c", Forward, 10_800, 13_000),
        // Overlapping windows.
        gene("o0", "c", Forward, 40_000, 45_000),
        gene("o1", "c", Reverse, 45_900, 50_500),
        // Short, alone.
        gene("short", "c", Forward, 70_000, 70_400),
        gene("far", "c", Forward, 80_000, 82_000),
    ];
    // Tail to tail within 1 kb, windows apart when they are small.
    genes.push(gene("t0", "c", Forward, 90_000, 92_000));
    genes.push(gene("t1", "c", Reverse, 92_300, 94_000));
    genes
}

fn parts(dataset: &Dataset, split: &Split) -> Vec<(String, Part)> {
    let rows = Part::ALL.iter().flat_map(|&part| split.rows(part).iter().map(move |&r| (r, part)));
    rows.map(|(row, part)| (dataset.gene_of(row).id.clone(), part)).collect()
}

#[test]
fn groups_keep_neighbours_together_and_random_does_not() {
    let (_folder, dataset, view, rows) = set(neighbours());
    let mut straddled = false;
    for seed in 0..40 {
        let config = SplitConfig::Groups { test: 0.25, validation: 0.25 };
        let split = Split::make(&config, &view, &rows, seed).unwrap();
        let of: std::collections::HashMap<_, _> = parts(&dataset, &split).into_iter().collect();
        assert_eq!((of["d0"], of["o0"], of["t0"]), (of["d1"], of["o1"], of["t1"]));
        assert!(LeakageReport::new(&view, &split).is_clean());
        let config = SplitConfig::Random { test: 0.25, validation: 0.25 };
        let split = Split::make(&config, &view, &rows, seed).unwrap();
        assert_eq!((split.train.len(), split.validation.len(), split.test.len()), (8, 4, 4));
        straddled |= !LeakageReport::new(&view, &split).is_clean();
    }
    assert!(straddled);
}

#[test]
fn divergent_neighbours_are_found_where_windows_do_not_touch() {
    let (folder, dataset, view, rows) = set(neighbours());
    let small = Windows::new([-100, 100], [0, 0]).unwrap();
    let small = view.view(&ViewConfig { windows: Some(small), ..ViewConfig::default() }).unwrap();
    let path = folder.path().join("split.tsv");
    let mut text = "gene_id\tsample\tpart\n".to_owned();
    for (id, part) in [("d0", "train"), ("d1", "test"), ("o0", "test"), ("far", "validation")] {
        text.push_str(&format!("{id}\ta\t{part}\n"));
    }
    std::fs::write(&path, &text).unwrap();
    let split = Split::read(&path, &dataset).unwrap();
    assert_eq!(split.left_out.len(), rows.len() - 4);
    let report = LeakageReport::new(&small, &split);
    let pair = &report.pairs[1];
    assert_eq!((pair.first, pair.second), (Part::Train, Part::Test));
    assert_eq!((pair.shared_bases, pair.divergent_pairs), (0, 1));
    assert!(!report.is_clean());
    // Prepared windows: TSS [9500, 11000) and [9800, 11300).
    let wide = LeakageReport::new(&view, &split);
    assert_eq!(wide.pairs[1].shared_bases, 1200);
    assert_eq!((wide.pairs[1].overlapping_first, wide.pairs[1].overlapping_second), (1, 1));
    assert_eq!(wide.short_genes, 0);
    assert!(wide.to_string().contains("1200 bases"), "{wide}");
}

#[test]
fn folds_of_genes_leave_out_what_would_straddle() {
    let (folder, dataset, view, rows) = set(neighbours());
    let path = folder.path().join("folds.tsv");
    let folds = ["1", "2", "1", "3", "3", "2", "1", "1"];
    let mut text = "gene_id\tfold\n".to_owned();
    for (gene, fold) in dataset.genes().iter().zip(folds) {
        text.push_str(&format!("{}\t{fold}\n", gene.id));
    }
    std::fs::write(&path, text).unwrap();
    let config = |test: usize| SplitConfig::File {
        path: path.clone(),
        test: test.into(),
        validation: 2.into(),
    };
    let split = Split::make(&config(1), &view, &rows, 0).unwrap();
    let left: Vec<_> = split.left_out.iter().map(|&row| dataset.gene_of(row).id.as_str()).collect();
    assert_eq!(left, ["d1", "o1", "d1", "o1"]);
    assert_eq!(split.test.len(), 8);
    assert!(LeakageReport::new(&view, &split).is_clean());
    let text = Split::make(&config(7), &view, &rows, 0).unwrap_err().to_string();
    assert!(text.contains("[1, 2, 3]"), "{text}");
}

#[test]
fn files_of_splits_are_checked_line_by_line() {
    let (folder, dataset, _view, _rows) = set(neighbours());
    let path = folder.path().join("split.tsv");
    let read = |lines: &str| {
        std::fs::write(&path, format!("gene_id\tsample\tpart\n{lines}")).unwrap();
        Split::read(&path, &dataset).unwrap_err().to_string()
    };
    assert!(read("d0\ta\ttrain\nd0\ta\ttest\n").contains("line 3"));
    assert!(read("d0\tc\ttrain\n").contains("sample \"c\""));
    assert!(read("d0\ta\tdev\n").contains("train, validation or test"));
    assert!(read("d0\ta\n").contains("three fields"));
    assert!(read("d0\ta\ttrain\n").contains("the validation part has no row"));
    assert!(Split::read(&folder.path().join("absent"), &dataset).is_err());
}

#[test]
fn the_hash_is_of_what_is_where_and_not_of_the_order() {
    let (folder, dataset, view, rows) = set(spread(&[3, 2, 4]));
    let config = SplitConfig::Folds { folds: 3, test: 1, validation: 2 };
    let split = Split::make(&config, &view, &rows, 0).unwrap();
    let mut turned = split.clone();
    turned.train.reverse();
    assert_eq!(turned.hash(&dataset), split.hash(&dataset));
    let moved = turned.train.pop().unwrap();
    turned.test.push(moved);
    assert_ne!(turned.hash(&dataset), split.hash(&dataset));
    let path = folder.path().join("split.tsv");
    split.write(&path, &dataset).unwrap();
    assert_eq!(Split::read(&path, &dataset).unwrap().hash(&dataset), split.hash(&dataset));
}
