//! The configuration as the file writes it: every field may be missing.

use super::{
    Aliases, Anchor, Missing, Scale, SplitKind, TargetTransform, TrackKind, Transform, Windows,
    ZeroExpression,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub genome: Genome,
    pub expression: Option<Expression>,
    pub sample: Vec<Sample>,
    pub track: Vec<Track>,
    pub windows: Option<Windows>,
    pub filter: Filter,
    pub target: Target,
    pub split: Option<Split>,
    pub input: Input,
    /// Read by the model's own configuration.
    #[allow(dead_code)]
    model: Option<IgnoredAny>,
    /// Read by training's own configuration.
    #[allow(dead_code)]
    train: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Genome {
    pub fasta: Option<String>,
    pub genes: Option<String>,
    pub anchor: Option<Anchor>,
    pub biotype: Option<OneOrMany>,
    pub chrom_alias: Option<Aliases>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Expression {
    pub path: Option<String>,
    pub id: Option<String>,
    pub value: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Sample {
    pub name: Option<String>,
    pub condition: Option<String>,
    pub group: Option<String>,
    pub expression: Option<Expression>,
    pub tracks: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Track {
    pub name: Option<String>,
    pub path: Option<String>,
    pub kind: Option<TrackKind>,
    pub transform: Option<Transform>,
    pub scale: Option<Scale>,
    pub bin_bp: Option<usize>,
    pub missing: Option<Missing>,
    pub min_coverage: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Filter {
    pub include: Option<String>,
    pub blacklist: Option<String>,
    pub zero_expression: Option<ZeroExpression>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Target {
    pub transform: Option<TargetTransform>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Split {
    pub kind: Option<SplitKind>,
    pub path: Option<String>,
    pub folds: Option<usize>,
    pub test: Option<Part>,
    pub validation: Option<Part>,
    pub seed: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Input {
    pub tracks: Option<Vec<String>>,
    pub dna: Option<bool>,
    pub bin_bp: Option<usize>,
    pub clip: Option<bool>,
}

/// One text, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a text or a list of texts")]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

/// What `test` and `validation` may be: a fold, a share of genes, chromosomes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a fold's number, a share of the genes or a list of chromosomes")]
pub(super) enum Part {
    Fold(usize),
    Share(f64),
    Chromosome(String),
    Chromosomes(Vec<String>),
}
