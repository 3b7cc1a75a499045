use crate::site_values::read;
use crate::{SiteValues, SummaryError};
use ndarray::{Array3, s};

/// Quantiles over rows of every position and column, `(quantile, position, column)`.
///
/// Between two values a quantile is interpolated linearly, as numpy does by default
/// (type 7 of Hyndman and Fan 1996). A site without a value (NaN) does not count; where no
/// row has one, the quantile is NaN. All rows of a block of positions are held at once, in
/// at most `memory` bytes (but for one position at least), and every row is read once a
/// block.
///
/// # Errors
/// A quantile outside [0, 1], reading failed, or a value is infinite.
pub fn quantiles<T: SiteValues + ?Sized>(
    values: &T,
    quantiles: &[f64],
    memory: usize,
) -> Result<Array3<f64>, SummaryError> {
    if let Some(&value) = quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
        return Err(SummaryError::Setting { name: "quantile", value, range: "one in [0, 1]" });
    }
    let [rows, positions, columns] = values.shape();
    let mut found = Array3::from_elem((quantiles.len(), positions, columns), f64::NAN);
    let position_bytes = (rows * columns * size_of::<f32>()).max(1);
    let block = (memory / position_bytes).clamp(1, positions.max(1));
    for first in (0..positions).step_by(block) {
        let at = first..(first + block).min(positions);
        // Rows last, so that those of one site stand side by side.
        let mut held = Array3::<f32>::zeros((at.len(), columns, rows));
        for row in 0..rows {
            let values = read(values, row)?;
            held.slice_mut(s![.., .., row]).assign(&values.slice(s![at.clone(), ..]));
        }
        for (i, site) in held.rows().into_iter().enumerate() {
            let mut site: Vec<f32> = site.iter().copied().filter(|v| !v.is_nan()).collect();
            site.sort_unstable_by(f32::total_cmp);
            let (position, column) = (first + i / columns, i % columns);
            for (which, &q) in quantiles.iter().enumerate() {
                if let Some(value) = of_sorted(&site, q) {
                    found[[which, position, column]] = value;
                }
            }
        }
    }
    Ok(found)
}

fn of_sorted(values: &[f32], q: f64) -> Option<f64> {
    let place = q * values.len().checked_sub(1)? as f64;
    let below = place.floor() as usize;
    let low = f64::from(values[below]);
    let high = f64::from(values[(below + 1).min(values.len() - 1)]);
    Some(low + (place - place.floor()) * (high - low))
}
