use super::reference;
use super::values::{DOUBLE, SINGLE, assert_close, narrow, rounded, values};
use isegnet_ops::{Moments, Real, column_sums_add, moments_add};
use proptest::prelude::*;

fn moments<T: Real>(channels: usize, x: &[T], shift: &[T]) -> Vec<Moments> {
    let (mut sum, mut squares) = (vec![0.0; channels], vec![0.0; channels]);
    moments_add(channels, x, shift, &mut sum, &mut squares);
    let rows = x.len() / channels;
    (0..channels).map(|c| Moments::from_sums(rows, shift[c].to_f64(), sum[c], squares[c])).collect()
}

proptest! {
    #[test]
    fn column_sums_equal_the_reference(
        rows in 0..150usize, channels in 1..80usize, seed in 0u64..1 << 40,
    ) {
        let x = rounded(&values(seed, rows * channels));
        let mut want = vec![7.0; channels];
        x.iter().enumerate().for_each(|(e, v)| want[e % channels] += v);
        let (mut single, mut double) = (vec![7.0; channels], vec![7.0; channels]);
        column_sums_add(channels, &narrow::<f32>(&x), &mut single);
        column_sums_add(channels, &x, &mut double);
        assert_close(&single, &want, SINGLE);
        assert_close(&double, &want, DOUBLE);
    }

    #[test]
    fn moments_equal_those_of_two_passes(
        rows in 1..150usize, channels in 1..80usize, seed in 0u64..1 << 40, far in -50.0..50.0f64,
    ) {
        let x: Vec<f64> = values(seed, rows * channels).iter().map(|v| v + far).collect();
        let x = rounded(&x);
        for (m, (mean, variance)) in
            moments(channels, &x, &x[..channels]).iter().zip(reference::moments(channels, &x))
        {
            prop_assert!((m.mean - mean).abs() < 1e-11);
            prop_assert!((m.variance - variance).abs() < 1e-11);
        }
        let narrow = narrow::<f32>(&x);
        for (m, (mean, variance)) in
            moments(channels, &narrow, &narrow[..channels]).iter().zip(reference::moments(channels, &x))
        {
            prop_assert!((m.mean - mean).abs() < 1e-5);
            prop_assert!((m.variance - variance).abs() < 1e-5);
        }
    }
}

/// Without the shift the f32 squares, near 1e8, would leave nothing of a variance of 1/3.
#[test]
fn the_shift_keeps_the_digits_of_the_variance() {
    let x: Vec<f64> = values(4, 20_000).iter().map(|v| v + 10_000.0).collect();
    let x = rounded(&x);
    let (mean, variance) = reference::moments(1, &x)[0];
    let got = moments(1, &narrow::<f32>(&x), &[x[0] as f32])[0];
    assert!((got.mean - mean).abs() < 1e-4);
    assert!((got.variance / variance - 1.0).abs() < 1e-5, "{} {variance}", got.variance);
}

#[test]
fn no_row_gives_the_shift_and_no_deviation() {
    assert_eq!(Moments::from_sums(0, 3.0, 0.0, 0.0), Moments { mean: 3.0, variance: 0.0 });
}

#[test]
fn a_variance_is_never_negative_and_nan_stays() {
    assert_eq!(Moments::from_sums(3, 0.0, 3.0, 3.0 - 1e-9).variance, 0.0);
    assert!(Moments::from_sums(3, 0.0, f64::NAN, f64::NAN).variance.is_nan());
}
