//! A network as any model without a way of its own.

use isegnet_core::{Differentiable, EvaluationError, InputShape, Inputs};
use isegnet_model::NetworkFunction;

/// A network without its own way along a path: every point of it is visited.
pub struct PointByPoint(pub NetworkFunction);

impl Differentiable for PointByPoint {
    fn shape(&self) -> &InputShape {
        self.0.shape()
    }

    fn values_into(&mut self, inputs: &Inputs, values: &mut [f64]) -> Result<(), EvaluationError> {
        self.0.values_into(inputs, values)
    }

    fn gradient_into(
        &mut self,
        inputs: &Inputs,
        values: &mut [f64],
        gradient: &mut Inputs,
    ) -> Result<(), EvaluationError> {
        self.0.gradient_into(inputs, values, gradient)
    }
}
