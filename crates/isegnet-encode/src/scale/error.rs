use super::Transform;
use crate::ViewConfig;

/// Why tracks cannot be scaled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScaleError {
    /// There is no training row.
    #[error("there is no training row to fit scales on; change the split")]
    NoRow,
    /// A row that the data set does not have.
    #[error("row {row} is not in the data set, which has {rows}; use the split made for it")]
    Row {
        /// The row.
        row: usize,
        /// Number of rows.
        rows: usize,
    },
    /// A scaling is given for a track that does not exist.
    #[error("a scaling is given for track {track:?}, and the data set has [{}]; correct the name", known.join(", "))]
    UnknownTrack {
        /// The name given.
        track: String,
        /// The tracks there are.
        known: Vec<String>,
    },
    /// A track has no value in any training row.
    #[error(
        "track {track:?} has no value in any of {rows} training rows; leave it out or change the split"
    )]
    NoValue {
        /// The track.
        track: String,
        /// Number of training rows.
        rows: usize,
    },
    /// A value that the transform is not defined for.
    #[error(
        "track {track:?} has the value {value} at gene {gene:?}, for which {transform} is not defined; choose another transform"
    )]
    Domain {
        /// The track.
        track: String,
        /// The raw value.
        value: f32,
        /// The gene.
        gene: String,
        /// The transform.
        transform: Transform,
    },
    /// A track with negative values cannot be divided by its largest.
    #[error(
        "track {track:?} has training values down to {min}, and scale \"max\" is for values of 0 or more; use scale = \"minmax\""
    )]
    Negative {
        /// The track.
        track: String,
        /// The smallest transformed training value.
        min: f32,
    },
    /// A quantile that cannot be divided by.
    #[error(
        "quantile {q} of track {track:?} is {value}, which cannot be divided by; choose a quantile above 0 and up to 1 where the track has signal, or scale = \"max\""
    )]
    Quantile {
        /// The track.
        track: String,
        /// The share asked for.
        q: f64,
        /// The value there.
        value: f32,
    },
    /// Methylation has a fixed transform and scale.
    #[error(
        "methylation track {track:?} is always divided by 100; leave its transform and scale out"
    )]
    Methylation {
        /// The track.
        track: String,
    },
    /// Two input columns have one name.
    #[error("two input columns are called {column:?}; rename the track")]
    Column {
        /// The name.
        column: String,
    },
    /// A scaler is applied to another kind of view.
    #[error(
        "the scaler was fitted on {}, and is given {}; make the view with the scaler's own",
        shown(fitted),
        shown(given)
    )]
    OtherView {
        /// What it was fitted on.
        fitted: Box<ViewConfig>,
        /// What it is applied to.
        given: Box<ViewConfig>,
    },
    /// A saved scaler that cannot be.
    #[error("the saved scaler is broken: {message}; fit the model again")]
    Form {
        /// What is wrong.
        message: String,
    },
}

fn shown(view: &ViewConfig) -> String {
    let windows = view.windows.unwrap_or_default();
    let tracks = view.tracks.as_deref().unwrap_or_default().join(", ");
    let dna = if view.dna == Some(true) { " with DNA" } else { "" };
    format!("{windows} in bins of {} of tracks [{tracks}]{dna}", view.bin_bp.unwrap_or(1))
}
