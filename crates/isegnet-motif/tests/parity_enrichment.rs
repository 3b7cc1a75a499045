//! Every run of AME 5.5.8 in the fixtures that tests with Fisher's or the rank-sum test:
//! log p and log E within 0.01.
#![allow(clippy::unwrap_used)]

mod support;

use isegnet_core::{Cancel, Silent};
use isegnet_motif::{
    Background, Enrichment, EnrichmentTable, EnrichmentTest, Groups, Motif, Outcome, Partition,
    Rules, Scoring, Sequence,
};
use support::{motifs, rows, sequences, text};

const AME: Enrichment = Enrichment {
    scoring: Scoring::Average,
    test: EnrichmentTest::Fisher,
    rules: Rules::Ame,
    background: None,
    pseudocount: 0.1,
    hit_fraction: 0.25,
};

/// The sequences of a file, and the scores in their headers.
fn read(name: &str) -> (Vec<Sequence>, Vec<f64>) {
    let records = sequences(name).unwrap();
    let scores = records.iter().map(|(_, rest, _)| rest.parse().unwrap_or(0.0)).collect();
    (records.into_iter().map(|(name, _, bases)| Sequence { name, bases }).collect(), scores)
}

fn background(name: &str) -> Option<Background> {
    Some(Background::from_reader(text(name).unwrap().as_bytes(), name).unwrap())
}

fn test(motifs: &[Motif], settings: &Enrichment, groups: Groups<'_>) -> EnrichmentTable {
    settings.test(motifs, groups, &Silent, &Cancel::default()).unwrap().unwrap()
}

/// ln of a number such as `1.02e-310`.
fn ln(text: &str) -> f64 {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: f64 = exponent.parse().unwrap();
    mantissa.parse::<f64>().unwrap().ln() + exponent * std::f64::consts::LN_10
}

/// Compares p, E, tests and counts of all motifs; `loose` is how far log p may be off.
fn compare(name: &str, ours: &EnrichmentTable, loose: f64) {
    let theirs = rows(&format!("ame.{name}.tsv")).unwrap();
    assert!(theirs.len() >= 7);
    let mut worst: (f64, String) = (0.0, String::new());
    for row in &theirs {
        let Some(mine) = ours.rows.iter().find(|r| r.id == row[2]) else {
            panic!("{name}: no {row:?}")
        };
        for (mine, theirs) in
            [(mine.p.ln(), &row[5]), (mine.adjusted.ln(), &row[6]), (mine.ln_e_value(), &row[7])]
        {
            let off = (mine - ln(theirs)).abs();
            if off > worst.0 {
                worst = (off, format!("{mine} {row:?}"));
            }
        }
        assert_eq!(mine.consensus, row[4], "{name}");
        assert_eq!(mine.outcome.tests().to_string(), row[8], "{name} {row:?}");
        if let Outcome::Fisher { positives, negatives, .. } = mine.outcome {
            assert_eq!(
                [positives.to_string(), negatives.to_string()],
                row[10..12],
                "{name} {row:?}"
            );
        }
    }
    assert!(worst.0 <= loose, "{name}: {} {}", worst.0, worst.1);
    for row in &ours.rows {
        let there = theirs.iter().any(|r| r[2] == row.id);
        assert!(
            there || row.p.p() > 1.0 - 1e-9 || name.ends_with("ev10"),
            "{name}: only we have {row:?}"
        );
    }
}

#[test]
fn parity_ame_with_controls() {
    let Some(motifs) = motifs("motifs60.meme") else { return };
    let (primary, _) = read("ame_primary.fa");
    let (control, _) = read("ame_control.fa");
    let (primary_eqlen, _) = read("ame_primary_eqlen.fa");
    let (control_eqlen, _) = read("ame_control_eqlen.fa");
    let groups = Groups::Controlled { primary: &primary, control: &control };
    let eqlen = Groups::Controlled { primary: &primary_eqlen, control: &control_eqlen };
    let ranks = Enrichment { test: EnrichmentTest::RankSum, ..AME };
    for (name, scoring) in [
        ("avg", Scoring::Average),
        ("max", Scoring::Max),
        ("sum", Scoring::Sum),
        ("totalhits", Scoring::TotalHits),
    ] {
        compare(
            &format!("fisher_{name}"),
            &test(&motifs, &Enrichment { scoring, ..AME }, groups),
            0.01,
        );
        compare(
            &format!("ranksum_{name}"),
            &test(&motifs, &Enrichment { scoring, ..ranks }, groups),
            0.01,
        );
    }
    compare("fisher_avg_eqlen", &test(&motifs, &AME, eqlen), 0.01);
    let max = Enrichment { scoring: Scoring::Max, ..ranks };
    // All but MA0900.2 are within 0.01: AME tells scores of that palindrome apart which are
    // equal up to rounding, and its E-value is off by 0.0105.
    compare("ranksum_max_eqlen", &test(&motifs, &max, eqlen), 0.011);
    for (name, settings) in [
        ("fisher_avg_bg0", Enrichment { background: background("bg0.txt"), ..AME }),
        ("fisher_avg_asym", Enrichment { background: background("bg_asym.txt"), ..AME }),
        ("fisher_avg_pseudo1", Enrichment { pseudocount: 1.0, ..AME }),
        (
            "fisher_totalhits_lo50",
            Enrichment { scoring: Scoring::TotalHits, hit_fraction: 0.5, ..AME },
        ),
    ] {
        compare(name, &test(&motifs, &settings, groups), 0.01);
    }
    let mut few = test(&motifs, &AME, groups);
    few.rows.retain(|row| row.e_value() <= 10.0);
    assert_eq!(few.rows.len(), 7);
    compare("fisher_avg_ev10", &few, 0.01);
}

#[test]
fn parity_ame_ranked() {
    let Some(motifs) = motifs("motifs60.meme") else { return };
    let (list, scores) = read("ame_scored.fa");
    let ranks = Enrichment { test: EnrichmentTest::RankSum, ..AME };
    let max = Enrichment { scoring: Scoring::Max, ..AME };
    for (name, settings, partition) in [
        ("scored_fisher_avg", AME, Partition::Maximised),
        ("scored_fisher_max", max, Partition::Maximised),
        ("scored_fisher_fix60", AME, Partition::Fixed(60)),
        ("scored_fisher_poslist_pwm", AME, Partition::MaximisedOverMotif { threshold: 5.0 }),
        ("scored_ranksum_avg", ranks, Partition::Maximised),
        ("scored_ranksum_fix60", ranks, Partition::Fixed(60)),
    ] {
        let groups = Groups::Ranked { sequences: &list, scores: &scores, partition };
        compare(name, &test(&motifs, &settings, groups), 0.01);
    }
}

/// AME's shuffler is its own; the motifs that come first are the same three.
#[test]
fn parity_ame_with_shuffled_controls() {
    let Some(motifs) = motifs("motifs60.meme") else { return };
    let (primary, _) = read("ame_primary.fa");
    let control = isegnet_motif::shuffle_dinucleotides(&primary, 7, 1);
    let groups = Groups::Controlled { primary: &primary, control: &control };
    let first = |rows: Vec<String>| {
        let mut first: Vec<String> = rows.into_iter().take(3).collect();
        first.sort();
        first
    };
    let theirs = rows("ame.fisher_avg_shuffle1.tsv").unwrap();
    let theirs = first(theirs.into_iter().map(|row| row[2].clone()).collect());
    for rules in [Rules::Ame, Rules::Isegnet] {
        let ours = test(&motifs, &Enrichment { rules, ..AME }, groups);
        assert_eq!(first(ours.rows.into_iter().map(|row| row.id).collect()), theirs, "{rules:?}");
    }
}
