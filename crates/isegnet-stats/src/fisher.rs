use crate::{Alternative, Hypergeometric, PValue, Undefined};

/// Fisher's exact test of a 2 x 2 table of counts, given its margins.
///
/// [`Alternative::Greater`] looks for more in `table[0][0]` than chance puts there;
/// two-sided adds every table no likelier than this one (R and scipy do so too).
/// A margin of 0 leaves one table only, so p is 1.
///
/// ```
/// use isegnet_stats::{Alternative, fisher_exact};
///
/// let p = fisher_exact([[8, 2], [1, 5]], Alternative::Greater)?;
/// assert!((p.p() - 0.024475524475524).abs() < 1e-14);
/// # Ok::<(), isegnet_stats::Undefined>(())
/// ```
///
/// # Errors
/// Counts whose sum exceeds `u64`.
pub fn fisher_exact(table: [[u64; 2]; 2], alternative: Alternative) -> Result<PValue, Undefined> {
    let [[a, b], [c, d]] = table;
    let add = |x: u64, y: u64| x.checked_add(y).ok_or(Undefined::Overflow);
    let (row, column) = (add(a, b)?, add(a, c)?);
    let counts = Hypergeometric::new(add(row, add(c, d)?)?, row, column)?;
    Ok(match alternative {
        Alternative::TwoSided => counts.two_sided(a),
        Alternative::Less => counts.lower(a),
        Alternative::Greater => counts.upper(a),
    })
}

/// Gives the sample odds ratio a d / (b c) of a table; infinite where only b c is 0.
///
/// # Errors
/// A row or a column without counts, where it is 0 / 0.
pub fn odds_ratio(table: [[u64; 2]; 2]) -> Result<f64, Undefined> {
    let [[a, b], [c, d]] = table.map(|row| row.map(|count| count as f64));
    if (a == 0.0 && b == 0.0) || (c == 0.0 && d == 0.0) {
        return Err(Undefined::EmptyMargin { margin: "row" });
    }
    if (a == 0.0 && c == 0.0) || (b == 0.0 && d == 0.0) {
        return Err(Undefined::EmptyMargin { margin: "column" });
    }
    Ok(a * d / (b * c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_without_counts() {
        assert_eq!(fisher_exact([[0, 0], [5, 5]], Alternative::TwoSided), Ok(PValue::ONE));
        assert_eq!(odds_ratio([[0, 0], [5, 5]]), Err(Undefined::EmptyMargin { margin: "row" }));
        assert_eq!(odds_ratio([[0, 3], [0, 5]]), Err(Undefined::EmptyMargin { margin: "column" }));
        assert_eq!(odds_ratio([[3, 0], [0, 3]]), Ok(f64::INFINITY));
        let most = [[u64::MAX, 1], [0, 0]];
        assert_eq!(fisher_exact(most, Alternative::Less), Err(Undefined::Overflow));
    }
}
