use crate::error::same_length;
use crate::{Axes, Error, Figure, Guide, Layer, Points};

/// What [`scatter`] draws.
#[derive(Clone, Copy, Debug)]
pub struct Scatter<'a> {
    /// Written above.
    pub title: &'a str,
    /// Unit of both sides, as in `ln(TPM + 1)`.
    pub unit: &'a str,
    /// Measured values, from left to right.
    pub measured: &'a [f64],
    /// Predicted values, one a measured one, from bottom to top.
    pub predicted: &'a [f64],
    /// Lines written in the upper left corner, such as `R² 0.41`.
    pub notes: &'a [String],
}

/// Draws predicted against measured values, with the line on which they agree.
///
/// Rows where either side is not finite are left out, and counted in the notes.
///
/// # Errors
/// The two sides differ in length.
pub fn scatter(scatter: &Scatter<'_>) -> Result<Figure, Error> {
    let Scatter { title, unit, measured, predicted, notes } = *scatter;
    same_length(("measured", measured.len()), ("predicted", predicted.len()))?;
    let (x, y): (Vec<f64>, Vec<f64>) = measured
        .iter()
        .zip(predicted)
        .filter(|(m, p)| m.is_finite() && p.is_finite())
        .map(|(&m, &p)| (m, p))
        .unzip();
    let mut axes = Axes::new(with_unit("Measured", unit), with_unit("Predicted", unit));
    axes.equal = true;
    axes.notes = notes.to_vec();
    let missing = measured.len() - x.len();
    if missing > 0 {
        axes.notes.push(format!("{missing} not finite, not shown"));
    }
    axes.layers =
        vec![Layer::Points(Points { x, y, ..Points::default() }), Layer::Guide(Guide::Identity)];
    Ok(Figure::new(480.0, 500.0).title(title).panel(axes))
}

fn with_unit(what: &str, unit: &str) -> String {
    if unit.is_empty() { what.to_owned() } else { format!("{what} expression, {unit}") }
}
