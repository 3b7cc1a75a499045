#![doc = include_str!("../README.md")]

mod dataset;
pub mod dna;
pub mod export;
mod scale;
mod scaled_view;
mod split;
mod target;
mod view;
mod windows;

#[doc(hidden)]
pub use dataset::check_bytes;
pub use dataset::{
    ChromosomeLength, Counts, Dataset, DatasetBuilder, DatasetError, FORMAT_VERSION, InputFile,
    MAX_BIN_BP, Manifest, Row, RowFilter, SampleInput, SampleSummary, TrackKind, TrackSpec,
};
pub use scale::{
    FittedTrack, Missing, Outside, Scale, ScaleError, Scaler, ScalerConfig, TrackScaling, Transform,
};
pub use scaled_view::ScaledView;
pub use split::{
    FoldName, LeakageReport, PairReport, Part, PartSummary, Split, SplitConfig, SplitError,
};
pub use target::{Target, TargetError, TargetTransform};
pub use view::{Stretch, View, ViewConfig, ViewError};
pub use windows::{FARTHEST_BP, Window, WindowError, Windows};
