mod error;
mod fit;
mod quantile;

pub use error::ScaleError;
pub(crate) use fit::check_rows;

use crate::{TrackKind, View, ViewConfig};
use isegnet_core::InputShape;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is done to a bin's mean before it is scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transform {
    /// Nothing: the value is a signal already.
    #[default]
    Identity,
    /// -log10 of a p-value; a p of 0 counts as the smallest normal f32.
    Neglog10,
    /// ln(x + 1).
    Ln1p,
    /// asinh(x).
    Arcsinh,
}

impl Transform {
    /// Transforms a value; not finite where the transform is not defined.
    pub fn of(self, x: f32) -> f32 {
        match self {
            Self::Identity => x,
            Self::Neglog10 if !(0.0..=1.0).contains(&x) => f32::NAN,
            Self::Neglog10 => 0.0 - x.max(f32::MIN_POSITIVE).log10(),
            Self::Ln1p => x.ln_1p(),
            Self::Arcsinh => x.asinh(),
        }
    }

    /// The raw value that means 'no signal': 0, or a p-value of 1.
    pub fn no_signal(self) -> f32 {
        if self == Self::Neglog10 { 1.0 } else { 0.0 }
    }
}

impl std::fmt::Display for Transform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity",
            Self::Neglog10 => "neglog10",
            Self::Ln1p => "ln1p",
            Self::Arcsinh => "arcsinh",
        })
    }
}

/// How transformed values are brought to about `[0, 1]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Divided by the largest training value; values may not be negative.
    #[default]
    Max,
    /// From the smallest and largest training value to 0 and 1.
    Minmax,
    /// Divided by the smallest training value that this share of training
    /// positions does not exceed.
    Quantile(f64),
    /// As they are.
    None,
}

/// What stands where nothing was measured, or off the chromosome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// What no signal (raw 0) becomes.
    #[default]
    Zero,
    /// The mean over training positions.
    Mean,
    /// As `Zero`, and a column `<track>.measured` of 1 and 0 says where it was measured.
    Mask,
}

/// How a track becomes input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrackScaling {
    /// What is done to a bin's mean.
    pub transform: Transform,
    /// How transformed values are scaled.
    pub scale: Scale,
    /// What stands where nothing was measured.
    pub missing: Missing,
}

impl TrackScaling {
    /// What is done to a track of which nothing is said: signals are divided by
    /// the largest training value; methylation is divided by 100 and has a mask.
    ///
    /// Differs from Gao et al., who take unmeasured methylation as 0.
    pub fn default_of(kind: TrackKind) -> Self {
        match kind {
            TrackKind::Signal => Self::default(),
            TrackKind::Methylation => {
                Self { scale: Scale::None, missing: Missing::Mask, ..Self::default() }
            }
        }
    }
}

/// How each track becomes input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScalerConfig {
    /// By track name; a track that is not named has its kind's default.
    pub tracks: BTreeMap<String, TrackScaling>,
    /// Whether values are clamped to [0, 1]; held-out ones may lie outside.
    pub clip: bool,
}

/// Transforms and scales, fitted on training rows; saved with the model.
///
/// A value is made in this order: mean of the bin over covered bases,
/// transform, scale, missing rule (methylation: percent / 100, missing rule).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ScalerForm", into = "ScalerForm")]
pub struct Scaler {
    view: ViewConfig,
    tracks: Vec<FittedTrack>,
    clip: bool,
    columns: Vec<String>,
}

/// How a [`Scaler`] stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScalerForm {
    view: ViewConfig,
    tracks: Vec<FittedTrack>,
    clip: bool,
}

impl From<Scaler> for ScalerForm {
    fn from(scaler: Scaler) -> Self {
        Self { view: scaler.view, tracks: scaler.tracks, clip: scaler.clip }
    }
}

impl TryFrom<ScalerForm> for Scaler {
    type Error = ScaleError;

    fn try_from(form: ScalerForm) -> Result<Self, ScaleError> {
        Self::new(form.view, form.tracks, form.clip)
    }
}

/// One track's constants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedTrack {
    /// Name.
    pub name: String,
    /// What its values are.
    pub kind: TrackKind,
    /// What is done to a bin's mean.
    pub transform: Transform,
    /// Then subtracted.
    pub shift: f32,
    /// Then divided by.
    pub divisor: f32,
    /// What stands where nothing was measured.
    pub missing: Missing,
    /// Smallest transformed training value.
    pub min: f32,
    /// Largest transformed training value.
    pub max: f32,
    /// Mean of transformed training values, over positions with data.
    pub mean: f32,
}

impl FittedTrack {
    /// Gives the input value of a raw value, not clamped.
    pub fn image(&self, raw: f32) -> f32 {
        (self.transform.of(raw) - self.shift) / self.divisor
    }

    /// What a position without signal becomes: the image of raw 0.
    pub fn no_signal(&self) -> f32 {
        self.image(self.transform.no_signal())
    }

    /// What a position becomes where nothing was measured.
    pub fn fill(&self) -> f32 {
        match self.missing {
            Missing::Mean => (self.mean - self.shift) / self.divisor,
            Missing::Zero | Missing::Mask => self.no_signal(),
        }
    }
}

impl Scaler {
    fn new(view: ViewConfig, tracks: Vec<FittedTrack>, clip: bool) -> Result<Self, ScaleError> {
        let names = tracks.iter().map(|track| &track.name);
        if !view.tracks.iter().flatten().eq(names) || view.windows.is_none() || view.dna.is_none() {
            return Err(ScaleError::Form { message: "its view does not have its tracks".into() });
        }
        let mut columns: Vec<String> = Vec::new();
        for track in &tracks {
            let numbers = [track.shift, track.divisor, track.min, track.max, track.mean];
            let usable = numbers.iter().all(|x| x.is_finite()) && track.divisor != 0.0;
            if !usable || !track.fill().is_finite() {
                let message = format!("track {:?} has constants {numbers:?}", track.name);
                return Err(ScaleError::Form { message });
            }
            let masked = track.missing == Missing::Mask;
            columns.push(track.name.clone());
            columns.extend(masked.then(|| format!("{}.measured", track.name)));
        }
        let mut sorted: Vec<_> = columns.iter().collect();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair.first() == pair.last()) {
            let column = pair.first().map_or_else(String::new, |name| (*name).clone());
            return Err(ScaleError::Column { column });
        }
        Ok(Self { view, tracks, clip, columns })
    }

    /// The view that it was fitted on and applies to.
    pub fn view(&self) -> &ViewConfig {
        &self.view
    }

    /// Constants of each track, in order.
    pub fn tracks(&self) -> &[FittedTrack] {
        &self.tracks
    }

    /// Whether values are clamped to [0, 1].
    pub fn clip(&self) -> bool {
        self.clip
    }

    /// Names of the input columns: each track, and its mask right after it.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What a position without signal becomes, one value a column; a mask's is 1.
    pub fn no_signal(&self) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.columns.len());
        for track in &self.tracks {
            values.push(self.clamp(track.no_signal()));
            values.extend((track.missing == Missing::Mask).then_some(1.0));
        }
        values
    }

    /// The shape of the rows that it makes.
    pub fn shape(&self) -> InputShape {
        let bases = self.view.windows.unwrap_or_default().positions();
        InputShape {
            positions: bases / self.view.bin_bp.unwrap_or(1).max(1),
            tracks: self.columns.clone(),
            dna: self.view.dna.unwrap_or_default(),
        }
    }

    /// Checks that `view` is of the kind that it was fitted on.
    pub(crate) fn check(&self, view: &View) -> Result<(), ScaleError> {
        let given = view.config();
        let kinds = view.tracks().map(|t| t.kind).eq(self.tracks.iter().map(|t| t.kind));
        if given == self.view && kinds {
            return Ok(());
        }
        Err(ScaleError::OtherView { fitted: Box::new(self.view.clone()), given: Box::new(given) })
    }

    pub(crate) fn clamp(&self, value: f32) -> f32 {
        if self.clip { value.clamp(0.0, 1.0) } else { value }
    }
}

/// How many values of rows lie outside [0, 1], for one track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outside {
    /// The track.
    pub track: String,
    /// Positions below 0.
    pub below: u64,
    /// Positions above 1.
    pub above: u64,
    /// Positions with data.
    pub measured: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transforms_are_not_finite_where_they_are_not_defined() {
        assert_eq!(Transform::Neglog10.of(0.01), 2.0);
        assert_eq!(Transform::Neglog10.of(1.0).to_bits(), 0.0f32.to_bits());
        assert!((Transform::Neglog10.of(0.0) - 37.93).abs() < 0.01);
        assert!(Transform::Neglog10.of(1.5).is_nan());
        assert!(!Transform::Ln1p.of(-1.0).is_finite());
        assert!(Transform::Ln1p.of(-2.0).is_nan());
        assert!((Transform::Arcsinh.of(-3.0) + 1.818_446_5).abs() < 1e-6);
    }

    #[test]
    fn scales_stand_in_files_by_name() {
        let scaling: TrackScaling =
            serde_json::from_str(r#"{"scale": {"quantile": 0.99}, "missing": "mean"}"#).unwrap();
        assert_eq!(scaling.scale, Scale::Quantile(0.99));
        assert_eq!(serde_json::to_string(&Scale::Minmax).unwrap(), r#""minmax""#);
    }
}
