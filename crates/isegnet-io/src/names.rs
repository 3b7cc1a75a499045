//! Chromosome names.

/// Writes the first few names of a list: `"chr1", "chr2", "chr3" and 21 more`.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 3;
    let mut names = names.into_iter();
    let shown: Vec<_> = names.by_ref().take(SHOWN).map(|n| format!("{n:?}")).collect();
    match (shown.is_empty(), names.count()) {
        (true, _) => "none".into(),
        (_, 0) => shown.join(", "),
        (_, more) => format!("{} and {more} more", shown.join(", ")),
    }
}
