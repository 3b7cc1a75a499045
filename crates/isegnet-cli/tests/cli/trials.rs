//! Models, settings, inputs and windows compared by trials that share a folder.

use super::setup::{Folder, setup};
use std::collections::BTreeMap;
use std::time::SystemTime;

const ON: &str = "organism/tiny.toml --dataset dataset --out study";

/// A data set of 60 genes on folds of whole chromosomes.
fn prepared(name: &str) -> Folder {
    let folder = setup(name);
    folder.organism();
    let text = folder.read("organism/isegnet.toml");
    let (before, after) = text.split_once("[split]").unwrap();
    let model = &after[after.find("[model]").unwrap()..];
    let split = "[split]\nkind = \"folds\"\nfolds = 3\n\n";
    folder.write("organism/isegnet.toml", format!("{before}{split}{model}"));
    folder.tiny("epochs = 1");
    folder.run("prepare organism/tiny.toml --out dataset --quiet").ok();
    folder
}

/// The lines of a table, each by its columns' names.
fn table(folder: &Folder, name: &str) -> Vec<BTreeMap<String, String>> {
    let text = folder.read(&format!("study/{name}.tsv"));
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned));
    let header: Vec<String> = lines.next().unwrap().collect();
    lines.map(|line| header.iter().cloned().zip(line).collect()).collect()
}

fn column(table: &[BTreeMap<String, String>], name: &str) -> Vec<String> {
    table.iter().map(|line| line[name].clone()).collect()
}

/// What each trial follows from.
fn descriptions(folder: &Folder) -> Vec<serde_json::Value> {
    let trials = std::fs::read_dir(folder.path("study/trials")).unwrap();
    let texts = trials
        .filter_map(|entry| std::fs::read_to_string(entry.unwrap().path().join("trial.json")).ok());
    texts.map(|text| serde_json::from_str(&text).unwrap()).collect()
}

/// When each finished trial was written.
fn finished(folder: &Folder) -> BTreeMap<String, SystemTime> {
    let trials = std::fs::read_dir(folder.path("study/trials")).unwrap();
    let trials = trials.map(|entry| entry.unwrap().path().join("result.json"));
    let written = |path: std::path::PathBuf| {
        let at = std::fs::metadata(&path).ok()?.modified().ok()?;
        Some((path.display().to_string(), at))
    };
    trials.filter_map(written).collect()
}

#[test]
fn models_are_compared_on_every_fold_and_never_fitted_twice() {
    let folder = prepared("compare-models");
    let floors = format!("compare-models {ON} --over folds --models floors");
    let told = folder.run(&format!("{floors} --estimate")).ok().stdout();
    assert!(told.contains("12 of 12 trials to do"), "{told}");
    assert!(finished(&folder).is_empty() && !folder.path("study/models.tsv").exists());

    folder.run(&floors).ok();
    let before = finished(&folder);
    assert_eq!(before.len(), 12);
    let scores = table(&folder, "models");
    assert_eq!(column(&scores, "model"), ["mean", "gene-length", "ridge", "ridge-length"]);
    assert!(column(&scores, "rows").iter().all(|rows| rows == "60"), "each gene is tested once");

    // A study of the same data set goes on, whatever is said of others.
    folder.run(&format!("{floors} --estimate --overwrite")).code(2);
    let all = format!("{floors},network,forest:trees=5 --seeds 2 --overwrite");
    let told = folder.run(&all).ok().stdout();
    assert!(told.contains("12 of 24 trials to do"), "{told}");
    let after = finished(&folder);
    assert_eq!(after.len(), 24);
    assert!(before.iter().all(|(trial, at)| after[trial] == *at), "a finished trial ran again");
    let scores = table(&folder, "models");
    let seeds: Vec<(String, String)> =
        scores.iter().map(|line| (line["model"].clone(), line["seed"].clone())).collect();
    for model in ["network", "forest trees=5"] {
        for seed in ["1", "2", "mean of 1, 2"] {
            assert!(seeds.contains(&(model.to_owned(), seed.to_owned())), "{model} {seed}");
        }
    }
    assert_eq!(table(&folder, "models-by-division").len(), 3 * (4 + 2 * 3));
    assert!(table(&folder, "models-paired").len() >= 10);
    for picture in ["models-r2.png", "models-pearson.svg", "models-scatter-ridge-1.png"] {
        assert!(folder.path("study").join(picture).is_file(), "{picture}");
    }

    let other = floors.replace("study", "other");
    folder.run(&format!("{other},forest:trees=5,network --seeds 2 --threads 1")).ok();
    let rows = |study: &str, model: &str| -> Vec<String> {
        let text = folder.read(&format!("{study}/models-predictions.tsv"));
        text.lines().filter(|line| line.starts_with(model)).map(str::to_owned).collect()
    };
    for model in ["network", "forest"] {
        assert_eq!(rows("study", model), rows("other", model), "{model}, at one thread");
    }
}

#[test]
fn what_is_no_model_or_setting_is_refused_by_its_name() {
    let folder = prepared("wrong-models");
    let compare = format!("compare-models {ON} --models");
    folder.run(&format!("{compare} forrest")).code(2).says(&["forrest", "did you mean forest?"]);
    folder.run(&format!("{compare} forest:shoe=1")).code(2).says(&["shoe", "trees"]);
    folder.run(&format!("{compare} forest:trees=many")).code(2).says(&["trees", "many"]);
    folder.run(&format!("{compare} gao2022:k1=none")).code(2).says(&["k1=none"]);
    folder.run(&format!("{compare} gao2022:shoe=1")).code(2).says(&["shoe", "k1"]);
    folder.run(&format!("{compare} network:dropout_after=shoe")).code(2).says(&["shoe", "pool"]);
    folder.run(&format!("{compare} network:batch_norm=false:dropout_after=pool --estimate")).ok();
    folder
        .run(&format!("{compare} deepchrome"))
        .code(2)
        .says(&["5000 bases on either side", "deepchrome:reach=1000"]);
    folder.run(&format!("{compare} ridge --over fold")).code(2).says(&["kfold=5"]);
    folder.run(&format!("compare-models {ON} --replicates 1,2")).code(2).says(&["[[sample]]"]);
    for unused in ["--seeds 2", "--control", "--over folds"] {
        let with = format!("compare-models {ON} --replicates 1,2 {unused}");
        folder.run(&with).code(2).says(&["cannot be used with"]);
    }
}

#[test]
fn nothing_is_learnt_from_shuffled_labels_by_any_model() {
    let folder = setup("shuffled");
    folder.run("simulate --scenario easy --genes 240 --out organism --quiet").ok();
    folder.tiny("epochs = 3");
    folder.run("prepare organism/tiny.toml --out dataset --quiet").ok();
    let models = "baselines,elastic-net,network,dense-merge:k1=2:k2=2:epochs=3";
    folder.run(&format!("compare-models {ON} --models {models} --over kfold=4 --control")).ok();
    let scores = table(&folder, "models");
    assert_eq!(scores.len(), 2 * 14);
    let r2 = |line: &BTreeMap<String, String>| line["mean R2"].parse::<f64>().unwrap();
    for line in scores.iter().filter(|line| line["inputs"].ends_with("labels shuffled")) {
        assert!(r2(line) < 0.05, "{}: {}", line["model"], r2(line));
    }
    let ridge = scores.iter().find(|line| line["model"] == "ridge").unwrap();
    assert!(r2(ridge) > 0.2, "what is there is learnt: {}", r2(ridge));
}

#[test]
fn inputs_are_ablated_and_genes_predicted_alike_listed() {
    let folder = prepared("ablate");
    let ran = folder.run(&format!("ablate {ON} --models ridge --over folds --alike 0.2")).ok();
    assert!(ran.stdout().contains("predicted most alike by all tracks"), "{}", ran.stdout());
    let scores = table(&folder, "ablation");
    let inputs = column(&scores, "inputs");
    let manifest: serde_json::Value =
        serde_json::from_str(&folder.read("dataset/manifest.json")).unwrap();
    let tracks = manifest["tracks"].as_array().unwrap().len();
    assert_eq!(inputs.len(), tracks + 4);
    assert_eq!(
        inputs[tracks..],
        ["all tracks", "DNA alone", "everything", "everything, labels shuffled"]
    );
    assert_eq!(table(&folder, "ablation-paired").len(), tracks + 2);
    for part in ["tracks", "dna"] {
        let lines = |kind: &str| -> Vec<String> {
            let text = folder.read(&format!("study/ablation-{kind}-{part}.txt"));
            text.lines().map(str::to_owned).collect()
        };
        let (alike, rest) = (lines("alike"), lines("rest"));
        assert_eq!((alike.len(), rest.len()), (12, 48), "a fifth of the genes");
        assert!(alike.iter().all(|gene| !rest.contains(gene)));
    }
    let signals = table(&folder, "ablation-signals");
    assert_eq!(signals.len(), 2 * 2 * tracks, "both parts, both windows");
    for line in &signals {
        let p: f64 = line["KS p"].parse().unwrap();
        assert!((0.0..=1.0).contains(&p), "{line:?}");
    }
    assert!(folder.path("study/ablation-signals-dna.png").is_file());
    folder.run(&format!("ablate {ON} --models ridge --alike 2")).code(2).says(&["0.1"]);

    // One track is all tracks.
    let text = folder.read("organism/tiny.toml");
    let (before, after) = text.split_once("[[track]]").unwrap();
    let of = |names: &[&str]| -> String {
        let block = |name| format!("[[track]]\nname = {name:?}\npath = \"tracks/H3K4me3.bw\"\n");
        names.iter().map(block).collect()
    };
    let rest = &after[after.find("[split]").unwrap()..];
    folder.write("organism/one.toml", format!("{before}{}{rest}", of(&["H3K4me3"])));
    folder.run("prepare organism/one.toml --out one --quiet").ok();
    folder.run("ablate organism/one.toml -d one --out study-one --models ridge").ok();
    assert!(folder.path("study-one/ablation-alike-tracks.txt").is_file());
    folder.write("organism/dna.toml", format!("{before}{}{rest}", of(&["DNA", "other"])));
    folder.run("prepare organism/dna.toml --out dna --quiet").ok();
    let ablate = "ablate organism/dna.toml -d dna --out study-dna --models ridge";
    folder.run(ablate).code(2).says(&["a track is called DNA too"]);
}

#[test]
fn windows_are_swept_inside_the_prepared_ones() {
    let folder = prepared("sweep");
    let sweep = format!("sweep {ON} --models ridge");
    let told = folder.run(&format!("{sweep} --tss=-200:100,-1000:500 --tts=none,-500:500"));
    let told = told.ok().stdout();
    assert!(told.contains("best by validation genes: TSS ["), "{told}");
    let scores = table(&folder, "sweep");
    let windows = column(&scores, "windows");
    assert_eq!(windows.len(), 5, "four regions and the control: {windows:?}");
    assert_eq!(windows[0], "TSS [-200, 100), TTS none");
    for line in &scores {
        for part in ["validation R2", "test R2"] {
            assert!(line[part].parse::<f64>().unwrap() < 1.0, "{line:?}");
        }
    }
    assert!(folder.path("study/sweep-validation.png").is_file());
    let told = folder.run(&format!("{} --tss=-200:100,-1000:500", sweep.replace("ridge", "mean")));
    let told = told.ok().stdout();
    assert!(told.contains("genes: TSS [-200, 100)"), "the first of equal ones: {told}");
    folder.run(&format!("{sweep} --tss=-2000:0")).code(2).says(&["-2000", "prepare"]);
    folder.run(&format!("{sweep} --tss=none")).code(2).says(&["none"]);
}

#[test]
fn settings_are_tuned_without_the_test_fold() {
    let folder = prepared("tune");
    let tune = format!("tune {ON} --model forest:bin_bp=500 --try trees=2,3");
    let grid = format!("{tune} --try max_depth=1,2");
    let told = folder.run(&grid).ok().stdout();
    assert!(told.contains("8 of 8 trials to do"), "two folds are left of three: {told}");
    let tried = table(&folder, "tuning");
    assert_eq!(tried.len(), 4);
    let best = tried.iter().find(|line| line["rank"] == "1").unwrap();
    let said = format!("best of 4: trees={} max_depth={}", best["trees"], best["max_depth"]);
    assert!(told.contains(&said), "{said:?} is not in\n{told}");
    let mean = |line: &BTreeMap<String, String>| line["mean R2"].parse::<f64>().unwrap();
    assert!(tried.iter().all(|line| mean(line) <= mean(best)));
    assert!(folder.path("study/tuning.png").is_file());

    folder.run(&format!("{tune} --nested --over folds")).ok();
    let honest = table(&folder, "nested-tuning");
    assert_eq!(column(&honest, "division"), ["fold 1", "fold 2", "fold 3"]);
    // What is tested was fitted on all that it was chosen by.
    let tested: Vec<serde_json::Value> =
        descriptions(&folder).into_iter().filter(|trial| trial["test"]["rows"] != 0).collect();
    assert_eq!(tested.len(), 3);
    assert!(tested.iter().all(|trial| trial["validation"]["rows"] == 0), "{tested:?}");

    let drawn = "tune organism/tiny.toml --dataset dataset --out study --model svr --by kfold=4 \
                 --try C=log:0.1:10 --random 3";
    folder.run(drawn).ok();
    let tried = table(&folder, "tuning");
    let mut ranks = column(&tried, "rank");
    ranks.sort();
    assert_eq!(ranks, ["1", "2", "3"]);
    // Stretches are even, wherever the test genes stand.
    let sizes: Vec<u64> = descriptions(&folder)
        .iter()
        .filter(|trial| trial["learner"] == "svr")
        .map(|trial| trial["validation"]["rows"].as_u64().unwrap())
        .collect();
    assert_eq!(sizes.len(), 12);
    assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
    let all = "--halving trees=1:4:2 --nested --over folds --estimate";
    let told = folder.run(&format!("tune {ON} --model forest --try max_depth=1,2,3 {all}"));
    let told = told.ok().stdout();
    // Three folds, of which each pair is divided in two.
    for text in [
        "18 fits with trees = 1, 12 fits with trees = 2, 6 fits with trees = 4",
        "18 of 18 trials to do",
        "and 3 fits of what was chosen",
    ] {
        assert!(told.contains(text), "{text:?} is not in\n{told}");
    }
    let halved = "tune organism/tiny.toml --dataset dataset --out study --model network \
                  --try dropout=0.1,0.3,0.5 --halving epochs=1:2:2";
    folder.run(halved).ok();
    let rounds = column(&table(&folder, "tuning"), "round");
    assert_eq!(rounds, ["1", "1", "1", "2", "2"]);
    folder.replace("organism/tiny.toml", "kind = \"folds\"\nfolds = 3", "kind = \"groups\"");
    let told = folder.run(&tune).ok().stdout();
    assert!(told.contains("best of 2"), "whole chromosomes are folds: {told}");
    // Folds of a file are called as they are there.
    let fold = |i: usize| format!("chr{}\t{}\n", i + 1, i % 3);
    let listed: String = (0..5).map(fold).collect();
    folder.write("organism/folds.tsv", format!("chrom\tfold\n{listed}"));
    let file = "kind = \"file\"\npath = \"folds.tsv\"\ntest = 1\nvalidation = 2";
    folder.replace("organism/tiny.toml", "kind = \"groups\"", file);
    folder.run(&tune).ok();
    let header = folder.read("study/tuning.tsv").lines().next().unwrap().to_owned();
    assert!(header.contains("inner fold 0\tR2 of split, inner fold 2"), "{header}");
    folder.run(&format!("tune {ON} --model forest --try trees=log:1:9")).code(2).says(&["trees"]);
    let set = format!("tune {ON} --model forest:trees=2 --try trees=3,4");
    folder.run(&set).code(2).says(&["--model and --try both set trees"]);
    folder.run(&format!("tune {ON} --model forest --try trees=0")).code(1).says(&["1 or more"]);
}

#[test]
fn numbers_of_replicates_stand_beside_the_same_gene_in_other_samples() {
    let folder = setup("replicates");
    folder.run("simulate --scenario two-condition --genes 60 --replicates 2 --out organism").ok();
    folder.tiny("epochs = 1");
    folder.run("prepare organism/tiny.toml --out dataset --quiet").ok();
    let count = format!("compare-models {ON} --models ridge --replicates 1,3 --draws 2");
    let apart = folder.run(&count).ok().stdout();
    assert!(apart.contains("same-gene"), "{apart}");
    let lines = table(&folder, "replicates");
    assert_eq!(lines.len(), 2 * 2 * 2);
    assert!(column(&lines, "genes in other parts").iter().all(|genes| genes == "0"));

    let told = folder.run(&format!("{count} --straddle")).ok().stdout();
    assert!(told.contains("how many answers are known"), "{told}");
    let lines = table(&folder, "replicates-straddling");
    let known = |line: &&BTreeMap<String, String>| line["genes in other parts"] != "0";
    assert!(lines.iter().any(|line| known(&line)));
    assert!(folder.path("study/replicates.png").is_file());
}

#[test]
fn a_study_keeps_to_its_data_set() {
    let folder = prepared("study-of-another");
    folder.run(&format!("compare-models {ON} --models mean")).ok();
    folder.run("simulate --scenario easy --genes 50 --out organism --overwrite --quiet").ok();
    folder.tiny("epochs = 1");
    folder.run("prepare organism/tiny.toml --out dataset --overwrite --quiet").ok();
    let again = format!("compare-models {ON} --models mean");
    folder.run(&again).code(2).says(&["study", "--overwrite"]);
    folder.run(&format!("{again} --overwrite")).ok();
}
