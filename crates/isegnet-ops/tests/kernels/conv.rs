use super::finite_difference::{assert_gradient, dot};
use super::reference;
use super::values::{DOUBLE, SINGLE, assert_close, narrow, rounded, values};
use isegnet_ops::{ConvScratch, ConvShape, Convolution, PreparedKernel, Real, column_sums_add};
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

/// A shape's convolution in every way that it can be computed.
fn ways<T: Real>(s: &ConvShape) -> Vec<Convolution<T>> {
    let mut ways = vec![Convolution::by_products(*s)];
    if s.inputs > 0 {
        let shortest = s.taps.next_power_of_two().max(16);
        ways.extend([1, 2, 4].map(|n| Convolution::by_transforms(*s, n * shortest)));
    }
    ways
}

fn forward<T: Real>(c: &Convolution<T>, x: &[T], kernel: &[T], bias: Option<&[T]>) -> Vec<T> {
    let (mut scratch, mut prepared) = (ConvScratch::default(), PreparedKernel::default());
    c.prepare_forward(kernel, &mut scratch, &mut prepared);
    let mut y = vec![T::from_f64(f64::NAN); c.shape().output_len()];
    c.forward_into(x, &prepared, bias, &mut scratch, &mut y);
    y
}

/// The gradients of input and kernel, the sums of the latter as many times as asked.
fn gradients<T: Real>(
    c: &Convolution<T>,
    x: &[T],
    kernel: &[T],
    dy: &[T],
    times: usize,
) -> (Vec<T>, Vec<T>) {
    let s = c.shape();
    let (mut scratch, mut prepared) = (ConvScratch::default(), PreparedKernel::default());
    c.prepare_adjoint(kernel, &mut scratch, &mut prepared);
    let mut padded = vec![T::ZERO; s.padded_gradient_len()];
    padded[(s.taps - 1) * s.outputs..][..dy.len()].copy_from_slice(dy);
    let nan = T::from_f64(f64::NAN);
    let (mut dx, mut dkernel) = (vec![nan; s.input_len()], vec![nan; s.kernel_len()]);
    let mut sums = vec![T::ZERO; c.sums_len()];
    for time in 0..times {
        let input = (time == 0).then_some((&prepared, dx.as_mut_slice()));
        c.backward_add(x, &padded, &mut scratch, &mut sums, input);
    }
    c.kernel_gradient_into(&sums, &mut scratch, &mut dkernel);
    (dx, dkernel)
}

fn compare<T: Real>(s: &ConvShape, seed: u64, tolerance: f64) {
    let x = rounded(&values(seed, s.input_len()));
    let kernel = rounded(&values(seed + 1, s.kernel_len()));
    let bias = rounded(&values(seed + 2, s.outputs));
    let dy = rounded(&values(seed + 3, s.output_len()));
    let (tx, tk, tb, td) =
        (narrow::<T>(&x), narrow::<T>(&kernel), narrow::<T>(&bias), narrow::<T>(&dy));

    let plain = reference::conv(s, &x, &kernel, None);
    let with_bias = reference::conv(s, &x, &kernel, Some(&bias));
    let (dx, dkernel) = reference::conv_gradients(s, &x, &kernel, &dy);
    for c in ways::<T>(s) {
        // Transforms mix a tile's rows, so what is small among them has their error.
        let tolerance = if c.points().is_some() { 20.0 * tolerance } else { tolerance };
        assert_close(&forward(&c, &tx, &tk, None), &plain, tolerance);
        assert_close(&forward(&c, &tx, &tk, Some(&tb)), &with_bias, tolerance);
        let (got_dx, got_dkernel) = gradients(&c, &tx, &tk, &td, 1);
        assert_close(&got_dx, &dx, tolerance);
        assert_close(&got_dkernel, &dkernel, tolerance);
    }
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
        for c in ways::<f64>(&s) {
            let loss = |x: &[f64], k: &[f64], b: &[f64]| dot(&forward(&c, x, k, Some(b)), &dy);
            let (dx, dkernel) = gradients(&c, &x, &kernel, &dy, 1);
            assert_gradient("input", |x| loss(x, &kernel, &bias), &x, &dx);
            assert_gradient("kernel", |k| loss(&x, k, &bias), &kernel, &dkernel);
            let mut dbias = vec![0.0; s.outputs];
            column_sums_add(s.outputs, &dy, &mut dbias);
            assert_gradient("bias", |b| loss(&x, &kernel, b), &bias, &dbias);
        }
    }

    /// <conv(x), dy> = <x, conv^T(dy)> = <kernel, kernel gradient>.
    #[test]
    fn gradients_are_adjoint(s in shapes(), seed in 0u64..1 << 40) {
        let x = values(seed, s.input_len());
        let kernel = values(seed + 1, s.kernel_len());
        let dy = values(seed + 2, s.output_len());
        let scale = 1e-12 * (1.0 + s.flop() as f64);
        for c in ways(&s) {
            let here = dot(&forward(&c, &x, &kernel, None), &dy);
            let (dx, dkernel) = gradients(&c, &x, &kernel, &dy, 1);
            prop_assert!((here - dot(&x, &dx)).abs() <= scale);
            prop_assert!((here - dot(&kernel, &dkernel)).abs() <= scale);
        }
    }

    #[test]
    fn convolution_is_linear(s in shapes(), seed in 0u64..1 << 40, a in -3.0..3.0f64) {
        let (x, z) = (values(seed, s.input_len()), values(seed + 1, s.input_len()));
        let kernel = values(seed + 2, s.kernel_len());
        let mixed: Vec<f64> = x.iter().zip(&z).map(|(x, z)| a * x + z).collect();
        for c in ways(&s) {
            let apart: Vec<f64> = forward(&c, &x, &kernel, None)
                .iter()
                .zip(forward(&c, &z, &kernel, None))
                .map(|(x, z)| a * x + z)
                .collect();
            assert_close(&forward(&c, &mixed, &kernel, None), &apart, 1e-10);
        }
    }
}

#[test]
fn the_kernel_gradient_is_added() {
    let s = ConvShape { rows: 9, taps: 3, inputs: 2, outputs: 5 };
    let (x, dy) = (values(1, s.input_len()), values(2, s.output_len()));
    let kernel = values(3, s.kernel_len());
    for c in ways(&s) {
        let (_, once) = gradients(&c, &x, &kernel, &dy, 1);
        let (_, twice) = gradients(&c, &x, &kernel, &dy, 2);
        assert_close(&twice, &once.iter().map(|v| 2.0 * v).collect::<Vec<_>>(), DOUBLE);
    }
}

#[test]
fn a_kernel_longer_than_its_input_gives_no_row() {
    let s = ConvShape { rows: 3, taps: 5, inputs: 2, outputs: 2 };
    assert_eq!(s.out_rows(), 0);
    for c in ways::<f32>(&s) {
        assert!(forward(&c, &[1.0; 6], &[1.0; 20], None).is_empty());
        let (dx, dkernel) = gradients(&c, &[1.0; 6], &[1.0; 20], &[], 1);
        assert_eq!(dx, [0.0; 6]);
        assert_eq!(dkernel, [0.0; 20]);
    }
}

#[test]
fn no_input_channel_gives_the_bias() {
    let s = ConvShape { rows: 4, taps: 2, inputs: 0, outputs: 2 };
    let c = Convolution::<f32>::new(s);
    assert_eq!(forward(&c, &[], &[], Some(&[1.0, 2.0])), [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
    assert_eq!(forward(&c, &[], &[], None), [0.0; 6]);
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
