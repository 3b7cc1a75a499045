//! The definitions, written as slowly and plainly as they can be.

use super::values::bit;
use isegnet_ops::ConvShape;

pub fn conv(s: &ConvShape, x: &[f64], kernel: &[f64], bias: Option<&[f64]>) -> Vec<f64> {
    let mut y = vec![0.0; s.output_len()];
    for r in 0..s.out_rows() {
        for o in 0..s.outputs {
            let mut sum = bias.map_or(0.0, |b| b[o]);
            for t in 0..s.taps {
                for i in 0..s.inputs {
                    let weight = kernel[(t * s.inputs + i) * s.outputs + o];
                    sum += x[(r + t) * s.inputs + i] * weight;
                }
            }
            y[r * s.outputs + o] = sum;
        }
    }
    y
}

/// Gradients with respect to input and kernel: every product of [`conv`], turned round.
pub fn conv_gradients(
    s: &ConvShape,
    x: &[f64],
    kernel: &[f64],
    dy: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    let (mut dx, mut dkernel) = (vec![0.0; s.input_len()], vec![0.0; s.kernel_len()]);
    for r in 0..s.out_rows() {
        for o in 0..s.outputs {
            for t in 0..s.taps {
                for i in 0..s.inputs {
                    let (at, weight) = ((r + t) * s.inputs + i, (t * s.inputs + i) * s.outputs + o);
                    dx[at] += dy[r * s.outputs + o] * kernel[weight];
                    dkernel[weight] += dy[r * s.outputs + o] * x[at];
                }
            }
        }
    }
    (dx, dkernel)
}

/// (rows, channels), each `window` rows joined by `join`.
pub fn pool(channels: usize, window: usize, x: &[f64], join: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let out_rows = x.len() / channels / window;
    let mut y = vec![0.0; out_rows * channels];
    for q in 0..out_rows {
        for c in 0..channels {
            let seen: Vec<f64> = (0..window).map(|w| x[(q * window + w) * channels + c]).collect();
            y[q * channels + c] = join(&seen);
        }
    }
    y
}

pub fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

pub fn largest(x: &[f64]) -> f64 {
    x.iter().fold(f64::NEG_INFINITY, |m, &v| m.max(v))
}

/// (outputs of x (batch, inputs) times kernel (inputs, outputs)) + bias.
pub fn dense(batch: usize, inputs: usize, x: &[f64], kernel: &[f64], bias: &[f64]) -> Vec<f64> {
    let outputs = bias.len();
    let mut y = vec![0.0; batch * outputs];
    for b in 0..batch {
        for o in 0..outputs {
            let products = (0..inputs).map(|i| x[b * inputs + i] * kernel[i * outputs + o]);
            y[b * outputs + o] = bias[o] + products.sum::<f64>();
        }
    }
    y
}

/// Mean and biased variance of each channel, by two passes.
pub fn moments(channels: usize, x: &[f64]) -> Vec<(f64, f64)> {
    let column = |c| x.iter().skip(c).step_by(channels).copied().collect::<Vec<f64>>();
    (0..channels)
        .map(|c| {
            let x = column(c);
            let m = mean(&x);
            (m, mean(&x.iter().map(|v| (v - m) * (v - m)).collect::<Vec<f64>>()))
        })
        .collect()
}

/// Batch normalisation by the statistics of `x` itself.
pub fn batch_norm(x: &[f64], gamma: &[f64], beta: &[f64], epsilon: f64) -> Vec<f64> {
    let channels = gamma.len();
    let moments = moments(channels, x);
    x.iter()
        .enumerate()
        .map(|(e, v)| {
            let (mean, variance) = moments[e % channels];
            gamma[e % channels] * (v - mean) / (variance + epsilon).sqrt() + beta[e % channels]
        })
        .collect()
}

pub fn relu(x: &[f64]) -> Vec<f64> {
    x.iter().map(|v| v.max(0.0)).collect()
}

pub fn dropout(x: &[f64], keep: &[u64], factor: f64) -> Vec<f64> {
    x.iter().enumerate().map(|(e, v)| if bit(keep, e) { v * factor } else { 0.0 }).collect()
}
