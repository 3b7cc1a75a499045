//! What `compare` writes follows from the explanations it was made of.

use super::explain::{place, table};
use super::setup::{Folder, setup};
use isegnet_encode::export::Rows;
use std::collections::HashMap;

const TRACKS: usize = 7;

/// A model of two conditions of two samples each, and their data set.
fn trained(name: &str, train: &str) -> Folder {
    let folder = setup(name);
    folder.run("simulate --scenario two-condition --genes 60 --replicates 2 --out organism").ok();
    folder.tiny(&format!("epochs = 1\n{train}"));
    folder.run("prepare organism/tiny.toml --out dataset --quiet").ok();
    folder.run("train organism/tiny.toml --dataset dataset --out run --quiet").ok();
    folder
}

const SAMPLES: &str = "--a treated1,treated2 --b control1,control2";

/// What every track and mask of a row was given.
fn tracks(arrays: &Rows, row: usize) -> Vec<Vec<f32>> {
    let column = |i| {
        let mut values = vec![0.0; 2500];
        arrays.column_into(row, i, &mut values);
        values
    };
    (0..TRACKS).map(column).collect()
}

#[test]
fn regions_are_where_the_means_of_the_conditions_differ() {
    let folder = trained("compare", "");
    let ran = folder
        .run(&format!("compare run --dataset dataset {SAMPLES} --steps 5 --among input --gap 0"));
    let told = ran.ok().stdout();
    for text in ["treated (2 samples) less control (2)", "2 pairs of samples", "effect sizes only"]
    {
        assert!(told.contains(text), "{text:?} is not in\n{told}");
    }
    let arrays = Rows::open(&folder.path("comparison/attributions/attributions.safetensors"));
    let arrays = arrays.unwrap();
    let mut genes: HashMap<String, HashMap<String, usize>> = HashMap::new();
    let manifest: serde_json::Value =
        serde_json::from_str(&folder.read("dataset/manifest.json")).unwrap();
    let samples: Vec<&str> = manifest["samples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    let split = folder.read("run/split.tsv");
    let tested = split.lines().filter(|line| line.ends_with(&format!("{}\ttest", samples[0])));
    let ids: Vec<&str> = tested.map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(arrays.len(), samples.len() * ids.len());
    for (s, sample) in samples.iter().enumerate() {
        for (g, id) in ids.iter().enumerate() {
            let rows = genes.entry((*id).to_owned()).or_default();
            rows.insert((*sample).to_owned(), s * ids.len() + g);
        }
    }
    let places = table(&folder.read("comparison/genes.tsv"));
    let places: HashMap<&str, &HashMap<String, String>> =
        places.iter().map(|gene| (gene["gene_id"].as_str(), gene)).collect();
    assert_eq!(places.len(), ids.len());
    let mut of_column: Vec<Vec<f32>> = vec![Vec::new(); TRACKS];
    let mut at: HashMap<(String, usize, i64), f64> = HashMap::new();
    for (id, rows) in &genes {
        let [a, b, c, d] = ["treated1", "treated2", "control1", "control2"]
            .map(|sample| tracks(&arrays, rows[sample]));
        for column in 0..TRACKS {
            for p in 0..2500 {
                let mean = |x: &[Vec<f32>], y: &[Vec<f32>]| {
                    (f64::from(x[column][p]) + f64::from(y[column][p])) / 2.0
                };
                let difference = mean(&a, &b) - mean(&c, &d);
                let base = place(places[id.as_str()], p as i64);
                // A short gene shows some bases twice, one window each.
                let key = (id.clone(), column, 2 * base + i64::from(p >= 1500));
                at.insert(key, difference);
                if base >= 0 {
                    of_column[column].push(difference.abs() as f32);
                }
            }
        }
    }
    let counts = table(&folder.read("comparison/counts.tsv"));
    let names: Vec<&str> = counts.iter().map(|line| line["column"].as_str()).collect();
    let mut thresholds = Vec::new();
    for (column, heights) in of_column.iter_mut().enumerate() {
        let sites: usize = counts[column]["sites"].parse().unwrap();
        // The far end of a chromosome may be off it too.
        assert!(sites <= heights.len() && sites * 100 > heights.len() * 98, "{sites}");
        heights.sort_by(|a, b| b.total_cmp(a));
        let threshold: f32 = counts[column]["threshold"].parse().unwrap();
        let found: usize = counts[column]["differential"].parse().unwrap();
        let reach = heights.iter().filter(|&&height| height >= threshold).count();
        assert!(found <= reach && reach - found <= heights.len() - sites, "{found} {reach}");
        if threshold.is_finite() {
            assert!(found <= sites / 10 || heights[sites / 10] == threshold, "{found} of {sites}");
        }
        thresholds.push(threshold);
    }
    let regions = table(&folder.read("comparison/regions.bed"));
    assert!(regions.len() > 50, "{}", regions.len());
    let mut sites = vec![0; TRACKS];
    for region in &regions {
        let Some(column) = names.iter().position(|name| *name == region["column"]) else {
            panic!()
        };
        if column >= TRACKS {
            assert_eq!(region["signal_difference"], "NA");
            continue;
        }
        let [start, end] = ["start", "end"].map(|name| region[name].parse::<i64>().unwrap());
        let told: f64 = region["attribution_difference"].parse().unwrap();
        let window = |window: i64| {
            let value = |base| at.get(&(region["gene_id"].clone(), column, 2 * base + window));
            (start..end).map(|base| value(base).copied()).collect::<Option<Vec<f64>>>()
        };
        let means = [window(0), window(1)].into_iter().flatten().filter(|values| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            // Without gaps every base of a region reaches the threshold.
            let above = values.iter().all(|v| (*v as f32).abs() >= thresholds[column]);
            (mean - told).abs() < 1e-6 * told.abs() && above
        });
        assert!(means.count() > 0, "{region:?}");
        assert_eq!(region["p"], "NA");
        sites[column] += (end - start) as usize;
    }
    for (column, sites) in sites.into_iter().enumerate() {
        assert_eq!(sites.to_string(), counts[column]["differential"], "{}", names[column]);
    }
    for file in ["profiles.png", "differences.png", "signal-regions.bed", "compare.json"] {
        assert!(folder.path("comparison").join(file).is_file(), "{file} is missing");
    }

    // Folders of one model say the same as samples do.
    for sample in samples {
        let args = format!("--steps 5 --sample {sample} --out of-{sample}");
        folder.run(&format!("explain run --dataset dataset {args}")).ok();
    }
    let folders = SAMPLES.replace("treated", "of-treated").replace("control", "of-control");
    folder.run(&format!("compare {folders} --among input --gap 0 --out folders")).ok();
    for file in ["regions.bed", "counts.tsv", "signal-regions.bed", "genes.tsv"] {
        let [a, b] = ["comparison", "folders"].map(|out| folder.read(&format!("{out}/{file}")));
        assert!(a == b, "{file} differs");
    }
}

#[test]
fn models_trained_apart_need_three_seeds_each() {
    let folder = trained("compare-apart", "seeds = 3");
    folder.run("train organism/tiny.toml --dataset dataset --out run2 --seed 9 --quiet").ok();
    for (run, seeds) in [("run", 1..4), ("run2", 9..12)] {
        for seed in seeds {
            let args = format!("--steps 2 --network {seed} --sample treated1 --out e{seed}");
            folder.run(&format!("explain {run} --dataset dataset {args}")).ok();
        }
    }
    folder.run("compare --a e1 --b e9").code(2).says(&["different models", "3 seeds of each"]);
    assert!(!folder.path("comparison").join("regions.bed").exists());
    let ran = folder.run("compare --a e1,e2,e3 --b e9,e10,e11 --names one,two --out apart").ok();
    assert!(ran.stdout().contains("one (3 seeds) less two (3)"), "{}", ran.stdout());
    assert!(ran.stdout().contains("times as much as by seeds alone"));
    assert!(folder.path("apart/seeds.png").is_file());
    folder
        .run("explain run --dataset dataset --network 7 --out e7")
        .code(2)
        .says(&["--network 7", "1, 2, 3"]);
}

#[test]
fn what_cannot_be_compared_is_told() {
    let folder = trained("compare-refused", "");
    let run = "compare run --dataset dataset";
    folder.run(&format!("{run} --a treated1 --b calm")).code(2).says(&["no sample \"calm\""]);
    folder.run(&format!("{run} --a treated1 --b treated1")).code(2).says(&["in both conditions"]);
    folder.run(&format!("{run} --a treated1 --b control1 --share 0")).code(2).says(&["--share 0"]);
    let uneven = "--a treated1,treated2 --b control1 --paired --steps 2 --out uneven";
    folder.run(&format!("{run} {uneven}")).code(2).says(&["2 samples of A and 1 of B"]);
    folder.run("compare --a dataset --b run").code(2).says(&["dataset is no explanation"]);
    assert!(!folder.path("comparison").exists());
    let one = "--a treated1 --b control1 --steps 2 --out one";
    let told = folder.run(&format!("{run} {one}")).ok().stdout();
    assert!(told.contains("1 pair of samples") && told.contains("effect sizes only"), "{told}");
    let other = "--a treated2 --b control2 --steps 2 --out one";
    folder.run(&format!("{run} {other}")).code(2).says(&["--overwrite"]);
    folder.run(&format!("{run} {other} --overwrite")).ok();
}
