use crate::Colour;

/// Something drawn inside axes, in data units.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Layer {
    /// Dots, darker where they are denser.
    Points(Points),
    /// A line through points.
    Line(Line),
    /// A dashed straight line to compare with.
    Guide(Guide),
}

/// Dots, coloured by how many others are near, the densest drawn last.
///
/// A dot with a coordinate that is not finite is left out.
#[derive(Clone, Debug, Default)]
pub struct Points {
    /// Horizontal coordinates.
    pub x: Vec<f64>,
    /// Vertical coordinates, one a dot.
    pub y: Vec<f64>,
}

/// A line through points in their order; a value that is not finite breaks it.
#[derive(Clone, Debug)]
pub struct Line {
    /// What the legend calls it; no entry if empty.
    pub name: String,
    /// Horizontal coordinates.
    pub x: Vec<f64>,
    /// Vertical coordinates, one a point.
    pub y: Vec<f64>,
    /// Colour.
    pub colour: Colour,
}

/// A dashed straight line to compare with; it does not widen the axes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Guide {
    /// y = x.
    Identity,
    /// At one x.
    Vertical {
        /// Where.
        at: f64,
        /// What the legend calls it; no entry if empty.
        name: String,
    },
    /// At one y.
    Horizontal {
        /// Where.
        at: f64,
        /// What the legend calls it; no entry if empty.
        name: String,
    },
}

impl Layer {
    /// Gives the coordinates that the axes must show.
    pub(crate) fn coordinates(&self) -> (&[f64], &[f64]) {
        match self {
            Self::Points(p) => (&p.x, &p.y),
            Self::Line(l) => (&l.x, &l.y),
            Self::Guide(_) => (&[], &[]),
        }
    }

    /// Gives what the legend calls it; empty for no entry.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Line(l) => &l.name,
            Self::Guide(Guide::Vertical { name, .. } | Guide::Horizontal { name, .. }) => name,
            Self::Points(_) | Self::Guide(Guide::Identity) => "",
        }
    }
}
