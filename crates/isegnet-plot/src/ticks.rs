/// Marks along an axis, with what is written at each.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) at: Vec<f64>,
    pub(crate) labels: Vec<String>,
}

/// Gives ticks at round numbers inside `[low, high]`, at most about `most` of them.
///
/// The step is 1, 2 or 5 times a power of ten; `whole` keeps it at 1 or more.
pub(crate) fn ticks(low: f64, high: f64, most: usize, whole: bool) -> Ticks {
    let mut step = round_step((high - low) / most.max(1) as f64);
    if whole {
        step = step.max(1.0);
    }
    // A hair of tolerance keeps a limit that is itself a round number.
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    let at: Vec<f64> = (first..=last).take(4 * most.max(8)).map(|i| i as f64 * step).collect();
    let labels = at.iter().map(|&v| label(v, step)).collect();
    Ticks { at, labels }
}

/// Gives the smallest of 1, 2, 5 times a power of ten that is not below `step`.
fn round_step(step: f64) -> f64 {
    if !step.is_finite() || step <= 0.0 {
        return 1.0;
    }
    let unit = 10f64.powi(step.log10().floor() as i32);
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| step <= f * unit * (1.0 + 1e-9));
    factor.unwrap_or(10.0) * unit
}

fn label(value: f64, step: f64) -> String {
    let largest = value.abs().max(step);
    let text = if largest < 1e6 && step >= 1e-4 {
        let decimals = (-(step * (1.0 + 1e-9)).log10().floor()).max(0.0) as usize;
        format!("{value:.decimals$}")
    } else if value == 0.0 {
        "0".to_owned()
    } else {
        let places = (value.abs().log10().floor() - step.log10().floor()).max(0.0) as usize;
        format!("{value:.places$e}")
    };
    if value == 0.0 { text.trim_start_matches('-').to_owned() } else { text.replace('-', "−") }
}

/// Beyond it, differences of two values could leave the range of `f64`.
pub(crate) const LARGEST: f64 = 1e300;

/// Gives the limits of an axis that shows every finite value, with some air.
///
/// No finite value gives `[0, 1]`; a single one gets a unit around it.
pub(crate) fn limits(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .filter(|v| v.abs() < LARGEST)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    let spread = high - low;
    let air =
        if spread > 0.0 && spread.is_finite() { 0.04 * spread } else { (low.abs() * 0.1).max(0.5) };
    (low - air, high + air)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_round_numbers_with_just_enough_decimals() {
        assert_eq!(ticks(-0.1, 1.1, 6, false).labels, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(ticks(0.0, 10.0, 5, false).labels, ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(ticks(-1.0, 0.4, 3, false).labels, ["−1.0", "−0.5", "0.0"]);
        assert_eq!(ticks(1.0, 3.0, 10, true).labels, ["1", "2", "3"]);
        assert_eq!(ticks(0.0, 3e6, 3, false).labels, ["0", "1e6", "2e6", "3e6"]);
        assert_eq!(ticks(0.0, 2e-5, 2, false).labels, ["0", "1e−5", "2e−5"]);
    }

    #[test]
    fn limits_survive_empty_constant_and_missing_values() {
        assert_eq!(limits([].into_iter()), (0.0, 1.0));
        assert_eq!(limits([f64::NAN, f64::INFINITY].into_iter()), (0.0, 1.0));
        assert_eq!(limits([2.0, 2.0].into_iter()), (1.5, 2.5));
        assert_eq!(limits([f64::MAX, f64::MIN, 2.0, 2.0].into_iter()), (1.5, 2.5));
        assert!(ticks(-1e300, 1e300, 8, true).at.len() <= 9);
        assert!(ticks(f64::MIN, f64::MAX, 8, false).at.len() <= 32);
    }

    proptest! {
        #[test]
        fn ticks_lie_inside_and_are_few(low in -1e6f64..1e6, spread in 1e-3f64..1e6, most in 2usize..10) {
            let t = ticks(low, low + spread, most, false);
            prop_assert!(t.at.len() <= most + 1);
            prop_assert!(!t.at.is_empty() || most < 3);
            let hair = spread * 1e-6 + 1e-6;
            prop_assert!(t.at.iter().all(|v| *v >= low - hair && *v <= low + spread + hair));
            let mut labels = t.labels.clone();
            labels.dedup();
            prop_assert_eq!(labels.len(), t.labels.len());
        }
    }
}
