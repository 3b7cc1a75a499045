//! Means of the bins that the genome is cut into.

/// Fills `out` with the mean of each bin of `bin_bp` bases over its covered
/// bases; NaN marks a base, or a bin, without data.
///
/// `values` holds one value a base and starts at a bin's first base. The last
/// bin may be short: its mean is over the bases it has. Sums run in f64, from
/// left to right.
///
/// ```
/// use isegnet_core::bins::bin_means_into;
///
/// let mut means = [0.0; 2];
/// bin_means_into(&[1.0, 2.0, f32::NAN, 5.0], 3, &mut means);
/// assert_eq!(means, [1.5, 5.0]);
/// ```
///
/// # Panics
/// `bin_bp` is 0, or `out` is not [`bin_count`] long.
pub fn bin_means_into(values: &[f32], bin_bp: usize, out: &mut [f64]) {
    assert!(bin_bp > 0, "a bin has no base");
    assert_eq!(out.len(), bin_count(values.len(), bin_bp), "one mean is needed for each bin");
    for (bin, mean) in values.chunks(bin_bp).zip(out) {
        *mean = covered_mean(bin);
    }
}

/// Counts the bins that `bases` bases from a bin's start reach into.
///
/// # Panics
/// `bin_bp` is 0.
pub fn bin_count(bases: usize, bin_bp: usize) -> usize {
    bases.div_ceil(bin_bp)
}

/// Gives the mean over the values that are not NaN; NaN where there is none.
pub fn covered_mean(values: &[f32]) -> f64 {
    let (mut sum, mut covered) = (0.0, 0u32);
    for &value in values {
        if !value.is_nan() {
            sum += f64::from(value);
            covered += 1;
        }
    }
    if covered == 0 { f64::NAN } else { sum / f64::from(covered) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_over_covered_bases_and_the_last_bin_may_be_short() {
        let nan = f32::NAN;
        let values = [1.0, nan, 3.0, nan, nan, nan, 7.0];
        let mut means = [0.0; 3];
        bin_means_into(&values, 3, &mut means);
        assert_eq!(means[0], 2.0);
        assert!(means[1].is_nan());
        assert_eq!(means[2], 7.0);
    }

    #[test]
    fn bins_of_one_base_are_the_values() {
        let values = [0.5, -1.25, 1e-30];
        let mut means = [0.0; 3];
        bin_means_into(&values, 1, &mut means);
        assert_eq!(means.map(|m| m as f32), values);
    }

    #[test]
    fn no_value_gives_no_bin() {
        bin_means_into(&[], 20, &mut []);
        assert_eq!(bin_count(41, 20), 3);
    }
}
