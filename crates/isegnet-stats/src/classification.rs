use crate::Undefined;
use crate::correlation::mid_ranks;
use crate::undefined::{finite, same_length};

/// Gives the fraction of rows whose predicted label is the measured one.
///
/// # Errors
/// No row, or lengths that differ.
pub fn accuracy(measured: &[bool], predicted: &[bool]) -> Result<f64, Undefined> {
    same_length(measured.len(), predicted.len(), 1)?;
    let right = measured.iter().zip(predicted).filter(|(m, p)| m == p).count();
    Ok(right as f64 / measured.len() as f64)
}

/// Gives the area under the receiver operating characteristic: the chance that
/// a row labelled true scores higher than one labelled false, ties counted half.
///
/// # Errors
/// Lengths that differ, a score that is not finite, or labels all alike.
pub fn auroc<T: Copy + Into<f64>>(measured: &[bool], scores: &[T]) -> Result<f64, Undefined> {
    same_length(measured.len(), scores.len(), 2)?;
    let scores = finite("predicted", scores)?;
    let positives = measured.iter().filter(|&&m| m).count();
    let negatives = measured.len() - positives;
    if positives == 0 || negatives == 0 {
        return Err(Undefined::OneClass { label: negatives == 0 });
    }
    let ranks = mid_ranks(&scores);
    let sum: f64 = ranks.iter().zip(measured).filter(|(_, m)| **m).map(|(r, _)| r).sum();
    let (p, n) = (positives as f64, negatives as f64);
    Ok((sum - p * (p + 1.0) / 2.0) / (p * n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auroc_counts_pairs() {
        let labels = [false, false, true, true];
        // Of the four pairs, (0.1, 0.35), (0.1, 0.8), (0.4, 0.8) are in order.
        assert_eq!(auroc(&labels, &[0.1, 0.4, 0.35, 0.8]).unwrap(), 0.75);
        assert_eq!(auroc(&labels, &[0.5_f32; 4]).unwrap(), 0.5);
        assert_eq!(auroc(&labels, &[4.0, 3.0, 2.0, 1.0]).unwrap(), 0.0);
        assert_eq!(auroc(&[true; 3], &[1.0; 3]), Err(Undefined::OneClass { label: true }));
    }

    #[test]
    fn accuracy_counts_rows() {
        assert_eq!(accuracy(&[true, false, true, true], &[true, true, true, false]).unwrap(), 0.5);
        assert!(accuracy(&[], &[]).is_err());
    }
}
