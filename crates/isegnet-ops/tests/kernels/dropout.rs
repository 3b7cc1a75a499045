use super::finite_difference::{assert_gradient, dot};
use super::reference;
use super::values::{DOUBLE, SINGLE, assert_close, bits, narrow, rounded, values};
use isegnet_ops::{Real, bit_words, dropout_in_place};
use proptest::prelude::*;

const FACTOR: f64 = 1.25;

fn dropped<T: Real>(keep: &[u64], x: &[T]) -> Vec<T> {
    let mut y = x.to_vec();
    dropout_in_place(keep, T::from_f64(FACTOR), &mut y);
    y
}

proptest! {
    #[test]
    fn dropout_equals_the_reference(elements in 0..400usize, seed in 0u64..1 << 40) {
        let x = rounded(&values(seed, elements));
        let keep = bits(seed + 1, bit_words(elements));
        let want = reference::dropout(&x, &keep, FACTOR);
        assert_close(&dropped(&keep, &narrow::<f32>(&x)), &want, SINGLE);
        assert_close(&dropped(&keep, &x), &want, DOUBLE);
    }

    #[test]
    fn its_gradient_is_dropout_of_the_gradient(elements in 1..100usize, seed in 0u64..1 << 40) {
        let (x, dy) = (values(seed, elements), values(seed + 1, elements));
        let keep = bits(seed + 2, bit_words(elements));
        let loss = |x: &[f64]| dot(&dropped(&keep, x), &dy);
        assert_gradient("input", loss, &x, &dropped(&keep, &dy));
    }
}

#[test]
fn what_is_dropped_is_0_whatever_it_was() {
    let mut x = [f32::NAN, f32::INFINITY, 3.0, f32::NAN];
    dropout_in_place(&[0b1100], 2.0, &mut x);
    assert_eq!(x[..3], [0.0, 0.0, 6.0]);
    assert!(x[3].is_nan());
}
