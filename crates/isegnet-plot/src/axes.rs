use crate::Layer;
use crate::ticks::{LARGEST, limits};

/// One direction of [`Axes`]: what it measures and how far it reaches.
#[derive(Clone, Debug, Default)]
pub struct Axis {
    /// What is measured, with its unit.
    pub label: String,
    /// Ends of the axis; `None` shows every finite value.
    pub limits: Option<(f64, f64)>,
    /// What is written along it.
    pub marks: Marks,
}

impl Axis {
    /// An axis that shows every value, called `label`.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }
}

/// What is written along an [`Axis`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Marks {
    /// Round numbers, with grid lines.
    #[default]
    Numbers,
    /// Whole numbers, as for epochs.
    Whole,
    /// Grid lines where numbers would be, for a panel whose neighbour shows them.
    Unlabelled,
    /// A name at each place, without grid lines.
    Names(Vec<(f64, String)>),
    /// Nothing.
    None,
}

/// Two axes and what is drawn between them.
#[derive(Clone, Debug, Default)]
pub struct Axes {
    /// Written above; empty for none.
    pub title: String,
    /// Left to right.
    pub x: Axis,
    /// Bottom to top.
    pub y: Axis,
    /// Both axes have the same limits and the same length on paper.
    pub equal: bool,
    /// Marks and label of y stand on the right.
    pub right: bool,
    /// No spines and no grid.
    pub bare: bool,
    /// What is drawn, the first at the back.
    pub layers: Vec<Layer>,
    /// Lines of text in the upper left corner.
    pub notes: Vec<String>,
}

impl Axes {
    /// Empty axes with these labels.
    pub fn new(x_label: impl Into<String>, y_label: impl Into<String>) -> Self {
        Self { x: Axis::new(x_label), y: Axis::new(y_label), ..Self::default() }
    }

    /// Gives the ends of both axes.
    pub(crate) fn limits(&self) -> ((f64, f64), (f64, f64)) {
        let xs = || self.layers.iter().flat_map(Layer::xs);
        let ys = || self.layers.iter().flat_map(Layer::ys);
        if self.equal {
            let both = limits(xs().chain(ys()));
            return (proper(self.x.limits, both), proper(self.y.limits, both));
        }
        (proper(self.x.limits, limits(xs())), proper(self.y.limits, limits(ys())))
    }
}

/// Takes the wanted limits unless nothing could be drawn between them.
fn proper(wanted: Option<(f64, f64)>, found: (f64, f64)) -> (f64, f64) {
    wanted.filter(|(l, h)| l.abs() < LARGEST && h.abs() < LARGEST && l < h).unwrap_or(found)
}
