//! Axes drawn on a page: margins by what the text needs, then grid, layers, text.

use crate::legend::Legend;
use crate::marks::AxisMarks;
use crate::paint::Scale;
use crate::svg::{Anchor, Rect, Stroke, Svg, Text};
use crate::text::{LINE_HEIGHT, bold_width, width, wrap};
use crate::{Axes, Colour};

/// Between two pieces of a panel.
pub(crate) const GAP: f64 = 7.0;
const TITLE: f64 = 12.5;
const LABEL: f64 = 12.0;
/// From an axis to what is written at its marks.
const TO_MARKS: f64 = 8.0;
/// Around a side where nothing is written.
const BARE: f64 = 4.0;

/// Room around the plotting area, in page units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Margins {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// Axes with their limits, marks and broken lines of text, for a plotting area
/// of a known size.
pub(crate) struct Panel<'a> {
    axes: &'a Axes,
    x: (f64, f64),
    y: (f64, f64),
    x_marks: AxisMarks,
    y_marks: AxisMarks,
    title: Vec<String>,
    x_label: Vec<String>,
    y_label: Vec<String>,
    legend: Legend,
}

impl<'a> Panel<'a> {
    /// Plans a panel whose plotting area has the given size; `legend` says
    /// whether it shows its own.
    pub(crate) fn new(axes: &'a Axes, size: (f64, f64), legend: bool) -> Self {
        let (x, y) = axes.limits();
        let named = if legend { &axes.layers[..] } else { &[] };
        Self {
            axes,
            x,
            y,
            x_marks: AxisMarks::along(&axes.x.marks, x, size.0),
            y_marks: AxisMarks::up(&axes.y.marks, y, size.1),
            title: wrap(&axes.title, size.0, |t| bold_width(t, TITLE)),
            x_label: wrap(&axes.x.label, size.0.max(80.0), |t| width(t, LABEL)),
            y_label: wrap(&axes.y.label, size.1.max(40.0), |t| width(t, LABEL)),
            legend: Legend::new(named.iter(), size.0),
        }
    }

    /// Gives the room that the text around the plotting area needs.
    pub(crate) fn margins(&self) -> Margins {
        let lines = |text: &[String], size: f64| text.len() as f64 * size * LINE_HEIGHT;
        let bare = self.bare_side();
        let (first, last) = self.x_marks.overhang();
        let mut side = self.room_for_marks(self.y_marks.widest());
        if !self.y_label.is_empty() {
            side += GAP + lines(&self.y_label, LABEL);
        }
        let label = lines(&self.x_label, LABEL);
        let below = self.room_for_marks(self.x_marks.depth())
            + if label > 0.0 { GAP / 2.0 + label } else { 0.0 };
        let (left, right) = if self.axes.right { (bare, side) } else { (side, bare) };
        Margins {
            left: left.max(first),
            right: right.max(last),
            top: bare + lines(&self.title, TITLE) + self.legend.height(),
            bottom: below,
        }
    }

    /// Gives the room on a side where nothing is written.
    fn bare_side(&self) -> f64 {
        if self.axes.bare { 1.0 } else { BARE }
    }

    /// Gives the room for what is written at marks, this long.
    fn room_for_marks(&self, length: f64) -> f64 {
        if length > 0.0 { TO_MARKS + length } else { self.bare_side() }
    }

    /// Draws the panel around `area`, where the data go.
    pub(crate) fn draw(&self, svg: &mut Svg, area: Rect) {
        let scale = Scale { area, x: self.x, y: self.y };
        if !self.axes.bare {
            self.draw_grid(svg, &scale);
        }
        svg.clipped(area, |svg| {
            for layer in &self.axes.layers {
                scale.paint(svg, layer);
            }
        });
        if !self.axes.bare {
            self.draw_spines(svg, area);
        }
        self.draw_ticks(svg, &scale);
        self.draw_mark_names(svg, &scale);
        self.draw_labels(svg, area);
        let top = area.y - self.legend.height();
        self.legend.draw(svg, area.x, top);
        self.draw_notes(svg, area);
    }

    fn draw_grid(&self, svg: &mut Svg, scale: &Scale) {
        let grid = Stroke { colour: Colour::GRID, width: 1.0, dash: "" };
        let area = scale.area;
        for x in self.x_marks.ticks().map(|t| scale.x(t)) {
            svg.line((x, area.y), (x, area.bottom()), &grid);
        }
        for y in self.y_marks.ticks().map(|t| scale.y(t)) {
            svg.line((area.x, y), (area.right(), y), &grid);
        }
    }

    fn draw_spines(&self, svg: &mut Svg, area: Rect) {
        let spine = Stroke { colour: Colour::INK, width: 1.1, dash: "" };
        let corner = [(area.x, area.y), (area.x, area.bottom()), (area.right(), area.bottom())];
        svg.polyline(&corner, &spine);
    }

    fn draw_ticks(&self, svg: &mut Svg, scale: &Scale) {
        let spine = Stroke { colour: Colour::INK, width: 1.1, dash: "" };
        let (area, right) = (scale.area, self.axes.right);
        for x in self.x_marks.ticks().map(|t| scale.x(t)) {
            svg.line((x, area.bottom()), (x, area.bottom() + 4.0), &spine);
        }
        let (from, to) =
            if right { (area.right(), area.right() + 4.0) } else { (area.x - 4.0, area.x) };
        for y in self.y_marks.ticks().map(|t| scale.y(t)) {
            svg.line((from, y), (to, y), &spine);
        }
    }

    fn draw_mark_names(&self, svg: &mut Svg, scale: &Scale) {
        let area = scale.area;
        let size = self.x_marks.size;
        for (at, name) in self.x_marks.names() {
            let text = Text::new(name, size);
            if self.x_marks.upright {
                let text = text.at(scale.x(at) + 0.36 * size, area.bottom() + TO_MARKS);
                svg.text(&Text { upright: true, ..text.anchored(Anchor::End) });
            } else {
                let text = text.at(scale.x(at), area.bottom() + TO_MARKS + size);
                svg.text(&text.anchored(Anchor::Middle));
            }
        }
        let size = self.y_marks.size;
        let (x, anchor) = if self.axes.right {
            (area.right() + TO_MARKS, Anchor::Start)
        } else {
            (area.x - TO_MARKS, Anchor::End)
        };
        for (at, name) in self.y_marks.names() {
            svg.text(&Text::new(name, size).at(x, scale.y(at) + 0.36 * size).anchored(anchor));
        }
    }

    /// Writes title and axis labels.
    fn draw_labels(&self, svg: &mut Svg, area: Rect) {
        let line = |i: usize, size: f64| size * (1.0 + LINE_HEIGHT * i as f64);
        let below =
            area.bottom() + self.margins().bottom - self.x_label.len() as f64 * LABEL * LINE_HEIGHT;
        let middle = area.x + area.width / 2.0;
        for (i, text) in self.x_label.iter().enumerate() {
            let text = Text::new(text, LABEL).at(middle, below + line(i, LABEL));
            svg.text(&text.anchored(Anchor::Middle));
        }
        let half_way = area.y + area.height / 2.0;
        let deep = self.room_for_marks(self.y_marks.widest()) + GAP;
        let lines = self.y_label.len() as f64 * LABEL * LINE_HEIGHT;
        let first = if self.axes.right { area.right() + deep } else { area.x - deep - lines };
        for (i, text) in self.y_label.iter().enumerate() {
            let text = Text::new(text, LABEL).at(first + line(i, LABEL), half_way);
            svg.text(&Text { upright: true, ..text.anchored(Anchor::Middle) });
        }
        let top = area.y - self.margins().top + BARE / 2.0;
        for (i, text) in self.title.iter().enumerate() {
            let text = Text::new(text, TITLE).at(area.x, top + line(i, TITLE));
            svg.text(&Text { bold: true, ..text });
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
        svg.rect(back, Colour::PAPER, 0.85);
        for (i, text) in notes.iter().enumerate() {
            svg.text(
                &Text::new(text, LABEL).at(back.x + 6.0, back.y + LABEL + 1.0 + line * i as f64),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Marks;

    #[test]
    fn a_label_beside_no_marks_keeps_to_its_margin() {
        for right in [false, true] {
            let mut axes = Axes { right, bare: true, ..Axes::new("", "label") };
            axes.y.marks = Marks::None;
            let panel = Panel::new(&axes, (100.0, 100.0), true);
            let margins = panel.margins();
            let area = Rect { x: 50.0, y: 0.0, width: 100.0, height: 100.0 };
            let mut svg = Svg::new(300.0, 100.0);
            panel.draw(&mut svg, area);
            let svg = svg.finish();
            let text = svg.split("<text x=\"").find(|t| t.contains(">label<")).unwrap();
            // The baseline, with the letters on its left.
            let x: f64 = text.split('"').next().unwrap().parse().unwrap();
            let (from, to) = if right {
                (area.right(), area.right() + margins.right)
            } else {
                (area.x - margins.left, area.x)
            };
            assert!(x - LABEL >= from && x <= to, "{x} between {from} and {to}");
        }
    }
}
