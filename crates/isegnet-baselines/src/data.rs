use crate::Error;
use ndarray::{ArrayView1, ArrayView2};

/// Checks that features and targets describe the same rows, at least `needed` of
/// them, in finite numbers.
pub(crate) fn check(
    x: ArrayView2<'_, f64>,
    y: ArrayView1<'_, f64>,
    needed: usize,
) -> Result<(), Error> {
    if x.nrows() != y.len() {
        return Err(Error::LengthsDiffer { features: x.nrows(), targets: y.len() });
    }
    if x.nrows() < needed {
        return Err(Error::TooFew { rows: x.nrows(), needed });
    }
    if let Some(((row, i), &value)) = x.indexed_iter().find(|(_, v)| !v.is_finite()) {
        return Err(Error::NotFinite { what: format!("feature {i}"), row, value });
    }
    if let Some((row, &value)) = y.iter().enumerate().find(|(_, v)| !v.is_finite()) {
        return Err(Error::NotFinite { what: "the target".into(), row, value });
    }
    Ok(())
}
