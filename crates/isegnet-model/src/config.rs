//! What the network is made of, before it meets an input.

use serde::{Deserialize, Serialize};

/// How the rows of a branch are padded before each convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Padding {
    /// 10 and 9 zero rows before the first convolution, 5 and 4 before the
    /// others, whatever the kernel's size: the authors' script.
    Fixed,
    /// As many zero rows as keep the length (the extra one of an even kernel after).
    Same,
    /// No zero rows: each convolution shortens the branch by `kernel - 1` rows.
    None,
}

/// How neighbouring rows are pooled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// Their mean.
    Average,
    /// Their largest value; the first one on ties.
    Max,
}

/// After which convolutions of a branch its rows are pooled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PoolAfter {
    /// After the last one.
    Last,
    /// After each one.
    Each,
}

/// Where dropout stands in the blocks that convolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DropoutAfter {
    /// After the ReLU, before any pooling.
    Relu,
    /// After the pooling, and after the ReLU where nothing is pooled.
    Pool,
}

impl DropoutAfter {
    fn is_relu(&self) -> bool {
        *self == Self::Relu
    }
}

/// What follows where the two branches lie side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Merge {
    /// A zero row before, a convolution over 2 rows and both columns with 126
    /// kernels, one over 1 row with 64, pooling: the authors' script.
    Script,
    /// One convolution of the branches' kernel size over both columns with 64
    /// kernels, length kept, pooling: the paper's words.
    Text,
    /// Nothing: the dense layers follow directly (Figure S2).
    Dense,
}

/// What the network's last number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// Expression, never below zero: a ReLU at the end.
    Relu,
    /// Expression.
    Linear,
    /// The logit of high against low expression.
    Logit,
}

/// The network: two branches, what merges them, dense layers, an output.
///
/// `Default` is `gao2022`. Fields are checked when the network is planned for
/// an input shape ([`Plan::new`](crate::Plan::new)). `batch_norm` and
/// `dropout_after` are written only where they differ from `gao2022`: runs from
/// before there were such fields are known by a hash of what was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Kernels of a branch's first convolution.
    pub k1: usize,
    /// Kernels of a branch's other convolutions.
    pub k2: usize,
    /// Rows a branch's kernels span (`l` in the paper).
    pub kernel: usize,
    /// Convolutions a branch, 1 to 3.
    pub layers: usize,
    /// Zero rows around each convolution of a branch.
    pub padding: Padding,
    /// How rows are pooled.
    pub pooling: Pooling,
    /// After which convolutions of a branch.
    pub pool_after: PoolAfter,
    /// Rows pooled into one.
    pub pool: usize,
    /// Whether batch norm follows every convolution and every dense layer but
    /// the last; without it every convolution has a bias.
    #[serde(skip_serializing_if = "is_true")]
    pub batch_norm: bool,
    /// What follows the two branches.
    pub merge: Merge,
    /// Units of the dense layers before the output.
    pub dense: Vec<usize>,
    /// How many of the dense layers are followed by dropout.
    pub dense_dropout: usize,
    /// The share of values that dropout sets to 0 in training.
    pub dropout: f32,
    /// Where dropout stands in the blocks that convolve.
    #[serde(skip_serializing_if = "DropoutAfter::is_relu")]
    pub dropout_after: DropoutAfter,
    /// What the network gives.
    pub output: Output,
}

/// What serde asks with a reference.
fn is_true(value: &bool) -> bool {
    *value
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self::gao2022()
    }
}

impl NetworkConfig {
    /// The network of the authors' script.
    pub fn gao2022() -> Self {
        Self {
            k1: 64,
            k2: 128,
            kernel: 20,
            layers: 2,
            padding: Padding::Fixed,
            pooling: Pooling::Average,
            pool_after: PoolAfter::Last,
            pool: 5,
            batch_norm: true,
            merge: Merge::Script,
            dense: vec![256, 64, 16],
            dense_dropout: 2,
            dropout: 0.5,
            dropout_after: DropoutAfter::Relu,
            output: Output::Relu,
        }
    }

    /// The network as the paper's text describes it.
    pub fn gao2022_text() -> Self {
        Self {
            padding: Padding::Same,
            pooling: Pooling::Max,
            pool_after: PoolAfter::Each,
            merge: Merge::Text,
            dense: vec![256, 64, 32],
            output: Output::Linear,
            ..Self::gao2022()
        }
    }

    /// `gao2022` without the convolutions after the merge (Figure S2).
    pub fn dense_merge() -> Self {
        Self { merge: Merge::Dense, ..Self::gao2022() }
    }

    /// DeepChrome (Singh et al. 2016), made for five histone marks in 100 bins of
    /// 100 bp around the TSS and no DNA.
    ///
    /// One convolution (10 bins, 50 kernels), ReLU, max pool 5, dropout, dense 625
    /// and 125 with ReLU. Of its two softmax outputs only the difference counts,
    /// and that is the logit of [`classifier`](Self::classifier); without it the same
    /// layers give expression. It is meant to be trained with
    /// [`TrainConfig::deepchrome`](crate::TrainConfig::deepchrome).
    pub fn deepchrome() -> Self {
        Self {
            k1: 50,
            k2: 50,
            kernel: 10,
            layers: 1,
            padding: Padding::None,
            pooling: Pooling::Max,
            pool_after: PoolAfter::Last,
            pool: 5,
            batch_norm: false,
            merge: Merge::Dense,
            dense: vec![625, 125],
            dense_dropout: 0,
            dropout: 0.5,
            dropout_after: DropoutAfter::Pool,
            output: Output::Linear,
        }
    }

    /// Gives the preset of that name: `gao2022`, `gao2022-text`, `dense-merge`,
    /// `deepchrome` or `isegnet`, the recommended one.
    pub fn preset(name: &str) -> Option<Self> {
        match name {
            "gao2022" => Some(Self::gao2022()),
            "gao2022-text" => Some(Self::gao2022_text()),
            "dense-merge" => Some(Self::dense_merge()),
            "deepchrome" => Some(Self::deepchrome()),
            "isegnet" => Some(Self::isegnet()),
            _ => None,
        }
    }

    /// The recommended network: `gao2022` made small enough for a few thousand genes.
    ///
    /// Fewer kernels, wider pools (windows of about 900 positions are the
    /// shortest that fit), one small dense layer, a linear output. It is meant to
    /// be trained with [`TrainConfig::isegnet`](crate::TrainConfig::isegnet).
    pub fn isegnet() -> Self {
        Self {
            k1: 16,
            k2: 16,
            pool: 20,
            dense: vec![16],
            dense_dropout: 1,
            dropout: 0.3,
            output: Output::Linear,
            ..Self::gao2022()
        }
    }

    /// The names that [`preset`](Self::preset) knows.
    pub const PRESETS: [&str; 5] =
        ["isegnet", "gao2022", "gao2022-text", "dense-merge", "deepchrome"];

    /// The same network telling high from low expression.
    pub fn classifier(self) -> Self {
        Self { output: Output::Logit, ..self }
    }
}
