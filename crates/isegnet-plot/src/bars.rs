use crate::error::{all_finite, found_some};
use crate::paint::LABEL;
use crate::text::width;
use crate::ticks::limits;
use crate::{
    Align, Axes, Axis, Colour, Error, Figure, Guide, Label, Layer, Length, Marks, Tile, Tiles,
};

const LENGTH: f64 = 360.0;
const PITCH: f64 = 19.0;

/// What [`bars`] draws.
#[derive(Clone, Copy, Debug)]
pub struct Bars<'a> {
    /// Written above.
    pub title: &'a str,
    /// What the lengths are, as in `−log10 p`.
    pub value_label: &'a str,
    /// The bars, from top to bottom.
    pub bars: &'a [Bar<'a>],
    /// A value to compare with, and what the legend calls it.
    pub threshold: Option<(f64, &'a str)>,
}

/// A bar of [`Bars`].
#[derive(Clone, Copy, Debug)]
pub struct Bar<'a> {
    /// Written on its left.
    pub name: &'a str,
    /// Its length; below zero it points to the left.
    pub value: f64,
    /// Written at its end, such as `5 of 32`; empty for nothing.
    pub note: &'a str,
}

/// Draws bars from left to right, such as the terms of an over-representation.
///
/// # Errors
/// There is no bar, or a value is not finite.
pub fn bars(chart: &Bars<'_>) -> Result<Figure, Error> {
    found_some("bars", chart.bars.len())?;
    let values: Vec<f64> = chart.bars.iter().map(|b| b.value).collect();
    all_finite(chart.value_label, &values)?;
    let count = chart.bars.len();
    let middle = |i: usize| (count - i) as f64 - 0.5;
    let names = chart.bars.iter().enumerate().map(|(i, b)| (middle(i), b.name.to_owned()));
    let mut axes = Axes {
        x: Axis::new(chart.value_label),
        y: Axis {
            limits: Some((0.0, count as f64)),
            marks: Marks::Names(names.collect()),
            ..Axis::default()
        },
        ..Axes::default()
    };
    let at = chart.threshold.map(|t| t.0);
    axes.x.limits = Some(room(chart.bars, limits(values.into_iter().chain([0.0]).chain(at))));
    let tile = |(i, b): (usize, &Bar<'_>)| Tile {
        x: (0.0, b.value),
        y: (middle(i) - 0.36, middle(i) + 0.36),
        colour: if b.value < 0.0 { Colour::VERMILION } else { Colour::BLUE },
    };
    let note = |(i, b): (usize, &Bar<'_>)| Label {
        text: b.note.to_owned(),
        x: b.value,
        y: middle(i),
        align: if b.value < 0.0 { Align::End } else { Align::Start },
        colour: Colour::INK,
    };
    let tiles = chart.bars.iter().enumerate().map(tile).collect();
    axes.layers = vec![Layer::Tiles(Tiles { name: String::new(), tiles, opacity: 0.9 })];
    if let Some((at, name)) = chart.threshold {
        axes.layers.push(Layer::Guide(Guide::Vertical { at, name: name.to_owned() }));
    }
    axes.layers.push(Layer::Labels(chart.bars.iter().enumerate().map(note).collect()));
    let height = (PITCH * count as f64).max(40.0);
    let figure = Figure::grid(400.0, &[Length::Units(LENGTH)], &[Length::Units(height)]);
    Ok(figure.title(chart.title).shared_legend().panel(axes))
}

/// Widens limits so that the notes at the ends of the bars fit.
fn room(bars: &[Bar<'_>], (low, high): (f64, f64)) -> (f64, f64) {
    let wide = |below: bool| {
        let side = bars.iter().filter(|b| !b.note.is_empty() && (b.value < 0.0) == below);
        side.map(|b| width(b.note, LABEL) + 8.0).fold(0.0, f64::max).min(0.3 * LENGTH)
    };
    let (left, right) = (wide(true), wide(false));
    let low = if bars.iter().all(|b| b.value >= 0.0) { low.max(0.0) } else { low };
    let unit = (high - low) / (LENGTH - left - right);
    (low - left * unit, high + right * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_start_at_zero_and_leave_room_for_notes() {
        let bar = |value, note| Bar { name: "", value, note };
        let all = [bar(4.0, "12 of 40"), bar(2.0, "")];
        let (low, high) = room(&all, limits([0.0, 4.0].into_iter()));
        assert_eq!(low, 0.0);
        let end = 4.0 / (high - low) * LENGTH;
        assert!(end + width("12 of 40", LABEL) + 8.0 <= LENGTH);
        let (low, _) = room(&[bar(-1.0, "x")], (-1.0, 0.0));
        assert!(low < -1.0);
    }
}
