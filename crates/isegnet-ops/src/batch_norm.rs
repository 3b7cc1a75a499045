/// Mean and biased variance of one channel over all rows of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Mean.
    pub mean: f64,
    /// Mean squared deviation from the mean.
    pub variance: f64,
}

impl Moments {
    /// Computes the moments of one channel from what
    /// [`moments_add`](crate::moments_add) added up over `rows` rows.
    ///
    /// `mean = shift + sum / rows`,
    /// `variance = sum_of_squares / rows - (sum / rows)^2`, at least 0.
    /// No rows give a mean of `shift` and a variance of 0.
    pub fn from_sums(rows: usize, shift: f64, sum: f64, sum_of_squares: f64) -> Self {
        let n = rows.max(1) as f64;
        let off = sum / n;
        let variance = sum_of_squares / n - off * off;
        // A comparison rather than f64::max, which would turn NaN into 0.
        let variance = if variance < 0.0 { 0.0 } else { variance };
        Self { mean: shift + off, variance }
    }

    /// 1 / sqrt(variance + epsilon).
    pub fn inverse_deviation(&self, epsilon: f64) -> f64 {
        (self.variance + epsilon).sqrt().recip()
    }

    /// Scale and offset that normalise: `x * scale + offset = gamma * (x - mean) / sqrt(variance + epsilon) + beta`.
    ///
    /// `scale = gamma / sqrt(variance + epsilon)`, `offset = beta - mean * scale`.
    pub fn scale_and_offset(&self, gamma: f64, beta: f64, epsilon: f64) -> (f64, f64) {
        let scale = gamma * self.inverse_deviation(epsilon);
        (scale, beta - self.mean * scale)
    }
}

/// Gradients of batch normalisation for one channel.
///
/// The gradient with respect to the input is
/// `dx = of_gradient * g + of_input * x + constant`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BatchNormGradient {
    /// Gradient with respect to gamma.
    pub gamma: f64,
    /// Gradient with respect to beta.
    pub beta: f64,
    /// What the output gradient is multiplied with.
    pub of_gradient: f64,
    /// What the input is multiplied with.
    pub of_input: f64,
    /// What is added.
    pub constant: f64,
}

/// Computes the gradients of batch normalisation over the batch's own statistics, for one channel.
///
/// With n = `rows`, i = 1 / sqrt(variance + epsilon), xhat = (x - mean) * i, and
/// y = gamma * xhat + beta with output gradient g, the statistics depend on x and
///
/// - dbeta = sum(g)
/// - dgamma = sum(g * xhat) = i * sum(g * (x - mean))
/// - dx = gamma * i * (g - dbeta / n - xhat * dgamma / n)
///
/// (Ioffe and Szegedy 2015, section 3). Sorted by g, x and what is left, dx is
/// of_gradient * g + of_input * x + constant with
///
/// - of_gradient = gamma * i
/// - of_input = -of_gradient * i * dgamma / n
/// - constant = -of_gradient * dbeta / n - of_input * mean
///
/// `sum` is sum(g) and `sum_centered` sum(g * (x - center)), as
/// [`batch_norm_backward_sums_add`](crate::batch_norm_backward_sums_add) adds them up
/// over all rows of the batch.
pub fn batch_norm_coefficients(
    rows: usize,
    moments: Moments,
    (gamma, epsilon): (f64, f64),
    center: f64,
    (sum, sum_centered): (f64, f64),
) -> BatchNormGradient {
    let n = rows.max(1) as f64;
    let inverse = moments.inverse_deviation(epsilon);
    let dgamma = inverse * (sum_centered - (moments.mean - center) * sum);
    let of_gradient = gamma * inverse;
    let of_input = -of_gradient * inverse * dgamma / n;
    let constant = -of_gradient * sum / n - of_input * moments.mean;
    BatchNormGradient { gamma: dgamma, beta: sum, of_gradient, of_input, constant }
}
