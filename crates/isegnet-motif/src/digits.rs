//! Numbers with a given count of digits, rounded, and written as C's `%g` does.

/// Rounds to a number of significant digits.
pub(crate) fn rounded(x: f64, digits: i32) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let shift = digits - x.abs().log10().ceil() as i32;
    if shift > 300 {
        // 10^shift may overflow; of numbers so small nobody compares digits.
        return x;
    }
    let scale = 10_f64.powi(shift.abs());
    if shift >= 0 {
        (x * scale).round_ties_even() / scale
    } else {
        (x / scale).round_ties_even() * scale
    }
}

/// Writes a number as `%.{digits}g`: so many significant digits, zeros at the end
/// dropped, with an exponent below 1e-4 and from 10^digits on.
pub(crate) fn general(x: f64, digits: usize) -> String {
    if x == 0.0 || !x.is_finite() {
        return if x == 0.0 { "0".into() } else { x.to_string() };
    }
    let scientific = format!("{x:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if power < -4 || power >= digits as i32 {
        let (sign, size) = (if power < 0 { '-' } else { '+' }, power.abs());
        return format!("{}e{sign}{size:02}", without_zeros(mantissa));
    }
    let decimals = (digits as i32 - 1 - power).max(0) as usize;
    without_zeros(&format!("{x:.decimals$}")).to_owned()
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Writes e^`ln` with 3 digits and a power of ten, such as `1.30e-7`, also where it
/// is below the smallest `f64`.
pub(crate) fn of_logarithm(ln: f64) -> String {
    if ln == f64::NEG_INFINITY {
        return "0.00e0".into();
    }
    let log10 = ln / std::f64::consts::LN_10;
    let mut power = log10.floor();
    let mut mantissa = 10_f64.powf(log10 - power);
    if mantissa >= 9.995 {
        (mantissa, power) = (1.0, power + 1.0);
    }
    format!("{mantissa:.2}e{power}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_c_does() {
        for (x, digits, text) in [
            (0.0001, 3, "0.0001"),
            (0.00001234, 3, "1.23e-05"),
            (1e-5, 3, "1e-05"),
            (999.9, 3, "1e+03"),
            (16.4615384, 6, "16.4615"),
            (-3.0, 6, "-3"),
            (1234567.0, 6, "1.23457e+06"),
            (0.0, 3, "0"),
            (2.1e-300, 3, "2.1e-300"),
            (0.1264, 3, "0.126"),
        ] {
            assert_eq!(general(x, digits), text);
        }
        assert_eq!(of_logarithm(1.3e-7_f64.ln()), "1.30e-7");
        assert_eq!(of_logarithm(-1e4), "1.14e-4343");
        assert_eq!(
            (of_logarithm(0.0), of_logarithm(0.9999_f64.ln())),
            ("1.00e0".into(), "1.00e0".into())
        );
    }

    #[test]
    fn rounding_keeps_digits_at_any_size() {
        for x in [1.23456789012345e-5, 9.87654321987e12, 1.0, 0.1, 3.3333333333333333e-285, -2.5] {
            let text: f64 = format!("{x:.9e}").parse().unwrap();
            assert!((rounded(x, 10) / text - 1.0).abs() < 1e-15, "{x}");
        }
        assert_eq!(rounded(rounded(1.0 / 3.0, 10), 10), rounded(1.0 / 3.0, 10));
    }
}
