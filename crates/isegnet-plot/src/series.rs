use crate::error::same_length;
use crate::{Area, Colour, Error, Layer, Line};

/// Values along an axis that several series share.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// One value a place; not finite where there is none.
    pub values: &'a [f64],
    /// What lies around the values.
    pub band: Option<Band<'a>>,
}

impl<'a> Series<'a> {
    /// Values without a band.
    pub fn new(name: &'a str, values: &'a [f64]) -> Self {
        Self { name, values, band: None }
    }
}

/// The range around a [`Series`], such as quantiles or a standard error.
#[derive(Clone, Copy, Debug)]
pub struct Band<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// Lower ends, one a value.
    pub low: &'a [f64],
    /// Upper ends, one a value.
    pub high: &'a [f64],
}

impl Series<'_> {
    /// Checks that the band has one range a value.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for edge in self.band.iter().flat_map(|b| [b.low, b.high]) {
            same_length((self.name, self.values.len()), ("its band", edge.len()))?;
        }
        Ok(())
    }

    /// Gives every value that is drawn.
    pub(crate) fn all(&self) -> impl Iterator<Item = f64> {
        let band = self.band.iter().flat_map(|b| b.low.iter().chain(b.high));
        self.values.iter().chain(band).copied()
    }

    /// Gives the band, if any, and the line of the values at `which`.
    pub(crate) fn layers(
        &self,
        x: &[f64],
        which: std::ops::Range<usize>,
        colour: Colour,
    ) -> Vec<Layer> {
        let part = |values: &[f64]| values[which.clone()].to_vec();
        let band = self.band.map(|b| {
            let (name, low, high) = (b.name.to_owned(), part(b.low), part(b.high));
            Layer::Area(Area { name, x: x.to_vec(), low, high, colour, opacity: 0.22 })
        });
        let line = Line {
            name: self.name.to_owned(),
            width: 1.4,
            ..Line::new(x.to_vec(), part(self.values), colour)
        };
        band.into_iter().chain([Layer::Line(line)]).collect()
    }
}
