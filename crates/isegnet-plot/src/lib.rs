#![doc = include_str!("../README.md")]

mod axes;
mod colour;
mod curves;
mod density;
mod error;
mod figure;
mod gene_tracks;
mod layer;
mod layout;
mod legend;
mod letters;
mod logo;
mod marks;
mod paint;
mod panel;
mod profile;
mod scatter;
mod series;
mod signed;
mod svg;
mod text;
mod ticks;
mod windows;

pub use axes::{Axes, Axis, Marks};
pub use colour::Colour;
pub use curves::{Curve, LearningCurve, curves};
pub use error::Error;
pub use figure::Figure;
pub use gene_tracks::{GeneTrack, GeneTracks, Strip, gene_tracks};
pub use layer::{Align, Area, Guide, Label, Layer, Letter, Line, Points, Tile, Tiles};
pub use layout::Length;
pub use logo::{Logo, LogoRow, information_content, logo};
pub use profile::{Profile, ProfileTrack, profile};
pub use scatter::{Scatter, scatter};
pub use series::{Band, Series};
pub use windows::{Highlight, Window};
