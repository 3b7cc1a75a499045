use super::EnrichmentTable;
use isegnet_stats::{Correction, PValue};

/// The chance that any of `tests` independent tests gives such a p: 1 - (1 - p)^tests.
pub(crate) fn for_tests(p: PValue, tests: u64) -> PValue {
    let tests = tests.max(1) as f64;
    let ln = if tests * p.p() < 1e-6 {
        // Where p is small this is tests p, also below the smallest f64.
        p.ln() + tests.ln()
    } else {
        (-(tests * (-p.p()).ln_1p()).exp_m1()).ln()
    };
    PValue::from_ln(ln.min(0.0)).unwrap_or(PValue::ONE)
}

/// Gives every motif of every table its q-value: Benjamini and Hochberg's over the adjusted
/// p-values of all motifs and all tables, such as one a track.
pub fn adjust_over_tracks(tables: &mut [EnrichmentTable]) {
    let p: Vec<PValue> = tables.iter().flat_map(|t| &t.rows).map(|row| row.adjusted).collect();
    let q = Correction::BenjaminiHochberg.adjust(&p);
    let rows = tables.iter_mut().flat_map(|t| &mut t.rows);
    for (row, q) in rows.zip(q) {
        row.q = Some(q);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_tests_make_small_p_likelier() {
        let adjusted = |p: f64, tests| for_tests(PValue::new(p).unwrap(), tests).p();
        assert!((adjusted(0.01, 10) - (1.0 - 0.99_f64.powi(10))).abs() < 1e-15);
        assert!((adjusted(1e-12, 50) / 5e-11 - 1.0).abs() < 1e-12);
        assert_eq!((adjusted(0.9, 1000), adjusted(1.0, 3)), (1.0, 1.0));
        assert!((adjusted(0.2, 1) - 0.2).abs() < 1e-15);
        let tiny = for_tests(PValue::from_ln(-2000.0).unwrap(), 100);
        assert!((tiny.ln() + 2000.0 - 100_f64.ln()).abs() < 1e-9);
    }
}
