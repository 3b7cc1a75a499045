use crate::Undefined;
use crate::undefined::{centre, finite, same_length};

/// Gives the coefficient of determination, 1 - SSres / SStot.
///
/// SStot is taken about the mean of `measured`, so that predicting this mean
/// everywhere gives 0, and anything worse a negative number.
///
/// # Errors
/// Fewer than two rows, lengths that differ, a value that is not finite, or
/// `measured` constant.
pub fn r2<T: Copy + Into<f64>, U: Copy + Into<f64>>(
    measured: &[T],
    predicted: &[U],
) -> Result<f64, Undefined> {
    same_length(measured.len(), predicted.len(), 2)?;
    let measured = finite("measured", measured)?;
    let predicted = finite("predicted", predicted)?;
    let mut total = measured.clone();
    let unit = centre("measured", &mut total)?;
    let residual: f64 =
        measured.iter().zip(&predicted).map(|(m, p)| ((m - p) / unit).powi(2)).sum();
    in_range(1.0 - residual / total.iter().map(|d| d * d).sum::<f64>())
}

/// Gives the mean squared error.
///
/// # Errors
/// No row, lengths that differ, or a value that is not finite.
pub fn mse<T: Copy + Into<f64>, U: Copy + Into<f64>>(
    measured: &[T],
    predicted: &[U],
) -> Result<f64, Undefined> {
    same_length(measured.len(), predicted.len(), 1)?;
    let measured = finite("measured", measured)?;
    let predicted = finite("predicted", predicted)?;
    let sum: f64 = measured.iter().zip(&predicted).map(|(m, p)| (m - p).powi(2)).sum();
    in_range(sum / measured.len() as f64)
}

fn in_range(value: f64) -> Result<f64, Undefined> {
    if value.is_finite() { Ok(value) } else { Err(Undefined::Overflow) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r2_and_mse_agree_with_sums_done_by_hand() {
        // SStot = 4 + 0 + 4 = 8; SSres = 1 + 1 + 0 = 2.
        let (measured, predicted) = ([1.0, 3.0, 5.0], [2.0, 2.0, 5.0]);
        assert_eq!(r2(&measured, &predicted).unwrap(), 0.75);
        assert_eq!(mse(&measured, &predicted).unwrap(), 2.0 / 3.0);
        assert_eq!(r2(&measured, &[3.0, 3.0, 3.0]).unwrap(), 0.0);
        assert_eq!(r2(&measured, &[5.0, 3.0, 1.0]).unwrap(), -3.0);
    }

    #[test]
    fn what_has_no_value_says_why() {
        assert_eq!(
            r2(&[0.1_f64; 7], &[0.2; 7]),
            Err(Undefined::Constant { side: "measured", value: 0.1 })
        );
        assert_eq!(r2(&[1.0], &[1.0]), Err(Undefined::TooFew { found: 1, needed: 2 }));
        assert_eq!(
            mse(&[0.0_f32; 0], &[0.0_f32; 0]),
            Err(Undefined::TooFew { found: 0, needed: 1 })
        );
        assert_eq!(r2(&[1.0, 2.0], &[1.0]), Err(Undefined::LengthsDiffer { left: 2, right: 1 }));
        assert!(matches!(
            r2(&[1.0, 2.0], &[1.0, f64::NAN]),
            Err(Undefined::NotFinite { side: "predicted", index: 1, .. })
        ));
        assert_eq!(mse(&[0.0, 1e300], &[0.0, -1e300]), Err(Undefined::Overflow));
        assert_eq!(r2(&[1e300, -1e300], &[1e300, -1e300]).unwrap(), 1.0);
    }
}
