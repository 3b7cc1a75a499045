use super::adjust::for_tests;
use crate::digits::{general, of_logarithm};
use isegnet_stats::PValue;
use std::io::{self, Write};

/// What a test found.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// Fisher's test at its best threshold.
    Fisher {
        /// P(X >= true positives), one-sided.
        p: PValue,
        /// Thresholds that were tried.
        tests: u64,
        /// The greatest score of a sequence before the cut of the list; the number of
        /// primary sequences where there are controls.
        list_threshold: f64,
        /// The least score of a sequence with the motif.
        motif_threshold: f64,
        /// Sequences of interest, or with the motif where it sorts the list.
        positives: usize,
        /// The others.
        negatives: usize,
        /// Positives that reach the other threshold.
        true_positives: usize,
        /// Negatives that reach it.
        false_positives: usize,
        /// Whether the motif sorts the list.
        by_motif: bool,
    },
    /// The rank-sum test.
    RankSum {
        /// Cuts that were tried.
        tests: u64,
        /// As for Fisher's test.
        list_threshold: f64,
        /// Sequences of interest.
        positives: usize,
        /// The others.
        negatives: usize,
        /// Pairs in which the sequence of interest has the lower score, ties half.
        u: f64,
        /// The chance of scores as low.
        left: PValue,
        /// The chance of scores as high.
        right: PValue,
    },
}

impl Outcome {
    /// The p-value of enrichment, before it is adjusted for the number of tests.
    pub fn p(&self) -> PValue {
        match self {
            Self::Fisher { p, .. } => *p,
            Self::RankSum { right, .. } => *right,
        }
    }

    /// How many tests that p-value is the best of.
    pub fn tests(&self) -> u64 {
        match self {
            Self::Fisher { tests, .. } | Self::RankSum { tests, .. } => *tests,
        }
    }
}

/// How enriched one motif is.
#[derive(Clone, Debug, PartialEq)]
pub struct Enriched {
    /// The motif's identifier.
    pub id: String,
    /// The motif's name.
    pub name: Option<String>,
    /// The motif in IUPAC letters.
    pub consensus: String,
    /// The p-value at the best threshold.
    pub p: PValue,
    /// The p-value adjusted for the number of thresholds: 1 - (1 - p)^tests.
    pub adjusted: PValue,
    /// Benjamini and Hochberg's over motifs and tracks, once
    /// [`adjust_over_tracks`](super::adjust_over_tracks) has run.
    pub q: Option<PValue>,
    /// What the test found.
    pub outcome: Outcome,
    /// Sequences without a window of this motif, which it was not tested on.
    pub left_out: usize,
    pub(crate) ln_e: f64,
}

impl Enriched {
    /// The number of motifs that are expected to be so enriched by chance: adjusted p times
    /// the number of motifs.
    pub fn e_value(&self) -> f64 {
        self.ln_e.exp()
    }

    /// The natural logarithm of the E-value.
    pub fn ln_e_value(&self) -> f64 {
        self.ln_e
    }
}

/// How enriched the motifs of a library are.
#[derive(Clone, Debug, PartialEq)]
pub struct EnrichmentTable {
    /// The most enriched motif first.
    pub rows: Vec<Enriched>,
    /// Motifs that were tested, reported or not.
    pub motifs: usize,
    /// Sequences that were left out of all tests because they are too short.
    pub too_short: usize,
}

impl EnrichmentTable {
    /// Writes motifs with an E-value of at most `most` (10 in AME) as AME's TSV; `library` is what
    /// its column `motif_DB` says.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn write_tsv(&self, mut out: impl Write, library: &str, most: f64) -> io::Result<()> {
        write!(
            out,
            "rank\tmotif_DB\tmotif_ID\tmotif_alt_ID\tconsensus\tp-value\tadj_p-value\tE-value\ttests"
        )?;
        writeln!(out, "{}", self.rows.first().map_or("", |row| header(&row.outcome)))?;
        let listed = self.rows.iter().filter(|row| row.ln_e <= most.ln());
        for (i, row) in listed.enumerate() {
            let (id, name) = (&row.id, row.name.as_deref().unwrap_or_default());
            let [p, adjusted, e] = [row.p.ln(), row.adjusted.ln(), row.ln_e].map(of_logarithm);
            let (rank, consensus, tests) = (i + 1, &row.consensus, row.outcome.tests());
            write!(
                out,
                "{rank}\t{library}\t{id}\t{name}\t{consensus}\t{p}\t{adjusted}\t{e}\t{tests}\t"
            )?;
            columns(&mut out, &row.outcome)?;
        }
        out.flush()
    }
}

fn header(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Fisher { by_motif: false, .. } => {
            "\tFASTA_max\tpos\tneg\tPWM_min\tTP\t%TP\tFP\t%FP"
        }
        Outcome::Fisher { by_motif: true, .. } => {
            "\tPWM_min\tpos\tneg\tFASTA_max\tTP\t%TP\tFP\t%FP"
        }
        Outcome::RankSum { .. } => {
            "\tFASTA_max\tpos\tneg\tU\tpleft\tpright\tpboth\tadj_pleft\tadj_pright\tadj_pboth"
        }
    }
}

fn columns(out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    match *outcome {
        Outcome::Fisher {
            list_threshold,
            motif_threshold,
            positives,
            negatives,
            true_positives,
            false_positives,
            by_motif,
            ..
        } => {
            let mut limits = [list_threshold, motif_threshold].map(|t| general(t, 3));
            if by_motif {
                limits.reverse();
            }
            let share = |n: usize, of: usize| 100.0 * n as f64 / of.max(1) as f64;
            let (tp, fp) = (share(true_positives, positives), share(false_positives, negatives));
            let [first, second] = limits;
            write!(out, "{first}\t{positives}\t{negatives}\t{second}\t")?;
            writeln!(out, "{true_positives}\t{tp:.2}\t{false_positives}\t{fp:.2}")
        }
        Outcome::RankSum { tests, list_threshold, positives, negatives, u, left, right } => {
            let lesser = if left < right { left } else { right };
            let both = PValue::from_ln((lesser.ln() + std::f64::consts::LN_2).min(0.0));
            let all = [left, right, both.unwrap_or(PValue::ONE)];
            let p = all.map(|p| of_logarithm(p.ln())).join("\t");
            let adjusted = all.map(|p| of_logarithm(for_tests(p, tests).ln())).join("\t");
            let limit = general(list_threshold, 3);
            writeln!(out, "{limit}\t{positives}\t{negatives}\t{u}\t{p}\t{adjusted}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_without_a_motif_below_the_limit_has_its_columns() {
        let p = PValue::new(0.2).unwrap();
        let outcome = Outcome::RankSum {
            tests: 1,
            list_threshold: 3.0,
            positives: 3,
            negatives: 2,
            u: 1.5,
            left: PValue::ONE,
            right: p,
        };
        let row = Enriched {
            id: "M1".into(),
            name: None,
            consensus: "ACGT".into(),
            p,
            adjusted: p,
            q: None,
            outcome,
            left_out: 0,
            ln_e: 0.2_f64.ln(),
        };
        let mut table = EnrichmentTable { rows: vec![row], motifs: 1, too_short: 0 };
        let written = |most: f64| {
            let mut out = Vec::new();
            table.write_tsv(&mut out, "library", most).unwrap();
            let text = String::from_utf8(out).unwrap();
            text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
        };
        let all: Vec<Vec<String>> = written(10.0);
        assert_eq!((all.len(), all[0].len(), all[1].len()), (2, 19, 19));
        assert_eq!(written(0.1), all[..1]);
        table.rows.clear();
        let mut none = Vec::new();
        table.write_tsv(&mut none, "library", 10.0).unwrap();
        assert!(none.ends_with(b"E-value\ttests\n"));
    }
}
