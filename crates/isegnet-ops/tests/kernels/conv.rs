use super::finite_difference::{assert_gradient, dot};
use super::reference;
use super::values::{DOUBLE, SINGLE, assert_close, narrow, rounded, values};
use isegnet_ops::{
    ConvShape, Real, column_sums_add, conv_forward_into, conv_input_gradient_into,
    conv_kernel_gradient_add, flip_kernel_into,
};
use proptest::prelude::*;

fn shapes() -> impl Strategy<Value = ConvShape> {
    let channels = || prop_oneof![Just(1usize), 2..9usize, Just(17), Just(32), Just(66)];
    (0..90usize, 1..23usize, channels(), channels())
        .prop_map(|(rows, taps, inputs, outputs)| ConvShape { rows, taps, inputs, outputs })
}

fn small_shapes() -> impl Strategy<Value = ConvShape> {
    (1..9usize, 1..4usize, 1..4usize, 1..4usize)
        .prop_map(|(rows, taps, inputs, outputs)| ConvShape { rows, taps, inputs, outputs })
}

fn forward<T: Real>(s: &ConvShape, x: &[T], kernel: &[T], bias: Option<&[T]>) -> Vec<T> {
    let mut y = vec![T::from_f64(f64::NAN); s.output_len()];
    conv_forward_into(s, x, kernel, bias, &mut y);
    y
}

fn input_gradient<T: Real>(s: &ConvShape, kernel: &[T], dy: &[T]) -> Vec<T> {
    let mut flipped = vec![T::ZERO; s.kernel_len()];
    flip_kernel_into(s, kernel, &mut flipped);
    let mut padded = vec![T::ZERO; s.padded_gradient_len()];
    padded[(s.taps - 1) * s.outputs..][..dy.len()].copy_from_slice(dy);
    let mut dx = vec![T::from_f64(f64::NAN); s.input_len()];
    conv_input_gradient_into(s, &padded, &flipped, &mut dx);
    dx
}

fn kernel_gradient<T: Real>(s: &ConvShape, x: &[T], dy: &[T]) -> Vec<T> {
    let mut dkernel = vec![T::ZERO; s.kernel_len()];
    conv_kernel_gradient_add(s, x, dy, &mut dkernel);
    dkernel
}

fn compare<T: Real>(s: &ConvShape, seed: u64, tolerance: f64) {
    let x = rounded(&values(seed, s.input_len()));
    let kernel = rounded(&values(seed + 1, s.kernel_len()));
    let bias = rounded(&values(seed + 2, s.outputs));
    let dy = rounded(&values(seed + 3, s.output_len()));
    let (tx, tk, tb, td) =
        (narrow::<T>(&x), narrow::<T>(&kernel), narrow::<T>(&bias), narrow::<T>(&dy));

    let plain = reference::conv(s, &x, &kernel, None);
    assert_close(&forward(s, &tx, &tk, None), &plain, tolerance);
    let with_bias = reference::conv(s, &x, &kernel, Some(&bias));
    assert_close(&forward(s, &tx, &tk, Some(&tb)), &with_bias, tolerance);

    let (dx, dkernel) = reference::conv_gradients(s, &x, &kernel, &dy);
    assert_close(&input_gradient(s, &tk, &td), &dx, tolerance);
    assert_close(&kernel_gradient(s, &tx, &td), &dkernel, tolerance);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn passes_equal_the_reference(s in shapes(), seed in 0u64..1 << 40) {
        compare::<f32>(&s, seed, SINGLE);
        compare::<f64>(&s, seed, DOUBLE);
    }

    #[test]
    fn gradients_equal_finite_differences(s in small_shapes(), seed in 0u64..1 << 40) {
        let x = values(seed, s.input_len());
        let kernel = values(seed + 1, s.kernel_len());
        let bias = values(seed + 2, s.outputs);
        let dy = values(seed + 3, s.output_len());
        let loss = |x: &[f64], k: &[f64], b: &[f64]| dot(&forward(&s, x, k, Some(b)), &dy);

        let dx = input_gradient(&s, &kernel, &dy);
        assert_gradient("input", |x| loss(x, &kernel, &bias), &x, &dx);
        let dkernel = kernel_gradient(&s, &x, &dy);
        assert_gradient("kernel", |k| loss(&x, k, &bias), &kernel, &dkernel);
        let mut dbias = vec![0.0; s.outputs];
        column_sums_add(s.outputs, &dy, &mut dbias);
        assert_gradient("bias", |b| loss(&x, &kernel, b), &bias, &dbias);
    }

    /// <conv(x), dy> = <x, conv^T(dy)> = <kernel, kernel gradient>.
    #[test]
    fn gradients_are_adjoint(s in shapes(), seed in 0u64..1 << 40) {
        let x = values(seed, s.input_len());
        let kernel = values(seed + 1, s.kernel_len());
        let dy = values(seed + 2, s.output_len());
        let here = dot(&forward(&s, &x, &kernel, None), &dy);
        let scale = 1e-12 * (1.0 + s.flop() as f64);
        prop_assert!((here - dot(&x, &input_gradient(&s, &kernel, &dy))).abs() <= scale);
        prop_assert!((here - dot(&kernel, &kernel_gradient(&s, &x, &dy))).abs() <= scale);
    }

    #[test]
    fn convolution_is_linear(s in shapes(), seed in 0u64..1 << 40, a in -3.0..3.0f64) {
        let (x, z) = (values(seed, s.input_len()), values(seed + 1, s.input_len()));
        let kernel = values(seed + 2, s.kernel_len());
        let mixed: Vec<f64> = x.iter().zip(&z).map(|(x, z)| a * x + z).collect();
        let apart: Vec<f64> = forward(&s, &x, &kernel, None)
            .iter()
            .zip(forward(&s, &z, &kernel, None))
            .map(|(x, z)| a * x + z)
            .collect();
        assert_close(&forward(&s, &mixed, &kernel, None), &apart, 1e-11);
    }

    #[test]
    fn flipping_twice_is_the_identity(s in shapes(), seed in 0u64..1 << 40) {
        let kernel = values(seed, s.kernel_len());
        let turned = ConvShape { inputs: s.outputs, outputs: s.inputs, ..s };
        let (mut once, mut twice) = (kernel.clone(), kernel.clone());
        flip_kernel_into(&s, &kernel, &mut once);
        flip_kernel_into(&turned, &once, &mut twice);
        prop_assert_eq!(twice, kernel);
    }
}

#[test]
fn the_kernel_gradient_is_added() {
    let s = ConvShape { rows: 9, taps: 3, inputs: 2, outputs: 5 };
    let (x, dy) = (values(1, s.input_len()), values(2, s.output_len()));
    let once = kernel_gradient(&s, &x, &dy);
    let mut twice = once.clone();
    conv_kernel_gradient_add(&s, &x, &dy, &mut twice);
    assert_close(&twice, &once.iter().map(|v| 2.0 * v).collect::<Vec<_>>(), DOUBLE);
}

#[test]
fn a_kernel_longer_than_its_input_gives_no_row() {
    let s = ConvShape { rows: 3, taps: 5, inputs: 2, outputs: 2 };
    assert_eq!(s.out_rows(), 0);
    assert!(forward::<f32>(&s, &[1.0; 6], &[1.0; 20], None).is_empty());
    assert_eq!(input_gradient::<f32>(&s, &[1.0; 20], &[]), [0.0; 6]);
    assert_eq!(kernel_gradient::<f32>(&s, &[1.0; 6], &[]), [0.0; 20]);
}

#[test]
fn no_input_channel_gives_the_bias() {
    let s = ConvShape { rows: 4, taps: 2, inputs: 0, outputs: 2 };
    assert_eq!(forward::<f32>(&s, &[], &[], Some(&[1.0, 2.0])), [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
    assert_eq!(forward::<f32>(&s, &[], &[], None), [0.0; 6]);
}

#[test]
fn network_shapes_equal_the_reference() {
    let shapes = [
        (299, 20, 4, 64),
        (219, 20, 16, 32),
        (98, 2, 256, 126),
        (98, 1, 126, 64),
        (700, 20, 4, 16),
        (603, 20, 8, 13),
    ];
    for (rows, taps, inputs, outputs) in shapes {
        compare::<f32>(&ConvShape { rows, taps, inputs, outputs }, 5, SINGLE);
    }
}
