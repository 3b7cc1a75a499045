//! Sections `[[track]]`.

use super::Check;
use crate::config::file::{self, ScaleName};
use crate::config::{Kind, Missing, Scale, Track};

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
        let methylation = kind == Kind::Methylation;
        if methylation {
            let fixed = "is fixed for kind = \"methylation\" (single bases, percent / 100)";
            for key in ["transform", "scale", "quantile", "bin_bp"] {
                if self.tree.get("track").and_then(|t| t.at(i)?.get(key)).is_some() {
                    self.say(&["track", &at, key], format!("{fixed}; leave it out"));
                }
            }
        } else {
            if track.min_coverage.is_some() {
                let way = "is for kind = \"methylation\"; leave it out or set the kind";
                self.say(&["track", &at, "min_coverage"], way);
            }
            if track.missing == Some(Missing::Mask) {
                let way = "\"mask\" is for kind = \"methylation\"; use \"zero\" or \"mean\"";
                self.say(&["track", &at, "missing"], way);
            }
        }
        let bin_bp = track.bin_bp.unwrap_or(20);
        if !(1..=10_000).contains(&bin_bp) {
            let way = format!("{bin_bp} is no size of a bin; give 1 to 10000 bases");
            self.say(&["track", &at, "bin_bp"], way);
        }
        Track {
            name,
            kind,
            transform: track.transform.unwrap_or_default(),
            scale: if methylation { Scale::None } else { self.scale(&at, track) },
            bin_bp: if methylation { 1 } else { bin_bp },
            missing: track.missing.unwrap_or_else(|| self.missing(methylation)),
            min_coverage: track.min_coverage.unwrap_or(1),
        }
    }

    /// The paper takes unmeasured methylation for 0; we keep it apart.
    fn missing(&self, methylation: bool) -> Missing {
        let preset = self.tree.get("model").and_then(|t| t.text("preset"));
        if methylation && preset.is_none_or(|name| name == "isegnet") {
            Missing::Mask
        } else {
            Missing::Zero
        }
    }

    fn scale(&mut self, at: &str, track: &file::Track) -> Scale {
        if track.quantile.is_some() && track.scale != Some(ScaleName::Quantile) {
            let way = "goes with scale = \"quantile\"; set that or leave it out";
            self.say(&["track", at, "quantile"], way);
        }
        match track.scale {
            None | Some(ScaleName::Max) => Scale::Max,
            Some(ScaleName::None) => Scale::None,
            Some(ScaleName::Minmax) => Scale::Minmax,
            Some(ScaleName::Quantile) => match track.quantile {
                Some(q) if q > 0.0 && q <= 1.0 => Scale::Quantile(q),
                Some(q) => {
                    let way = format!("{q} is no quantile; give a number above 0, up to 1");
                    self.say(&["track", at, "quantile"], way);
                    Scale::Max
                }
                None => {
                    let way = "\"quantile\" needs its number; add quantile = 0.99";
                    self.say(&["track", at, "scale"], way);
                    Scale::Max
                }
            },
        }
    }
}
