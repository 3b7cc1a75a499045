use super::finite_difference::{assert_gradient, dot};
use super::reference;
use super::values::{DOUBLE, SINGLE, assert_close, narrow, rounded, values};
use isegnet_ops::{
    Real, avg_pool_backward_into, avg_pool_forward_into, max_pool_backward_into,
    max_pool_forward_into, relu_avg_pool_into,
};
use proptest::prelude::*;

fn average<T: Real>(channels: usize, window: usize, x: &[T]) -> Vec<T> {
    let mut y = vec![T::from_f64(f64::NAN); x.len() / channels / window * channels];
    avg_pool_forward_into(channels, window, x, &mut y);
    y
}

fn largest<T: Real>(channels: usize, window: usize, x: &[T]) -> (Vec<T>, Vec<u8>) {
    let n = x.len() / channels / window * channels;
    let (mut y, mut argmax) = (vec![T::from_f64(f64::NAN); n], vec![9; n]);
    max_pool_forward_into(channels, window, x, &mut y, &mut argmax);
    (y, argmax)
}

proptest! {
    #[test]
    fn pools_equal_the_reference(
        rows in 0..70usize, channels in 1..70usize, window in 1..9usize, seed in 0u64..1 << 40,
    ) {
        let x = rounded(&values(seed, rows * channels));
        let mean = reference::pool(channels, window, &x, reference::mean);
        assert_close(&average(channels, window, &narrow::<f32>(&x)), &mean, SINGLE);
        assert_close(&average(channels, window, &x), &mean, DOUBLE);
        let positive: Vec<f64> = x.iter().map(|v| v.max(0.0)).collect();
        let mean = reference::pool(channels, window, &positive, reference::mean);
        let mut y = vec![f64::NAN; mean.len()];
        relu_avg_pool_into(channels, window, &x, &mut y);
        assert_close(&y, &mean, DOUBLE);
        let max = reference::pool(channels, window, &x, reference::largest);
        let (y, argmax) = largest(channels, window, &x);
        prop_assert_eq!(&y, &max);
        prop_assert_eq!(largest(channels, window, &narrow::<f32>(&x)).0, narrow::<f32>(&max));
        for (e, &place) in argmax.iter().enumerate() {
            let row = e / channels * window + usize::from(place);
            prop_assert_eq!(x[row * channels + e % channels], max[e]);
        }
    }

    #[test]
    fn gradients_equal_finite_differences(
        rows in 0..12usize, channels in 1..5usize, window in 1..6usize, seed in 0u64..1 << 40,
    ) {
        let x = values(seed, rows * channels);
        let dy = values(seed + 1, rows / window * channels);
        let mut dx = vec![f64::NAN; x.len()];
        avg_pool_backward_into(channels, window, &dy, &mut dx);
        assert_gradient("average", |x| dot(&average(channels, window, x), &dy), &x, &dx);

        // No difference is taken where another row is nearly the largest.
        let lead = |seen: &[f64]| {
            let largest = reference::largest(seen);
            seen.iter().filter(|&&v| v > largest - 1e-4).count() as f64
        };
        prop_assume!(reference::pool(channels, window, &x, lead).iter().all(|&n| n == 1.0));
        let argmax = largest(channels, window, &x).1;
        max_pool_backward_into(channels, window, &argmax, &dy, &mut dx);
        assert_gradient("largest", |x| dot(&largest(channels, window, x).0, &dy), &x, &dx);
    }
}

#[test]
fn the_first_of_equal_values_has_the_gradient() {
    let x = [1.0f32, 5.0, 5.0, 2.0];
    let (y, argmax) = largest(1, 4, &x);
    assert_eq!((y[0], argmax[0]), (5.0, 1));
    let mut dx = [9.0; 4];
    max_pool_backward_into(1, 4, &argmax, &[3.0], &mut dx);
    assert_eq!(dx, [0.0, 3.0, 0.0, 0.0]);
}

#[test]
fn the_widest_window_finds_its_last_row() {
    let x: Vec<f32> = (0..256).map(|v| v as f32).collect();
    assert_eq!(largest(1, 256, &x), (vec![255.0], vec![255]));
    let mut dx = vec![1.0; 256];
    max_pool_backward_into(1, 256, &[255], &[2.0], &mut dx);
    assert_eq!((dx[254], dx[255]), (0.0, 2.0));
}

#[test]
fn what_is_no_number_is_not_lost() {
    for at in 0..4 {
        let mut x = [1.0f32, 2.0, 3.0, 4.0];
        x[at] = f32::NAN;
        let mut y = [0.0; 1];
        relu_avg_pool_into(1, 4, &x, &mut y);
        assert!(y[0].is_nan());
        assert!(largest(1, 4, &x).0[0].is_nan());
    }
}
