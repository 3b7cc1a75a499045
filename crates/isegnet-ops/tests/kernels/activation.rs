use super::finite_difference::{assert_gradient, dot};
use super::reference;
use super::values::{DOUBLE, SINGLE, assert_close, bit, bits, narrow, rounded, values};
use isegnet_ops::{
    GatedGradient, Moments, Real, ScaleOffsetRelu, avg_pool_forward_into, batch_norm_backward_into,
    batch_norm_backward_sums_add, batch_norm_coefficients, bit_words, moments_add,
    scale_backward_into, scale_offset_relu_avg_pool_into, scale_offset_relu_into,
};
use proptest::prelude::*;

const EPSILON: f64 = 1e-3;
const FACTOR: f64 = 1.25;

fn activate<T: Real>(a: &ScaleOffsetRelu<'_, T>, x: &[T]) -> (Vec<T>, Vec<u64>) {
    let mut y = vec![T::from_f64(f64::NAN); x.len()];
    let mut gate = vec![u64::MAX; bit_words(x.len())];
    scale_offset_relu_into(a, x, &mut y, &mut gate);
    (y, gate)
}

fn activate_pooled<T: Real>(
    a: &ScaleOffsetRelu<'_, T>,
    window: usize,
    x: &[T],
) -> (Vec<T>, Vec<u64>) {
    let channels = a.scale.len();
    let mut y = vec![T::from_f64(f64::NAN); x.len() / channels / window * channels];
    let mut gate = vec![u64::MAX; bit_words(x.len())];
    scale_offset_relu_avg_pool_into(a, window, x, &mut y, &mut gate);
    (y, gate)
}

fn compare<T: Real>(
    rows: usize,
    channels: usize,
    relu: bool,
    drop: bool,
    seed: u64,
    tolerance: f64,
) {
    let x = rounded(&values(seed, rows * channels));
    let scale = rounded(&values(seed + 1, channels));
    let offset = rounded(&values(seed + 2, channels));
    let keep = bits(seed + 3, bit_words(x.len()));
    let (scale_t, offset_t) = (narrow::<T>(&scale), narrow::<T>(&offset));
    let keep_t = drop.then_some((keep.as_slice(), T::from_f64(FACTOR)));
    let a = ScaleOffsetRelu { scale: &scale_t, offset: &offset_t, relu, keep: keep_t };
    let (y, gate) = activate(&a, &narrow::<T>(&x));

    let before: Vec<f64> =
        x.iter().enumerate().map(|(e, v)| v * scale[e % channels] + offset[e % channels]).collect();
    let after = if relu { reference::relu(&before) } else { before.clone() };
    let after = if drop { reference::dropout(&after, &keep, FACTOR) } else { after };
    assert_close(&y, &after, tolerance);
    for (e, v) in before.iter().enumerate() {
        let sure = v.abs() > 1e-6;
        let open = (!relu || *v > 0.0) && (!drop || bit(&keep, e));
        assert!(!sure || bit(&gate, e) == open, "gate of element {e}");
    }
    for e in x.len()..gate.len() * 64 {
        assert!(!bit(&gate, e), "bit {e} after the last element");
    }
}

/// The network's training chain: batch norm, ReLU, dropout, average pool, and its gradients.
struct Chain {
    channels: usize,
    window: usize,
    keep: Vec<u64>,
    dy: Vec<f64>,
}

impl Chain {
    fn loss(&self, x: &[f64], gamma: &[f64], beta: &[f64]) -> f64 {
        let y = reference::relu(&reference::batch_norm(x, gamma, beta, EPSILON));
        let y = reference::dropout(&y, &self.keep, FACTOR);
        dot(&reference::pool(self.channels, self.window, &y, reference::mean), &self.dy)
    }

    /// (dx, dgamma, dbeta) by the kernels, in type `T`.
    fn gradients<T: Real>(&self, x: &[f64], gamma: &[f64], beta: &[f64]) -> [Vec<f64>; 3] {
        let n = self.channels;
        let rows = x.len() / n;
        let (x, dy) = (narrow::<T>(x), narrow::<T>(&self.dy));
        let (mut sum, mut squares) = (vec![0.0; n], vec![0.0; n]);
        moments_add(n, &x, &x[..n], &mut sum, &mut squares);
        let moments: Vec<Moments> =
            (0..n).map(|c| Moments::from_sums(rows, x[c].to_f64(), sum[c], squares[c])).collect();
        let pairs: Vec<(f64, f64)> =
            (0..n).map(|c| moments[c].scale_and_offset(gamma[c], beta[c], EPSILON)).collect();
        let scale = narrow::<T>(&pairs.iter().map(|p| p.0).collect::<Vec<_>>());
        let offset = narrow::<T>(&pairs.iter().map(|p| p.1).collect::<Vec<_>>());
        let factor = T::from_f64(FACTOR);
        let keep = Some((self.keep.as_slice(), factor));
        let a = ScaleOffsetRelu { scale: &scale, offset: &offset, relu: true, keep };
        let (_, gate) = activate_pooled(&a, self.window, &x);

        let g = GatedGradient { dy: &dy, window: self.window, gate: &gate, factor };
        let center = narrow::<T>(&moments.iter().map(|m| m.mean + 0.01).collect::<Vec<_>>());
        let (mut sum, mut centered) = (vec![0.0; n], vec![0.0; n]);
        batch_norm_backward_sums_add(&g, &x, &center, &mut sum, &mut centered);
        let of: Vec<_> = (0..n)
            .map(|c| {
                let sums = (sum[c], centered[c]);
                batch_norm_coefficients(
                    rows,
                    moments[c],
                    (gamma[c], EPSILON),
                    center[c].to_f64(),
                    sums,
                )
            })
            .collect();
        let a = narrow::<T>(&of.iter().map(|o| o.of_gradient).collect::<Vec<_>>());
        let k = narrow::<T>(&of.iter().map(|o| o.of_input).collect::<Vec<_>>());
        let h = narrow::<T>(&of.iter().map(|o| o.constant).collect::<Vec<_>>());
        let mut dx = vec![T::from_f64(f64::NAN); x.len()];
        batch_norm_backward_into(&g, &x, [&a, &k, &h], &mut dx);
        [
            dx.iter().map(|v| v.to_f64()).collect(),
            of.iter().map(|o| o.gamma).collect(),
            of.iter().map(|o| o.beta).collect(),
        ]
    }
}

fn chain(rows: usize, channels: usize, window: usize, seed: u64) -> (Chain, [Vec<f64>; 3]) {
    let chain = Chain {
        channels,
        window,
        keep: bits(seed, bit_words(rows * channels)),
        dy: rounded(&values(seed + 1, rows / window * channels)),
    };
    let x = rounded(&values(seed + 2, rows * channels));
    let gamma = values(seed + 3, channels).iter().map(|v| 1.0 + 0.5 * v).collect();
    let beta = values(seed + 4, channels);
    (chain, [x, gamma, beta])
}

proptest! {
    #[test]
    fn activations_equal_the_reference(
        rows in 0..40usize, channels in 1..150usize, relu: bool, drop: bool, seed in 0u64..1 << 40,
    ) {
        compare::<f32>(rows, channels, relu, drop, seed, SINGLE);
        compare::<f64>(rows, channels, relu, drop, seed, DOUBLE);
    }

    #[test]
    fn pooling_at_once_gives_the_same_bits(
        rows in 0..40usize, channels in 1..150usize, window in 1..7usize, seed in 0u64..1 << 40,
    ) {
        let x = narrow::<f32>(&values(seed, rows * channels));
        let (scale, offset) = (narrow(&values(seed + 1, channels)), narrow(&values(seed + 2, channels)));
        let keep = bits(seed + 3, bit_words(x.len()));
        let a = ScaleOffsetRelu { scale: &scale, offset: &offset, relu: true, keep: Some((&keep, 2.0f32)) };
        let (y, gate) = activate(&a, &x);
        let (pooled, pooled_gate) = activate_pooled(&a, window, &x);
        let mut want = vec![0.0; pooled.len()];
        avg_pool_forward_into(channels, window, &y, &mut want);
        prop_assert_eq!(pooled, want);
        for e in 0..x.len() {
            let seen = e < rows / window * window * channels;
            prop_assert_eq!(bit(&pooled_gate, e), seen && bit(&gate, e));
        }
    }

    #[test]
    fn training_gradients_equal_finite_differences(
        rows in 2..12usize, channels in 1..5usize, window in 1..4usize, seed in 0u64..1 << 40,
    ) {
        let (chain, [x, gamma, beta]) = chain(rows, channels, window, seed);
        let before = reference::batch_norm(&x, &gamma, &beta, EPSILON);
        // No difference is taken across the corner of a ReLU.
        prop_assume!(before.iter().all(|v| v.abs() > 1e-3));
        let [dx, dgamma, dbeta] = chain.gradients::<f64>(&x, &gamma, &beta);
        assert_gradient("input", |x| chain.loss(x, &gamma, &beta), &x, &dx);
        assert_gradient("gamma", |g| chain.loss(&x, g, &beta), &gamma, &dgamma);
        assert_gradient("beta", |b| chain.loss(&x, &gamma, b), &beta, &dbeta);
    }

    #[test]
    fn training_gradients_agree_in_both_types(
        rows in 2..120usize, channels in 1..140usize, window in 1..7usize, seed in 0u64..1 << 40,
    ) {
        let (chain, [x, gamma, beta]) = chain(rows, channels, window, seed);
        let before = reference::batch_norm(&x, &gamma, &beta, EPSILON);
        prop_assume!(before.iter().all(|v| v.abs() > 1e-5));
        let single = chain.gradients::<f32>(&x, &gamma, &beta);
        for (single, double) in single.iter().zip(chain.gradients::<f64>(&x, &gamma, &beta)) {
            assert_close(single, &double, 1e-4);
        }
    }

    /// A constant added to a channel is normalised away, so dx sums to 0.
    #[test]
    fn a_channels_input_gradient_sums_to_nothing(
        rows in 2..60usize, channels in 1..40usize, window in 1..4usize, seed in 0u64..1 << 40,
    ) {
        let (chain, [x, gamma, beta]) = chain(rows, channels, window, seed);
        let [dx, ..] = chain.gradients::<f64>(&x, &gamma, &beta);
        for c in 0..channels {
            let sum: f64 = dx.iter().skip(c).step_by(channels).sum();
            prop_assert!(sum.abs() < 1e-9, "{}", sum);
        }
    }

    #[test]
    fn constant_scale_gradients_equal_finite_differences(
        rows in 1..12usize, channels in 1..5usize, window in 1..4usize, seed in 0u64..1 << 40,
    ) {
        let x = values(seed, rows * channels);
        let (scale, offset) = (values(seed + 1, channels), values(seed + 2, channels));
        let dy = values(seed + 3, rows / window * channels);
        let keep = bits(seed + 4, bit_words(x.len()));
        let a = ScaleOffsetRelu { scale: &scale, offset: &offset, relu: true, keep: Some((&keep, FACTOR)) };
        let corner = |(e, v): (usize, &f64)| (v * scale[e % channels] + offset[e % channels]).abs() < 1e-4;
        prop_assume!(!x.iter().enumerate().any(corner));
        let (_, gate) = activate_pooled(&a, window, &x);
        let g = GatedGradient { dy: &dy, window, gate: &gate, factor: FACTOR };
        let mut dx = vec![f64::NAN; x.len()];
        scale_backward_into(&g, &scale, &mut dx);
        assert_gradient("input", |x| dot(&activate_pooled(&a, window, x).0, &dy), &x, &dx);
    }
}

#[test]
fn nothing_passes_at_exactly_zero() {
    let a = ScaleOffsetRelu { scale: &[1.0f32], offset: &[0.0], relu: true, keep: None };
    let (y, gate) = activate(&a, &[-1.0, -0.0, 0.0, f32::MIN_POSITIVE]);
    assert_eq!(y, [0.0, 0.0, 0.0, f32::MIN_POSITIVE]);
    assert_eq!(gate, [0b1000]);
}

#[test]
fn nan_is_not_rectified_away() {
    let a = ScaleOffsetRelu { scale: &[1.0f32], offset: &[0.0], relu: true, keep: None };
    assert!(activate(&a, &[f32::NAN]).0[0].is_nan());
}
