//! What `explain` writes agrees with itself and with the genome, whatever happened on the way.

use super::setup::{Folder, setup};
use isegnet_encode::export::Rows;
use std::collections::{BTreeMap, HashMap};
use std::process::Stdio;
use std::time::Duration;

const EXPLAIN: &str = "explain run --dataset dataset";
const COLUMNS: [&str; 7] =
    ["H3K4me3", "H3K36me3", "H3K27me3", "H3K27ac", "methylation", "methylation.measured", "DNA"];

/// A trained model of 60 genes, of which 12 are test genes.
fn trained(name: &str) -> Folder {
    let folder = setup(name);
    folder.organism().tiny("epochs = 1");
    folder.run("prepare organism/tiny.toml --out dataset --quiet").ok();
    folder.run("train organism/tiny.toml --dataset dataset --out run --quiet").ok();
    folder
}

/// The lines of a table by column name.
pub fn table(text: &str) -> Vec<HashMap<String, String>> {
    let mut lines = text.lines().map(|line| line.trim_start_matches('#').split('\t'));
    let names: Vec<&str> = lines.next().unwrap().collect();
    let row = |fields: std::str::Split<'_, char>| {
        names.iter().map(ToString::to_string).zip(fields.map(str::to_owned)).collect()
    };
    lines.map(row).collect()
}

/// The genome, chromosome by chromosome.
fn genome(folder: &Folder) -> BTreeMap<String, String> {
    let text = folder.read("organism/genome.fa");
    let records = text.split('>').skip(1).map(|record| {
        let (name, bases) = record.split_once('\n').unwrap();
        (name.to_owned(), bases.replace('\n', "").to_uppercase())
    });
    records.collect()
}

/// Where position `p` of a gene's 2500 lies on the genome, by the rule as it is written.
pub fn place(gene: &HashMap<String, String>, p: i64) -> i64 {
    let [start, end] = ["start", "end"].map(|name| gene[name].parse::<i64>().unwrap());
    match (gene["strand"].as_str(), p < 1500) {
        ("+", true) => start - 1000 + p,
        ("+", false) => end - 1 - 500 + (p - 1500),
        (_, true) => end - 1 + 1000 - p,
        (_, false) => start + 500 - (p - 1500),
    }
}

/// A row's numbers by column, DNA as the base that is there.
fn row(arrays: &Rows, row: usize, bases: &str) -> Vec<Vec<f32>> {
    let mut columns = vec![vec![0.0; 2500]; 7];
    for (i, column) in columns[..6].iter_mut().enumerate() {
        arrays.column_into(row, i, column);
    }
    let mut dna = vec![0.0; 10_000];
    arrays.dna_into(row, &mut dna);
    for (p, base) in bases.chars().enumerate() {
        columns[6][p] = "ACGT".find(base).map_or(0.0, |base| dna[4 * p + base]);
    }
    columns
}

fn complement(base: char) -> char {
    match base {
        'A' => 'T',
        'C' => 'G',
        'G' => 'C',
        'T' => 'A',
        other => other,
    }
}

/// The bases of a gene's positions, `.` off the chromosome.
fn bases(gene: &HashMap<String, String>, genome: &BTreeMap<String, String>) -> String {
    let chromosome = genome[&gene["chrom"]].as_bytes();
    let base = |p| {
        let at = usize::try_from(place(gene, p)).ok().and_then(|at| chromosome.get(at));
        let base = at.map_or('.', |&base| base as char);
        if gene["strand"] == "+" { base } else { complement(base) }
    };
    (0..2500).map(base).collect()
}

#[test]
fn arrays_sites_sequences_and_bigwigs_agree() {
    let folder = trained("explain-agree");
    let ran = folder.run(&format!("{EXPLAIN} --all --out all --npz --json")).ok();
    let told = ran.json();
    assert_eq!(
        (&told[0]["event"], &told[0]["explanation"]["rows"]),
        (&"explained".into(), &60.into())
    );
    for file in ["profiles.png", "profiles.svg", "attributions.npz", "explain.json", "isegnet.json"]
    {
        assert!(folder.path("all").join(file).is_file(), "{file} is missing");
    }
    let genome = genome(&folder);
    let genes = table(&folder.read("all/genes.tsv"));
    let arrays = Rows::open(&folder.path("all/attributions.safetensors")).unwrap();
    assert_eq!((arrays.len(), genes.len()), (60, 60));
    assert_eq!(arrays.shape().tracks, COLUMNS[..6]);

    let mut highest: HashMap<(String, String), (i64, f32)> = HashMap::new();
    let mut tracks: HashMap<(&str, &str, i64), f32> = HashMap::new();
    let mut sums: Vec<Vec<f64>> = vec![vec![0.0; 2500]; 7];
    for (i, gene) in genes.iter().enumerate() {
        let columns = row(&arrays, i, &bases(gene, &genome));
        let sum: f64 = columns.iter().flatten().map(|&v| f64::from(v)).sum();
        let told: f64 = gene["sum"].parse().unwrap();
        assert!(
            (sum - told).abs() < 1e-5 * (1.0 + told.abs()),
            "{}: {sum} {told}",
            gene["gene_id"]
        );
        let [value, base, delta] =
            ["value", "baseline_value", "delta"].map(|name| gene[name].parse::<f64>().unwrap());
        assert!((told - (value - base) - delta).abs() < 1e-12);
        let length = genome[&gene["chrom"]].len() as i64;
        for (c, values) in columns.iter().enumerate() {
            for (p, &value) in values.iter().enumerate() {
                sums[c][p] += f64::from(value);
                let at = place(gene, p as i64);
                if !(0..length).contains(&at) {
                    continue;
                }
                let key = (gene["gene_id"].clone(), COLUMNS[c].to_owned());
                if value != 0.0 && highest.get(&key).is_none_or(|(_, best)| value > *best) {
                    highest.insert(key, (at, value));
                }
                let base = tracks.entry((COLUMNS[c], &gene["chrom"], at)).or_insert(value);
                if value.abs() > base.abs() {
                    *base = value;
                }
            }
        }
    }

    let sites = table(&folder.read("all/sites.bed"));
    assert_eq!(sites.len(), highest.len());
    let text = folder.read("all/sites.fa");
    let mut records = text.split('>').skip(1);
    let strands: HashMap<&str, &str> =
        genes.iter().map(|gene| (gene["gene_id"].as_str(), gene["strand"].as_str())).collect();
    for site in &sites {
        let (at, value) = highest[&(site["gene_id"].clone(), site["column"].clone())];
        let start: i64 = site["start"].parse().unwrap();
        assert_eq!(start, at, "{site:?}");
        assert_eq!(site["end"], (start + 1).to_string());
        assert_eq!(site["attribution"].parse::<f32>().unwrap(), value, "{site:?}");
        assert_eq!(site["strand"], strands[site["gene_id"].as_str()]);
        let chromosome = &genome[&site["chrom"]];
        let around = (start - 50).max(0) as usize..chromosome.len().min(start as usize + 51);
        let mut expected = chromosome[around].to_owned();
        if site["strand"] == "-" {
            expected = expected.chars().rev().map(complement).collect();
        }
        let (name, found) = records.next().unwrap().split_once('\n').unwrap();
        assert_eq!((name, found.replace('\n', "")), (site["name"].as_str(), expected));
    }
    assert!(records.next().is_none());

    for column in COLUMNS {
        let mut file =
            isegnet_io::signal::open(folder.path(format!("all/{column}.bigWig"))).unwrap();
        for (chrom, bases) in &genome {
            let mut values = vec![0.0; bases.len()];
            file.values_into(chrom, 0, &mut values).unwrap();
            for (at, value) in values.into_iter().enumerate() {
                let expected = tracks.get(&(column, chrom.as_str(), at as i64));
                let same = expected.map_or(value.is_nan(), |expected| *expected == value);
                assert!(same, "{column} {chrom}:{at}: {value} {expected:?}");
            }
        }
    }

    let profiles = table(&folder.read("all/profiles.tsv"));
    assert_eq!(profiles.len(), 7 * 2500);
    for (line, expected) in profiles.iter().zip(sums.iter().flatten()) {
        let mean: f64 = line["mean"].parse().unwrap();
        assert!((mean - expected / 60.0).abs() < 1e-9, "{line:?} {expected}");
        let quantile = |name: &str| line[name].parse::<f64>().unwrap();
        assert!(quantile("q05") <= quantile("q50") && quantile("q50") <= quantile("q95"));
        let offset: i64 = line["offset_bp"].parse().unwrap();
        let position: i64 = line["position"].parse().unwrap();
        assert_eq!(offset, if line["window"] == "TSS" { position - 1000 } else { position - 2000 });
    }
}

/// Everything numeric that a folder holds.
fn outcome(folder: &Folder, out: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<String> =
        ["attributions.safetensors", "genes.tsv", "profiles.tsv", "profiles.svg", "sites.bed"]
            .map(str::to_owned)
            .to_vec();
    files.extend(["sites.fa", "journal.tsv"].map(str::to_owned));
    files.extend(COLUMNS.map(|column| format!("{column}.bigWig")));
    files.iter().map(|name| std::fs::read(folder.path(format!("{out}/{name}"))).unwrap()).collect()
}

#[test]
fn killed_again_and_again_it_comes_to_the_same_bytes_at_any_number_of_threads() {
    let folder = trained("explain-killed");
    // Steps enough that a run takes seconds.
    let args = format!("{EXPLAIN} --all --steps 60 --baseline shuffles=2");
    let began = std::time::Instant::now();
    folder.run(&format!("{args} --out whole --threads 1")).ok();
    let whole = outcome(&folder, "whole");
    let all = began.elapsed();
    let (mut kept, mut kills) = (0, 0);
    for k in 1..=4u32 {
        let args = format!("{args} --out killed --threads {}", 1 + k % 2);
        let mut child =
            folder.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(all * k / 8);
        kills += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        if folder.path("killed/attributions.safetensors").exists() {
            continue;
        }
        let journal = std::fs::read_to_string(folder.path("killed/journal.tsv"));
        let done = journal.map_or(0, |text| text.lines().count());
        assert!(done >= kept, "{done} rows after {kept}");
        kept = done;
    }
    assert!(kills > 0, "no run was killed");
    folder.run(&format!("{args} --out killed --threads 2")).ok();
    assert_eq!(whole, outcome(&folder, "killed"));
    let left = std::fs::read_dir(folder.path("killed")).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.into_iter().any(|name| name.contains("partial")));
    // What is done is not done again, and what follows from it can be asked for anew.
    folder.run(&format!("{args} --out killed --sites magnitude --picture SIMG000007")).ok();
    assert!(folder.path("killed/gene-SIMG000007.png").is_file());
    assert_ne!(whole[4], std::fs::read(folder.path("killed/sites.bed")).unwrap());
}

#[test]
fn rows_are_chosen_and_what_is_not_there_is_told() {
    let folder = trained("explain-rows");
    let genes = |out: &str| -> Vec<(String, String)> {
        let lines = table(&folder.read(&format!("{out}/genes.tsv")));
        lines.into_iter().map(|mut l| (l.remove("gene_id").unwrap(), l["part"].clone())).collect()
    };
    let steps = "--steps 2";
    folder.run(&format!("{EXPLAIN} {steps} --out test")).ok();
    let test = genes("test");
    assert!(!test.is_empty() && test.iter().all(|(_, part)| part == "test"));
    folder.run(&format!("{EXPLAIN} {steps} --out part --part validation")).ok();
    assert!(genes("part").iter().all(|(_, part)| part == "validation"));
    folder.write("list.tsv", "gene_id\tx\nSIMG000011\t1\n\n# no\nsim3\t2\n");
    folder.run(&format!("{EXPLAIN} {steps} --out list --genes list.tsv")).ok();
    let listed: Vec<String> = genes("list").into_iter().map(|(gene, _)| gene).collect();
    assert_eq!(listed, ["SIMG000003", "SIMG000011"]);

    let refused = |args: &str, texts: &[&str]| {
        folder.run(&format!("{EXPLAIN} {args} --out refused")).code(2).says(texts);
        assert!(!folder.path("refused").exists(), "{args}");
    };
    refused("--genes SIMG00001,SIMG000002", &["\"SIMG00001\" is not in dataset", "SIMG000010"]);
    refused("--sample other", &["there is no sample \"other\""]);
    refused("--steps 0", &["--steps 0"]);
    refused("--max-steps 100", &["--max-steps 100 is below --steps 200"]);
    refused("--baseline zerro", &["\"zerro\" is no baseline and no file", "raw-zero"]);
    refused("--baseline H3K9ac=zero", &["no input \"H3K9ac\"", "methylation.measured, DNA"]);
    refused("--baseline H3K4me3=shuffles=3", &["shuffles are of DNA only"]);
    folder.run(&format!("{EXPLAIN} --steps 3 --out test")).code(2).says(&["--overwrite"]);
    folder.run(&format!("{EXPLAIN} --steps 3 --out test --overwrite")).ok();
    folder.run("explain dataset --dataset dataset").code(2).says(&["dataset is no run"]);
    folder
        .run(&format!("{EXPLAIN} {steps} --out test2 --picture SIMG000001"))
        .code(2)
        .says(&["\"SIMG000001\" is not among those explained"]);
}

#[test]
fn a_model_and_a_data_set_that_do_not_match_are_told() {
    let folder = trained("explain-other");
    let prepare = |from: &str, to: &str, out: &str| {
        let text = folder.read("organism/tiny.toml");
        assert!(text.contains(from), "{from:?}");
        folder.write("organism/other.toml", text.replace(from, to));
        folder.run(&format!("prepare organism/other.toml --out {out} --quiet")).ok();
    };
    prepare("name = \"H3K4me3\"", "name = \"K4\"", "renamed");
    folder.run("explain run --dataset renamed --all").code(2).says(&[
        "the model of run cannot be applied to renamed",
        "no track \"H3K4me3\"",
        "K4",
    ]);
    prepare("[split]", "[windows]\ntss = [-500, 500]\n[split]", "narrow");
    folder.run("explain run --dataset narrow --all").code(2).says(&["[-1000, 500)", "[-500, 500)"]);
    prepare("name = \"H3K4me3\"", "name = \"H3K4me3\"\nbin_bp = 50", "coarse");
    folder.run("explain run --dataset coarse --all").code(2).says(&["bins of 50", "bins of 20"]);
    assert!(!folder.path("attributions").exists());
    // Another data set that fits has no parts, and is explained as a whole.
    prepare("[split]", "[filter]\nzero_expression = \"keep\"\n[split]\n", "same");
    prepare("[split]", "[windows]\ntss = [-1200, 500]\n[split]", "wide");
    folder.run("explain run --dataset wide --part test").code(2).says(&["no test rows there"]);
    folder.run("explain run --dataset wide --steps 2 --baseline mean").code(2).says(&["mean"]);
    folder.run("explain run --dataset wide --steps 2 --out wide-out --quiet").ok();
    assert_eq!(table(&folder.read("wide-out/genes.tsv")).len(), 60);
}

/// A safetensors file of f32 arrays.
fn safetensors(arrays: &[(&str, &[usize], f32)]) -> Vec<u8> {
    let (mut header, mut data) = (Vec::new(), Vec::new());
    for (name, shape, value) in arrays {
        let begin = data.len();
        let count: usize = shape.iter().product();
        (0..count).for_each(|_| data.extend_from_slice(&value.to_le_bytes()));
        header.push(format!(
            "\"{name}\":{{\"dtype\":\"F32\",\"shape\":{shape:?},\"data_offsets\":[{begin},{}]}}",
            data.len()
        ));
    }
    let header = format!("{{{}}}", header.join(","));
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()
}

#[test]
fn baselines_and_methods_change_what_they_should() {
    let folder = trained("explain-baselines");
    let explained = |args: &str, out: &str| -> HashMap<String, String> {
        folder.run(&format!("{EXPLAIN} --genes SIMG000003 --steps 20 {args} --out {out}")).ok();
        table(&folder.read(&format!("{out}/genes.tsv"))).remove(0)
    };
    let zero = explained("", "zero");
    folder.write(
        "own.safetensors",
        safetensors(&[("epi", &[6, 2500], 0.0), ("dna", &[2500, 4], 0.0)]),
    );
    let own = explained("--baseline own.safetensors", "own");
    assert_eq!(zero, own);
    for (args, out) in [
        ("--baseline mean", "mean"),
        ("--baseline quarter-meth1", "quarter"),
        ("--baseline raw-zero", "raw"),
        ("--baseline shuffles=3", "shuffles"),
        ("--baseline H3K4me3=0.5 --baseline DNA=mean", "mixed"),
    ] {
        let other = explained(args, out);
        assert_eq!(zero["value"], other["value"]);
        assert_ne!(zero["baseline_value"], other["baseline_value"], "{args}");
    }
    // Masks are 1 where raw 0 is measured, and 0 in the baseline of zeros.
    let product = explained("--method gradient-x-input --centre", "product");
    assert_eq!((product["baseline_value"].as_str(), product["delta"].as_str()), ("NA", "NA"));
    assert_eq!(product["value"], zero["value"]);
    let adaptive = explained("--tolerance 0.0000001 --max-steps 40", "adaptive");
    assert_eq!((adaptive["steps"].as_str(), adaptive["flag"].as_str()), ("40", "incomplete"));
    let strict = "--genes SIMG000003 --steps 2 --tolerance 0.0000001 --strict --out strict";
    folder.run(&format!("{EXPLAIN} {strict}")).code(1).says(&["1 of 1 rows do not add up"]);

    folder.write(
        "short.safetensors",
        safetensors(&[("epi", &[6, 2000], 0.0), ("dna", &[4, 4], 0.0)]),
    );
    let refused = folder.run(&format!("{EXPLAIN} --baseline short.safetensors --out refused"));
    refused.code(3).says(&["short.safetensors", "[6, 2000]", "[6, 2500]"]);
    folder.write("flat.safetensors", safetensors(&[("epi", &[15_000], 0.0)]));
    let refused = folder.run(&format!("{EXPLAIN} --baseline flat.safetensors --out refused"));
    refused.code(3).says(&["flat.safetensors", "[15000]", "two dimensions"]);
    folder.write("organism/genome2.fa", folder.read("organism/genome.fa").replace(['G', 'g'], "A"));
    let refused =
        folder.run(&format!("{EXPLAIN} --steps 20 --genome organism/genome2.fa --out fa"));
    refused.code(3).says(&["the genome has", "the data set was made from one with", "--genome"]);
    assert!(!folder.path("fa/sites.fa").exists());
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_leaves_nothing_half_written() {
    let folder = trained("explain-full");
    let limited = |blocks: usize| {
        let binary = env!("CARGO_BIN_EXE_isegnet");
        // As a full disk does, writing fails beyond a limit of blocks of 512 bytes or 1 KiB.
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec {binary} {EXPLAIN} --steps 2 --out full"
        );
        let mut command = std::process::Command::new("sh");
        command.arg("-c").arg(script).current_dir(folder.path("")).output().unwrap()
    };
    for blocks in [4, 400] {
        let output = limited(blocks);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains("full/") && error.contains("space"), "{error}");
        assert!(!folder.path("full/attributions.safetensors").exists());
    }
    // Once there is room, it goes on.
    folder.run(&format!("{EXPLAIN} --steps 2 --out full")).ok();
    assert!(folder.path("full/attributions.safetensors").is_file());
}

#[test]
fn samples_of_one_data_set_have_bigwigs_of_their_own() {
    let folder = setup("explain-samples");
    folder.run("simulate --scenario two-condition --genes 60 --replicates 1 --out organism").ok();
    folder.tiny("epochs = 1");
    folder.run("prepare organism/tiny.toml --out dataset --quiet").ok();
    folder.run("train organism/tiny.toml --dataset dataset --out run --quiet").ok();
    folder.run(&format!("{EXPLAIN} --steps 2 --out both")).ok();
    let lines = table(&folder.read("both/genes.tsv"));
    let mut samples: Vec<&str> = lines.iter().map(|line| line["sample"].as_str()).collect();
    samples.dedup();
    assert_eq!(samples.len(), 2);
    for sample in &samples {
        assert!(folder.path(format!("both/{sample}.H3K4me3.bigWig")).is_file(), "{sample}");
    }
    folder.run(&format!("{EXPLAIN} --steps 2 --sample {} --out one", samples[0])).ok();
    assert_eq!(table(&folder.read("one/genes.tsv")).len(), lines.len() / 2);
    assert!(folder.path("one/H3K4me3.bigWig").is_file());
}

#[cfg(unix)]
#[test]
fn an_interruption_is_said_and_the_same_command_goes_on() {
    let folder = trained("explain-interrupted");
    let args = format!("{EXPLAIN} --all --steps 500 --out slow");
    let child =
        folder.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{error}");
    assert!(error.contains("the same command goes on"), "{error}");
    assert!(!folder.path("slow/attributions.safetensors").exists());
}
