/// Takes a name such as `chr1:1001-1101` or `chr1:1001-1101(+)` apart: the sequence that
/// it is a part of, and the 0-based position there of its first base, which the name
/// counts from 1 (FIMO's reading, unless it is told not to). No chromosome is longer than
/// 32 bits count.
///
/// ```
/// use isegnet_motif::coordinates_in_name;
///
/// assert_eq!(coordinates_in_name("chr1:1001-1101(-)"), Some(("chr1", 1000)));
/// assert_eq!(coordinates_in_name("HLA-A*01:01"), None);
/// assert_eq!(coordinates_in_name("chr1:9-18446744073709551615"), None);
/// ```
pub fn coordinates_in_name(name: &str) -> Option<(&str, u64)> {
    let name = name.strip_suffix("(+)").or(name.strip_suffix("(-)")).unwrap_or(name);
    let (sequence, range) = name.rsplit_once(':')?;
    let (start, end) = range.split_once('-')?;
    let (start, end): (u32, u32) = (start.parse().ok()?, end.parse().ok()?);
    (!sequence.is_empty() && (1..=end).contains(&start)).then(|| (sequence, u64::from(start - 1)))
}
