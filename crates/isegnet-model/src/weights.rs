//! The network's numbers, by name, in one stretch of memory.

use crate::plan::Plan;
use isegnet_core::Random;
use num_traits::{Float, NumCast};
use std::ops::Range;
use std::sync::Arc;

/// What a parameter is, which says how it starts and how it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A kernel: Glorot-uniform at the start, penalised, trained.
    Kernel,
    /// A bias or a batch norm's shift: 0 at the start, trained.
    Shift,
    /// A batch norm's scale: 1 at the start, trained.
    Scale,
    /// A batch norm's moving mean: 0 at the start, measured.
    MovingMean,
    /// A batch norm's moving variance: 1 at the start, measured.
    MovingVariance,
}

impl Role {
    /// Tells whether the optimiser changes it.
    pub fn is_trained(self) -> bool {
        matches!(self, Self::Kernel | Self::Shift | Self::Scale)
    }
}

/// One named parameter and where it lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Name, such as `epi.conv1.kernel`.
    pub name: String,
    /// Shape in the Keras order: convolutions `[rows, columns, in, out]`, dense `[in, out]`.
    pub shape: Vec<usize>,
    /// What it is.
    pub role: Role,
    /// Where its values lie.
    pub range: Range<usize>,
}

/// The parameters of a network, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    parameters: Vec<Parameter>,
    len: usize,
}

impl Layout {
    /// Lists the parameters of a plan.
    pub fn new(plan: &Plan) -> Self {
        let mut layout = Self { parameters: Vec::new(), len: 0 };
        for branch in &plan.branches {
            for (i, block) in branch.blocks.iter().enumerate() {
                // The first convolution of a branch runs over its input columns.
                let columns = if i == 0 { block.inputs } else { 1 };
                layout.conv(block, columns);
            }
        }
        for block in &plan.merged {
            layout.conv(block, block.columns);
        }
        for block in &plan.dense {
            layout.push(&block.name, "kernel", &[block.inputs, block.outputs], Role::Kernel);
            layout.push(&block.name, "bias", &[block.outputs], Role::Shift);
            layout.batch_norm(block.bn.as_deref(), block.outputs);
        }
        layout
    }

    fn conv(&mut self, block: &crate::plan::ConvBlock, columns: usize) {
        let shape = [block.taps, columns, block.inputs / columns, block.outputs];
        self.push(&block.name, "kernel", &shape, Role::Kernel);
        if block.bias {
            self.push(&block.name, "bias", &[block.outputs], Role::Shift);
        }
        self.batch_norm(block.bn.as_deref(), block.outputs);
    }

    fn batch_norm(&mut self, name: Option<&str>, channels: usize) {
        let Some(name) = name else { return };
        self.push(name, "gamma", &[channels], Role::Scale);
        self.push(name, "beta", &[channels], Role::Shift);
        self.push(name, "moving_mean", &[channels], Role::MovingMean);
        self.push(name, "moving_variance", &[channels], Role::MovingVariance);
    }

    fn push(&mut self, layer: &str, part: &str, shape: &[usize], role: Role) {
        let end = self.len + shape.iter().product::<usize>();
        self.parameters.push(Parameter {
            name: format!("{layer}.{part}"),
            shape: shape.to_vec(),
            role,
            range: self.len..end,
        });
        self.len = end;
    }

    /// The parameters, in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Number of values, moving statistics included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there is no parameter.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Number of values that are trained.
    pub fn trained(&self) -> usize {
        self.parameters.iter().filter(|p| p.role.is_trained()).map(|p| p.range.len()).sum()
    }

    /// Tells whether there are moving statistics.
    pub(crate) fn has_statistics(&self) -> bool {
        self.parameters.iter().any(|p| !p.role.is_trained())
    }

    /// Finds a parameter by name.
    pub fn find(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.name == name)
    }
}

/// A value for every parameter of a layout: weights, their gradient, or an
/// optimiser's moments.
///
/// In a gradient, the places of the moving statistics hold what the batch
/// measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights<T = f32> {
    layout: Arc<Layout>,
    values: Vec<T>,
}

impl<T: Float> Weights<T> {
    /// Makes weights that are all 0.
    pub fn zeros(layout: &Arc<Layout>) -> Self {
        Self { layout: Arc::clone(layout), values: vec![T::zero(); layout.len()] }
    }

    /// Makes the weights a training starts from: Glorot-uniform kernels, the
    /// same for the same seed.
    pub fn initial(layout: &Arc<Layout>, seed: u64) -> Self {
        let mut weights = Self::zeros(layout);
        for p in layout.parameters() {
            let values = &mut weights.values[p.range.clone()];
            match p.role {
                Role::Scale | Role::MovingVariance => values.fill(T::one()),
                Role::Shift | Role::MovingMean => {}
                Role::Kernel => glorot_uniform(p, seed, values),
            }
        }
        weights
    }

    /// The parameters these are the values of.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// All values, in the layout's order.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All values, to be changed.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// Values of one parameter.
    ///
    /// # Panics
    /// The layout has no such parameter.
    pub fn get(&self, name: &str) -> &[T] {
        &self.values[self.range(name)]
    }

    /// Values of one parameter, to be changed.
    ///
    /// # Panics
    /// The layout has no such parameter.
    pub fn get_mut(&mut self, name: &str) -> &mut [T] {
        let range = self.range(name);
        &mut self.values[range]
    }

    fn range(&self, name: &str) -> Range<usize> {
        match self.layout.find(name) {
            Some(p) => p.range.clone(),
            None => panic!("this network has no parameter {name}"),
        }
    }

    /// The same weights in another precision.
    pub fn cast<U: Float>(&self) -> Weights<U> {
        let cast = |&v| <U as NumCast>::from(v).unwrap_or_else(U::nan);
        Weights { layout: Arc::clone(&self.layout), values: self.values.iter().map(cast).collect() }
    }
}

/// Fills a kernel from the uniform distribution on +-sqrt(6 / (fan in + fan out)).
fn glorot_uniform<T: Float>(p: &Parameter, seed: u64, values: &mut [T]) {
    let [.., inputs, outputs] = p.shape[..] else { return };
    let field: usize = p.shape[..p.shape.len() - 2].iter().product();
    let limit = (6.0 / (field * (inputs + outputs)) as f64).sqrt();
    let random = Random::new(seed, &format!("init/{}", p.name));
    for (i, v) in values.iter_mut().enumerate() {
        let u = limit * (2.0 * random.uniform(0, i as u64) - 1.0);
        *v = <T as NumCast>::from(u).unwrap_or_else(T::nan);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NetworkConfig;
    use isegnet_core::InputShape;

    #[test]
    fn gao2022_has_the_published_number_of_parameters() {
        let tracks = (0..7).map(|i| format!("t{i}")).collect();
        let shape = InputShape { positions: 2500, tracks, dna: true };
        let plan = Plan::new(&NetworkConfig::gao2022(), &shape).unwrap();
        assert_eq!(Layout::new(&plan).trained(), 2_056_379);
    }

    #[test]
    fn deepchrome_has_kernels_and_biases_only() {
        let tracks = (0..5).map(|i| format!("t{i}")).collect();
        let shape = InputShape { positions: 100, tracks, dna: false };
        let layout = Layout::new(&Plan::new(&NetworkConfig::deepchrome(), &shape).unwrap());
        let convolution = 5 * 10 * 50 + 50;
        let dense = 900 * 625 + 625 + (625 * 125 + 125) + (125 + 1);
        assert_eq!((layout.trained(), layout.len()), (convolution + dense, convolution + dense));
        let names: Vec<&str> = layout.parameters().iter().map(|p| p.name.as_str()).collect();
        let layers = ["epi.conv1", "dense1", "dense2", "out"];
        let expected = layers.map(|name| [format!("{name}.kernel"), format!("{name}.bias")]);
        assert_eq!(names, expected.concat());
        assert!(!layout.has_statistics());
    }
}
