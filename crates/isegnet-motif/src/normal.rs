//! The upper tail of the normal distribution, in logarithms.

/// ln P(Z > z) of a standard normal Z.
pub(crate) fn ln_upper(z: f64) -> f64 {
    if z < 0.0 {
        return (-0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)).ln_1p();
    }
    if z < 25.0 {
        return (0.5 * libm::erfc(z / std::f64::consts::SQRT_2)).ln();
    }
    // The asymptotic series; its fourth term is below 1e-9 from here on.
    let y = 1.0 / (z * z);
    -0.5 * z * z - (z * std::f64::consts::TAU.sqrt()).ln()
        + (-y * (1.0 - 3.0 * y * (1.0 - 5.0 * y))).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From mpmath at 60 digits.
    #[test]
    fn tails_to_any_depth() {
        for (z, expected) in [
            (1.0, -1.8410216450092636),
            (20.0, -203.91715537109727),
            (25.1, -319.1483874058886),
            (100.0, -5005.524208694205),
        ] {
            assert!((ln_upper(z) - expected).abs() < 1e-9, "{z}");
        }
        assert!((ln_upper(-3.0).exp() + ln_upper(3.0).exp() - 1.0).abs() < 1e-15);
    }
}
