//! What holds for any motif and any sequence.
#![allow(clippy::unwrap_used)]

use isegnet_core::{Cancel, Chromosome, SequenceSource, Silent, SourceError, Strand, base_code};
use isegnet_motif::{
    Background, Enrichment, EnrichmentTest, Groups, Motif, Probabilities, Rules, Scan, ScanOptions,
    Scanner, ScoreDistribution, ScoreMatrix, Scoring, Sequence, Strands, Threshold, similarity,
};
use proptest::prelude::*;

fn motif() -> impl Strategy<Value = Motif> {
    prop::collection::vec(prop::array::uniform4(0.01..1.0_f64), 2..18).prop_map(|rows| {
        let rows = rows.iter().map(|row| row.map(|p| p / row.iter().sum::<f64>())).collect();
        Motif { id: "m".into(), name: None, matrix: Probabilities::new(rows, 30.0).unwrap() }
    })
}

fn letters(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"ACGTACGTACGTacgtN".to_vec()), length)
}

fn background() -> impl Strategy<Value = Background> {
    prop::array::uniform4(0.05..1.0_f64).prop_map(|f| Background::new(f).unwrap())
}

fn options(p: f64) -> ScanOptions {
    ScanOptions { threshold: Threshold::P(p), q_values: false, ..ScanOptions::default() }
}

fn other_strand(letters: &[u8]) -> Vec<u8> {
    let complement = |&l: &u8| b"TGCAN"[usize::from(base_code(l))];
    letters.iter().rev().map(complement).collect()
}

/// Start, strand and score of every hit, in the order of places.
fn hits(scan: &Scan) -> Vec<(u64, Strand, f64)> {
    let mut hits: Vec<_> =
        scan.motifs[0].hits.iter().map(|h| (h.start, h.strand, h.score)).collect();
    hits.sort_by_key(|h| (h.0, h.1));
    hits
}

/// Every place of a sequence, base by base.
fn slow(motif: &Motif, background: &Background, letters: &[u8], p: f64) -> Vec<(u64, Strand, f64)> {
    let b = background.of_both_strands();
    let forward = ScoreMatrix::new("m", &motif.matrix.log_odds(&b, 0.1)).unwrap();
    let distribution = ScoreDistribution::new(&forward, &b);
    let reverse = forward.reverse_complement();
    let mut hits = Vec::new();
    for (start, window) in letters.windows(forward.width()).enumerate() {
        for (strand, scores) in [(Strand::Forward, &forward), (Strand::Reverse, &reverse)] {
            let codes = window.iter().map(|&l| usize::from(base_code(l)));
            let sum =
                scores.rows().iter().zip(codes).map(|(row, c)| row.get(c).map(|&s| u32::from(s)));
            let Some(sum) = sum.sum::<Option<u32>>() else { continue };
            if distribution.p_value(sum) <= p {
                hits.push((start as u64, strand, scores.bits(sum)));
            }
        }
    }
    hits
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_scan_finds_what_base_by_base_is_there(
        motif in motif(), b in background(), letters in letters(0..700), p in 1e-4..0.3_f64,
    ) {
        let scanner = Scanner::new(std::slice::from_ref(&motif), &b, &options(p)).unwrap();
        let scan = scanner.scan([("s", letters.as_slice())]);
        prop_assert_eq!(hits(&scan), slow(&motif, &b, &letters, p));
    }

    #[test]
    fn the_other_strand_has_the_mirrored_hits(
        motif in motif(), b in background(), letters in letters(0..500),
    ) {
        let scanner = Scanner::new(std::slice::from_ref(&motif), &b, &options(0.05)).unwrap();
        let (there, back) = (other_strand(&letters), letters.len() as u64);
        let mirrored = scanner.scan([("s", there.as_slice())]);
        let mut mirrored: Vec<_> = hits(&mirrored)
            .into_iter()
            .map(|(start, strand, score)| {
                let strand = if strand == Strand::Forward { Strand::Reverse } else { Strand::Forward };
                (back - start - motif.matrix.width() as u64, strand, score)
            })
            .collect();
        mirrored.sort_by_key(|h| (h.0, h.1));
        let scan = scanner.scan([("s", letters.as_slice())]);
        prop_assert_eq!(hits(&scan), mirrored);
        for hit in &scan.motifs[0].hits {
            let window = &letters[hit.start as usize..][..motif.matrix.width()];
            let read = if hit.strand == Strand::Forward { window.to_vec() } else { other_strand(window) };
            prop_assert_eq!(scan.motifs[0].matched(hit).as_bytes(), read.as_slice());
        }
    }

    #[test]
    fn hits_do_not_depend_on_how_a_sequence_is_cut(
        motif in motif(), letters in letters(1..400), cut in 1..50_usize, q in any::<bool>(),
    ) {
        let options = ScanOptions { q_values: q, ..options(0.05) };
        let scanner = Scanner::new(&[motif], &Background::uniform(), &options).unwrap();
        let whole = scanner.scan([("s", letters.as_slice())]);
        let mut scanning = scanner.start();
        for (i, piece) in letters.chunks(cut).enumerate() {
            scanning.add("s", (i * cut) as u64, piece);
        }
        prop_assert_eq!(scanning.finish(), whole);
    }

    #[test]
    fn a_distribution_sums_to_one_and_p_falls(motif in motif(), b in background()) {
        let scores = ScoreMatrix::new("m", &motif.matrix.log_odds(&b, 0.1)).unwrap();
        let distribution = ScoreDistribution::new(&scores, &b);
        let sum: f64 = distribution.chances().iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-9);
        let p: Vec<f64> = (0..=scores.greatest() + 1).map(|s| distribution.p_value(s)).collect();
        prop_assert!(p.is_sorted_by(|a, b| a >= b) && p[p.len() - 1] == 0.0);
    }

    #[test]
    fn alike_is_mutual(one in motif(), other in motif()) {
        let there = similarity(&one.matrix, &other.matrix);
        let back = similarity(&other.matrix, &one.matrix);
        prop_assert!((there.correlation - back.correlation).abs() < 1e-9);
        prop_assert!(there.correlation <= 1.0 + 1e-9);
    }
}

/// On random sequence P(p <= t) is t where t can be attained, and never above.
#[test]
fn p_values_are_as_frequent_as_they_say() {
    let rows = vec![
        [0.7, 0.1, 0.1, 0.1],
        [0.05, 0.05, 0.85, 0.05],
        [0.2, 0.5, 0.1, 0.2],
        [0.1, 0.1, 0.1, 0.7],
    ];
    let motif =
        Motif { id: "m".into(), name: None, matrix: Probabilities::new(rows, 30.0).unwrap() };
    let b = Background::new([0.3, 0.2, 0.1, 0.4]).unwrap();
    let all = ScanOptions { strands: Strands::Forward, most_hits: usize::MAX, ..options(1.0) };
    let scanner = Scanner::new(&[motif], &b, &all).unwrap();
    let random = isegnet_core::Random::new(9, "test/letters");
    let draw = |i: u64| match random.uniform(0, i) {
        u if u < 0.3 => b'A',
        u if u < 0.5 => b'C',
        u if u < 0.6 => b'G',
        _ => b'T',
    };
    let letters: Vec<u8> = (0..400_000).map(draw).collect();
    let scan = scanner.scan([("s", letters.as_slice())]);
    let p: Vec<f64> = scan.motifs[0].hits.iter().map(|h| h.p).collect();
    let n = p.len() as f64;
    let attainable = (0..).step_by(40).map(|s| scanner.distribution(0).unwrap().p_value(s));
    for t in attainable.take_while(|&p| p > 0.0).chain([0.5, 0.123, 0.01, 1e-3]) {
        let share = p.iter().filter(|&&p| p <= t).count() as f64 / n;
        let nearest = p.iter().copied().filter(|&p| p <= t).fold(0.0, f64::max);
        let sd = (nearest * (1.0 - nearest) / n).sqrt();
        // Neighbouring windows overlap, so the mean spreads more than one of independent ones.
        assert!((share - nearest).abs() <= 8.0 * sd + 1e-9, "{t}: {share} {nearest}");
        assert!(share <= t + 8.0 * sd + 1e-9);
    }
}

struct Chromosomes(Vec<Chromosome>, Vec<Vec<u8>>);

impl SequenceSource for Chromosomes {
    fn chromosomes(&self) -> &[Chromosome] {
        &self.0
    }
    fn bases_into(&mut self, chrom: &str, start: i64, out: &mut [u8]) -> Result<(), SourceError> {
        let at = self.0.iter().position(|c| c.name == chrom).unwrap();
        out.copy_from_slice(&self.1[at][start as usize..start as usize + out.len()]);
        Ok(())
    }
    fn reopen(&self) -> Result<Box<dyn SequenceSource>, SourceError> {
        Ok(Box::new(Self(self.0.clone(), self.1.clone())))
    }
}

/// Batches, pieces and threads leave no trace in the hits; what is too short is counted.
#[test]
fn a_genome_has_the_hits_of_its_sequences_on_any_number_of_threads() {
    let random = isegnet_core::Random::new(1, "test/genome");
    let lengths = [1_300_000_u64, 3, 200_001];
    let sequences: Vec<Vec<u8>> = (0..3)
        .map(|c| {
            (0..lengths[c])
                .map(|i| b"ACGTN"[random.below(c as u64, i, 401) as usize / 100])
                .collect()
        })
        .collect();
    let rows = vec![[0.8, 0.1, 0.05, 0.05]; 7];
    let matrix = Probabilities::new(rows, 30.0).unwrap();
    let motifs: Vec<Motif> =
        (0..3).map(|i| Motif { id: format!("m{i}"), name: None, matrix: matrix.clone() }).collect();
    let few = ScanOptions { most_hits: 5000, q_values: true, ..options(1e-2) };
    let scanner = Scanner::new(&motifs, &Background::uniform(), &few).unwrap();
    let names = ["a", "b", "c"];
    let chromosomes =
        names.iter().zip(lengths).map(|(n, l)| Chromosome { name: (*n).into(), length: Some(l) });
    let mut source = Chromosomes(chromosomes.collect(), sequences.clone());
    let scan = || scanner.scan(names.iter().copied().zip(sequences.iter().map(Vec::as_slice)));
    let whole = scan();
    assert_eq!(whole.too_short, 1);
    assert!(whole.motifs[0].dropped_from.is_some() && whole.len() > 100);
    let by_pieces = scanner.scan_source(&mut source, &Silent, &Cancel::default()).unwrap().unwrap();
    assert_eq!(by_pieces, whole);
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(scan), whole);
    }
    let cancelled = Cancel::default();
    cancelled.cancel();
    assert_eq!(scanner.scan_source(&mut source, &Silent, &cancelled).unwrap(), None);
}

/// With a q-value for a threshold every place is looked at; only hits can be dropped.
#[test]
fn places_that_are_no_hits_by_their_q_values_are_not_dropped_hits() {
    let random = isegnet_core::Random::new(4, "test/letters");
    let letters: Vec<u8> = (0..20_000).map(|i| b"ACGT"[random.below(0, i, 4) as usize]).collect();
    let matrix = Probabilities::new(vec![[0.7, 0.1, 0.1, 0.1]; 7], 30.0).unwrap();
    let motifs = [Motif { id: "m".into(), name: None, matrix }];
    let scan = |q: f64| {
        let options =
            ScanOptions { threshold: Threshold::Q(q), most_hits: 500, ..ScanOptions::default() };
        let scanner = Scanner::new(&motifs, &Background::uniform(), &options).unwrap();
        scanner.scan([("s", letters.as_slice())]).motifs.remove(0)
    };
    let few = scan(0.01);
    assert!(few.hits.is_empty() && few.dropped_from.is_none(), "{:?}", few.dropped_from);
    let all = scan(1.0);
    assert!(!all.hits.is_empty() && all.dropped_from.is_some());
}

/// Sequences that no motif fits into are left out, and change nothing else.
#[test]
fn sequences_too_short_for_a_motif_do_not_move_what_counts_as_a_hit() {
    let row = |base: usize| std::array::from_fn(|i| if i == base { 0.85 } else { 0.05 });
    let rows = b"GTTGACGTCA".iter().map(|&l| row(usize::from(base_code(l)))).collect();
    let matrix = Probabilities::new(rows, 30.0).unwrap();
    let motifs = [Motif { id: "m".into(), name: None, matrix }];
    let random = isegnet_core::Random::new(8, "test/short");
    let sequence = |i: u64, length: u64| Sequence {
        name: i.to_string(),
        bases: (0..length).map(|j| b"ACGT"[random.below(i, j, 4) as usize]).collect(),
    };
    let long = |from: u64| (from..from + 40).map(|i| sequence(i, 40)).collect::<Vec<_>>();
    let short: Vec<Sequence> = (200..400).map(|i| sequence(i, i % 9 + 1)).collect();
    let (primary, control) = (long(0), long(100));
    let more = [control.as_slice(), &short].concat();
    for scoring in [Scoring::Average, Scoring::Max, Scoring::Sum, Scoring::TotalHits] {
        let settings = Enrichment {
            scoring,
            background: Some(Background::uniform()),
            ..Enrichment::default()
        };
        let run = |control: &[Sequence]| {
            let groups = Groups::Controlled { primary: &primary, control };
            let table = settings.test(&motifs, groups, &Silent, &Cancel::default());
            table.unwrap().unwrap().rows.remove(0)
        };
        let (without, with) = (run(&control), run(&more));
        assert_eq!(with.left_out, short.len());
        assert_eq!(with.outcome, without.outcome, "{scoring:?}");
    }
}

/// Every setting ranks a planted motif first, and none does without it.
#[test]
fn a_planted_motif_comes_first() {
    let random = isegnet_core::Random::new(3, "test/enrichment");
    let pattern = b"GTTGACGTCA";
    let of = |pattern: &[u8], id: &str| {
        let row = |&l: &u8| {
            std::array::from_fn(|i| if i == usize::from(base_code(l)) { 0.88 } else { 0.04 })
        };
        let matrix = Probabilities::new(pattern.iter().map(row).collect(), 30.0).unwrap();
        Motif { id: id.into(), name: None, matrix }
    };
    let mut motifs = vec![of(pattern, "planted")];
    motifs.extend((0..10).map(|m| {
        let letters: Vec<u8> = (0..9).map(|i| b"ACGT"[random.below(m, i, 4) as usize]).collect();
        of(&letters, "other")
    }));
    let sequence = |i: u64, plant: bool| {
        let mut bases: Vec<u8> =
            (0..100).map(|j| b"ACGT"[random.below(100 + i, j, 4) as usize]).collect();
        if plant {
            bases[40..50].copy_from_slice(pattern);
        }
        Sequence { name: i.to_string(), bases }
    };
    let planted: Vec<Sequence> = (0..80).map(|i| sequence(i, i % 2 == 0)).collect();
    let control: Vec<Sequence> = (80..180).map(|i| sequence(i, false)).collect();
    for rules in [Rules::Isegnet, Rules::Ame] {
        for test in [EnrichmentTest::Fisher, EnrichmentTest::RankSum] {
            for scoring in [Scoring::Average, Scoring::Max, Scoring::Sum, Scoring::TotalHits] {
                let settings = Enrichment { scoring, test, rules, ..Enrichment::default() };
                let run = |primary: &[Sequence], control: &[Sequence]| {
                    let groups = Groups::Controlled { primary, control };
                    settings.test(&motifs, groups, &Silent, &Cancel::default()).unwrap().unwrap()
                };
                let with = run(&planted, &control);
                assert_eq!(with.rows[0].id, "planted", "{settings:?}");
                assert!(with.rows[0].e_value() < 1e-2, "{settings:?} {:?}", with.rows[0]);
                let without = run(&control[..50], &control[50..]);
                assert!(without.rows.iter().all(|r| r.e_value() > 1e-2), "{settings:?}");
            }
        }
    }
}
