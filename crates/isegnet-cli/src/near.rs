//! Names that are like one that is not known.

/// Gives the known names most like `given`, likest first, at most `n`; none where none is
/// like it at all.
pub fn nearest<'a>(
    given: &str,
    known: impl IntoIterator<Item = &'a str>,
    n: usize,
) -> Vec<&'a str> {
    let given = given.to_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&given, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.into_iter().take(n).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_names_come_first() {
        let known = ["SIMG000012", "SIMG000011", "BRCA1"];
        assert_eq!(nearest("simg000012", known, 2), ["SIMG000012", "SIMG000011"]);
        assert!(nearest("zzz", known, 3).is_empty());
    }
}
