use crate::error::{all_finite, found_some, same_length};
use crate::ticks::limits;
use crate::{Axes, Axis, Colour, Error, Figure, Layer, Length, Line, Marks, Points, Tile, Tiles};

/// Part of a group's room that its bars take.
const FULL: f64 = 0.8;

/// What [`grouped_bars`] draws.
#[derive(Clone, Copy, Debug)]
pub struct GroupedBars<'a> {
    /// Written above.
    pub title: &'a str,
    /// What the heights are, as in `R²`.
    pub value_label: &'a str,
    /// Names of the groups, from left to right.
    pub groups: &'a [String],
    /// The bars of each group, in the legend's order.
    pub series: &'a [BarSeries<'a>],
}

/// One bar in each group of [`GroupedBars`].
#[derive(Clone, Copy, Debug)]
pub struct BarSeries<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// Height of its bar in each group.
    pub values: &'a [f64],
    /// Lower and upper end of the error bar in each group.
    pub errors: Option<&'a [(f64, f64)]>,
    /// Dots over the bar in each group, such as folds; empty for none.
    pub points: &'a [Vec<f64>],
}

/// Draws bars side by side in groups, such as the R² of each learner in each
/// data set, with error bars and single values.
///
/// # Errors
/// There is no group or series, a series does not have one value a group, or a
/// value is not finite.
pub fn grouped_bars(chart: &GroupedBars<'_>) -> Result<Figure, Error> {
    found_some("groups", chart.groups.len())?;
    found_some("series", chart.series.len())?;
    chart.series.iter().try_for_each(|s| check(s, chart.groups.len()))?;
    let names = chart.groups.iter().enumerate().map(|(g, name)| (g as f64 + 0.5, name.clone()));
    let mut axes = Axes {
        x: Axis {
            limits: Some((0.0, chart.groups.len() as f64)),
            marks: Marks::Names(names.collect()),
            ..Axis::default()
        },
        y: Axis::new(chart.value_label),
        ..Axes::default()
    };
    let each = FULL / chart.series.len() as f64;
    for (i, series) in chart.series.iter().enumerate() {
        axes.layers.extend(layers(series, 0.5 * (1.0 - FULL) + i as f64 * each, each, i));
    }
    let zero = Line::new(vec![0.0, chart.groups.len() as f64], vec![0.0; 2], Colour::INK);
    axes.layers.push(Layer::Line(Line { width: 0.8, ..zero }));
    let (low, high) = limits(axes.layers.iter().flat_map(Layer::ys).chain([0.0]));
    let bottomless = axes.layers.iter().flat_map(Layer::ys).all(|v| v >= 0.0);
    axes.y.limits = Some((if bottomless { 0.0 } else { low }, high));
    let bars = (chart.groups.len() * chart.series.len()) as f64;
    let width = (18.0 * bars + 14.0 * chart.groups.len() as f64).clamp(200.0, 590.0);
    let figure = Figure::grid(320.0, &[Length::Units(width)], &[Length::Units(220.0)]);
    Ok(figure.title(chart.title).shared_legend().panel(axes))
}

fn check(series: &BarSeries<'_>, groups: usize) -> Result<(), Error> {
    same_length((series.name, series.values.len()), ("the groups", groups))?;
    all_finite(series.name, series.values)?;
    if let Some(errors) = series.errors {
        same_length(
            (&format!("error bars of {}", series.name), errors.len()),
            ("the groups", groups),
        )?;
        let ends: Vec<f64> = errors.iter().flat_map(|e| [e.0, e.1]).collect();
        all_finite(&format!("error bars of {}", series.name), &ends)?;
    }
    if !series.points.is_empty() {
        let what = format!("points of {}", series.name);
        same_length((&what, series.points.len()), ("the groups", groups))?;
        series.points.iter().try_for_each(|p| all_finite(&what, p))?;
    }
    Ok(())
}

/// Gives bars that start `from` into their groups, their error bars and dots.
fn layers(series: &BarSeries<'_>, from: f64, each: f64, index: usize) -> Vec<Layer> {
    let left = |group: usize| group as f64 + from;
    let colour = Colour::of_line(index);
    let tile = |(g, &v): (usize, &f64)| Tile {
        x: (left(g) + 0.04 * each, left(g) + 0.96 * each),
        y: (0.0, v),
        colour,
    };
    let tiles = series.values.iter().enumerate().map(tile).collect();
    let mut found = vec![Layer::Tiles(Tiles { name: series.name.to_owned(), tiles, opacity: 0.8 })];
    let mut error = Line { width: 1.2, ..Line::new(Vec::new(), Vec::new(), Colour::INK) };
    for (g, &(low, high)) in series.errors.unwrap_or_default().iter().enumerate() {
        let (middle, half) = (left(g) + 0.5 * each, 0.14 * each);
        let (a, b) = (middle - half, middle + half);
        error.x.extend([a, b, f64::NAN, middle, middle, f64::NAN, a, b, f64::NAN]);
        error.y.extend([low, low, f64::NAN, low, high, f64::NAN, high, high, f64::NAN]);
    }
    found.push(Layer::Line(error));
    let mut dots = Points { colour: Some(Colour::INK), ..Points::default() };
    for (g, values) in series.points.iter().enumerate() {
        // Side by side, so that equal values are seen.
        let place = |k: usize| (k as f64 + 1.0) / (values.len() as f64 + 1.0);
        dots.x.extend((0..values.len()).map(|k| left(g) + each * place(k)));
        dots.y.extend(values);
    }
    found.push(Layer::Points(dots));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_of_a_group_stand_side_by_side_inside_it() {
        let points = [vec![0.4, 0.6], vec![0.2]];
        let series = BarSeries {
            name: "ridge",
            values: &[0.5, 0.2],
            errors: Some(&[(0.4, 0.6), (0.1, 0.3)]),
            points: &points,
        };
        let found = layers(&series, 0.1, 0.4, 1);
        let Layer::Tiles(bars) = &found[0] else { panic!() };
        let Layer::Points(dots) = &found[2] else { panic!() };
        assert_eq!(bars.tiles[1].y, (0.0, 0.2));
        assert!(bars.tiles[1].x.0 > 1.1 && bars.tiles[1].x.1 < 1.5);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(dots.x[0], 0.1 + 0.4 / 3.0) && close(dots.x[2], 1.3));
        assert_eq!(dots.y, [0.4, 0.6, 0.2]);
    }
}
