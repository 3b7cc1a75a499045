//! From a simulated organism to a trained and evaluated model.

use super::setup::{Folder, setup};
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;

const TRAIN: &str = "train organism/tiny.toml --dataset dataset";

fn prepared(name: &str, train: &str) -> Folder {
    let folder = setup(name);
    folder.organism().tiny(train);
    folder.run("prepare organism/tiny.toml --out dataset").ok();
    folder
}

fn metrics(folder: &Folder, run: &str) -> Value {
    serde_json::from_str(&folder.read(&format!("{run}/metrics.json"))).unwrap()
}

/// What a finished training comes to, byte for byte.
fn outcome(folder: &Folder, run: &str) -> Vec<Vec<u8>> {
    ["weights.safetensors", "metrics.json", "history.tsv", "predictions.tsv", "model.json"]
        .map(|name| std::fs::read(folder.path(format!("{run}/{name}"))).unwrap())
        .to_vec()
}

#[test]
fn a_run_holds_everything_and_is_evaluated_alike() {
    let folder = prepared("run", "epochs = 3");
    let ran = folder.run(&format!("{TRAIN} --out run")).ok();
    let told = ran.stdout();
    for text in ["epoch   1", "epoch   3", "network", "mean", "gene length", "ridge with length"] {
        assert!(told.contains(text), "{text:?} is not in\n{told}");
    }
    for file in [
        "weights.safetensors",
        "model.json",
        "history.tsv",
        "split.tsv",
        "leakage.json",
        "isegnet.toml",
        "scatter.svg",
        "scatter.png",
        "learning-curve.svg",
        "learning-curve.png",
    ] {
        assert!(folder.path("run").join(file).is_file(), "{file} is missing");
    }
    let metrics = metrics(&folder, "run");
    assert!(metrics["test"]["r2"].is_f64() && metrics["test"]["pearson"].is_f64());
    assert_eq!(metrics["floors"].as_array().unwrap().len(), 4);

    let evaluated = folder.run("evaluate run --dataset dataset --json").ok().json();
    let scores = &evaluated[0]["scores"];
    assert_eq!(scores["test"]["r2"], metrics["test"]["r2"]);
    assert_eq!(scores["validation"]["pearson"], metrics["validation"]["pearson"]);
    folder.run("predict run --dataset dataset --out again.tsv").ok();
    assert_eq!(folder.read("again.tsv"), folder.read("run/predictions.tsv"));
    assert_eq!(folder.read("again.tsv").lines().count(), 61);
}

#[test]
fn a_finished_run_stays_and_another_is_not_overwritten() {
    let folder = prepared("claim", "epochs = 1");
    folder.run(&format!("{TRAIN} --out run")).ok();
    let before = outcome(&folder, "run");
    folder.run(&format!("{TRAIN} --out run")).ok();
    assert_eq!(before, outcome(&folder, "run"));
    folder.run(&format!("{TRAIN} --out run --seed 5")).code(2).says(&[
        "run holds a run made from another configuration",
        "--overwrite",
        "--out",
    ]);
    folder.run(&format!("{TRAIN} --out run --seed 5 --overwrite")).ok();
    assert_ne!(before, outcome(&folder, "run"));
    folder.write("mine/thesis.tex", "");
    folder.run(&format!("{TRAIN} --out mine --overwrite")).code(2).says(&["did not write"]);
    folder.run("evaluate mine --dataset dataset").code(2).says(&["mine is no run"]);
    folder.run("evaluate run --dataset mine").code(3).says(&["mine is no data set"]);
}

#[test]
fn a_data_set_is_made_again_only_when_something_changed() {
    let folder = prepared("again", "epochs = 1");
    let ran = folder.run("prepare organism/tiny.toml --out dataset").ok();
    assert!(ran.stdout().contains("dataset is up to date"));
    folder.replace("organism/tiny.toml", "[split]", "[windows]\ntss = [-500, 500]\n[split]");
    folder.run("prepare organism/tiny.toml --out dataset").code(2).says(&["--overwrite"]);
    // A view of smaller windows needs no new data set.
    folder.run(&format!("{TRAIN} --out run")).ok();
    folder.replace("organism/tiny.toml", "name = \"H3K4me3\"", "name = \"H3K4me3\"\nbin_bp = 50");
    folder.run(&format!("{TRAIN} --out run2")).code(2).says(&[
        "\"H3K4me3\"",
        "bins of 20",
        "bins of 50",
        "prepare the data set again",
    ]);
    folder.replace("organism/tiny.toml", "bin_bp = 50", "");
    folder.replace("organism/tiny.toml", "[-500, 500]", "[-2000, 500]");
    folder.run(&format!("{TRAIN} --out run2")).code(2).says(&["[-2000, 500)", "[-1000, 500)"]);
}

#[test]
fn a_data_set_of_another_condition_group_or_kind_is_not_up_to_date() {
    let folder = setup("labels");
    folder.run("simulate --scenario two-condition --genes 60 --replicates 1 --out organism").ok();
    folder.tiny("epochs = 1");
    folder.run("prepare organism/tiny.toml --out dataset").ok();
    for (from, to) in [
        ("condition = \"control\"", "condition = \"calm\""),
        ("group = \"donor1\"", "group = \"donor9\""),
        ("kind = \"methylation\"", "kind = \"signal\""),
    ] {
        folder.replace("organism/tiny.toml", from, to);
        let ran = folder.run("prepare organism/tiny.toml --out dataset").code(2);
        ran.says(&["made from something else", "--overwrite"]);
        folder.replace("organism/tiny.toml", to, from);
    }
    let ran = folder.run("prepare organism/tiny.toml --out dataset").ok();
    assert!(ran.stdout().contains("dataset is up to date"));
}

#[test]
fn a_killed_run_resumes_to_the_same_bits() {
    let folder = prepared("killed", "epochs = 30\npatience = 30");
    folder.run(&format!("{TRAIN} --out whole")).ok();
    let whole = outcome(&folder, "whole");
    for k in 0..10u64 {
        let args = format!("{TRAIN} --out killed --threads {}", 1 + k % 2);
        let mut child =
            folder.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Moments that no two kills share, whatever the machine's speed.
        std::thread::sleep(Duration::from_millis(40 + 97 * k % 400));
        child.kill().unwrap();
        child.wait().unwrap();
        if k == 0 {
            assert!(!folder.path("killed/metrics.json").exists(), "it ended before it was killed");
        }
    }
    folder.run(&format!("{TRAIN} --out killed")).ok();
    assert_eq!(whole, outcome(&folder, "killed"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_says_so_and_resumes() {
    let folder = prepared("interrupted", "epochs = 400\npatience = 400");
    let child = folder
        .command(&format!("{TRAIN} --out run"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !folder.path("run/checkpoint.safetensors").exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("run the same command again to resume"), "{told}");
}

#[test]
fn instructions_can_be_pinned() {
    let folder = prepared("isa", "epochs = 2");
    folder.run(&format!("{TRAIN} --out one --isa portable --threads 1")).ok();
    folder.run(&format!("{TRAIN} --out two --isa portable --threads 2")).ok();
    assert_eq!(outcome(&folder, "one"), outcome(&folder, "two"));
    assert_eq!(metrics(&folder, "one")["isa"], "portable");
    folder.run(&format!("{TRAIN} --out three --isa sse9")).code(2).says(&["sse9", "avx512"]);
}

#[test]
fn export_gives_arrays_raw_and_as_the_network_saw_them() {
    let folder = prepared("export", "epochs = 1");
    folder.run(&format!("{TRAIN} --out run")).ok();
    folder.run("export dataset --out raw.npz").ok();
    let ran = folder.run("export dataset --run run --out seen.npz --compress --json").ok();
    assert_eq!(ran.json()[0]["rows"], 60);
    for name in ["raw.npz", "seen.npz"] {
        assert!(std::fs::read(folder.path(name)).unwrap().starts_with(b"PK"), "{name}");
    }
}

#[test]
fn classes_are_scored_as_classes() {
    let folder = prepared("classes", "epochs = 2");
    folder.replace(
        "organism/tiny.toml",
        "[split]",
        "[target]\ntransform = \"median-binary\"\n[split]",
    );
    let ran = folder.run(&format!("{TRAIN} --out run")).ok();
    assert!(ran.stdout().contains("accuracy"), "{}", ran.stdout());
    assert!(metrics(&folder, "run")["test"]["auroc"].is_f64());
}

#[test]
fn inputs_may_be_any_subset() {
    let folder = prepared("subset", "epochs = 1");
    for (i, input) in
        ["tracks = []", "tracks = [\"H3K4me3\"]\ndna = false", "dna = false"].iter().enumerate()
    {
        let text = folder.read("organism/tiny.toml");
        folder.write("organism/sub.toml", format!("{text}\n[input]\n{input}\n"));
        let ran = folder.run(&format!("train organism/sub.toml --dataset dataset --out run{i}"));
        ran.ok();
    }
    let text = folder.read("organism/tiny.toml");
    folder.write("organism/sub.toml", format!("{text}\n[input]\ntracks = [\"H3K4me\"]\n"));
    folder
        .run("train organism/sub.toml --dataset dataset --out run")
        .code(2)
        .says(&["did you mean \"H3K4me3\"?"]);
}

#[test]
fn samples_become_rows_and_are_scored_apart() {
    let folder = setup("samples");
    folder.run("simulate --scenario two-condition --genes 60 --replicates 1 --out organism").ok();
    folder.tiny("epochs = 1");
    folder.run("prepare organism/tiny.toml --out dataset").ok();
    folder.run(&format!("{TRAIN} --out run")).ok();
    let ran = folder.run("evaluate run --dataset dataset").ok();
    assert!(ran.stdout().contains("test, treated1"), "{}", ran.stdout());
    assert_eq!(folder.read("run/predictions.tsv").lines().count(), 121);
}

#[test]
fn several_seeds_are_one_model() {
    let folder = prepared("seeds", "epochs = 2\nseeds = 2");
    folder.run(&format!("{TRAIN} --out run")).ok();
    let metrics = metrics(&folder, "run");
    let seeds: Vec<&Value> =
        metrics["networks"].as_array().unwrap().iter().map(|n| &n["seed"]).collect();
    assert_eq!(seeds, [1, 2]);
    for file in ["weights.safetensors", "model.json", "history.tsv", "learning-curve.png"] {
        assert!(folder.path("run/seed-2").join(file).is_file(), "{file} is missing");
    }
    let evaluated = folder.run("evaluate run --dataset dataset --json").ok().json();
    assert_eq!(evaluated[0]["scores"]["test"]["r2"], metrics["test"]["r2"]);
    folder.run("predict run --dataset dataset --out again.tsv").ok();
    assert_eq!(folder.read("again.tsv"), folder.read("run/predictions.tsv"));
    folder.run("export dataset --run run --out seen.npz").ok();

    // The second seed alone is the second network.
    folder.replace("organism/tiny.toml", "seeds = 2", "seed = 2");
    folder.run(&format!("{TRAIN} --out alone")).ok();
    let weights = |run: &str| std::fs::read(folder.path(run).join("weights.safetensors")).unwrap();
    assert_eq!(weights("alone"), weights("run/seed-2"));
    assert_ne!(folder.read("alone/predictions.tsv"), folder.read("run/predictions.tsv"));
}

#[test]
fn windows_move_inside_the_prepared_ones() {
    let folder = prepared("moves", "epochs = 1");
    folder.replace("organism/tiny.toml", "epochs = 1", "epochs = 1\nshift = 50\nreverse = true");
    folder.run(&format!("{TRAIN} --out refused")).code(1).says(&[
        "shift = 50",
        "reach 0 bases",
        "50 bases longer",
    ]);
    // The prepared windows are wide enough once smaller ones are looked at.
    folder.replace(
        "organism/tiny.toml",
        "[split]",
        "[windows]\ntss = [-900, 450]\ntts = [-450, 450]\n[split]",
    );
    folder.run(&format!("{TRAIN} --out run")).ok();
    folder.replace("organism/tiny.toml", "shift = 50\nreverse = true", "");
    folder.run(&format!("{TRAIN} --out still")).ok();
    assert_ne!(folder.read("run/history.tsv"), folder.read("still/history.tsv"));
    let ran = folder.run("evaluate run --dataset dataset --json").ok().json();
    assert_eq!(ran[0]["scores"]["test"]["r2"], metrics(&folder, "run")["test"]["r2"]);
}

#[test]
fn an_estimate_is_told_and_nothing_written() {
    let folder = prepared("estimate", "epochs = 7\nseeds = 2");
    let told = folder.run(&format!("{TRAIN} --out run --estimate --json")).ok().json();
    let cost = told.last().unwrap();
    assert_eq!(
        (&cost["event"], &cost["epochs"], &cost["networks"]),
        (&Value::from("estimate"), &Value::from(7), &Value::from(2))
    );
    assert!(cost["step_s"].as_f64().unwrap() > 0.0);
    assert!(!folder.path("run").exists());
    let said = folder.run(&format!("{TRAIN} --estimate")).ok().stdout();
    assert!(said.contains("hours for 7 epochs"), "{said}");
}

#[test]
fn json_lines_are_all_there_is_on_standard_output() {
    let folder = setup("json");
    folder.run("simulate --genes 60 --scenario easy --out organism --json").ok().json();
    folder.tiny("epochs = 2");
    folder.run("prepare organism/tiny.toml --out dataset --json").ok().json();
    let lines = folder.run(&format!("{TRAIN} --out run --json")).ok().json();
    let epochs: Vec<&Value> = lines.iter().filter(|line| line["event"] == "epoch").collect();
    let history = folder.read("run/history.tsv");
    assert_eq!(epochs.len(), 2, "{lines:#?}");
    for (told, line) in epochs.iter().zip(history.lines().skip(1)) {
        assert_eq!(told["epoch"].to_string(), line.split('\t').next().unwrap());
        assert_eq!(told["validation_mse"].to_string(), line.split('\t').nth(4).unwrap());
        assert!(told["best"].is_boolean() && told["seed"] == 1, "{told}");
    }
    let last = lines.last().unwrap();
    assert_eq!(last["event"], "trained");
    assert_eq!(last["metrics"]["test"]["r2"], metrics(&folder, "run")["test"]["r2"]);
}

#[test]
fn the_demo_runs_through() {
    let folder = setup("demo");
    let ran = folder.run("demo --genes 60 --epochs 1").ok();
    assert!(ran.stdout().contains("the network explains R2"), "{}", ran.stdout());
    assert!(metrics(&folder, "isegnet-demo/run")["test"]["r2"].is_f64());
}

#[test]
fn deepchrome_sees_marks_in_bins_and_tells_high_from_low() {
    let folder = setup("deepchrome");
    folder.organism();
    let text = folder.read("organism/isegnet.toml");
    let data = text.split("[model]").next().unwrap();
    let seen = "[target]\ntransform = \"median-binary\"\n[windows]\ntss = [-2000, 2000]\ntts = \
                [0, 0]\n[input]\nbin_bp = 100\n[model]\npreset = \"deepchrome\"\ndense = [8]\n\
                [train]\nepochs = 2\nbatch = 8\n";
    folder.write("organism/marks.toml", format!("{data}{seen}"));
    folder.run("prepare organism/marks.toml --out dataset --quiet").ok();
    folder.run("train organism/marks.toml --dataset dataset --out run --quiet").ok();
    let metrics = metrics(&folder, "run");
    for measure in ["accuracy", "auroc", "auprc"] {
        assert!(metrics["test"][measure].is_f64(), "{metrics}");
    }
    folder.run("explain run --dataset dataset --out attributions --quiet").ok();
    let models = "compare-models organism/marks.toml --dataset dataset --out study --models \
                  network,deepchrome:reach=2000:epochs=1,forest:trees=5";
    folder.run(models).ok();
    let told = folder.read("study/models.tsv");
    assert!(told.starts_with("model\t") && told.contains("mean AUROC"), "{told}");
    assert!(folder.path("study/models-auroc.png").is_file());
}

#[test]
fn floors_see_bins_of_as_many_bases_whatever_a_position_is() {
    let folder = setup("floors");
    folder.organism();
    let text = folder.read("organism/isegnet.toml");
    let data = text.split("[model]").next().unwrap();
    let ridge = |bin_bp: usize| {
        let seen = format!(
            "[windows]\ntss = [-1000, 1000]\ntts = [0, 0]\n[input]\nbin_bp = {bin_bp}\ndna = false\n\
             tracks = [\"H3K4me3\"]\n[model]\npreset = \"deepchrome\"\nk1 = 2\ndense = [4]\n[train]\n\
             epochs = 1\nbatch = 8\n"
        );
        folder.write("organism/bins.toml", format!("{data}{seen}"));
        if bin_bp == 1 {
            folder.run("prepare organism/bins.toml --out dataset --quiet").ok();
        }
        let run = format!("run{bin_bp}");
        folder.run(&format!("train organism/bins.toml --dataset dataset --out {run} --quiet")).ok();
        let floors = metrics(&folder, &run)["floors"].take();
        let ridge = floors.as_array().unwrap().iter().find(|floor| floor["name"] == "ridge");
        ridge.unwrap()["test"]["r2"].as_f64().unwrap()
    };
    let (bases, bins) = (ridge(1), ridge(100));
    // A base without data is 0, and is left out of a bin's mean.
    assert!((bases - bins).abs() < 5e-3, "ridge has R2 {bases} on bases and {bins} on their bins");
    folder.run("compare-models organism/bins.toml --dataset dataset --models ridge --quiet").ok();
    let compared = folder.read("study/models.tsv");
    let mut lines = compared.lines().map(|line| line.split('\t'));
    let at = lines.next().unwrap().position(|name| name == "mean R2").unwrap();
    let compared: f64 = lines.next().unwrap().nth(at).unwrap().parse().unwrap();
    assert!((compared - bins).abs() < 1e-3, "{compared} where models are compared, {bins} here");
}
