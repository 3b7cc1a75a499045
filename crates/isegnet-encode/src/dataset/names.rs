//! What every manifest must keep to, whether it is written or read.

use super::{DatasetError, Manifest, TrackSpec};
use std::collections::HashSet;
use std::path::Path;

/// The largest bin that a track may have, in bases.
pub const MAX_BIN_BP: usize = 1_000_000;

/// The last place on a chromosome that is believed: no chromosome is as long.
pub(super) const LAST_BASE: i64 = 1 << 40;

pub(super) fn check_manifest(path: &Path, manifest: &Manifest) -> Result<(), DatasetError> {
    let broken = |cause: DatasetError| DatasetError::broken(path, cause.to_string());
    check_tracks(&manifest.tracks).map_err(broken)?;
    if manifest.tracks.is_empty() && !manifest.dna {
        return Err(broken(DatasetError::NoInput));
    }
    check_names("sample", manifest.samples.iter().map(|s| s.name.as_str())).map_err(broken)?;
    check_names("chromosome", manifest.chromosomes.iter().map(|c| c.name.as_str()))
        .map_err(broken)?;
    for chromosome in &manifest.chromosomes {
        if chromosome.length.is_some_and(|length| length > LAST_BASE as u64) {
            let message = format!("chromosome {:?} cannot be so long", chromosome.name);
            return Err(DatasetError::broken(path, message));
        }
    }
    Ok(())
}

pub(super) fn check_tracks(tracks: &[TrackSpec]) -> Result<(), DatasetError> {
    check_names("track", tracks.iter().map(|t| t.name.as_str()))?;
    for track in tracks {
        if !(1..=MAX_BIN_BP).contains(&track.bin_bp) {
            let (track, bin_bp) = (track.name.clone(), track.bin_bp);
            return Err(DatasetError::Bin { track, bin_bp });
        }
    }
    Ok(())
}

/// Checks that names can stand in tables and differ.
pub(super) fn check_names<'a>(
    what: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), DatasetError> {
    let mut seen = HashSet::new();
    for name in names {
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(DatasetError::Name { what, name: name.to_owned() });
        }
        if !seen.insert(name) {
            return Err(DatasetError::Duplicate { what, name: name.to_owned() });
        }
    }
    Ok(())
}
