use crate::Undefined;
use crate::undefined::{finite, same_length};

/// Gives the area under the precision-recall curve, as average precision: the sum
/// over thresholds of the gain in recall times the precision there.
///
/// No line is drawn between thresholds, since that is too kind (Davis and Goadrich
/// 2006); rows of equal score pass one threshold together. A score that tells
/// nothing gets the share of rows labelled true.
///
/// # Errors
/// Lengths that differ, a score that is not finite, or labels all alike.
pub fn auprc<T: Copy + Into<f64>>(measured: &[bool], scores: &[T]) -> Result<f64, Undefined> {
    same_length(measured.len(), scores.len(), 2)?;
    let scores = finite("predicted", scores)?;
    let positives = measured.iter().filter(|&&m| m).count();
    if positives == 0 || positives == measured.len() {
        return Err(Undefined::OneClass { label: positives != 0 });
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| (scores[b] + 0.0).total_cmp(&(scores[a] + 0.0)));
    let (mut passed, mut right, mut area) = (0, 0, 0.0);
    for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let gained = tied.iter().filter(|&&i| measured[i]).count();
        passed += tied.len();
        right += gained;
        area += gained as f64 * (right as f64 / passed as f64);
    }
    Ok(area / positives as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_sums_done_by_hand() {
        let labels = [false, false, true, true];
        // Thresholds 0.8 (1 of 1 right) and 0.35 (2 of 3): (1 + 2/3) / 2.
        let area = auprc(&labels, &[0.1, 0.4, 0.35, 0.8]).unwrap();
        assert!((area - 5.0 / 6.0).abs() < 1e-15);
        assert_eq!(auprc(&labels, &[0.5_f32; 4]).unwrap(), 0.5);
        assert_eq!(auprc(&labels, &[0.0, -0.0, 1.0, 1.0]).unwrap(), 1.0);
        assert_eq!(auprc(&[true; 3], &[1.0; 3]), Err(Undefined::OneClass { label: true }));
        assert_eq!(auprc(&[false; 3], &[1.0; 3]), Err(Undefined::OneClass { label: false }));
    }
}
