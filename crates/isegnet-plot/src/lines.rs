use crate::error::{all_finite, found_some, same_length};
use crate::{Axes, Colour, Error, Figure, Guide, Layer, Series};

/// What [`lines`] draws.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    /// Written above.
    pub title: &'a str,
    /// What runs from left to right.
    pub x_label: &'a str,
    /// What runs from bottom to top.
    pub y_label: &'a str,
    /// Places of the values, from left to right.
    pub x: &'a [f64],
    /// The lines, each with one value a place.
    pub series: &'a [Series<'a>],
    /// A value to compare with, and what the legend calls it.
    pub reference: Option<(f64, &'a str)>,
}

/// Draws lines with the bands around them, such as predictions as more and more
/// sites are deleted.
///
/// # Errors
/// There are less than two places or no series; a place is not finite; a series
/// does not have one value a place, or none that is finite.
pub fn lines(chart: &Lines<'_>) -> Result<Figure, Error> {
    found_some("series", chart.series.len())?;
    if chart.x.len() < 2 {
        let what = format!("places along {}", chart.x_label);
        return Err(Error::TooFew { what, found: chart.x.len(), wanted: 2 });
    }
    all_finite(chart.x_label, chart.x)?;
    let mut axes = Axes::new(chart.x_label, chart.y_label);
    for (i, series) in chart.series.iter().enumerate() {
        let values = series.values;
        same_length((series.name, values.len()), (chart.x_label, chart.x.len()))?;
        series.check()?;
        if !values.iter().any(|v| v.is_finite()) {
            let (what, count) = (series.name.to_owned(), values.len());
            return Err(Error::NothingFinite { what, count });
        }
        for mut layer in series.layers(chart.x, 0..values.len(), Colour::of_line(i)) {
            if let Layer::Line(line) = &mut layer {
                line.dots = values.len() <= 40;
            }
            axes.layers.push(layer);
        }
    }
    if let Some((at, name)) = chart.reference {
        axes.layers.push(Layer::Guide(Guide::Horizontal { at, name: name.to_owned() }));
    }
    Ok(Figure::new(480.0, 340.0).title(chart.title).shared_legend().panel(axes))
}
