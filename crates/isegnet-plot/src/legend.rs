use crate::svg::{Rect, Stroke, Svg, Text};
use crate::text::width;
use crate::{Colour, Guide, Layer};

/// Height of a row.
const ROW: f64 = 18.0;
const SIZE: f64 = 11.0;
/// Room for the sign before a name, and between two entries.
const SIGN: f64 = 24.0;
const APART: f64 = 18.0;

/// How an entry shows what it names.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sign {
    Line(Colour),
    Dashes,
    Dot(Colour),
    Patch(Colour, f64),
}

/// Names with their signs, in rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Legend {
    rows: Vec<Vec<(Sign, String)>>,
}

impl Legend {
    /// Lists the named layers, data before guides, each name and sign once, in
    /// rows of a width.
    pub(crate) fn new<'a>(layers: impl Iterator<Item = &'a Layer>, limit: f64) -> Self {
        let (guides, data): (Vec<_>, Vec<_>) =
            layers.partition(|layer| matches!(layer, Layer::Guide(_)));
        let mut rows: Vec<Vec<(Sign, String)>> = Vec::new();
        let mut used = 0.0;
        for entry in data.into_iter().chain(guides).filter_map(entry) {
            if rows.iter().flatten().any(|e| *e == entry) {
                continue;
            }
            let wide = length(&entry.1);
            match rows.last_mut() {
                Some(row) if used + wide - APART <= limit => row.push(entry),
                _ => {
                    rows.push(vec![entry]);
                    used = 0.0;
                }
            }
            used += wide;
        }
        Self { rows }
    }

    pub(crate) fn height(&self) -> f64 {
        ROW * self.rows.len() as f64
    }

    /// Draws the rows below and right of a point.
    pub(crate) fn draw(&self, svg: &mut Svg, left: f64, top: f64) {
        for (i, row) in self.rows.iter().enumerate() {
            let middle = top + ROW * (i as f64 + 0.45);
            let mut x = left;
            for (sign, name) in row {
                draw_sign(svg, *sign, x, middle);
                svg.text(&Text::new(name, SIZE).at(x + SIGN, middle + 0.36 * SIZE));
                x += length(name);
            }
        }
    }
}

fn length(name: &str) -> f64 {
    SIGN + width(name, SIZE) + APART
}

fn draw_sign(svg: &mut Svg, sign: Sign, x: f64, y: f64) {
    let line = |colour, dash| Stroke { colour, width: 2.4, dash };
    match sign {
        Sign::Line(colour) => svg.line((x, y), (x + 18.0, y), &line(colour, "")),
        Sign::Dashes => svg.line((x, y), (x + 18.0, y), &Stroke::GUIDE),
        Sign::Dot(colour) => svg.dots(&[(x + 9.0, y)], 3.0, colour, 1.0),
        Sign::Patch(colour, opacity) => {
            svg.rect(Rect { x, y: y - 5.0, width: 18.0, height: 10.0 }, colour, opacity);
        }
    }
}

/// Gives sign and name of a layer that has a name.
fn entry(layer: &Layer) -> Option<(Sign, String)> {
    let (sign, name) = match layer {
        Layer::Points(p) => (Sign::Dot(p.colour.unwrap_or(Colour::BLUE)), &p.name),
        Layer::Line(l) => (Sign::Line(l.colour), &l.name),
        Layer::Area(a) => (Sign::Patch(a.colour, a.opacity), &a.name),
        Layer::Tiles(t) => (Sign::Patch(t.tiles.first()?.colour, t.opacity), &t.name),
        Layer::Guide(Guide::Span { colour, name, .. }) => {
            (Sign::Patch(*colour, Guide::SPAN_OPACITY), name)
        }
        Layer::Guide(Guide::Vertical { name, .. } | Guide::Horizontal { name, .. }) => {
            (Sign::Dashes, name)
        }
        Layer::Guide(Guide::Identity) | Layer::Letters(_) | Layer::Labels(_) => return None,
    };
    (!name.is_empty()).then(|| (sign, name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Line;

    #[test]
    fn a_name_stands_once_and_rows_break() {
        let line = |name: &str| {
            Layer::Line(Line { name: name.into(), ..Line::new(vec![], vec![], Colour::BLUE) })
        };
        let layers = [line("late ring"), line(""), line("late ring"), line("late schizont")];
        let names = |limit| -> Vec<Vec<String>> {
            let legend = Legend::new(layers.iter(), limit);
            legend.rows.iter().map(|r| r.iter().map(|e| e.1.clone()).collect()).collect()
        };
        assert_eq!(names(500.0), [["late ring", "late schizont"]]);
        assert_eq!(names(100.0), [["late ring"], ["late schizont"]]);
        assert_eq!(Legend::new(layers.iter(), 100.0).height(), 2.0 * ROW);
    }
}
