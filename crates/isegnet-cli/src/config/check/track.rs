//! Sections `[[track]]`.

use super::Check;
use crate::config::file;
use crate::config::{Missing, Scale, Track, TrackKind, TrackScaling};
use isegnet_encode::{MAX_BIN_BP, TrackSpec};
use isegnet_model::NetworkConfig;

impl Check {
    pub(super) fn tracks(&mut self, tracks: &[file::Track]) -> Vec<Track> {
        let mut checked: Vec<Track> = Vec::new();
        for (i, track) in tracks.iter().enumerate() {
            let name = self.name("track", i, track.name.as_deref());
            if checked.iter().any(|t| t.name == name) {
                self.say(
                    &["track", &i.to_string(), "name"],
                    format!("two tracks are called {name:?}; rename one"),
                );
            }
            checked.push(self.track(i, name, track));
        }
        checked
    }

    fn track(&mut self, i: usize, name: String, track: &file::Track) -> Track {
        let at = i.to_string();
        let kind = track.kind.unwrap_or_default();
        let methylation = kind == TrackKind::Methylation;
        if methylation {
            let fixed = "is fixed for kind = \"methylation\" (single bases, percent / 100)";
            for key in ["transform", "scale", "bin_bp"] {
                if self.tree.get("track").and_then(|t| t.at(i)?.get(key)).is_some() {
                    self.say(&["track", &at, key], format!("{fixed}; leave it out"));
                }
            }
        } else if track.min_coverage.is_some() {
            let way = "is for kind = \"methylation\"; leave it out or set the kind";
            self.say(&["track", &at, "min_coverage"], way);
        }
        let bin_bp = track.bin_bp.unwrap_or_else(TrackSpec::default_bin_bp);
        if !(1..=MAX_BIN_BP).contains(&bin_bp) {
            let way = format!("{bin_bp} is no size of a bin; give 1 to {MAX_BIN_BP} bases");
            self.say(&["track", &at, "bin_bp"], way);
        }
        if let Some(Scale::Quantile(q)) = track.scale
            && !(q > 0.0 && q <= 1.0)
        {
            let way = format!("{q} is no quantile; give a number above 0, up to 1");
            self.say(&["track", &at, "scale"], way);
        }
        let default = self.scaling(kind);
        Track {
            name,
            kind,
            bin_bp: if methylation { 1 } else { bin_bp },
            min_coverage: track.min_coverage.unwrap_or(1),
            scaling: TrackScaling {
                transform: track.transform.unwrap_or(default.transform),
                scale: track.scale.unwrap_or(default.scale),
                missing: track.missing.unwrap_or(default.missing),
            },
        }
    }

    /// The paper takes unmeasured methylation for 0; we keep it apart.
    fn scaling(&self, kind: TrackKind) -> TrackScaling {
        let preset = self.tree.get("model").and_then(|t| t.text("preset"));
        match preset.is_none_or(|name| name == NetworkConfig::PRESETS[0]) {
            true => TrackScaling::default_of(kind),
            false => TrackScaling { missing: Missing::Zero, ..TrackScaling::default_of(kind) },
        }
    }
}
