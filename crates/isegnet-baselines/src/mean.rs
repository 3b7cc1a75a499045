use crate::features::targets;
use crate::predictor::check;
use isegnet_core::{Batch, Examples, FitContext, InputShape, LearnError, Learner, Predictor};

/// Predicts the mean of the training targets, whatever the input.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mean;

struct Constant {
    shape: InputShape,
    value: f32,
}

impl Learner for Mean {
    fn name(&self) -> &str {
        "mean"
    }

    fn fit(
        &self,
        train: &dyn Examples,
        _: &dyn Examples,
        _: &FitContext<'_>,
    ) -> Result<Box<dyn Predictor>, LearnError> {
        let mean = targets(train)?.mean().filter(|m| m.is_finite());
        let value = mean.ok_or_else(|| LearnError::Unsuitable {
            learner: self.name().into(),
            message: "no training row, or a target that is not finite; check the split".into(),
        })?;
        Ok(Box::new(Constant { shape: train.shape().clone(), value: value as f32 }))
    }
}

impl Predictor for Constant {
    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn predict_into(&mut self, batch: &Batch, out: &mut [f32]) -> Result<(), LearnError> {
        check(Mean.name(), &self.shape, batch, out.len())?;
        out.fill(self.value);
        Ok(())
    }
}
