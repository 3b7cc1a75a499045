//! What each scenario is made of.

use crate::layout::End;
use crate::{Config, Scenario};

/// Number of things that can cause expression.
pub(crate) const CAUSES: usize = 7;

/// Their names: three motifs by copies, three marks by height, methylation by level.
pub(crate) const CAUSE_NAMES: [&str; CAUSES] =
    ["motif-up", "motif-core", "motif-end", "H3K4me3", "H3K36me3", "H3K27me3", "methylation"];

/// Which causes raise expression.
pub(crate) const SIGNS: [f64; CAUSES] = [1.0, 1.0, -1.0, 1.0, 1.0, -1.0, -1.0];

/// Places of the marks and of methylation among the causes.
pub(crate) const H3K4ME3: usize = 3;
const H3K36ME3: usize = 4;
const H3K27ME3: usize = 5;
pub(crate) const METHYLATION: usize = 6;

/// How much of each cause a gene has: copies, a height from 0 to 1, a fraction.
pub(crate) type Amounts = [f64; CAUSES];

/// Mean of ln(TPM + 1).
pub(crate) const MEAN: f64 = 3.2;
/// Its standard deviation, noise included.
pub(crate) const SPREAD: f64 = 1.3;
/// Share of the variance that the causes explain.
pub(crate) const ORACLE_R2: f64 = 0.7;

/// Where a mark's height at a gene comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is a cause.
    Cause(usize),
    /// It follows this cause and does nothing itself.
    Follows(usize),
    /// It has nothing to do with expression.
    Unrelated,
}

/// A histone mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    /// The end of the gene at which it lies.
    pub(crate) end: End,
    /// Ranges of its first and last offset from there, or of centre and half
    /// width of a bell.
    pub(crate) place: [(f64, f64); 2],
    pub(crate) bell: bool,
    /// Signal at height 1, as -log10 p.
    pub(crate) unit: f64,
}

const MARKS: [Mark; 5] = [
    Mark {
        name: "H3K4me3",
        role: Role::Cause(H3K4ME3),
        end: End::Tss,
        place: [(50.0, 200.0), (160.0, 300.0)],
        bell: true,
        unit: 42.0,
    },
    Mark {
        name: "H3K36me3",
        role: Role::Cause(H3K36ME3),
        end: End::Tts,
        place: [(-460.0, -350.0), (100.0, 320.0)],
        bell: false,
        unit: 24.0,
    },
    Mark {
        name: "H3K27me3",
        role: Role::Cause(H3K27ME3),
        end: End::Tss,
        place: [(-900.0, -600.0), (150.0, 450.0)],
        bell: false,
        unit: 18.0,
    },
    Mark {
        name: "H3K27ac",
        role: Role::Follows(H3K4ME3),
        end: End::Tss,
        place: [(-100.0, 150.0), (220.0, 380.0)],
        bell: true,
        unit: 30.0,
    },
    Mark {
        name: "H3K9me3",
        role: Role::Unrelated,
        end: End::Tss,
        place: [(-950.0, -100.0), (100.0, 480.0)],
        bell: false,
        unit: 20.0,
    },
];

/// The numbers of one scenario.
#[derive(Clone, Debug)]
pub(crate) struct Design {
    /// Share of the explained variance that each cause has; their sum is 1.
    pub(crate) shares: Amounts,
    /// Where the motifs are planted: the end of the gene, offsets from and to.
    pub(crate) places: [(End, i64, i64); 3],
    /// Probability that a gene has a motif, and the least and most copies then.
    pub(crate) copies: (f64, i64, i64),
    /// Whether a motif's open places vary.
    pub(crate) varied: bool,
    /// How many neutral motifs there are.
    pub(crate) neutral: usize,
    pub(crate) marks: &'static [Mark],
    /// Standard deviation of ln(measured / true height), a gene.
    pub(crate) jitter: f64,
    /// Standard deviation of ln(signal) along a peak.
    pub(crate) grain: f64,
    /// Mean of the signal off the peaks.
    pub(crate) background: f64,
    /// Whether the causes act.
    pub(crate) acts: bool,
    /// Conditions and the samples of each: (name, condition, group).
    pub(crate) samples: Vec<Sample>,
    /// Share of the genes at which something differs in the second condition.
    pub(crate) changed: f64,
}

/// A sample and the number of its condition.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) condition: usize,
    pub(crate) group: String,
}

/// Names of the two conditions.
pub(crate) const CONDITIONS: [&str; 2] = ["control", "treated"];

impl Design {
    pub(crate) fn of(config: &Config) -> Self {
        let one = Sample { name: "sample".into(), condition: 0, group: "all".into() };
        let full = Self {
            shares: [0.12, 0.10, 0.08, 0.24, 0.16, 0.18, 0.12],
            places: [(End::Tss, -400, -60), (End::Tss, -50, 250), (End::Tts, -200, 200)],
            copies: (0.5, 1, 3),
            varied: true,
            neutral: 3,
            marks: &MARKS,
            jitter: 0.08,
            grain: 0.25,
            background: 0.6,
            acts: true,
            samples: vec![one],
            changed: 0.0,
        };
        match config.scenario {
            Scenario::Default => full,
            Scenario::Null => Self { acts: false, ..full },
            Scenario::Easy => Self {
                shares: [0.18, 0.14, 0.08, 0.26, 0.14, 0.14, 0.06],
                places: [(End::Tss, -170, -50), (End::Tss, -20, 100), (End::Tts, -60, 60)],
                copies: (0.5, 1, 3),
                varied: false,
                neutral: 1,
                marks: &MARKS[..4],
                jitter: 0.03,
                grain: 0.10,
                background: 0.3,
                ..full
            },
            Scenario::TwoCondition => {
                Self { samples: paired_samples(config.replicates), changed: 0.3, ..full }
            }
        }
    }

    /// Number of conditions.
    pub(crate) fn conditions(&self) -> usize {
        self.samples.iter().map(|s| s.condition + 1).max().unwrap_or(1)
    }

    /// The name of a sample's condition, where there is more than one.
    pub(crate) fn condition_name(&self, condition: usize) -> Option<&'static str> {
        CONDITIONS.get(condition).copied().filter(|_| self.conditions() > 1)
    }
}

fn paired_samples(replicates: usize) -> Vec<Sample> {
    let sample = |condition: usize, replicate: usize| Sample {
        name: format!("{}{replicate}", CONDITIONS[condition]),
        condition,
        group: format!("donor{replicate}"),
    };
    (0..CONDITIONS.len()).flat_map(|c| (1..=replicates).map(move |r| sample(c, r))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{TSS_WINDOW, TTS_WINDOW};

    #[test]
    fn motifs_are_planted_inside_the_windows() {
        for scenario in Scenario::ALL {
            let design = Design::of(&Config { scenario, ..Config::default() });
            for (end, from, to) in design.places {
                let window = if end == End::Tss { TSS_WINDOW } else { TTS_WINDOW };
                assert!(from >= window.0 && to <= window.1, "{scenario}");
            }
        }
    }

    #[test]
    fn the_shares_of_every_scenario_are_whole() {
        for scenario in Scenario::ALL {
            let design = Design::of(&Config { scenario, ..Config::default() });
            assert!((design.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{scenario}");
        }
    }
}
