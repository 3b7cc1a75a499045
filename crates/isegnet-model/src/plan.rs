//! The network laid out for one input shape: every block with its sizes.

use crate::config::{DropoutAfter, Merge, NetworkConfig, Output, Padding, PoolAfter, Pooling};
use isegnet_core::InputShape;

/// Positions and parameters at most: as many numbers as a file of weights can hold.
const MOST: usize = 1 << 30;

/// Zero rows, convolution, batch norm, ReLU, pooling, and dropout before or after it: a
/// block of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvBlock {
    /// Name of the convolution, such as `epi.conv1`.
    pub name: String,
    /// Name of its batch norm, such as `epi.bn1`, if it has one.
    pub bn: Option<String>,
    /// Zero rows before and after the input.
    pub pad: (usize, usize),
    /// Rows of the input.
    pub rows: usize,
    /// Rows a kernel spans.
    pub taps: usize,
    /// Columns the kernel spans in the Keras layout; channels lie side by side here.
    pub columns: usize,
    /// Channels of the input, all columns together.
    pub inputs: usize,
    /// Kernels.
    pub outputs: usize,
    /// Whether the convolution has a bias.
    pub bias: bool,
    /// Share of values dropped in training.
    pub dropout: f32,
    /// Where they are dropped.
    pub dropout_after: DropoutAfter,
    /// Pooling at the end, and the rows pooled into one.
    pub pool: Option<(Pooling, usize)>,
}

impl ConvBlock {
    /// Rows of the convolution's output.
    pub fn conv_rows(&self) -> usize {
        (self.pad.0 + self.rows + self.pad.1 + 1).saturating_sub(self.taps)
    }

    /// Rows of the block's output.
    pub fn out_rows(&self) -> usize {
        self.pool.map_or(self.conv_rows(), |(_, window)| self.conv_rows() / window)
    }
}

/// Dense layer, batch norm, ReLU, dropout; the last one is the bare layer.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseBlock {
    /// Name of the layer, such as `dense1`.
    pub name: String,
    /// Name of its batch norm, such as `dense1.bn`, if it has one.
    pub bn: Option<String>,
    /// Values in.
    pub inputs: usize,
    /// Values out.
    pub outputs: usize,
    /// Whether ReLU and dropout follow.
    pub activated: bool,
    /// Share of values dropped in training.
    pub dropout: f32,
}

/// Which part of the input a branch reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BranchInput {
    /// The epigenetic tracks.
    Tracks,
    /// The DNA sequence as four columns.
    Dna,
}

/// One branch: its input and its blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// What it reads.
    pub input: BranchInput,
    /// Its blocks, in order.
    pub blocks: Vec<ConvBlock>,
}

impl Branch {
    fn last(&self) -> &ConvBlock {
        &self.blocks[self.blocks.len() - 1]
    }
}

/// Why a configuration makes no network for an input.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A number is out of its range.
    #[error("{field} = {value} in the network's configuration; {allowed}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What it is set to.
        value: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// There is nothing to read.
    #[error("the input has neither tracks nor DNA; name at least one track or a genome")]
    NoInput,
    /// There is more of something than can be computed with.
    #[error(
        "the network would have {count} {what}, and {MOST} is the most; \
         use shorter windows, fewer kernels or smaller dense layers"
    )]
    TooLarge {
        /// Positions or parameters.
        what: &'static str,
        /// How many.
        count: u128,
    },
    /// The windows are shorter than the layers need.
    #[error(
        "{layer} has no row left: {rows} rows reach it and {needed} are needed; \
         use longer windows or a smaller kernel or pool"
    )]
    TooShort {
        /// The layer.
        layer: String,
        /// Rows that reach it, padding included.
        rows: usize,
        /// Rows it needs.
        needed: usize,
    },
}

/// A network for one input shape: a list of blocks whose sizes agree.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What was asked for.
    pub config: NetworkConfig,
    /// Shape of the input.
    pub shape: InputShape,
    /// One or two branches; the epigenome comes first.
    pub branches: Vec<Branch>,
    /// Blocks after the branches lie side by side.
    pub merged: Vec<ConvBlock>,
    /// Dense layers; the last one gives the output.
    pub dense: Vec<DenseBlock>,
}

impl Plan {
    /// Lays the network out for an input shape.
    ///
    /// # Errors
    /// A field is out of range, the input is empty or too short for the layers, or the network
    /// too large.
    pub fn new(config: &NetworkConfig, shape: &InputShape) -> Result<Self, PlanError> {
        check(config)?;
        check_size("positions", shape.positions as u128)?;
        let mut branches = Vec::new();
        if !shape.tracks.is_empty() {
            branches.push(branch(config, BranchInput::Tracks, shape.tracks.len(), shape)?);
        }
        if shape.dna {
            branches.push(branch(config, BranchInput::Dna, 4, shape)?);
        }
        let Some(first) = branches.first() else {
            return Err(PlanError::NoInput);
        };
        let columns = branches.len();
        let (rows, channels) = (first.last().out_rows(), columns * first.last().outputs);
        let merged = merged(config, rows, columns, channels);
        for block in &merged {
            check_rows(block)?;
        }
        let flat = merged.last().map_or(rows * channels, |block| block.out_rows() * block.outputs);
        let dense = dense(config, flat);
        let plan = Self { config: config.clone(), shape: shape.clone(), branches, merged, dense };
        check_size("parameters", plan.kernels())?;
        Ok(plan)
    }

    /// Numbers in all kernels and biases.
    fn kernels(&self) -> u128 {
        let conv = |block: &ConvBlock| ([block.taps, block.inputs], block.outputs);
        let dense = |block: &DenseBlock| ([block.inputs, 1], block.outputs);
        let blocks = self.conv_blocks().map(conv).chain(self.dense.iter().map(dense));
        let product = |([a, b], c): ([usize; 2], usize)| (a as u128 * b as u128 + 1) * c as u128;
        blocks.map(product).sum()
    }

    /// Every convolution block: the branches', then the merged ones.
    pub fn conv_blocks(&self) -> impl Iterator<Item = &ConvBlock> {
        self.branches.iter().flat_map(|b| &b.blocks).chain(&self.merged)
    }

    /// Rows and channels where the branches lie side by side.
    pub(crate) fn side_by_side(&self) -> (usize, usize) {
        let last = self.branches[0].last();
        (last.out_rows(), self.branches.len() * last.outputs)
    }
}

fn check(config: &NetworkConfig) -> Result<(), PlanError> {
    let positive = "it must be 1 or more, and at most 65536";
    let counts =
        [("k1", config.k1), ("k2", config.k2), ("kernel", config.kernel), ("pool", config.pool)];
    let dense = config.dense.iter().map(|&n| ("dense", n));
    for (field, value) in counts.into_iter().chain(dense) {
        if !(1..=65_536).contains(&value) {
            return Err(PlanError::Field { field, value: value.to_string(), allowed: positive });
        }
    }
    if !(1..=3).contains(&config.layers) {
        let value = config.layers.to_string();
        return Err(PlanError::Field { field: "layers", value, allowed: "it must be 1, 2 or 3" });
    }
    if config.pooling == Pooling::Max && config.pool > 256 {
        let value = config.pool.to_string();
        let allowed = "with max pooling it must be 256 or less";
        return Err(PlanError::Field { field: "pool", value, allowed });
    }
    if !(0.0..0.99).contains(&config.dropout) {
        let value = config.dropout.to_string();
        let allowed = "it must be at least 0 and below 0.99";
        return Err(PlanError::Field { field: "dropout", value, allowed });
    }
    Ok(())
}

fn check_size(what: &'static str, count: u128) -> Result<(), PlanError> {
    if count > MOST as u128 { Err(PlanError::TooLarge { what, count }) } else { Ok(()) }
}

fn check_rows(block: &ConvBlock) -> Result<(), PlanError> {
    let padded = block.pad.0 + block.rows + block.pad.1;
    let needed = block.taps + block.pool.map_or(0, |(_, window)| window - 1);
    if padded < needed || block.rows == 0 {
        return Err(PlanError::TooShort { layer: block.name.clone(), rows: padded, needed });
    }
    Ok(())
}

/// The name of a batch norm, where the network has any.
fn batch_norm(config: &NetworkConfig, name: String) -> Option<String> {
    config.batch_norm.then_some(name)
}

fn same_padding(taps: usize) -> (usize, usize) {
    ((taps - 1) / 2, taps / 2)
}

fn branch(
    config: &NetworkConfig,
    input: BranchInput,
    columns: usize,
    shape: &InputShape,
) -> Result<Branch, PlanError> {
    let prefix = match input {
        BranchInput::Tracks => "epi",
        BranchInput::Dna => "seq",
    };
    let mut blocks: Vec<ConvBlock> = Vec::new();
    for layer in 1..=config.layers {
        let pooled = layer == config.layers || config.pool_after == PoolAfter::Each;
        let (rows, inputs) =
            blocks.last().map_or((shape.positions, columns), |b| (b.out_rows(), b.outputs));
        let block = ConvBlock {
            name: format!("{prefix}.conv{layer}"),
            bn: batch_norm(config, format!("{prefix}.bn{layer}")),
            pad: match (config.padding, layer) {
                (Padding::None, _) => (0, 0),
                (Padding::Same, _) => same_padding(config.kernel),
                (Padding::Fixed, 1) => (10, 9),
                (Padding::Fixed, _) => (5, 4),
            },
            rows,
            taps: config.kernel,
            columns: 1,
            inputs,
            outputs: if layer == 1 { config.k1 } else { config.k2 },
            bias: layer > 1 || !config.batch_norm,
            dropout: config.dropout,
            dropout_after: config.dropout_after,
            pool: pooled.then_some((config.pooling, config.pool)),
        };
        check_rows(&block)?;
        blocks.push(block);
    }
    Ok(Branch { input, blocks })
}

fn merged(config: &NetworkConfig, rows: usize, columns: usize, inputs: usize) -> Vec<ConvBlock> {
    let pool = Some((config.pooling, config.pool));
    let first = ConvBlock {
        name: "merged.conv1".into(),
        bn: batch_norm(config, "merged.bn1".into()),
        pad: (1, 0),
        rows,
        taps: 2,
        columns,
        inputs,
        outputs: 126,
        bias: true,
        dropout: config.dropout,
        dropout_after: config.dropout_after,
        pool: None,
    };
    match config.merge {
        Merge::Dense => Vec::new(),
        Merge::Text => {
            let (pad, taps) = (same_padding(config.kernel), config.kernel);
            vec![ConvBlock { pad, taps, outputs: 64, pool, ..first }]
        }
        Merge::Script => {
            let second = ConvBlock {
                name: "merged.conv2".into(),
                bn: batch_norm(config, "merged.bn2".into()),
                pad: (0, 0),
                rows: first.out_rows(),
                taps: 1,
                columns: 1,
                inputs: first.outputs,
                outputs: 64,
                pool,
                ..first.clone()
            };
            vec![first, second]
        }
    }
}

fn dense(config: &NetworkConfig, flat: usize) -> Vec<DenseBlock> {
    let mut inputs = flat;
    let mut blocks = Vec::new();
    for (i, &outputs) in config.dense.iter().enumerate() {
        let dropout = if i < config.dense_dropout { config.dropout } else { 0.0 };
        let name = format!("dense{}", i + 1);
        let bn = batch_norm(config, format!("{name}.bn"));
        blocks.push(DenseBlock { name, bn, inputs, outputs, activated: true, dropout });
        inputs = outputs;
    }
    let name = "out".to_owned();
    blocks.push(DenseBlock { name, bn: None, inputs, outputs: 1, activated: false, dropout: 0.0 });
    blocks
}

impl Output {
    /// Turns the network's last number into a prediction.
    pub(crate) fn apply(self, before: f64) -> f64 {
        match self {
            Self::Relu => before.max(0.0),
            Self::Linear => before,
            Self::Logit => 1.0 / (1.0 + (-before).exp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(positions: usize, tracks: usize, dna: bool) -> InputShape {
        let tracks = (0..tracks).map(|i| format!("t{i}")).collect();
        InputShape { positions, tracks, dna }
    }

    #[test]
    fn gao2022_has_the_published_rows() {
        for (kernel, rows, flat) in [(20, 2490, 6336), (50, 2430, 6208), (100, 2330, 5952)] {
            let config = NetworkConfig { kernel, ..NetworkConfig::gao2022() };
            let plan = Plan::new(&config, &shape(2500, 7, true)).unwrap();
            assert_eq!(plan.branches[0].blocks[1].conv_rows(), rows);
            assert_eq!(plan.dense[0].inputs, flat);
        }
        let plan = Plan::new(&NetworkConfig::dense_merge(), &shape(2500, 7, true)).unwrap();
        assert_eq!(plan.dense[0].inputs, 127_488);
        let plan = Plan::new(&NetworkConfig::gao2022_text(), &shape(2500, 7, true)).unwrap();
        assert_eq!(plan.dense[0].inputs, 1280);
    }

    #[test]
    fn deepchrome_has_the_published_rows() {
        let plan = Plan::new(&NetworkConfig::deepchrome(), &shape(100, 5, false)).unwrap();
        let [block] = &plan.branches[0].blocks[..] else { panic!("not one block") };
        assert_eq!((block.conv_rows(), block.out_rows(), block.outputs), (91, 18, 50));
        assert!(plan.merged.is_empty());
        let dense: Vec<_> = plan.dense.iter().map(|block| (block.inputs, block.outputs)).collect();
        assert_eq!(dense, [(900, 625), (625, 125), (125, 1)]);
        assert!(plan.dense.iter().all(|block| block.dropout == 0.0));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let config = NetworkConfig::gao2022();
        assert_eq!(Plan::new(&config, &shape(2500, 0, false)), Err(PlanError::NoInput));
        let short = Plan::new(&config, &shape(10, 1, false)).unwrap_err();
        assert!(matches!(short, PlanError::TooShort { .. }), "{short}");
        let none = NetworkConfig { k1: 0, ..config };
        assert!(Plan::new(&none, &shape(2500, 1, false)).unwrap_err().to_string().contains("k1"));
    }
}
