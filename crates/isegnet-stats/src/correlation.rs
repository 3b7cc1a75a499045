use crate::Undefined;
use crate::undefined::{centre, finite, same_length};

/// Gives Pearson's correlation, in [-1, 1].
///
/// # Errors
/// Fewer than two rows, lengths that differ, a value that is not finite, or
/// either side constant.
pub fn pearson<T: Copy + Into<f64>, U: Copy + Into<f64>>(
    measured: &[T],
    predicted: &[U],
) -> Result<f64, Undefined> {
    same_length(measured.len(), predicted.len(), 2)?;
    let mut x = finite("measured", measured)?;
    let mut y = finite("predicted", predicted)?;
    correlate(&mut x, &mut y)
}

/// Gives Spearman's rank correlation, in [-1, 1]: Pearson's of the
/// [mid-ranks](mid_ranks).
///
/// # Errors
/// As [`pearson`].
pub fn spearman<T: Copy + Into<f64>, U: Copy + Into<f64>>(
    measured: &[T],
    predicted: &[U],
) -> Result<f64, Undefined> {
    same_length(measured.len(), predicted.len(), 2)?;
    let x = finite("measured", measured)?;
    let y = finite("predicted", predicted)?;
    for (side, values) in [("measured", &x), ("predicted", &y)] {
        if values.iter().all(|v| *v == values[0]) {
            return Err(Undefined::Constant { side, value: values[0] });
        }
    }
    correlate(&mut mid_ranks(&x), &mut mid_ranks(&y))
}

/// Gives the rank of every value, from 1; equal values share the mean of their ranks.
///
/// A NaN ranks above every number.
pub fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    // `+ 0.0` makes -0.0 and 0.0 one value for the total order.
    order.sort_by(|&a, &b| (values[a] + 0.0).total_cmp(&(values[b] + 0.0)));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let tied =
            order[first..].iter().take_while(|&&i| values[i] == values[order[first]]).count();
        let tied = tied.max(1);
        let rank = first as f64 + (tied + 1) as f64 / 2.0;
        for &i in &order[first..first + tied] {
            ranks[i] = rank;
        }
        first += tied;
    }
    ranks
}

fn correlate(x: &mut [f64], y: &mut [f64]) -> Result<f64, Undefined> {
    centre("measured", x)?;
    centre("predicted", y)?;
    let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(p, q)| p * q).sum::<f64>();
    Ok((sum(x, y) / (sum(x, x).sqrt() * sum(y, y).sqrt())).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pearson_agrees_with_sums_done_by_hand() {
        // Deviations (-1.5, -0.5, 0.5, 1.5) and (-1, 1, -1, 1): 2 / sqrt(5 * 4).
        let r = pearson(&[1.0, 2.0, 3.0, 4.0], &[0.0, 2.0, 0.0, 2.0]).unwrap();
        assert!((r - 2.0 / 20.0_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn spearman_gives_ties_their_mean_rank() {
        assert_eq!(mid_ranks(&[10.0, 20.0, 10.0, 5.0, 10.0]), [3.0, 5.0, 3.0, 1.0, 3.0]);
        assert_eq!(mid_ranks(&[0.0, -0.0]), [1.5, 1.5]);
        // Ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4): 4.5 / sqrt(4.5 * 5).
        let rho = spearman(&[1.0, 2.0, 2.0, 9.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((rho - 4.5 / 22.5_f64.sqrt()).abs() < 1e-15);
        assert!((spearman(&[1.0, 2.0, 3.0], &[1.0, 10.0, 1e9]).unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_constant_side_is_named() {
        let constant = |side, value| Err(Undefined::Constant { side, value });
        assert_eq!(pearson(&[1.0, 2.0], &[0.1; 2]), constant("predicted", 0.1));
        assert_eq!(spearman(&[7.0_f32; 2], &[1.0, 2.0]), constant("measured", 7.0));
        assert_eq!(pearson(&[1e308, 1e308, 0.0], &[1.0, 2.0, 3.0]), Err(Undefined::Overflow));
        assert!(
            (pearson(&[1e-300, 2e-300, 3e-300], &[1.0, 2.0, 3.0]).unwrap() - 1.0).abs() < 1e-12
        );
    }
}
