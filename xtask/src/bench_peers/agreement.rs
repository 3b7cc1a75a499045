//! Whether everybody computes the same.

use anyhow::ensure;

/// How far a peer's numbers may lie from ours.
#[derive(Clone, Copy)]
pub enum Tolerance {
    /// Standard deviations of our numbers.
    Deviations(f64),
    /// So much of what they are in, which is named.
    Units(f64, &'static str),
}

/// How far they do.
pub struct Difference {
    largest: f64,
    most: f64,
    unit: &'static str,
}

impl Tolerance {
    /// Compares a peer's numbers with ours.
    ///
    /// # Errors
    /// The numbers are not as many, or ours do not differ among each other and so have
    /// no deviation.
    pub fn compare(self, ours: &[f64], theirs: &[f64]) -> anyhow::Result<Difference> {
        let (ours_n, theirs_n) = (ours.len(), theirs.len());
        ensure!(ours_n == theirs_n, "it gives {theirs_n} numbers and ours {ours_n}");
        // A NaN is as far off as can be.
        let apart = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
        let largest =
            apart.fold(0.0, |m: f64, d| if d.is_nan() { f64::INFINITY } else { m.max(d) });
        Ok(match self {
            Self::Units(most, unit) => Difference { largest, most, unit },
            Self::Deviations(most) => {
                Difference { largest: largest / deviation(ours)?, most, unit: "deviations" }
            }
        })
    }
}

fn deviation(numbers: &[f64]) -> anyhow::Result<f64> {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let variance = numbers.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    ensure!(variance > 0.0, "our numbers are all {mean}, which compares nothing");
    Ok(variance.sqrt())
}

impl Difference {
    pub fn is_allowed(&self) -> bool {
        self.largest <= self.most
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { largest, most, unit } = self;
        write!(f, "{largest:.1e} {unit} from ours, of {most} allowed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_those_of_our_numbers() {
        let ours = [1.0, 3.0, 1.0, 3.0];
        let apart = |theirs: &[f64]| Tolerance::Deviations(0.5).compare(&ours, theirs).unwrap();
        assert_eq!(apart(&ours).largest, 0.0);
        assert!(apart(&[1.0, 3.0, 1.5, 3.0]).is_allowed());
        assert!(!apart(&[1.0, 3.0, 1.6, 3.0]).is_allowed());
        assert!(!apart(&[1.0, f64::NAN, 1.0, 3.0]).is_allowed());
        let with_nan = Tolerance::Deviations(0.5).compare(&[f64::NAN, 3.0, 1.0], &ours[1..]);
        assert!(with_nan.is_err());
        assert!(Tolerance::Deviations(0.5).compare(&ours, &ours[1..]).is_err());
        assert!(Tolerance::Deviations(0.5).compare(&[2.0, 2.0], &[2.0, 2.0]).is_err());
    }

    #[test]
    fn units_are_the_numbers_own_and_one_number_is_enough() {
        let apart = |theirs| Tolerance::Units(0.01, "of R2").compare(&[0.5], &[theirs]).unwrap();
        assert!(apart(0.505).is_allowed() && apart(0.495).is_allowed());
        assert!(!apart(0.52).is_allowed() && !apart(f64::NAN).is_allowed());
        assert_eq!(apart(0.52).to_string(), "2.0e-2 of R2 from ours, of 0.01 allowed");
        assert!(Tolerance::Units(0.01, "of R2").compare(&[0.5], &[]).is_err());
    }
}
