#![doc = include_str!("../README.md")]

mod axes;
mod colour;
mod curves;
mod density;
mod error;
mod figure;
mod layer;
mod panel;
mod scatter;
mod svg;
mod text;
mod ticks;

pub use axes::{Axes, Axis};
pub use colour::Colour;
pub use curves::{Curve, LearningCurve, curves};
pub use error::Error;
pub use figure::Figure;
pub use layer::{Guide, Layer, Line, Points};
pub use scatter::{Scatter, scatter};
