use crate::Colour;

/// Something drawn inside axes, in data units.
///
/// What has a coordinate that is not finite is left out.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Layer {
    /// Dots.
    Points(Points),
    /// A line through points.
    Line(Line),
    /// The area between two lines.
    Area(Area),
    /// Filled rectangles.
    Tiles(Tiles),
    /// Letters stretched to boxes.
    Letters(Vec<Letter>),
    /// Words at places.
    Labels(Vec<Label>),
    /// What helps the eye and does not widen the axes.
    Guide(Guide),
}

/// Dots, the densest drawn last.
#[derive(Clone, Debug, Default)]
pub struct Points {
    /// What the legend calls them; no entry if empty.
    pub name: String,
    /// Horizontal coordinates.
    pub x: Vec<f64>,
    /// Vertical coordinates, one a dot.
    pub y: Vec<f64>,
    /// One colour for all; `None` colours a dot by how many others are near.
    pub colour: Option<Colour>,
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
    /// Thickness in page units.
    pub width: f64,
    /// Every point has a dot.
    pub dots: bool,
}

impl Line {
    /// A line of ordinary thickness without dots and name.
    pub fn new(x: Vec<f64>, y: Vec<f64>, colour: Colour) -> Self {
        Self { name: String::new(), x, y, colour, width: 1.8, dots: false }
    }
}

/// The area between two lines over the same points; a value that is not finite
/// breaks it.
#[derive(Clone, Debug)]
pub struct Area {
    /// What the legend calls it; no entry if empty.
    pub name: String,
    /// Horizontal coordinates.
    pub x: Vec<f64>,
    /// One edge, one value a point.
    pub low: Vec<f64>,
    /// The other edge.
    pub high: Vec<f64>,
    /// Colour.
    pub colour: Colour,
    /// From 0, not seen, to 1.
    pub opacity: f64,
}

/// Filled rectangles.
#[derive(Clone, Debug)]
pub struct Tiles {
    /// What the legend calls them, in the colour of the first; no entry if empty.
    pub name: String,
    /// The rectangles, the first at the back.
    pub tiles: Vec<Tile>,
    /// From 0, not seen, to 1.
    pub opacity: f64,
}

/// A filled rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tile {
    /// Left and right edge.
    pub x: (f64, f64),
    /// Lower and upper edge.
    pub y: (f64, f64),
    /// Colour.
    pub colour: Colour,
}

/// A letter stretched until it fills a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Letter {
    /// The letter.
    pub letter: char,
    /// Left and right edge.
    pub x: (f64, f64),
    /// Lower and upper edge.
    pub y: (f64, f64),
    /// Colour.
    pub colour: Colour,
}

/// Words at a place, as high as their middle.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// What is written.
    pub text: String,
    /// Horizontal coordinate.
    pub x: f64,
    /// Vertical coordinate.
    pub y: f64,
    /// Which part of the words is at x.
    pub align: Align,
    /// Colour.
    pub colour: Colour,
}

/// Which part of a [`Label`] is at its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Its beginning, a little to the right of the place.
    Start,
    /// Its middle.
    #[default]
    Middle,
    /// Its end, a little to the left of the place.
    End,
}

/// What helps the eye; it does not widen the axes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Guide {
    /// A dashed line where y = x.
    Identity,
    /// A dashed line at one x.
    Vertical {
        /// Where.
        at: f64,
        /// What the legend calls it; no entry if empty.
        name: String,
    },
    /// A dashed line at one y.
    Horizontal {
        /// Where.
        at: f64,
        /// What the legend calls it; no entry if empty.
        name: String,
    },
    /// Shade over all of y between two x.
    Span {
        /// From here.
        from: f64,
        /// To here.
        to: f64,
        /// Colour, drawn pale.
        colour: Colour,
        /// What the legend calls it; no entry if empty.
        name: String,
    },
}

type Values<'a> = Box<dyn Iterator<Item = f64> + 'a>;

impl Layer {
    /// Gives the horizontal coordinates that the axes must show.
    pub(crate) fn xs(&self) -> Values<'_> {
        match self {
            Self::Points(p) => Box::new(p.x.iter().copied()),
            Self::Line(l) => Box::new(l.x.iter().copied()),
            Self::Area(a) => Box::new(a.x.iter().copied()),
            Self::Tiles(t) => Box::new(t.tiles.iter().flat_map(|t| [t.x.0, t.x.1])),
            Self::Letters(l) => Box::new(l.iter().flat_map(|l| [l.x.0, l.x.1])),
            Self::Labels(l) => Box::new(l.iter().map(|l| l.x)),
            Self::Guide(_) => Box::new(std::iter::empty()),
        }
    }

    /// Gives the vertical coordinates that the axes must show.
    pub(crate) fn ys(&self) -> Values<'_> {
        match self {
            Self::Points(p) => Box::new(p.y.iter().copied()),
            Self::Line(l) => Box::new(l.y.iter().copied()),
            Self::Area(a) => Box::new(a.low.iter().chain(&a.high).copied()),
            Self::Tiles(t) => Box::new(t.tiles.iter().flat_map(|t| [t.y.0, t.y.1])),
            Self::Letters(l) => Box::new(l.iter().flat_map(|l| [l.y.0, l.y.1])),
            Self::Labels(l) => Box::new(l.iter().map(|l| l.y)),
            Self::Guide(_) => Box::new(std::iter::empty()),
        }
    }
}
