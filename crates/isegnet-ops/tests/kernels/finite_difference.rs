//! Numerical gradients.

/// Asserts that `gradient` is that of `f` at `x`, by central differences in every element.
#[track_caller]
pub fn assert_gradient(name: &str, f: impl Fn(&[f64]) -> f64, x: &[f64], gradient: &[f64]) {
    const STEP: f64 = 1e-5;
    assert_eq!(x.len(), gradient.len());
    let largest = gradient.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
    let mut at = x.to_vec();
    for i in 0..x.len() {
        at[i] = x[i] + STEP;
        let above = f(&at);
        at[i] = x[i] - STEP;
        let below = f(&at);
        at[i] = x[i];
        let numerical = (above - below) / (2.0 * STEP);
        assert!(
            (numerical - gradient[i]).abs() <= 2e-8 * largest,
            "{name}, element {i}: analytic {}, numerical {numerical}",
            gradient[i]
        );
    }
}

pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
