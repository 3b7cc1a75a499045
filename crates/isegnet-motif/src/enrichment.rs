//! Tests whether sequences have more of a motif than others, by AME's methods.

mod adjust;
mod coded;
mod error;
mod fisher;
mod list;
mod odds;
mod rank_sum;
mod table;

pub use adjust::adjust_over_tracks;
pub use error::EnrichError;
pub use table::{Enriched, EnrichmentTable, Outcome};

use crate::{Background, Motif};
use adjust::for_tests;
use fisher::LogFactorials;
use isegnet_core::{Cancel, Progress};
use list::List;
use odds::Odds;
use rayon::prelude::*;

/// A sequence and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// What tables call it.
    pub name: String,
    /// Its letters, of either case.
    pub bases: Vec<u8>,
}

/// What is compared with what.
#[derive(Clone, Copy, Debug)]
pub enum Groups<'a> {
    /// Sequences of interest against controls.
    Controlled {
        /// The sequences of interest.
        primary: &'a [Sequence],
        /// What they are compared with.
        control: &'a [Sequence],
    },
    /// One list that is sorted by a score of each sequence, the least first.
    Ranked {
        /// The sequences.
        sequences: &'a [Sequence],
        /// Their scores; low ones are of interest.
        scores: &'a [f64],
        /// Where the list is cut.
        partition: Partition,
    },
}

/// Where a ranked list is cut in two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Partition {
    /// Wherever the motif's hits differ most; each place counts as a test.
    Maximised,
    /// After so many sequences.
    Fixed(usize),
    /// The list is sorted by the motif instead and cut where sequences of at most this
    /// score differ most (AME's `--poslist pwm`; Fisher's test only).
    MaximisedOverMotif {
        /// The greatest score of a sequence of interest.
        threshold: f64,
    },
}

/// What a sequence scores: from the odds of all windows on both strands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scoring {
    /// Their mean.
    #[default]
    Average,
    /// The greatest.
    Max,
    /// Their sum.
    Sum,
    /// How many reach the odds of a hit.
    TotalHits,
}

/// How scores are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnrichmentTest {
    /// Fisher's exact test, one-sided, at the score that gives the least p.
    #[default]
    Fisher,
    /// The rank-sum test, one-sided.
    RankSum,
}

/// What is done where AME has peculiarities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// All windows are scored, those with a letter that is no base left out; an average is
    /// over what was scored; a motif leaves out only sequences without a window of it;
    /// equal scores are one threshold, and ties count in the variance of ranks.
    #[default]
    Isegnet,
    /// As AME 5.5.8: the last window of a sequence is never scored, a letter that is no
    /// base ends a window's product, sequences shorter than the widest motif are left out,
    /// every sequence is a threshold, and ranks have the variance of distinct ones.
    Ame,
}

/// How enrichment is tested; the default is AME's, less its peculiarities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Enrichment {
    /// What a sequence scores.
    pub scoring: Scoring,
    /// How scores are compared.
    pub test: EnrichmentTest,
    /// What is done where AME has peculiarities.
    pub rules: Rules,
    /// The background, averaged over strands; that of the primary sequences if `None`.
    pub background: Option<Background>,
    /// Sites of the background that are mixed into each motif: 0.1.
    pub pseudocount: f64,
    /// A hit has the greatest odds to the power of this: 0.25.
    pub hit_fraction: f64,
}

impl Default for Enrichment {
    fn default() -> Self {
        Self {
            scoring: Scoring::default(),
            test: EnrichmentTest::default(),
            rules: Rules::default(),
            background: None,
            pseudocount: 0.1,
            hit_fraction: 0.25,
        }
    }
}

impl Enrichment {
    /// Tests every motif; the most enriched comes first. `None` where it was cancelled.
    ///
    /// # Errors
    /// No motif or no sequence of either side that is long enough, scores that do not fit
    /// the sequences, a partition, pseudocount or fraction that is none.
    pub fn test(
        &self,
        motifs: &[Motif],
        groups: Groups<'_>,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Option<EnrichmentTable>, EnrichError> {
        self.check(motifs)?;
        let Some(widest) = motifs.iter().map(|m| m.matrix.width()).max() else {
            return Err(EnrichError::NoMotif);
        };
        let list = List::new(groups, self, widest)?;
        let background = self.background.unwrap_or_else(|| groups.background()).of_both_strands();
        progress.start("testing motifs", motifs.len() as u64);
        let factorials = LogFactorials::up_to(list.sequences.len());
        let tested: Option<Vec<Option<Enriched>>> = motifs
            .par_iter()
            .map(|motif| {
                let tested = self.one(motif, &list, &background, &factorials);
                progress.advance(1);
                (!cancel.is_cancelled()).then_some(tested)
            })
            .collect();
        progress.finish();
        let Some(tested) = tested else { return Ok(None) };
        let mut rows: Vec<Enriched> = tested.into_iter().flatten().collect();
        for row in &mut rows {
            row.ln_e = row.adjusted.ln() + (motifs.len() as f64).ln();
        }
        rows.sort_by(|a, b| {
            let by = |r: &Enriched| [r.adjusted.ln(), r.p.ln()];
            by(a)
                .iter()
                .zip(by(b))
                .map(|(a, b)| a.total_cmp(&b))
                .fold(std::cmp::Ordering::Equal, |all, one| all.then(one))
        });
        Ok(Some(EnrichmentTable { rows, motifs: motifs.len(), too_short: list.too_short }))
    }

    /// Tests one motif; `None` where AME says nothing, because no sequence scores above 0.
    fn one(
        &self,
        motif: &Motif,
        list: &List,
        background: &Background,
        factorials: &LogFactorials,
    ) -> Option<Enriched> {
        let odds = Odds::new(&motif.matrix, background, self);
        let scores: Vec<Option<f64>> = list.sequences.iter().map(|s| odds.score(s, self)).collect();
        if self.rules == Rules::Ame && scores.iter().flatten().all(|&s| s <= 0.0) {
            return None;
        }
        let (mut members, mut bases) = (Vec::with_capacity(scores.len()), 0);
        for ((score, sequence), &value) in scores.iter().zip(&list.sequences).zip(&list.values) {
            if let &Some(score) = score {
                members.push(Member { score, value, positive: sequence.positive });
                bases += sequence.letters.len();
            }
        }
        let left_out = scores.len() - members.len();
        let mean_length = bases as f64 / members.len().max(1) as f64;
        let lowest = odds.lowest_threshold(mean_length, self.scoring);
        let outcome = match (self.test, list.partition) {
            (EnrichmentTest::Fisher, None | Some(Partition::Fixed(_))) => {
                fisher::over_scores(members, lowest, self.rules, factorials)
            }
            (EnrichmentTest::Fisher, Some(Partition::Maximised)) => {
                fisher::over_list(members, lowest, self.rules, factorials)
            }
            (EnrichmentTest::Fisher, Some(Partition::MaximisedOverMotif { threshold })) => {
                fisher::over_motif(members, threshold, self.rules, factorials)
            }
            (EnrichmentTest::RankSum, Some(Partition::Maximised)) => {
                rank_sum::over_list(&members, self.rules)
            }
            (EnrichmentTest::RankSum, _) => rank_sum::of_groups(&members, self.rules),
        };
        let adjusted = for_tests(outcome.p(), outcome.tests());
        Some(Enriched {
            id: motif.id.clone(),
            name: motif.name.clone(),
            consensus: motif.matrix.consensus(),
            p: outcome.p(),
            adjusted,
            q: None,
            outcome,
            left_out,
            ln_e: 0.0,
        })
    }

    fn check(&self, motifs: &[Motif]) -> Result<(), EnrichError> {
        for (name, value, good) in [
            ("pseudocount", self.pseudocount, self.pseudocount >= 0.0),
            (
                "hit fraction",
                self.hit_fraction,
                self.hit_fraction > 0.0 && self.hit_fraction <= 1.0,
            ),
        ] {
            if !good || !value.is_finite() {
                return Err(EnrichError::Setting { name, value });
            }
        }
        if motifs.is_empty() { Err(EnrichError::NoMotif) } else { Ok(()) }
    }
}

/// A sequence as a test sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    /// What the motif scores on it.
    pub(crate) score: f64,
    /// Its place in the list: its score, or its number where there are controls.
    pub(crate) value: f64,
    /// Whether it is of interest.
    pub(crate) positive: bool,
}

impl Groups<'_> {
    /// The base frequencies of the primary sequences.
    fn background(&self) -> Background {
        let (Self::Controlled { primary: sequences, .. } | Self::Ranked { sequences, .. }) = self;
        Background::of_sequences(sequences.iter().map(|s| s.bases.as_slice()))
    }
}
