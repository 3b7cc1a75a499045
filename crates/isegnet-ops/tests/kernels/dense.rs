use super::finite_difference::{assert_gradient, dot};
use super::reference;
use super::values::{DOUBLE, SINGLE, assert_close, narrow, rounded, values};
use isegnet_ops::{Dense, PreparedKernel, Real};
use proptest::prelude::*;

type Shape = (usize, usize, usize);

fn forward<T: Real>((b, i, o): Shape, x: &[T], kernel: &[T], bias: Option<&[T]>) -> Vec<T> {
    let mut y = vec![T::from_f64(f64::NAN); b * o];
    let (layer, mut prepared) = (Dense { inputs: i, outputs: o }, PreparedKernel::default());
    layer.prepare_forward(kernel, &mut prepared);
    layer.forward_into(x, &prepared, bias, &mut y);
    y
}

fn gradients<T: Real>((b, i, o): Shape, x: &[T], kernel: &[T], dy: &[T]) -> (Vec<T>, Vec<T>) {
    let nan = T::from_f64(f64::NAN);
    let (mut dx, mut dkernel) = (vec![nan; b * i], vec![nan; i * o]);
    let (layer, mut prepared) = (Dense { inputs: i, outputs: o }, PreparedKernel::default());
    layer.prepare_adjoint(kernel, &mut prepared);
    layer.input_gradient_into(dy, &prepared, &mut dx);
    layer.kernel_gradient_into(x, dy, &mut dkernel);
    (dx, dkernel)
}

/// (rows, columns) to (columns, rows).
fn transposed(x: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    (0..rows * columns).map(|e| x[e % rows * columns + e / rows]).collect()
}

fn compare<T: Real>(shape: Shape, seed: u64, tolerance: f64) {
    let (b, i, o) = shape;
    let x = rounded(&values(seed, b * i));
    let kernel = rounded(&values(seed + 1, i * o));
    let bias = rounded(&values(seed + 2, o));
    let dy = rounded(&values(seed + 3, b * o));
    let (tx, tk, tb, td) = (narrow::<T>(&x), narrow(&kernel), narrow::<T>(&bias), narrow(&dy));

    let y = reference::dense(b, i, &x, &kernel, &bias);
    assert_close(&forward(shape, &tx, &tk, Some(&tb)), &y, tolerance);
    let y = reference::dense(b, i, &x, &kernel, &vec![0.0; o]);
    assert_close(&forward(shape, &tx, &tk, None), &y, tolerance);

    let (dx, dkernel) = gradients(shape, &tx, &tk, &td);
    let want = reference::dense(b, o, &dy, &transposed(&kernel, i, o), &vec![0.0; i]);
    assert_close(&dx, &want, tolerance);
    let want = reference::dense(i, b, &transposed(&x, b, i), &dy, &vec![0.0; o]);
    assert_close(&dkernel, &want, tolerance);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn passes_equal_the_reference(
        b in 0..40usize, i in 0..90usize, o in 0..150usize, seed in 0u64..1 << 40,
    ) {
        compare::<f32>((b, i, o), seed, SINGLE);
        compare::<f64>((b, i, o), seed, DOUBLE);
    }

    #[test]
    fn gradients_equal_finite_differences(
        b in 1..4usize, i in 1..6usize, o in 1..5usize, seed in 0u64..1 << 40,
    ) {
        let (x, kernel) = (values(seed, b * i), values(seed + 1, i * o));
        let (bias, dy) = (values(seed + 2, o), values(seed + 3, b * o));
        let loss = |x: &[f64], k: &[f64]| dot(&forward((b, i, o), x, k, Some(&bias)), &dy);
        let (dx, dkernel) = gradients((b, i, o), &x, &kernel, &dy);
        assert_gradient("input", |x| loss(x, &kernel), &x, &dx);
        assert_gradient("kernel", |k| loss(&x, k), &kernel, &dkernel);
    }
}

#[test]
fn blocks_join_without_a_seam() {
    compare::<f32>((7, 2100, 130), 3, SINGLE);
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (b, i, o) = (33, 3000, 200);
    let (x, kernel): (Vec<f32>, Vec<f32>) = (narrow(&values(1, b * i)), narrow(&values(2, i * o)));
    let dy: Vec<f32> = narrow(&values(3, b * o));
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (dx, dkernel) = gradients((b, i, o), &x, &kernel, &dy);
            [forward((b, i, o), &x, &kernel, None), dx, dkernel]
        })
    };
    let one = on(1);
    assert!(one == on(2));
    assert!(one == on(5));
}
