//! Every run of FIMO 5.5.8 in the fixtures: scores to their printed digits, p- and
//! q-values to 3 digits, given FIMO's own estimate of the share without a site; and
//! our estimate within 5% of it.
#![allow(clippy::unwrap_used)]

mod support;

use isegnet_motif::{
    Background, Motif, Scan, ScanOptions, Scanner, Strands, Threshold, coordinates_in_name,
    write_gff, write_tsv,
};
use std::collections::HashMap;
use support::{motifs, rows, sequences, text};

/// A run's name, its background, and how it was made.
struct Run {
    name: &'static str,
    background: Background,
    options: ScanOptions,
}

fn run(name: &'static str, change: impl Fn(&mut Run)) -> Run {
    let mut run = Run { name, background: Background::fimo(), options: ScanOptions::default() };
    change(&mut run);
    run
}

fn background(name: &str) -> Background {
    Background::from_reader(text(name).unwrap().as_bytes(), name).unwrap()
}

fn scanned(run: &Run, motifs: &[Motif]) -> Scan {
    let scanner = Scanner::new(motifs, &run.background, &run.options).unwrap();
    let sequences = sequences("fimo_seqs.fa").unwrap();
    let mut scanning = scanner.start();
    for (name, _, bases) in &sequences {
        let (name, start) = coordinates_in_name(name).unwrap_or((name, 0));
        scanning.add_new(name, start, bases);
    }
    scanning.finish()
}

/// FIMO's estimates of the share without a site, by motif.
fn shares(name: &str) -> HashMap<String, f64> {
    let (mut shares, mut motif) = (HashMap::new(), String::new());
    for line in text(&format!("fimo.{name}.stderr")).unwrap().lines() {
        if let Some(rest) = line.strip_prefix("Using motif +") {
            motif = rest.split_whitespace().next().unwrap().into();
        } else if let Some(share) =
            line.trim_start_matches(['#', ' ']).strip_prefix("Estimated pi_0=")
        {
            shares.insert(motif.clone(), share.parse().unwrap());
        }
    }
    shares
}

/// The columns by which a hit is known: motif, sequence, start, strand.
fn key(row: &[String]) -> [String; 4] {
    [0, 2, 3, 5].map(|i| row[i].clone())
}

/// Our printed rows, and p and q as they were not yet rounded.
fn ours(scan: &Scan) -> HashMap<[String; 4], (Vec<String>, f64, Option<f64>)> {
    let mut out = Vec::new();
    write_tsv(&mut out, scan).unwrap();
    let text = String::from_utf8(out).unwrap();
    let rows = text.lines().skip(1).map(|l| l.split('\t').map(str::to_owned).collect::<Vec<_>>());
    let hits = scan.by_p();
    rows.zip(hits).map(|(row, (_, hit))| (key(&row), (row, hit.p, hit.q))).collect()
}

/// Puts FIMO's share in the place of ours, and applies the limit of q if there is one.
fn with(mut scan: Scan, shares: &HashMap<String, f64>, threshold: Threshold) -> Scan {
    for motif in &mut scan.motifs {
        let Some(share) = shares.get(&motif.id) else { continue };
        let mut least = f64::INFINITY;
        let places = motif.places as f64;
        for (i, hit) in motif.hits.iter_mut().enumerate().rev() {
            least = least.min((share * hit.p * places / (i + 1) as f64).min(1.0));
            hit.q = hit.q.map(|_| least);
        }
        if let Threshold::Q(most) = threshold {
            motif.hits.retain(|hit| hit.q.is_some_and(|q| q <= most));
        }
    }
    scan
}

/// Tells whether a number is what FIMO printed with 3 digits. Its base frequencies are
/// single precision, which moves p by some 1e-6 of itself, over the edge of rounding at times.
fn same(ours: f64, theirs: &str) -> bool {
    let theirs: f64 = theirs.parse().unwrap();
    let half = 0.5 * 10_f64.powf(ours.log10().floor() - 2.0);
    (ours - theirs).abs() <= half + 5e-6 * ours
}

/// Compares all rows and gives how many there were.
fn compare(run: &Run, motifs: &[Motif], ties_are_random: bool) -> usize {
    let theirs = rows(&format!("fimo.{}.tsv", run.name)).unwrap();
    let shares = if run.options.q_values { shares(run.name) } else { HashMap::new() };
    let mut scan = scanned(run, motifs);
    compare_shares(run, motifs, &shares);
    if let Threshold::Q(most) = run.options.threshold {
        // Looser, so that FIMO's share may let other hits through than ours did.
        let options = ScanOptions { threshold: Threshold::Q(most * 1.2), ..run.options };
        scan = with(scanned(&Run { options, ..*run }, motifs), &shares, run.options.threshold);
    } else {
        scan = with(scan, &shares, run.options.threshold);
    }
    compare_rows(run, scan, &theirs, ties_are_random);
    theirs.len()
}

/// Both are estimates from 10,000 p-values drawn at random: of eight seeds of ours one was
/// 5.2% off for one motif, so the middle one of three is taken.
fn compare_shares(run: &Run, motifs: &[Motif], theirs: &HashMap<String, f64>) {
    let scans = [1, 2, 3].map(|seed| {
        let options = ScanOptions { seed, ..run.options };
        scanned(&Run { options, ..*run }, motifs)
    });
    for (i, motif) in motifs.iter().enumerate() {
        let Some(theirs) = theirs.get(&motif.id) else { continue };
        let mut ours = scans.each_ref().map(|s| s.motifs[i].share_without_site.unwrap());
        ours.sort_by(f64::total_cmp);
        // The better of two strands leaves a small share, which a sample knows less well.
        let most = if run.options.strands == Strands::Better { 0.1 } else { 0.05 };
        let off = (ours[1] / theirs - 1.0).abs();
        assert!(off < most, "{} {}: {ours:?} {theirs}", run.name, motif.id);
    }
}

fn compare_rows(run: &Run, scan: Scan, theirs: &[Vec<String>], ties_are_random: bool) {
    let ours = ours(&scan);
    let mut ties = 0;
    for row in theirs {
        let Some((mine, p, q)) = ours.get(&key(row)) else {
            let mut other = key(row);
            other[3] = if other[3] == "+" { "-".into() } else { "+".into() };
            let tie = ties_are_random && ours.get(&other).is_some_and(|(o, ..)| o[6] == row[6]);
            assert!(tie, "{}: no {row:?}", run.name);
            ties += 1;
            continue;
        };
        assert!([1, 4, 6, 9].iter().all(|&i| mine[i] == row[i]), "{}: {mine:?} {row:?}", run.name);
        assert!(same(*p, &row[7]), "{}: {p} {row:?}", run.name);
        assert!(q.map_or(row[8].is_empty(), |q| same(q, &row[8])), "{}: {q:?} {row:?}", run.name);
    }
    assert_eq!(ours.len(), theirs.len(), "{}: we call others", run.name);
    assert!(ties_are_random || ties == 0);
}

#[test]
fn parity_fimo_runs() {
    let Some(motifs) = motifs("motifs20.meme") else { return };
    let uniform = Background::uniform();
    let runs = [
        run("default", |_| {}),
        run("uniform", |r| r.background = uniform),
        run("motifbg", |r| r.background = uniform),
        run("bg0", |r| r.background = background("bg0.txt")),
        run("asym", |r| r.background = background("bg_asym.txt")),
        run("asym_norc_1e-3", |r| {
            r.background = background("bg_asym.txt");
            r.options.strands = Strands::Forward;
            r.options.threshold = Threshold::P(1e-3);
        }),
        run("qv05", |r| r.options.threshold = Threshold::Q(0.05)),
        run("pseudo1", |r| r.options.pseudocount = 1.0),
        run("pseudo0", |r| {
            r.options.pseudocount = 0.0;
            r.options.impossible_is_neutral = true;
        }),
        run("th1e-2_uniform", |r| {
            r.background = uniform;
            r.options.threshold = Threshold::P(1e-2);
        }),
        run("text_1e-3", |r| {
            r.background = uniform;
            r.options.threshold = Threshold::P(1e-3);
            r.options.q_values = false;
        }),
    ];
    let compared: usize = runs.iter().map(|r| compare(r, &motifs, false)).sum();
    assert!(compared > 12_000, "{compared}");
}

/// FIMO forgets the less significant half when it has found too many, and which hit is the
/// last to stay depends on when it does; what it kept are all hits down to one p-value.
#[test]
fn parity_fimo_few_hits_kept() {
    let Some(motifs) = motifs("motifs20.meme") else { return };
    let all = run("smallstore", |r| {
        r.background = Background::uniform();
        r.options.threshold = Threshold::P(1e-2);
    });
    let theirs = rows("fimo.smallstore.tsv").unwrap();
    let mut scan = scanned(&all, &motifs);
    for motif in &mut scan.motifs {
        let scores = theirs.iter().filter(|r| r[0] == motif.id).map(|r| r[6].parse().unwrap());
        let least = scores.fold(f64::INFINITY, f64::min);
        // Scores are printed with 6 digits, and the steps between them are wider.
        motif.hits.retain(|hit| hit.score > least - 5e-4);
    }
    compare_rows(&all, with(scan, &shares("smallstore"), all.options.threshold), &theirs, false);

    let few = run("smallstore", |r| {
        *r = Run { options: ScanOptions { most_hits: 300, ..all.options }, ..all };
    });
    let (all, few) = (scanned(&all, &motifs), scanned(&few, &motifs));
    for (all, few) in all.motifs.iter().zip(&few.motifs) {
        let limit = few.dropped_from.unwrap();
        assert!((100..=300).contains(&few.hits.len()), "{}: {}", few.id, few.hits.len());
        let kept = all.hits.iter().filter(|hit| hit.p < limit).map(|hit| (hit.start, hit.p));
        assert!(kept.eq(few.hits.iter().map(|hit| (hit.start, hit.p))), "{}", few.id);
    }
}

#[test]
fn parity_fimo_better_strand() {
    let Some(motifs) = motifs("motifs20.meme") else { return };
    let better = run("maxstrand", |r| {
        r.options.strands = Strands::Better;
        r.options.threshold = Threshold::P(1e-3);
    });
    compare(&better, &motifs, true);
}

#[test]
fn parity_fimo_one_motif() {
    let Some(motifs) = motifs("motifs20.meme") else { return };
    let one: Vec<Motif> = motifs.into_iter().filter(|m| m.id == "MA0147.3").collect();
    let run = run("one_motif", |r| {
        r.background = Background::uniform();
        r.options.threshold = Threshold::P(1e-3);
    });
    assert_eq!(compare(&run, &one, false), 145);
}

#[test]
fn parity_fimo_gff() {
    let Some(motifs) = motifs("motifs20.meme") else { return };
    let scan = scanned(&run("default", |_| {}), &motifs);
    let mut out = Vec::new();
    write_gff(&mut out, &scan).unwrap();
    // FIMO's -10 log10 p is -4.342 ln p, so it differs in the last digit at times; q depends
    // on the estimate, and the numbering of equally significant hits on their order.
    let parsed = |text: &str| {
        let lines = text.lines().skip(1).map(|line| {
            let kept = line.split([';', '\t']).map(|f| f.trim().to_owned());
            let kept = kept.filter(|f| !f.starts_with("qvalue=") && !f.starts_with("ID="));
            let mut fields: Vec<String> = kept.collect();
            let score: f64 = fields.remove(5).parse().unwrap();
            fields.remove(1);
            (fields, score)
        });
        lines.collect::<HashMap<_, _>>()
    };
    let (ours, theirs) =
        (parsed(std::str::from_utf8(&out).unwrap()), parsed(&text("fimo.default.gff").unwrap()));
    assert!(ours.len() == theirs.len() && ours.len() > 600);
    for (fields, score) in theirs {
        let ours = ours.get(&fields).unwrap_or_else(|| panic!("no {fields:?}"));
        assert!(
            (ours - score).abs() < 0.101 || (ours - score).abs() < 1.001 && score >= 100.0,
            "{fields:?}"
        );
    }
}
