//! The network in candle tensors: CUDA and Metal, and the reference on a CPU.
//!
//! Composed only of operations whose gradients were checked: candle 0.11's
//! one-dimensional convolution and its pooling have wrong ones, so convolutions
//! are two-dimensional of height 1, and pooling is a mean over, or a gather
//! from, a reshaped axis.

use super::{
    Dna, Dropout, Engine, EngineError, Input, KeepBits, Loss, Step, check_input, check_rows,
};
use crate::BN_EPSILON;
use crate::config::{DropoutAfter, Pooling};
use crate::plan::{BranchInput, ConvBlock, DenseBlock, Plan};
use crate::weights::Weights;
use candle_core::{D, Device as CandleDevice, Tensor, Var, WithDType};
use isegnet_core::Inputs;
use num_traits::{Float, NumCast};
use std::collections::HashMap;

impl From<candle_core::Error> for EngineError {
    fn from(error: candle_core::Error) -> Self {
        Self::Tensor(error.to_string())
    }
}

/// Where tensors are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// The CPU.
    Cpu,
    /// The CUDA device of that number; needs the feature `cuda`.
    Cuda(usize),
    /// The Metal device of that number; needs the feature `metal`.
    Metal(usize),
}

impl Device {
    fn open(self) -> Result<CandleDevice, EngineError> {
        let opened = match self {
            Self::Cpu => Ok(CandleDevice::Cpu),
            Self::Cuda(i) => CandleDevice::new_cuda(i),
            Self::Metal(i) => CandleDevice::new_metal(i),
        };
        opened.map_err(|error| EngineError::Device {
            device: format!("{self:?}").to_lowercase(),
            message: format!("{error}; build with that feature, or use the cpu engine"),
        })
    }
}

/// The engine on candle tensors.
pub struct CandleEngine {
    plan: Plan,
    device: CandleDevice,
}

/// A number both candle and the weights know.
pub trait Number: WithDType + Float + Send {}
impl<T: WithDType + Float + Send> Number for T {}

enum Mode {
    Train(Option<Dropout>),
    Infer,
}

/// One run through the network: its variables and what it measured on the way.
struct Pass<'a, T> {
    engine: &'a CandleEngine,
    weights: &'a Weights<T>,
    mode: Mode,
    vars: HashMap<String, Var>,
    measured: Vec<(String, Tensor)>,
}

impl CandleEngine {
    /// Makes the engine of a plan on a device.
    ///
    /// # Errors
    /// The device is not there, or its feature was not built in.
    pub fn new(plan: Plan, device: Device) -> Result<Self, EngineError> {
        Ok(Self { plan, device: device.open()? })
    }

    fn pass<'a, T: Number>(&'a self, weights: &'a Weights<T>, mode: Mode) -> Pass<'a, T> {
        Pass { engine: self, weights, mode, vars: HashMap::new(), measured: Vec::new() }
    }

    fn tensor<T: Number>(&self, values: Vec<T>, shape: &[usize]) -> Result<Tensor, EngineError> {
        Ok(Tensor::from_vec(values, shape, &self.device)?)
    }

    /// `(row, column, 1, position)` of a branch's input.
    fn branch_input<T: Number>(
        &self,
        branch: BranchInput,
        input: &Input<'_>,
    ) -> Result<Tensor, EngineError> {
        let (rows, positions) = (input.rows(), self.plan.shape.positions);
        let (columns, values): (usize, Vec<T>) = match (branch, input.dna) {
            (BranchInput::Tracks, _) => {
                (self.plan.shape.tracks.len(), input.tracks.iter().map(|&v| number(v)).collect())
            }
            (_, Dna::Columns(dna)) => (4, dna.iter().map(|&v| number(v)).collect()),
            (_, Dna::Codes(dna)) => (4, dna.iter().flat_map(|&code| one_hot(code)).collect()),
            (_, Dna::Absent) => (4, vec![T::zero(); rows * positions * 4]),
        };
        let x = self.tensor(values, &[rows, positions, columns])?;
        Ok(x.transpose(1, 2)?.unsqueeze(2)?.contiguous()?)
    }
}

/// A branch's variable, and the gradient found for it.
type Columns = (BranchInput, Var);

impl CandleEngine {
    /// Fills `values` with the network's last number for every row, and `gradient` with
    /// its derivative by every number of the input: moving statistics, no dropout.
    ///
    /// # Errors
    /// The device failed.
    pub(crate) fn input_gradient(
        &self,
        weights: &Weights,
        inputs: &Inputs,
        values: &mut [f32],
        gradient: Option<&mut Inputs>,
    ) -> Result<(), EngineError> {
        if values.is_empty() {
            // A largest value of no rows is not to be had.
            return Ok(());
        }
        let input = Input { tracks: inputs.tracks.view(), dna: Dna::Columns(inputs.dna.view()) };
        let mut variables: Vec<Columns> = Vec::new();
        for branch in &self.plan.branches {
            let x = self.branch_input::<f32>(branch.input, &input)?;
            variables.push((branch.input, Var::from_tensor(&x)?));
        }
        let columns = variables.iter().map(|(_, var)| var.as_tensor().clone()).collect();
        let last = self.pass(weights, Mode::Infer).run_from(columns)?;
        copy_into(&last, values)?;
        let Some(gradient) = gradient else { return Ok(()) };
        let gradients = last.sum_all()?.backward()?;
        for (branch, var) in &variables {
            let slot = match branch {
                BranchInput::Tracks => &mut gradient.tracks,
                BranchInput::Dna => &mut gradient.dna,
            };
            match gradients.get(var) {
                // (row, column, 1, position) -> (row, position, column)
                Some(g) => {
                    let g: Vec<f32> = g.squeeze(2)?.transpose(1, 2)?.flatten_all()?.to_vec1()?;
                    slot.iter_mut().zip(g).for_each(|(to, g)| *to = g);
                }
                None => slot.fill(0.0),
            }
        }
        Ok(())
    }
}

fn number<T: Float>(v: f32) -> T {
    <T as NumCast>::from(v).unwrap_or_else(T::nan)
}

fn one_hot<T: Float>(code: u8) -> [T; 4] {
    let at = code as usize;
    std::array::from_fn(|base| if at == base { T::one() } else { T::zero() })
}

impl<T: Number> Pass<'_, T> {
    /// The tensor of a parameter, a variable when it is trained in this pass.
    fn parameter(&mut self, name: &str) -> Result<Tensor, EngineError> {
        let values = self.weights.get(name).to_vec();
        let shape = self.weights.layout().find(name).map(|p| p.shape.clone()).unwrap_or_default();
        let tensor = self.engine.tensor(values, &shape)?;
        if matches!(self.mode, Mode::Infer) {
            return Ok(tensor);
        }
        let var = Var::from_tensor(&tensor)?;
        let tensor = var.as_tensor().clone();
        self.vars.insert(name.to_owned(), var);
        Ok(tensor)
    }

    fn run(&mut self, input: &Input<'_>) -> Result<Tensor, EngineError> {
        let engine = self.engine;
        let inputs = engine.plan.branches.iter();
        let inputs = inputs.map(|branch| engine.branch_input::<T>(branch.input, input));
        let inputs = inputs.collect::<Result<_, _>>()?;
        self.run_from(inputs)
    }

    /// Runs the branches from their inputs on, `(row, column, 1, position)` each.
    fn run_from(&mut self, inputs: Vec<Tensor>) -> Result<Tensor, EngineError> {
        let engine = self.engine;
        let mut columns = Vec::new();
        for (branch, mut x) in engine.plan.branches.iter().zip(inputs) {
            for block in &branch.blocks {
                x = self.conv_block(block, &x)?;
            }
            columns.push(x);
        }
        let mut x = Tensor::cat(&columns, 1)?;
        for block in &engine.plan.merged {
            x = self.conv_block(block, &x)?;
        }
        // Flattened row-major, row * channels + channel.
        let mut x = x.squeeze(2)?.transpose(1, 2)?.contiguous()?.flatten_from(1)?;
        for block in &engine.plan.dense {
            x = self.dense_block(block, &x)?;
        }
        Ok(x.squeeze(1)?)
    }

    fn conv_block(&mut self, block: &ConvBlock, x: &Tensor) -> Result<Tensor, EngineError> {
        let x = x.pad_with_zeros(3, block.pad.0, block.pad.1)?;
        let kernel = self
            .parameter(&format!("{}.kernel", block.name))?
            .reshape((block.taps, block.inputs, block.outputs))?
            .permute((2, 1, 0))?
            .unsqueeze(2)?
            .contiguous()?;
        let mut z = x.conv2d(&kernel, 0, 1, 1, 1)?;
        if block.bias {
            let bias = self.parameter(&format!("{}.bias", block.name))?;
            z = z.broadcast_add(&bias.reshape((1, block.outputs, 1, 1))?)?;
        }
        let mut a = self.activate(block.bn.as_deref(), &z, &[0, 2, 3])?;
        if block.dropout_after == DropoutAfter::Relu {
            a = self.dropout(&block.name, block.dropout, &a)?;
        }
        if let Some((pooling, window)) = block.pool {
            a = pool(&a, pooling, window)?;
        }
        if block.dropout_after == DropoutAfter::Pool {
            a = self.dropout(&block.name, block.dropout, &a)?;
        }
        Ok(a)
    }

    fn dense_block(&mut self, block: &DenseBlock, x: &Tensor) -> Result<Tensor, EngineError> {
        let kernel = self.parameter(&format!("{}.kernel", block.name))?;
        let bias = self.parameter(&format!("{}.bias", block.name))?;
        let z = x.matmul(&kernel)?.broadcast_add(&bias)?;
        if !block.activated {
            return Ok(z);
        }
        let a = self.activate(block.bn.as_deref(), &z, &[0])?;
        self.dropout(&block.name, block.dropout, &a)
    }

    /// Batch norm over the given axes, if there is one, then ReLU with gradient 0 at 0.
    fn activate(
        &mut self,
        bn: Option<&str>,
        z: &Tensor,
        axes: &[usize],
    ) -> Result<Tensor, EngineError> {
        let y = match bn {
            Some(bn) => self.normalise(bn, z, axes)?,
            None => z.clone(),
        };
        let open = y.gt(0.0)?.to_dtype(y.dtype())?;
        Ok((y * open)?)
    }

    fn normalise(&mut self, bn: &str, z: &Tensor, axes: &[usize]) -> Result<Tensor, EngineError> {
        let channels = z.dim(1)?;
        let mut shape = vec![1; z.rank()];
        shape[1] = channels;
        let gamma = self.parameter(&format!("{bn}.gamma"))?.reshape(shape.as_slice())?;
        let beta = self.parameter(&format!("{bn}.beta"))?.reshape(shape.as_slice())?;
        let (mean, variance) = match self.mode {
            Mode::Train(_) => {
                let mean = z.mean_keepdim(axes)?;
                let variance = z.broadcast_sub(&mean)?.sqr()?.mean_keepdim(axes)?;
                self.record(bn, &mean, &variance, z.elem_count() / channels, axes.len() > 1)?;
                (mean, variance)
            }
            Mode::Infer => {
                let mean = self.parameter(&format!("{bn}.moving_mean"))?;
                let variance = self.parameter(&format!("{bn}.moving_variance"))?;
                (mean.reshape(shape.as_slice())?, variance.reshape(shape.as_slice())?)
            }
        };
        let deviation = (variance + BN_EPSILON)?.sqrt()?;
        let y = z.broadcast_sub(&mean)?.broadcast_div(&deviation)?;
        Ok(y.broadcast_mul(&gamma)?.broadcast_add(&beta)?)
    }

    /// Notes a batch's statistics as the moving ones will take them in.
    fn record(
        &mut self,
        bn: &str,
        mean: &Tensor,
        variance: &Tensor,
        count: usize,
        convolution: bool,
    ) -> Result<(), EngineError> {
        let factor = crate::moving_variance_factor(count, convolution);
        self.measured.push((format!("{bn}.moving_mean"), mean.flatten_all()?));
        self.measured.push((format!("{bn}.moving_variance"), (variance.flatten_all()? * factor)?));
        Ok(())
    }

    fn dropout(&self, layer: &str, rate: f32, x: &Tensor) -> Result<Tensor, EngineError> {
        let Mode::Train(Some(dropout)) = self.mode else { return Ok(x.clone()) };
        if rate == 0.0 {
            return Ok(x.clone());
        }
        let keep = KeepBits::new(dropout, layer, rate);
        let rows = x.dim(0)?;
        let each = x.elem_count() / rows;
        let kept: T = <T as NumCast>::from(keep.factor()).unwrap_or_else(T::nan);
        let mut words = vec![0u64; each.div_ceil(64)];
        let mut mask = Vec::with_capacity(rows * each);
        for row in 0..rows {
            keep.fill(row, each, &mut words);
            let bit = |i: usize| words[i / 64] >> (i % 64) & 1 == 1;
            mask.extend((0..each).map(|i| if bit(i) { kept } else { T::zero() }));
        }
        // The bits are in (row, position, channel) order, like the cpu engine's.
        let mask = match x.dims() {
            &[rows, channels, 1, positions] => {
                let mask = self.engine.tensor(mask, &[rows, positions, channels])?;
                mask.transpose(1, 2)?.unsqueeze(2)?.contiguous()?
            }
            dims => self.engine.tensor(mask, dims)?,
        };
        Ok((x * mask)?)
    }
}

/// Pools the last axis; its ragged end is dropped.
fn pool(x: &Tensor, pooling: Pooling, window: usize) -> Result<Tensor, EngineError> {
    let (rows, channels, _, positions) = x.dims4()?;
    let pooled = positions / window;
    let x =
        x.narrow(3, 0, pooled * window)?.contiguous()?.reshape((rows, channels, pooled, window))?;
    let y = match pooling {
        Pooling::Average => x.mean(D::Minus1)?,
        Pooling::Max => {
            let first = x.detach().argmax_keepdim(D::Minus1)?;
            x.gather(&first, D::Minus1)?.squeeze(3)?
        }
    };
    Ok(y.unsqueeze(2)?)
}

/// The mean loss as a tensor.
fn loss_tensor(output: &Tensor, target: &Tensor, loss: Loss) -> Result<Tensor, EngineError> {
    let rows = match loss {
        Loss::SquaredError => (output - target)?.sqr()?,
        Loss::SquaredErrorRelu => {
            let open = output.gt(0.0)?.to_dtype(output.dtype())?;
            ((output * open)? - target)?.sqr()?
        }
        Loss::CrossEntropy => {
            let magnitude = output.abs()?.neg()?.exp()?;
            let softplus = (output.relu()? + (magnitude + 1.0)?.log()?)?;
            (softplus - (target * output)?)?
        }
    };
    Ok(rows.mean_all()?)
}

impl<T: Number> Engine<T> for CandleEngine {
    fn train_step(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        step: Step<'_>,
        gradient: &mut Weights<T>,
        output: &mut [T],
    ) -> Result<f64, EngineError> {
        check_input(&self.plan.shape, input, output.len())?;
        check_rows(input.rows(), step.target.len())?;
        let mut pass = self.pass(weights, Mode::Train(step.dropout));
        let before = pass.run(input)?;
        let target = step.target.iter().map(|&v| number::<T>(v)).collect();
        let target = self.tensor(target, &[step.target.len()])?;
        let mean = loss_tensor(&before, &target, step.loss)?;
        let gradients = mean.backward()?;
        for p in weights.layout().parameters() {
            let slot = gradient.get_mut(&p.name);
            match pass.vars.get(&p.name).and_then(|v| gradients.get(v)) {
                Some(g) => copy_into(g, slot)?,
                None => slot.fill(T::zero()),
            }
        }
        for (name, values) in &pass.measured {
            copy_into(values, gradient.get_mut(name))?;
        }
        copy_into(&before, output)?;
        let mean: T = mean.to_scalar()?;
        Ok(WithDType::to_f64(mean))
    }

    fn measure(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        measured: &mut Weights<T>,
    ) -> Result<(), EngineError> {
        check_input(&self.plan.shape, input, input.rows())?;
        check_rows(input.rows(), input.rows())?;
        let mut pass = self.pass(weights, Mode::Train(None));
        pass.run(input)?;
        for (name, values) in &pass.measured {
            copy_into(values, measured.get_mut(name))?;
        }
        Ok(())
    }

    fn infer(
        &mut self,
        weights: &Weights<T>,
        input: &Input<'_>,
        output: &mut [T],
    ) -> Result<(), EngineError> {
        check_input(&self.plan.shape, input, output.len())?;
        let before = self.pass(weights, Mode::Infer).run(input)?;
        copy_into(&before, output)
    }
}

fn copy_into<T: Number>(tensor: &Tensor, slot: &mut [T]) -> Result<(), EngineError> {
    let values: Vec<T> = tensor.flatten_all()?.to_vec1()?;
    slot.copy_from_slice(&values);
    Ok(())
}
