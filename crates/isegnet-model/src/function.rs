//! A trained model as a function that can be differentiated.

use crate::config::Output;
use crate::engine::EngineError;
use crate::engine::candle::{CandleEngine, Device};
use crate::engine::cpu::Frozen;
use crate::ensemble::Ensemble;
use crate::network::{Network, TargetScale};
use crate::training::EngineKind;
use crate::weights::Weights;
use isegnet_core::{Differentiable, EvaluationError, InputShape, Inputs, Path};

/// Which number of a network is explained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Explained {
    /// The number before the last activation, in units of the target: before the final
    /// ReLU, or the logit of a classifier. Where a final ReLU is 0 this still has a slope.
    #[default]
    Linear,
    /// What the network predicts: after the final ReLU, or the probability of a
    /// classifier.
    Prediction,
}

/// A trained model that gives one number a row, and its derivative.
///
/// Several networks give their mean. On the CPU a whole straight path is followed in the
/// time of a few gradients, wherever no branch begins with a max pool.
pub struct NetworkFunction {
    shape: InputShape,
    networks: Vec<Member>,
}

struct Member {
    runner: Runner,
    head: LastNumber,
}

enum Runner {
    Cpu(Box<Frozen<f32>>),
    Candle(Box<CandleEngine>, Weights),
}

/// From a network's last number to what is explained.
#[derive(Clone, Copy)]
struct LastNumber {
    target: TargetScale,
    output: Output,
    explained: Explained,
}

impl LastNumber {
    /// The value, and its slope in the last number.
    fn value_and_slope(self, last: f64) -> (f64, f64) {
        let linear = self.target.restore(last);
        let (value, slope) = match (self.explained, self.output) {
            (Explained::Linear, _) | (_, Output::Linear) => (linear, 1.0),
            // At exactly 0 the slope is 0, as everywhere in the network.
            (_, Output::Relu) => (linear.max(0.0), f64::from(linear > 0.0)),
            (_, Output::Logit) => {
                let p = Output::Logit.apply(linear);
                (p, p * (1.0 - p))
            }
        };
        (value, slope * self.target.scale)
    }
}

impl Network {
    /// Makes it a function of its input.
    ///
    /// # Errors
    /// The device is not there, or its feature was not built in.
    pub fn into_function(
        self,
        engine: EngineKind,
        explained: Explained,
    ) -> Result<NetworkFunction, EngineError> {
        let shape = self.plan.shape.clone();
        Ok(NetworkFunction { shape, networks: vec![Member::new(self, engine, explained)?] })
    }
}

impl Ensemble {
    /// Makes the mean of its networks a function of their input.
    ///
    /// # Errors
    /// The device is not there, or its feature was not built in.
    pub fn into_function(
        self,
        engine: EngineKind,
        explained: Explained,
    ) -> Result<NetworkFunction, EngineError> {
        let members = self.into_networks();
        let shape = members[0].plan.shape.clone();
        let networks = members.into_iter().map(|network| Member::new(network, engine, explained));
        Ok(NetworkFunction { shape, networks: networks.collect::<Result<_, _>>()? })
    }
}

impl Member {
    fn new(
        network: Network,
        engine: EngineKind,
        explained: Explained,
    ) -> Result<Self, EngineError> {
        let Network { plan, weights, target } = network;
        let head = LastNumber { target, output: plan.config.output, explained };
        let device = match engine {
            EngineKind::Cpu => {
                let runner = Runner::Cpu(Box::new(Frozen::new(&plan, &weights)));
                return Ok(Self { runner, head });
            }
            EngineKind::Candle => Device::Cpu,
            EngineKind::Cuda => Device::Cuda(0),
            EngineKind::Metal => Device::Metal(0),
        };
        let runner = Runner::Candle(Box::new(CandleEngine::new(plan, device)?), weights);
        Ok(Self { runner, head })
    }

    fn gradient(
        &mut self,
        inputs: &Inputs,
        values: &mut [f64],
        gradient: Option<&mut Inputs>,
    ) -> Result<(), EngineError> {
        let head = self.head;
        match &mut self.runner {
            Runner::Cpu(frozen) => {
                let head = |last| head.value_and_slope(last);
                match gradient {
                    None => frozen.values(inputs, &head, values),
                    Some(gradient) => frozen.gradient(inputs, &head, values, gradient),
                }
            }
            Runner::Candle(engine, weights) => {
                let mut last = vec![0.0; values.len()];
                let mut gradient = gradient;
                engine.input_gradient(weights, inputs, &mut last, gradient.as_deref_mut())?;
                for (row, (value, &last)) in values.iter_mut().zip(&last).enumerate() {
                    let (v, slope) = head.value_and_slope(f64::from(last));
                    *value = v;
                    if let Some(Inputs { tracks, dna }) = gradient.as_deref_mut() {
                        for part in [tracks, dna] {
                            let mut part = part.index_axis_mut(ndarray::Axis(0), row);
                            part.mapv_inplace(|g| (f64::from(g) * slope) as f32);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Follows paths exactly where that can be done, and says whether it was.
    fn path(&mut self, path: &Path<'_>, values: &mut [f64], gradient: &mut Inputs) -> bool {
        let Runner::Cpu(frozen) = &mut self.runner else { return false };
        let head = self.head;
        frozen.path(*path, &|last| head.value_and_slope(last), values, gradient)
    }
}

impl NetworkFunction {
    /// Tells whether whole paths are followed, rather than visited point by point.
    pub fn follows_paths(&self) -> bool {
        self.networks.iter().all(|member| match &member.runner {
            Runner::Cpu(frozen) => frozen.follows_paths(),
            Runner::Candle(..) => false,
        })
    }

    /// Sums what each network gives over all of them, and divides by their number.
    fn mean(
        &mut self,
        values: &mut [f64],
        mut gradient: Option<&mut Inputs>,
        mut one: impl FnMut(&mut Member, &mut [f64], Option<&mut Inputs>) -> Result<(), EvaluationError>,
    ) -> Result<(), EvaluationError> {
        let (first, others) = self.networks.split_at_mut(1);
        one(&mut first[0], values, gradient.as_deref_mut())?;
        if others.is_empty() {
            return Ok(());
        }
        let mut more = vec![0.0; values.len()];
        let mut slope = gradient.as_deref().cloned();
        for member in &mut *others {
            one(member, &mut more, slope.as_mut())?;
            values.iter_mut().zip(&more).for_each(|(sum, v)| *sum += v);
            if let (Some(sum), Some(more)) = (gradient.as_deref_mut(), &slope) {
                sum.tracks += &more.tracks;
                sum.dna += &more.dna;
            }
        }
        let count = (others.len() + 1) as f64;
        values.iter_mut().for_each(|v| *v /= count);
        if let Some(Inputs { tracks, dna }) = gradient {
            *tracks /= count as f32;
            *dna /= count as f32;
        }
        Ok(())
    }
}

impl Differentiable for NetworkFunction {
    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn rows_at_once(&self) -> usize {
        // A few rows for every thread, so that the last one of a chunk is not waited for.
        let cpu = self.networks.iter().all(|member| matches!(member.runner, Runner::Cpu(_)));
        if cpu { 4 * rayon::current_num_threads() } else { 32 }
    }

    fn values_into(&mut self, inputs: &Inputs, values: &mut [f64]) -> Result<(), EvaluationError> {
        EvaluationError::check(inputs, values.len(), &self.shape)?;
        self.mean(values, None, |member, values, _| Ok(member.gradient(inputs, values, None)?))
    }

    fn gradient_into(
        &mut self,
        inputs: &Inputs,
        values: &mut [f64],
        gradient: &mut Inputs,
    ) -> Result<(), EvaluationError> {
        for part in [inputs, &*gradient] {
            EvaluationError::check(part, values.len(), &self.shape)?;
        }
        self.mean(values, Some(gradient), |member, values, gradient| {
            Ok(member.gradient(inputs, values, gradient)?)
        })
    }

    fn path_gradient_into(
        &mut self,
        path: &Path<'_>,
        values: &mut [f64],
        gradient: &mut Inputs,
    ) -> Result<(), EvaluationError> {
        path.check(values.len(), gradient, &self.shape)?;
        let shape = self.shape.clone();
        self.mean(values, Some(gradient), |member, values, gradient| {
            let Some(gradient) = gradient else { return Ok(()) };
            if member.path(path, values, gradient) {
                return Ok(());
            }
            PointByPoint { member, shape: &shape }.path_gradient_into(path, values, gradient)
        })
    }
}

/// A network whose paths are visited point by point.
struct PointByPoint<'a> {
    member: &'a mut Member,
    shape: &'a InputShape,
}

impl Differentiable for PointByPoint<'_> {
    fn shape(&self) -> &InputShape {
        self.shape
    }

    fn values_into(&mut self, inputs: &Inputs, values: &mut [f64]) -> Result<(), EvaluationError> {
        Ok(self.member.gradient(inputs, values, None)?)
    }

    fn gradient_into(
        &mut self,
        inputs: &Inputs,
        values: &mut [f64],
        gradient: &mut Inputs,
    ) -> Result<(), EvaluationError> {
        Ok(self.member.gradient(inputs, values, Some(gradient))?)
    }
}

impl From<EngineError> for EvaluationError {
    fn from(error: EngineError) -> Self {
        let (model, message) = ("the network".to_owned(), error.to_string());
        Self::Failed { model, message, cause: Some(Box::new(error)) }
    }
}
