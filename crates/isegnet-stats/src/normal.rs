//! The upper tail of the normal distribution, in logarithms.
use crate::{PValue, Undefined};
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// ln P(Z > z) of a standard normal Z.
pub(crate) fn ln_upper(z: f64) -> f64 {
    if z < 0.0 {
        return (-0.5 * libm::erfc(-z * FRAC_1_SQRT_2)).ln_1p();
    }
    if z < 25.0 {
        return (0.5 * libm::erfc(z * FRAC_1_SQRT_2)).ln();
    }
    // The asymptotic series; its sixth term is below 1e-13 from here on.
    let y = 1.0 / (z * z);
    let series = -y * (1.0 - 3.0 * y * (1.0 - 5.0 * y * (1.0 - 7.0 * y * (1.0 - 9.0 * y))));
    -0.5 * z * z - z.ln() - 0.5 * TAU.ln() + series.ln_1p()
}

/// Gives the chance that a standard normal number is above `z`.
///
/// # Errors
/// `z` is no number.
pub fn normal_upper_tail(z: f64) -> Result<PValue, Undefined> {
    PValue::from_ln(ln_upper(z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_of_known_points() {
        assert!((ln_upper(0.0) - 0.5_f64.ln()).abs() < 1e-15);
        // Printed tables: P(Z > 1.959963984540054) = 0.025.
        assert!((ln_upper(1.959_963_984_540_054).exp() - 0.025).abs() < 1e-15);
        assert!((ln_upper(-3.0).exp() + ln_upper(3.0).exp() - 1.0).abs() < 1e-15);
    }

    /// From mpmath 1.4.1 at 60 digits.
    #[test]
    fn tails_to_any_depth() {
        for (z, expected) in [
            (1.0, -1.8410216450092636),
            (5.0, -15.064998393988725),
            (20.0, -203.91715537109727),
            (24.9, -314.14041276161316),
            (25.1, -319.1483874058886),
            (38.0, -726.5572160188201),
            (100.0, -5005.524208694205),
            (1000.0, -500007.82669481216),
        ] {
            let off = (ln_upper(z) - expected).abs();
            assert!(off < 1e-11_f64.max(1e-15 * z * z), "{z}: {off}");
        }
    }

    #[test]
    fn the_series_continues_the_function() {
        for z in [25.0, 26.0, 30.0, 36.0] {
            let direct = (0.5 * libm::erfc(z * FRAC_1_SQRT_2)).ln();
            assert!((ln_upper(z) - direct).abs() < 1e-11, "{z}");
        }
        assert!(ln_upper(1e3) < -500_000.0);
    }
}
