//! Numbers as tables have them.

use isegnet_stats::PValue;

/// Writes a probability with three digits, also where it is smaller than any number of 64 bits.
pub fn p_value(p: PValue) -> String {
    let log10 = -p.minus_log10();
    if p.p() >= 1e-3 {
        let decimals = (2.0 - log10.floor()) as usize;
        let digits = format!("{:.decimals$}", p.p());
        return digits.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    if log10.is_infinite() {
        return "0".to_owned();
    }
    let mut exponent = log10.floor();
    let mut mantissa = 10_f64.powf(log10 - exponent);
    if mantissa >= 9.995 {
        (mantissa, exponent) = (1.0, exponent + 1.0);
    }
    format!("{mantissa:.2}e{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_keep_three_digits_however_small() {
        let written = |p: f64| p_value(PValue::new(p).unwrap());
        assert_eq!([1.0, 0.5, 0.0123456].map(written), ["1", "0.5", "0.0123"]);
        assert_eq!([1.234e-4, 9.999e-10, 0.0].map(written), ["1.23e-4", "1.00e-9", "0"]);
        let tiny = PValue::from_ln(-1000.0 * std::f64::consts::LN_10).unwrap();
        assert_eq!(p_value(tiny), "1.00e-1000");
    }
}
