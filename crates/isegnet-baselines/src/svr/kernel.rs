use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Rows and vectors of one block of an expansion.
const BLOCK: [usize; 2] = [64, 1024];

/// The width of a kernel: how fast likeness falls with distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gamma {
    /// 1 / (features x variance of all training values), scikit-learn's default.
    Scale,
    /// 1 / features.
    Auto,
    /// This number.
    Value(f64),
}

/// How alike two rows are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// x'z.
    Linear,
    /// exp(-gamma |x - z|^2).
    Rbf {
        /// The width.
        gamma: Gamma,
    },
    /// (gamma x'z + coef0)^degree.
    Polynomial {
        /// The power.
        degree: u32,
        /// The factor.
        gamma: Gamma,
        /// What is added.
        coef0: f64,
    },
}

impl Gamma {
    fn on(self, x: ArrayView2<'_, f64>) -> f64 {
        let features = x.ncols().max(1) as f64;
        match self {
            Self::Value(gamma) => gamma,
            Self::Auto => 1.0 / features,
            Self::Scale => {
                let variance = variance(x);
                if variance > 0.0 { 1.0 / (features * variance) } else { 1.0 }
            }
        }
    }
}

/// The variance of all values of a matrix.
fn variance(x: ArrayView2<'_, f64>) -> f64 {
    let n = x.len().max(1) as f64;
    let mean = x.sum() / n;
    x.rows().into_iter().map(|r| r.fold(0.0, |s, v| s + (v - mean) * (v - mean))).sum::<f64>() / n
}

/// A kernel whose width is a number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Function {
    Linear,
    Rbf { gamma: f64 },
    Polynomial { degree: u32, gamma: f64, coef0: f64 },
}

impl Function {
    /// Settles the width on training rows.
    pub fn on(kernel: Kernel, x: ArrayView2<'_, f64>) -> Self {
        match kernel {
            Kernel::Linear => Self::Linear,
            Kernel::Rbf { gamma } => Self::Rbf { gamma: gamma.on(x) },
            Kernel::Polynomial { degree, gamma, coef0 } => {
                Self::Polynomial { degree, gamma: gamma.on(x), coef0 }
            }
        }
    }

    pub fn gamma(self) -> Option<f64> {
        match self {
            Self::Linear => None,
            Self::Rbf { gamma } | Self::Polynomial { gamma, .. } => Some(gamma),
        }
    }

    /// Its parameters that may be any number.
    pub fn numbers(self) -> Vec<f64> {
        match self {
            Self::Linear => Vec::new(),
            Self::Rbf { gamma } => vec![gamma],
            Self::Polynomial { gamma, coef0, .. } => vec![gamma, coef0],
        }
    }

    /// The kernel of two rows, from their product and their squared norms.
    #[inline]
    fn of(self, dot: f64, a: f64, b: f64) -> f64 {
        match self {
            Self::Linear => dot,
            Self::Rbf { gamma } => {
                // Not by `max`, which makes NaN a 0.
                let distance = a + b - 2.0 * dot;
                (-gamma * if distance < 0.0 { 0.0 } else { distance }).exp()
            }
            Self::Polynomial { degree, gamma, coef0 } => {
                (gamma * dot + coef0).powi(degree.try_into().unwrap_or(i32::MAX))
            }
        }
    }

    /// The kernel of a row with itself.
    pub fn diagonal(self, norm: f64) -> f64 {
        self.of(norm, norm, norm)
    }

    /// Fills `out`, `(row of a, row of b)`.
    pub fn block(self, a: Points<'_>, b: Points<'_>, mut out: ArrayViewMut2<'_, f64>) {
        general_mat_mul(1.0, &a.x, &b.x.t(), 0.0, &mut out);
        for (mut row, &a) in out.rows_mut().into_iter().zip(a.norms) {
            for (value, &b) in row.iter_mut().zip(b.norms) {
                *value = self.of(*value, a, b);
            }
        }
    }
}

/// Rows with their squared norms.
#[derive(Clone, Copy)]
pub(crate) struct Points<'a> {
    x: ArrayView2<'a, f64>,
    norms: &'a [f64],
}

impl<'a> Points<'a> {
    pub fn new(x: ArrayView2<'a, f64>, norms: &'a [f64]) -> Self {
        debug_assert_eq!(x.nrows(), norms.len());
        Self { x, norms }
    }

    pub fn len(self) -> usize {
        self.norms.len()
    }

    /// The squared norm of a row.
    pub fn norm(self, row: usize) -> f64 {
        self.norms[row]
    }

    /// Copies the chosen rows.
    pub fn select(self, rows: &[usize]) -> OwnPoints {
        let x = self.x.select(Axis(0), rows);
        OwnPoints { x, norms: rows.iter().map(|&r| self.norms[r]).collect() }
    }

    /// Some rows after each other.
    pub fn slice(self, rows: Range<usize>) -> Self {
        Self { norms: &self.norms[rows.clone()], x: self.x.slice_move(s![rows, ..]) }
    }
}

/// Rows of their own.
pub(crate) struct OwnPoints {
    x: Array2<f64>,
    norms: Vec<f64>,
}

impl OwnPoints {
    pub fn points(&self) -> Points<'_> {
        Points::new(self.x.view(), &self.norms)
    }
}

/// Squared norms of rows.
pub(crate) fn norms(x: ArrayView2<'_, f64>) -> Vec<f64> {
    x.rows().into_iter().map(|r| r.dot(&r)).collect()
}

/// Gives the sum of weights x kernel over all vectors, for each row; `kept` rounds
/// the kernel.
pub(crate) fn expand(
    function: Function,
    rows: Points<'_>,
    vectors: Points<'_>,
    weights: &[f64],
    kept: impl Fn(f64) -> f64 + Sync,
) -> Vec<f64> {
    let [height, width] = BLOCK;
    let mut out = vec![0.0; rows.len()];
    out.par_chunks_mut(height).enumerate().for_each(|(i, out)| {
        let rows = rows.slice(i * height..i * height + out.len());
        let mut block = Array2::zeros((out.len(), width));
        for (j, weights) in weights.chunks(width).enumerate() {
            let vectors = vectors.slice(j * width..j * width + weights.len());
            let mut block = block.slice_mut(s![.., ..weights.len()]);
            function.block(rows, vectors, block.view_mut());
            for (out, row) in out.iter_mut().zip(block.rows()) {
                *out += row.iter().zip(weights).map(|(&k, w)| kept(k) * w).sum::<f64>();
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn kernels_done_by_hand() {
        let (a, b) = (array![[1.0, 2.0]], array![[3.0, 1.0], [1.0, 2.0]]);
        let of = |kernel| {
            let mut out = Array2::zeros((1, 2));
            let (na, nb) = (norms(a.view()), norms(b.view()));
            let (a, b) = (Points::new(a.view(), &na), Points::new(b.view(), &nb));
            Function::on(kernel, b.x).block(a, b, out.view_mut());
            out.row(0).to_vec()
        };
        assert_eq!(of(Kernel::Linear), [5.0, 5.0]);
        assert_eq!(of(Kernel::Rbf { gamma: Gamma::Value(0.1) }), [(-0.5_f64).exp(), 1.0]);
        let cubic = Kernel::Polynomial { degree: 3, gamma: Gamma::Auto, coef0: 1.0 };
        assert_eq!(of(cubic), [42.875, 42.875]);
        // Values 3, 1, 1, 2 have variance 11 / 16.
        let scale = Function::on(Kernel::Rbf { gamma: Gamma::Scale }, b.view());
        assert_eq!(scale.gamma(), Some(8.0 / 11.0));
    }
}
