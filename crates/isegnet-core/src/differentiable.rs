use crate::{InputShape, Inputs};
use ndarray::{Array3, ArrayView3, Axis, Zip};
use std::error::Error;

/// Why a model could not be evaluated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// The input does not have the model's shape.
    #[error(
        "the input has {got} {what} where {expected} belong; \
         give the model rows of the shape it has"
    )]
    Shape {
        /// What differs: rows, tracks, positions, DNA.
        what: &'static str,
        /// What came.
        got: usize,
        /// What the model takes.
        expected: usize,
    },
    /// Places on a path that do not ascend.
    #[error("the place {after} on a path comes after {before}; give the nodes in ascending order")]
    Order {
        /// A node.
        before: f64,
        /// The next one.
        after: f64,
    },
    /// The model failed.
    #[error("{model} failed: {message}")]
    Failed {
        /// The model's name.
        model: String,
        /// What happened, and the way out.
        message: String,
        /// The error below.
        #[source]
        cause: Option<Box<dyn Error + Send + Sync>>,
    },
}

impl EvaluationError {
    /// Checks that `inputs` are `rows` rows of `shape`.
    ///
    /// # Errors
    /// They are not.
    pub fn check(inputs: &Inputs, rows: usize, shape: &InputShape) -> Result<(), Self> {
        match inputs.misfit(rows, shape) {
            Some((what, got, expected)) => Err(Self::Shape { what, got, expected }),
            None => Ok(()),
        }
    }

    /// Checks that there are as many places for values as there should be.
    ///
    /// # Errors
    /// There are not.
    pub fn check_places(got: usize, expected: usize) -> Result<(), Self> {
        match got == expected {
            true => Ok(()),
            false => Err(Self::Shape { what: "places for values", got, expected }),
        }
    }
}

/// A straight path for each row, from one input to another, and where on it a model is
/// visited.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a, T = f32> {
    /// Where the paths begin: at 0.
    pub from: &'a Inputs<T>,
    /// Where they end: at 1.
    pub to: &'a Inputs<T>,
    /// Places between 0 and 1, ascending.
    pub nodes: &'a [f64],
    /// How much the gradient at each node counts.
    pub weights: &'a [f64],
}

/// A model that gives one number a row, and knows how it changes with the input.
///
/// The network is one; so is any closure with a gradient of your own. Rows do not
/// influence each other. Which number of a model is meant (before its last ReLU, say) is
/// decided when it is made.
pub trait Differentiable: Send {
    /// Shape of the input.
    fn shape(&self) -> &InputShape;

    /// Rows that it takes at a time gladly; more may cost memory, fewer time.
    fn rows_at_once(&self) -> usize {
        32
    }

    /// Fills `values` with the model's value for each row.
    ///
    /// # Errors
    /// The input has another shape, or the model failed.
    fn values_into(&mut self, inputs: &Inputs, values: &mut [f64]) -> Result<(), EvaluationError>;

    /// Fills `gradient` with how each row's value changes with each number of its input,
    /// and `values` with the value.
    ///
    /// `gradient` has the shape of `inputs` and is overwritten.
    ///
    /// # Errors
    /// The input has another shape, or the model failed.
    fn gradient_into(
        &mut self,
        inputs: &Inputs,
        values: &mut [f64],
        gradient: &mut Inputs,
    ) -> Result<(), EvaluationError>;

    /// Fills `gradient` with the weighted sum of the gradients at the nodes of each row's
    /// path, and `values`, `(row, node)`, with the values there.
    ///
    /// As provided, every node is visited by [`gradient_into`](Self::gradient_into), and
    /// sums are in f64. A model that knows a faster way to the same result may go it.
    ///
    /// # Errors
    /// The input has another shape, or the model failed.
    fn path_gradient_into(
        &mut self,
        path: &Path<'_>,
        values: &mut [f64],
        gradient: &mut Inputs,
    ) -> Result<(), EvaluationError> {
        path.check(values.len(), gradient, self.shape())?;
        let steps = path.nodes.len();
        for row in 0..path.to.rows() {
            let [from, to] = [path.from, path.to].map(|inputs| inputs.select(&[row]));
            let mut sum = Inputs::<f64>::zeros(1, self.shape());
            for first in (0..steps).step_by(self.rows_at_once().max(1)) {
                let at = first..(first + self.rows_at_once().max(1)).min(steps);
                let points = points(&from, &to, &path.nodes[at.clone()]);
                let mut gradients = points.clone();
                let values = &mut values[row * steps..][at.clone()];
                self.gradient_into(&points, values, &mut gradients)?;
                add_weighted(&mut sum.tracks, gradients.tracks.view(), &path.weights[at.clone()]);
                add_weighted(&mut sum.dna, gradients.dna.view(), &path.weights[at]);
            }
            let pairs = [(&mut gradient.tracks, sum.tracks), (&mut gradient.dna, sum.dna)];
            for (to, sum) in pairs {
                let sum = sum.index_axis_move(Axis(0), 0);
                Zip::from(to.index_axis_mut(Axis(0), row)).and(&sum).for_each(|to, &v| {
                    *to = v as f32;
                });
            }
        }
        Ok(())
    }
}

impl Path<'_> {
    /// Checks that both ends and the places for results fit the model and each other, and
    /// that the nodes ascend.
    ///
    /// # Errors
    /// They do not.
    pub fn check(
        &self,
        values: usize,
        gradient: &Inputs,
        shape: &InputShape,
    ) -> Result<(), EvaluationError> {
        let (rows, steps) = (self.to.rows(), self.nodes.len());
        for inputs in [self.to, self.from, gradient] {
            EvaluationError::check(inputs, rows, shape)?;
        }
        let got = self.weights.len();
        if got != steps {
            return Err(EvaluationError::Shape { what: "weights of nodes", got, expected: steps });
        }
        if let Some(pair) = self.nodes.windows(2).find(|pair| !pair.is_sorted()) {
            return Err(EvaluationError::Order { before: pair[0], after: pair[1] });
        }
        EvaluationError::check_places(values, rows * steps)
    }
}

/// The points of one row's path, one a row.
fn points(from: &Inputs, to: &Inputs, nodes: &[f64]) -> Inputs {
    let between = |from: &Array3<f32>, to: &Array3<f32>| {
        let (_, positions, columns) = to.dim();
        let mut points = Array3::zeros((nodes.len(), positions, columns));
        for (mut point, &node) in points.outer_iter_mut().zip(nodes) {
            let [from, to] = [from, to].map(|end| end.index_axis(Axis(0), 0));
            Zip::from(&mut point).and(&from).and(&to).for_each(|point, &from, &to| {
                let (from, to) = (f64::from(from), f64::from(to));
                *point = (from + node * (to - from)) as f32;
            });
        }
        points
    };
    Inputs { tracks: between(&from.tracks, &to.tracks), dna: between(&from.dna, &to.dna) }
}

fn add_weighted(sum: &mut Array3<f64>, gradients: ArrayView3<'_, f32>, weights: &[f64]) {
    let mut sum = sum.index_axis_mut(Axis(0), 0);
    for (gradient, &weight) in gradients.outer_iter().zip(weights) {
        Zip::from(&mut sum).and(&gradient).for_each(|sum, &g| *sum += weight * f64::from(g));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half the sum of squares of all numbers; its gradient is the input.
    struct Squares(InputShape);

    impl Differentiable for Squares {
        fn shape(&self) -> &InputShape {
            &self.0
        }

        fn rows_at_once(&self) -> usize {
            2
        }

        fn values_into(&mut self, inputs: &Inputs, out: &mut [f64]) -> Result<(), EvaluationError> {
            EvaluationError::check(inputs, out.len(), &self.0)?;
            for (row, out) in out.iter_mut().enumerate() {
                let one = inputs.select(&[row]);
                let squares = one.tracks.iter().chain(&one.dna).map(|&x| f64::from(x).powi(2));
                *out = 0.5 * squares.sum::<f64>();
            }
            Ok(())
        }

        fn gradient_into(
            &mut self,
            inputs: &Inputs,
            values: &mut [f64],
            gradient: &mut Inputs,
        ) -> Result<(), EvaluationError> {
            self.values_into(inputs, values)?;
            gradient.clone_from(inputs);
            Ok(())
        }
    }

    #[test]
    fn a_path_sums_the_gradients_at_its_nodes() {
        let shape = InputShape { positions: 2, tracks: vec!["a".into()], dna: true };
        let mut model = Squares(shape.clone());
        let (mut from, mut to) = (Inputs::zeros(2, &shape), Inputs::zeros(2, &shape));
        from.tracks[[1, 0, 0]] = 2.0;
        to.tracks[[1, 0, 0]] = 4.0;
        to.dna[[0, 1, 3]] = 1.0;
        let path =
            Path { from: &from, to: &to, nodes: &[0.0, 0.5, 1.0], weights: &[0.25, 0.25, 0.5] };
        let (mut values, mut gradient) = ([0.0; 6], Inputs::zeros(2, &shape));
        model.path_gradient_into(&path, &mut values, &mut gradient).unwrap();
        assert_eq!(values, [0.0, 0.125, 0.5, 2.0, 4.5, 8.0]);
        assert_eq!(gradient.tracks[[1, 0, 0]], 0.25 * 2.0 + 0.25 * 3.0 + 0.5 * 4.0);
        assert_eq!(gradient.dna[[0, 1, 3]], 0.25 * 0.5 + 0.5);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let shape = InputShape { positions: 2, tracks: vec!["a".into()], dna: false };
        let mut model = Squares(shape.clone());
        let (short, to) = (Inputs::zeros(1, &shape), Inputs::zeros(2, &shape));
        let path = Path { from: &short, to: &to, nodes: &[0.5], weights: &[1.0] };
        let mut gradient = to.clone();
        let error = model.path_gradient_into(&path, &mut [0.0; 2], &mut gradient).unwrap_err();
        assert!(error.to_string().contains("1 rows where 2"), "{error}");
        let path = Path { from: &to, to: &to, nodes: &[0.5], weights: &[] };
        assert!(model.path_gradient_into(&path, &mut [0.0; 2], &mut gradient).is_err());
        for nodes in [[0.2, 0.7, 0.3], [0.2, f64::NAN, 0.7]] {
            let path = Path { from: &to, to: &to, nodes: &nodes, weights: &[1.0; 3] };
            let error = model.path_gradient_into(&path, &mut [0.0; 6], &mut gradient).unwrap_err();
            assert!(matches!(error, EvaluationError::Order { .. }), "{error}");
        }
    }
}
