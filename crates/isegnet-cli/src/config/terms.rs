use serde::Deserialize;

/// How chromosome names of different files are made to agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ChromAlias {
    /// Not at all: `chr1` against `1` is refused.
    #[default]
    None,
    /// `chr1` and `1`, `chrM` and `MT` are the same.
    Ucsc,
}

/// What the values of a track are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A signal along the genome, read as means of bins.
    #[default]
    Signal,
    /// Percent methylated, at single bases.
    Methylation,
}

/// What is done to a bin's mean before it is scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transform {
    /// Nothing.
    #[default]
    Identity,
    /// -log10, for p-values.
    Neglog10,
    /// ln(1 + x).
    Ln1p,
    /// Inverse hyperbolic sine.
    Arcsinh,
}

/// How transformed values are scaled; constants come from training rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Scale {
    /// Not at all.
    None,
    /// By the largest value.
    #[default]
    Max,
    /// From the smallest value to 0 and the largest to 1.
    Minmax,
    /// By this quantile of the values.
    Quantile(f64),
}

/// What stands where nothing was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// What a raw 0 becomes.
    Zero,
    /// The mean over training rows.
    Mean,
    /// Zero, and a second column that says where something was measured.
    Mask,
}

/// What is done to expression values before they are predicted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetTransform {
    /// ln(1 + x).
    #[default]
    Ln1p,
    /// log2(1 + x).
    Log2p1,
    /// Nothing.
    None,
    /// High or low by the median of the training rows.
    MedianBinary,
}

/// What becomes of genes without expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZeroExpression {
    /// They are kept.
    #[default]
    Keep,
    /// They are left out, as in the paper.
    Drop,
}

/// How rows are divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitKind {
    /// Folds of whole chromosomes.
    #[default]
    Folds,
    /// Chromosomes by name.
    Chromosomes,
    /// Folds from a file.
    File,
    /// Groups of overlapping genes at random.
    Groups,
    /// Genes at random.
    Random,
}
