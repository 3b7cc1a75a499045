//! Axes drawn on a page: margins by what the text needs, then grid, layers, text.

use crate::density::densities;
use crate::svg::{Anchor, Rect, Stroke, Svg, Text};
use crate::text::{LINE_HEIGHT, bold_width, width, wrap};
use crate::ticks::{Ticks, ticks};
use crate::{Axes, Colour, Guide, Layer, Line, Points};

const TITLE: f64 = 14.0;
const LABEL: f64 = 12.5;
const TICK: f64 = 11.0;
/// Between two pieces of a panel.
const GAP: f64 = 7.0;
/// Shades in which dots are drawn.
const SHADES: usize = 12;
const GUIDE: Stroke<'static> = Stroke { colour: Colour::GREY, width: 1.2, dash: "5 4" };

/// Room around the plotting area, in page units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Margins {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// Axes with their limits, ticks and broken lines of text, for one cell of a figure.
pub(crate) struct Panel<'a> {
    axes: &'a Axes,
    x: (f64, f64),
    y: (f64, f64),
    x_ticks: Ticks,
    y_ticks: Ticks,
    title: Vec<String>,
    x_label: Vec<String>,
    y_label: Vec<String>,
}

impl<'a> Panel<'a> {
    /// Plans a panel for a cell of the given size.
    pub(crate) fn new(axes: &'a Axes, width_of_cell: f64, height_of_cell: f64) -> Self {
        let (x, y) = axes.limits();
        let y_ticks = ticks(y.0, y.1, ((height_of_cell / 55.0) as usize).clamp(2, 8), axes.y.whole);
        Self {
            axes,
            x,
            y,
            x_ticks: spaced_ticks(x, axes.x.whole, width_of_cell - 90.0),
            y_ticks,
            title: wrap(&axes.title, width_of_cell - 30.0, |t| bold_width(t, TITLE)),
            x_label: wrap(&axes.x.label, width_of_cell - 90.0, |t| width(t, LABEL)),
            y_label: wrap(&axes.y.label, height_of_cell - 70.0, |t| width(t, LABEL)),
        }
    }

    /// Gives the room that the text around the plotting area needs.
    pub(crate) fn margins(&self) -> Margins {
        let widest = self.y_ticks.labels.iter().map(|l| width(l, TICK)).fold(0.0, f64::max);
        let lines = |text: &[String], size: f64| text.len() as f64 * size * LINE_HEIGHT;
        let last = self.x_ticks.labels.last().map_or(0.0, |l| width(l, TICK) / 2.0);
        let legend = if self.named().next().is_some() { LABEL * 1.7 } else { 0.0 };
        Margins {
            left: GAP + lines(&self.y_label, LABEL) + GAP + widest + 8.0,
            right: last.max(GAP) + GAP,
            top: GAP + lines(&self.title, TITLE) + legend + GAP,
            bottom: 8.0 + TICK * LINE_HEIGHT + GAP / 2.0 + lines(&self.x_label, LABEL) + GAP,
        }
    }

    /// Draws the panel; `area` is where the data go, its surroundings, from
    /// `left` on, hold the text.
    pub(crate) fn draw(&self, svg: &mut Svg, area: Rect, left: f64) {
        self.draw_grid(svg, area);
        svg.clipped(area, |svg| {
            for layer in &self.axes.layers {
                match layer {
                    Layer::Points(p) => self.draw_points(svg, area, p),
                    Layer::Line(l) => self.draw_line(svg, area, l),
                    Layer::Guide(g) => self.draw_guide(svg, area, g),
                }
            }
        });
        self.draw_spines(svg, area);
        self.draw_tick_labels(svg, area);
        self.draw_labels(svg, area, left);
        self.draw_legend(svg, area);
        self.draw_notes(svg, area);
    }

    /// Turns data units into page units.
    fn place(&self, area: Rect, x: f64, y: f64) -> (f64, f64) {
        (
            area.x + area.width * (x - self.x.0) / (self.x.1 - self.x.0),
            area.bottom() - area.height * (y - self.y.0) / (self.y.1 - self.y.0),
        )
    }

    fn draw_grid(&self, svg: &mut Svg, area: Rect) {
        let grid = Stroke { colour: Colour::GRID, width: 1.0, dash: "" };
        for &t in &self.x_ticks.at {
            let x = self.place(area, t, 0.0).0;
            svg.line((x, area.y), (x, area.bottom()), &grid);
        }
        for &t in &self.y_ticks.at {
            let y = self.place(area, 0.0, t).1;
            svg.line((area.x, y), (area.right(), y), &grid);
        }
    }

    fn draw_points(&self, svg: &mut Svg, area: Rect, points: &Points) {
        let inside: Vec<(f64, f64)> = points
            .x
            .iter()
            .zip(&points.y)
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .map(|(&x, &y)| self.place(area, x, y))
            .collect();
        let unit: Vec<(f64, f64)> = inside
            .iter()
            .map(|&(x, y)| ((x - area.x) / area.width, (y - area.y) / area.height))
            .collect();
        let density = densities(&unit);
        // Few dots can be large and solid; thousands must let each other be seen.
        let crowd = (inside.len().max(1) as f64).log10();
        let radius = (4.4 - 0.75 * crowd).clamp(1.2, 3.2);
        let opacity = (1.15 - 0.12 * crowd).clamp(0.55, 0.9);
        for shade in 0..SHADES {
            let mine = |d: f64| ((d * SHADES as f64) as usize).min(SHADES - 1) == shade;
            let dots: Vec<(f64, f64)> =
                inside.iter().zip(&density).filter(|(_, d)| mine(**d)).map(|(p, _)| *p).collect();
            let colour = Colour::of_density(shade as f64 / (SHADES - 1) as f64);
            svg.dots(&dots, radius, colour, opacity);
        }
    }

    fn draw_line(&self, svg: &mut Svg, area: Rect, line: &Line) {
        let points: Vec<(f64, f64)> =
            line.x.iter().zip(&line.y).map(|(&x, &y)| self.place(area, x, y)).collect();
        svg.polyline(&points, &Stroke { colour: line.colour, width: 1.8, dash: "" });
        let finite: Vec<(f64, f64)> =
            points.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
        // Dots show single epochs until they would touch.
        if finite.len() <= 40 {
            svg.dots(&finite, 2.4, line.colour, 1.0);
        }
    }

    fn draw_guide(&self, svg: &mut Svg, area: Rect, guide: &Guide) {
        let (from, to) = match *guide {
            Guide::Identity => {
                let (low, high) = (self.x.0.min(self.y.0), self.x.1.max(self.y.1));
                ((low, low), (high, high))
            }
            Guide::Vertical { at, .. } => ((at, self.y.0), (at, self.y.1)),
            Guide::Horizontal { at, .. } => ((self.x.0, at), (self.x.1, at)),
        };
        svg.line(self.place(area, from.0, from.1), self.place(area, to.0, to.1), &GUIDE);
    }

    fn draw_spines(&self, svg: &mut Svg, area: Rect) {
        let spine = Stroke { colour: Colour::INK, width: 1.1, dash: "" };
        svg.polyline(
            &[(area.x, area.y), (area.x, area.bottom()), (area.right(), area.bottom())],
            &spine,
        );
        for &t in &self.x_ticks.at {
            let x = self.place(area, t, 0.0).0;
            svg.line((x, area.bottom()), (x, area.bottom() + 4.0), &spine);
        }
        for &t in &self.y_ticks.at {
            let y = self.place(area, 0.0, t).1;
            svg.line((area.x - 4.0, y), (area.x, y), &spine);
        }
    }

    fn draw_tick_labels(&self, svg: &mut Svg, area: Rect) {
        for (&t, text) in self.x_ticks.at.iter().zip(&self.x_ticks.labels) {
            let (x, y) = (self.place(area, t, 0.0).0, area.bottom() + 8.0 + TICK);
            svg.text(&Text { x, y, anchor: Anchor::Middle, ..plain(text, TICK) });
        }
        for (&t, text) in self.y_ticks.at.iter().zip(&self.y_ticks.labels) {
            let (x, y) = (area.x - 8.0, self.place(area, 0.0, t).1 + 0.36 * TICK);
            svg.text(&Text { x, y, anchor: Anchor::End, ..plain(text, TICK) });
        }
    }

    /// Writes title and axis labels; `left` is where the panel begins.
    fn draw_labels(&self, svg: &mut Svg, area: Rect, left: f64) {
        let line = |i: usize, size: f64| size * (1.0 + LINE_HEIGHT * i as f64);
        let below = area.bottom() + 8.0 + TICK * LINE_HEIGHT + GAP / 2.0;
        let (middle, half_way) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
        for (i, text) in self.x_label.iter().enumerate() {
            let y = below + line(i, LABEL);
            svg.text(&Text { x: middle, y, anchor: Anchor::Middle, ..plain(text, LABEL) });
        }
        for (i, text) in self.y_label.iter().enumerate() {
            let (x, anchor) = (left + GAP + line(i, LABEL), Anchor::Middle);
            svg.text(&Text { x, y: half_way, anchor, upright: true, ..plain(text, LABEL) });
        }
        let top = area.y - self.margins().top + GAP;
        for (i, text) in self.title.iter().enumerate() {
            let y = top + line(i, TITLE);
            svg.text(&Text { x: left + GAP, y, bold: true, ..plain(text, TITLE) });
        }
    }

    fn named(&self) -> impl Iterator<Item = &Layer> {
        self.axes.layers.iter().filter(|l| !l.name().is_empty())
    }

    /// Writes the names of lines and guides in a row above the plotting area.
    fn draw_legend(&self, svg: &mut Svg, area: Rect) {
        let mut x = area.x;
        let y = area.y - GAP - 0.35 * LABEL;
        for layer in self.named() {
            let stroke = match layer {
                Layer::Line(l) => Stroke { colour: l.colour, width: 2.4, dash: "" },
                _ => GUIDE,
            };
            svg.line((x, y), (x + 18.0, y), &stroke);
            svg.text(&Text { x: x + 24.0, y: y + 0.36 * TICK, ..plain(layer.name(), TICK) });
            x += 24.0 + width(layer.name(), TICK) + 18.0;
        }
    }

    fn draw_notes(&self, svg: &mut Svg, area: Rect) {
        let notes = &self.axes.notes;
        if notes.is_empty() {
            return;
        }
        let widest = notes.iter().map(|n| width(n, LABEL)).fold(0.0, f64::max);
        let line = LABEL * LINE_HEIGHT;
        let back = Rect {
            x: area.x + 8.0,
            y: area.y + 6.0,
            width: widest + 12.0,
            height: notes.len() as f64 * line + 6.0,
        };
        svg.rect(back, Colour(255, 255, 255), 0.85);
        for (i, text) in notes.iter().enumerate() {
            let y = back.y + LABEL + 1.0 + line * i as f64;
            svg.text(&Text { x: back.x + 6.0, y, ..plain(text, LABEL) });
        }
    }
}

fn plain(text: &str, size: f64) -> Text<'_> {
    Text {
        text,
        x: 0.0,
        y: 0.0,
        size,
        anchor: Anchor::Start,
        bold: false,
        upright: false,
        colour: Colour::INK,
    }
}

/// Gives as many ticks as have room for their labels side by side.
fn spaced_ticks((low, high): (f64, f64), whole: bool, length: f64) -> Ticks {
    let mut found = ticks(low, high, 8, whole);
    for most in (2..8).rev() {
        let widest = found.labels.iter().map(|l| width(l, TICK)).fold(0.0, f64::max);
        if found.labels.len() as f64 * (widest + 16.0) <= length {
            break;
        }
        found = ticks(low, high, most, whole);
    }
    found
}
