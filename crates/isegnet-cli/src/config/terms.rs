use serde::Deserialize;

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
