//! `overlap`: attribution peaks against ChIP-seq peaks.

use super::attributed::{self, POSITIONS, Track, base_of, complement, noise};
use super::explain::table;
use super::setup::{Folder, setup};
use isegnet_core::{Chromosome, Gene, Interval, Random, Strand};
use isegnet_io::{bigwig, peaks};
use std::collections::HashMap;

/// What the E-box motif of MYC reads.
const EBOX: &[u8] = b"GACCACGTGGTC";

fn library(folder: &Folder) {
    let count = |row: char| {
        let counts = EBOX.iter().map(|&b| if b as char == row { "20" } else { "0" });
        format!("{row} [ {} ]\n", counts.collect::<Vec<_>>().join(" "))
    };
    let rows: String = "ACGT".chars().map(count).collect();
    folder.write(
        "library.pfm",
        format!(">MA1.1 MYC\n{rows}>MA2.1 FAR\nA [ 9 9 ]\nC [ 0 0 ]\nG [ 0 0 ]\nT [ 0 0 ]\n"),
    );
}

/// Genes of which each has a peak of the experiment on its promoter, at a position of its own.
struct Bound {
    genes: Vec<Gene>,
    chromosomes: Vec<Chromosome>,
    /// The middle of each gene's peak as a position from the window's first base.
    at: Vec<usize>,
}

/// Genes around regions: the middle of the i-th lies at a position of the i-th promoter that is
/// drawn from 200..1300.
fn around(regions: &[Interval], lengths: impl Fn(&str) -> u64) -> Bound {
    let random = Random::new(2, "test/promoters");
    let (mut genes, mut at, mut names) = (Vec::new(), Vec::new(), Vec::<Chromosome>::new());
    for (i, region) in regions.iter().enumerate() {
        let position = 200 + random.below(0, i as u64, 1100) as usize;
        let middle = (region.start + region.end) / 2;
        let offset = position as i64 - 1000;
        let forward = random.below(1, i as u64, 2) == 0;
        let tss = if forward { middle - offset } else { middle + offset };
        if tss < 6000 {
            continue;
        }
        let (strand, body) = match forward {
            true => (Strand::Forward, (tss, tss + 4000)),
            false => (Strand::Reverse, (tss - 3999, tss + 1)),
        };
        let chrom = region.chrom.as_str();
        if names.iter().all(|known| known.name != chrom) {
            names.push(Chromosome { name: chrom.into(), length: Some(lengths(chrom)) });
        }
        genes.push(Gene {
            id: format!("G{i:04}"),
            name: Some(format!("gene{i}")),
            strand,
            body: Interval::new(chrom, body.0, body.1),
        });
        at.push(position);
    }
    Bound { genes, chromosomes: names, at }
}

/// An explanation of three tracks: `near` is high where each gene is bound, `apart` somewhere on
/// the promoter, and `carried` near for every third gene, whose site carries the motif, and
/// apart for the others.
fn explanation(folder: &Folder, bound: &Bound) {
    let random = Random::new(3, "test/apart");
    let hill = |i: usize, middle: usize, name: &str| {
        let mut values = noise(i, name);
        let reach = middle.saturating_sub(60)..(middle + 60).min(1500);
        for (value, p) in values[reach.clone()].iter_mut().zip(reach) {
            *value += 1.0 - p.abs_diff(middle) as f32 / 100.0;
        }
        values
    };
    let apart = |i: usize| 60 + random.below(0, i as u64, 1380) as usize;
    let third = |i: usize| i.is_multiple_of(3);
    let place = |i: usize| if third(i) { bound.at[i] } else { apart(i) };
    let carry: HashMap<(String, i64), usize> = (0..bound.genes.len())
        .filter(|&i| third(i))
        .map(|i| {
            let gene = &bound.genes[i];
            // The highest position of the hill, by the same rule as the folder's.
            let values = hill(i, bound.at[i], "carried");
            let mut best = 0;
            (0..POSITIONS).for_each(|p| {
                if values[p] > values[best] {
                    best = p
                }
            });
            ((gene.body.chrom.clone(), base_of(gene, best)), i)
        })
        .collect();
    let mut bases = |site: &Interval| {
        let seed = site.start as u64;
        let mut bases: Vec<u8> =
            (0..site.len()).map(|b| b"ACGT"[random.below(seed, b as u64, 4) as usize]).collect();
        if carry.contains_key(&(site.chrom.clone(), site.start + 50)) {
            let mut motif = EBOX.to_vec();
            if seed.is_multiple_of(2) {
                motif = motif.iter().rev().map(|&base| complement(base)).collect();
            }
            bases[40..40 + EBOX.len()].copy_from_slice(&motif);
        }
        bases
    };
    let tracks = [
        Track { name: "near", values: &|i| hill(i, bound.at[i], "near") },
        Track { name: "apart", values: &|i| hill(i, apart(i), "apart") },
        Track { name: "carried", values: &|i| hill(i, place(i), "carried") },
    ];
    attributed::write(
        folder,
        "attributions",
        (&bound.genes, &bound.chromosomes),
        &tracks,
        &mut bases,
    );
}

/// What a run says of a track and a list of genes.
fn of<'a>(
    lines: &'a [HashMap<String, String>],
    track: &str,
    genes: &str,
) -> &'a HashMap<String, String> {
    lines.iter().find(|line| line["track"] == track && line["genes"] == genes).unwrap()
}

fn number(line: &HashMap<String, String>, column: &str) -> f64 {
    line[column].parse().unwrap_or_else(|_| panic!("{column} of {line:?}"))
}

#[test]
fn peaks_that_lie_where_a_factor_is_bound_are_told_from_those_that_lie_anywhere() {
    let folder = setup("overlap-made-up");
    library(&folder);
    let regions: Vec<Interval> = (0..150)
        .map(|i| {
            Interval::new(
                ["chr1", "chr2"][i % 2],
                20_000 + 9000 * i as i64,
                20_150 + 9000 * i as i64,
            )
        })
        .collect();
    let text: String = regions
        .iter()
        .map(|r| format!("{}\t{}\t{}\tp\t50\t.\t4\t7.5\t5\t60\n", r.chrom, r.start, r.end))
        .collect();
    folder.write("chip.narrowPeak", text);
    let bound = around(&regions, |_| 2_000_000);
    assert_eq!(bound.genes.len(), 150);
    explanation(&folder, &bound);
    let args = "overlap attributions chip.narrowPeak --draws 999";
    let motif = "--motif myc --motifs library.pfm";
    let events = folder.run(&format!("{args} {motif} --out o --json")).ok().json();
    let told = events.iter().find(|event| event["event"] == "overlap").unwrap();
    assert_eq!(told["overlap"]["chip_peaks"], 150);
    let lines = table(&folder.read("o/overlap.tsv"));
    assert_eq!(lines.len(), 6);
    let near = of(&lines, "near", "all");
    assert!(number(near, "fold") > 2.0 && number(near, "q") < 0.01, "{near:?}");
    let apart = of(&lines, "apart", "all");
    assert!(number(apart, "p") > 0.02 && (number(apart, "fold") - 1.0).abs() < 0.5, "{apart:?}");
    let carriers = of(&lines, "carried", "with the motif");
    // Those that were given the motif, and those that have it by chance.
    assert!((50.0..57.0).contains(&number(carriers, "genes_number")), "{carriers:?}");
    let all = of(&lines, "carried", "all");
    assert!(number(carriers, "fold") > 1.5 * number(all, "fold"), "{carriers:?} {all:?}");
    assert!(number(carriers, "p") < 0.01);
    // Nothing carries it around sites elsewhere, but for chance.
    assert!(number(of(&lines, "apart", "with the motif"), "genes_number") < 8.0);

    // Counted slowly from the files: peaks that meet the experiment, and what random regions of
    // their promoters would.
    let chip = peaks::read(folder.path("chip.narrowPeak")).unwrap();
    let found = table(&folder.read("o/peaks.bed"));
    for track in ["near", "apart", "carried"] {
        let line = of(&lines, track, "all");
        let (mut met, mut bases, mut expected) = (0, 0, 0.0);
        for peak in found.iter().filter(|peak| peak["track"] == track) {
            let [start, end] = ["start", "end"].map(|c| peak[c].parse::<i64>().unwrap());
            let region = Interval::new(peak["chrom"].as_str(), start, end);
            let shared =
                |r: &Interval| chip.iter().map(|c| c.region.shared_bases(r)).sum::<usize>();
            let own = shared(&region);
            assert_eq!(peak["bound_bases"], own.to_string());
            (met, bases) = (met + usize::from(own > 0), bases + own);
            let gene = bound.genes.iter().find(|gene| gene.id == peak["name"]).unwrap();
            let ends = [base_of(gene, 0), base_of(gene, 1499)];
            let (first, last) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            assert!(first <= start && end <= last + 1, "{peak:?}");
            let starts = first..=last + 1 - (end - start);
            let n = starts.clone().count() as f64;
            let hits = starts
                .filter(|&s| shared(&Interval::new(region.chrom.as_str(), s, s + end - start)) > 0)
                .count();
            expected += hits as f64 / n;
        }
        assert_eq!(
            (line["meet_chip"].clone(), line["bound_bases"].clone()),
            (met.to_string(), bases.to_string())
        );
        // Regions keep off each other, which moves what is expected only a little.
        let told = number(line, "expected_peaks");
        assert!((told - expected).abs() < 0.1 * expected + 1.0, "{track}: {told} {expected}");
        let of_genes: usize = table(&folder.read("o/genes.tsv"))
            .iter()
            .filter(|l| l["track"] == track)
            .map(|l| l["meet_chip"].parse::<usize>().unwrap())
            .sum();
        assert_eq!(of_genes, met);
    }
    // The signal is highest at the sites that are bound.
    let around = table(&folder.read("o/around-sites.tsv"));
    let at = |track: &str, distance: &str| {
        let is = |l: &&HashMap<String, String>| {
            l["track"] == track && l["genes"] == "all" && l["distance_bp"] == distance
        };
        number(around.iter().find(is).unwrap(), "signal")
    };
    assert!(
        at("near", "10") > 4.0 * at("near", "-490") && at("near", "10") > 3.0 * at("apart", "10")
    );
    for file in ["overlap.png", "around-sites.png", "overlap.json"] {
        assert!(folder.path("o").join(file).is_file(), "{file}");
    }

    // The same seed gives the same bytes at any number of threads, another seed other draws.
    let read = |out: &str| {
        ["overlap.tsv", "genes.tsv", "around-sites.tsv"].map(|f| folder.read(&format!("{out}/{f}")))
    };
    folder.run(&format!("{args} {motif} --out same --threads 1 --quiet")).ok();
    assert_eq!(read("o"), read("same"));
    folder.run(&format!("{args} {motif} --out other --seed 8 --quiet")).ok();
    assert_ne!(read("o")[0], read("other")[0]);

    // The same experiment as a signal gives the same peaks.
    let runs: Vec<_> = {
        let mut runs: Vec<_> =
            regions.iter().map(|r| (r.chrom.as_str(), r.start as u32, r.end as u32, 7.5)).collect();
        runs.sort_by_key(|run| (run.0, run.1));
        runs
    };
    let mut chromosomes = bound.chromosomes.clone();
    chromosomes.sort_by(|a, b| a.name.cmp(&b.name));
    bigwig::write(folder.path("chip.bw"), &chromosomes, runs).unwrap();
    folder
        .run(&format!("overlap attributions chip.bw --draws 999 {motif} --out bw --picture gene7"))
        .ok();
    assert_eq!(read("o"), read("bw"));
    assert!(folder.path("bw/gene-G0007.png").is_file());
}

#[test]
fn windows_tracks_and_what_is_wrong_are_told() {
    let folder = setup("overlap-wrong");
    library(&folder);
    let regions = [Interval::new("chr1", 20_000, 20_200), Interval::new("chr1", 40_000, 40_100)];
    folder.write("chip.bed", "chr1\t20000\t20200\tx\t9\nchr1\t40000\t40100\ty\t3\n");
    explanation(&folder, &around(&regions, |_| 100_000));
    let run = |args: &str| folder.run(&format!("overlap attributions {args} --draws 50 --out o"));
    let ran = run("chip.bed --tracks near --window both").ok();
    assert!(!ran.stdout().contains("NaN"));
    folder.write("elsewhere.bed", "chr1\t90000\t90100\n");
    let none = folder.run("overlap attributions elsewhere.bed --tracks near --draws 50 --out none");
    let told = none.ok().stdout();
    assert!(told.contains("  -  1\n") && !told.contains("NaN"), "{told}");
    assert_eq!(table(&folder.read("o/overlap.tsv")).len(), 1);
    assert_eq!(table(&folder.read("o/genes.tsv")).len(), 2);
    run("chip.bed --tracks apart").code(2).says(&["--overwrite"]);
    run("chip.bed --tracks apart --window tts --overwrite --by magnitude").ok();
    std::fs::remove_dir_all(folder.path("o")).unwrap();
    let refused = |args: &str, code: i32, texts: &[&str]| {
        run(args).code(code).says(texts);
        assert!(!folder.path("o").exists(), "{args}");
    };
    refused("chip.bed --tracks H3K4", 2, &["no track \"H3K4\"", "near, apart, carried"]);
    refused("chip.bed --motif MYC", 2, &["--motifs"]);
    refused("chip.bed --motif MYCC --motifs library.pfm", 2, &["\"MYCC\"", "did you mean MYC"]);
    refused("chip.bed --draws 0", 2, &["--draws"]);
    refused("absent.bed", 3, &["absent.bed"]);
    folder.write("bare.bed", "1\t20000\t20200\n");
    refused("bare.bed", 3, &["\"chr1\"", "\"1\"", "--chrom-alias"]);
    run("bare.bed --chrom-alias ucsc").ok();
    std::fs::remove_dir_all(folder.path("o")).unwrap();
    folder.write("bad.bed", "chr1\t1\t5\nchr1\t9\t3\n");
    refused("bad.bed", 3, &["bad.bed, line 2", "start 9 is not below end 3"]);
    folder.run("overlap organism chip.bed").code(2).says(&["explain.json", "isegnet explain"]);
    folder.replace("attributions/genes.tsv", "\tchr1\t", "\tchr1\tx");
    refused("chip.bed", 3, &["genes.tsv, line 2", "start \"x", "explain the genes again"]);
}

#[test]
fn real_peaks_of_myc_are_met_by_attributions_that_are_made_up() {
    let Some(data) = isegnet_core::testdata::real_data("myc-a549") else { return };
    let folder = setup("overlap-myc");
    library(&folder);
    let file = data.join("MYC_A549_peaks.narrowPeak");
    let all = peaks::read(&file).unwrap();
    assert_eq!(all.len(), 8293);
    let main = |region: &Interval| region.chrom.len() <= 5;
    let regions: Vec<Interval> =
        all.iter().map(|peak| peak.region.clone()).filter(main).step_by(20).collect();
    explanation(&folder, &around(&regions, |_| 300_000_000));
    std::fs::copy(&file, folder.path("MYC.narrowPeak")).unwrap();
    folder
        .run("overlap attributions MYC.narrowPeak --motif MYC --motifs library.pfm --draws 499 --out o")
        .ok();
    let lines = table(&folder.read("o/overlap.tsv"));
    let (near, apart) = (of(&lines, "near", "all"), of(&lines, "apart", "all"));
    assert!(number(near, "p") < 0.01 && number(near, "fold") > 1.5, "{near:?}");
    assert!(number(apart, "p") > 0.01, "{apart:?}");
    let carriers = of(&lines, "carried", "with the motif");
    assert!(
        number(carriers, "p") < 0.01 && number(carriers, "genes_number") > 100.0,
        "{carriers:?}"
    );
}
