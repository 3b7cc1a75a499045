//! Solves symmetric positive definite systems.

use ndarray::{Array1, Array2, ArrayView2, s};

/// Columns factored together; the rest is left to matrix products.
const BLOCK: usize = 48;

/// Gives `x` with `(a + alpha I) x = b`; `None` where `a + alpha I` is not
/// positive definite.
pub(crate) fn solve(a: ArrayView2<'_, f64>, alpha: f64, b: &Array1<f64>) -> Option<Array1<f64>> {
    let mut l = a.to_owned();
    l.diag_mut().mapv_inplace(|v| v + alpha);
    factor(&mut l)?;
    let n = b.len();
    let mut x = b.clone();
    for i in 0..n {
        let known = l.slice(s![i, ..i]).dot(&x.slice(s![..i]));
        x[i] = (x[i] - known) / l[(i, i)];
    }
    for i in (0..n).rev() {
        let known = l.slice(s![i + 1.., i]).dot(&x.slice(s![i + 1..]));
        x[i] = (x[i] - known) / l[(i, i)];
    }
    Some(x)
}

/// Turns the lower half into its Cholesky factor, block by block.
fn factor(a: &mut Array2<f64>) -> Option<()> {
    let n = a.nrows();
    for start in (0..n).step_by(BLOCK) {
        let end = (start + BLOCK).min(n);
        for j in start..end {
            let row = a.slice(s![j, start..j]).to_owned();
            let pivot = a[(j, j)] - row.dot(&row);
            // Also false for NaN.
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            a[(j, j)] = pivot.sqrt();
            for i in j + 1..n {
                let known = a.slice(s![i, start..j]).dot(&row);
                a[(i, j)] = (a[(i, j)] - known) / a[(j, j)];
            }
        }
        let panel = a.slice(s![end.., start..end]).to_owned();
        // Rows in strips: only the lower half is needed.
        for from in (end..n).step_by(4 * BLOCK) {
            let to = (from + 4 * BLOCK).min(n);
            let strip = panel.slice(s![from - end..to - end, ..]);
            let product = strip.dot(&panel.slice(s![..to - end, ..]).t());
            let mut rest = a.slice_mut(s![from..to, end..to]);
            rest -= &product;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use isegnet_core::Random;
    use ndarray::array;

    #[test]
    fn a_system_done_by_hand() {
        let a = array![[3.0, 2.0], [2.0, 5.0]];
        // (a + I) (1, -1) = (4 - 2, 2 - 6).
        let x = solve(a.view(), 1.0, &array![2.0, -4.0]).unwrap();
        assert!((x[0] - 1.0).abs() < 1e-15 && (x[1] + 1.0).abs() < 1e-15);
        assert!(solve(array![[1.0, 2.0], [2.0, 1.0]].view(), 0.0, &array![1.0, 1.0]).is_none());
    }

    #[test]
    fn blocks_of_every_size_give_back_what_was_put_in() {
        let random = Random::new(1, "test");
        for n in [1, 47, 48, 49, 150, 400] {
            let x = Array2::from_shape_fn((n + 5, n), |(i, j)| random.normal(i as u64, j as u64));
            let a = x.t().dot(&x);
            let wanted = Array1::from_shape_fn(n, |i| random.normal(1 << 40, i as u64));
            let b = a.dot(&wanted) + 0.5 * &wanted;
            let found = solve(a.view(), 0.5, &b).unwrap();
            let error = (&found - &wanted).iter().fold(0.0_f64, |m, d| m.max(d.abs()));
            assert!(error < 1e-9, "{n}: {error}");
        }
    }
}
