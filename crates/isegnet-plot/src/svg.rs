use crate::colour::Colour;
use crate::text::FAMILY;
use std::fmt::Write;

/// Left to right and downwards, in page units.
pub(crate) type Point = (f64, f64);

/// Where text hangs on its point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A piece of text to draw; `y` is its baseline.
pub(crate) struct Text<'a> {
    pub(crate) text: &'a str,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    pub(crate) bold: bool,
    /// Read from bottom to top, turned about its point.
    pub(crate) upright: bool,
    /// A white rim keeps lines behind from crossing the letters.
    pub(crate) rim: bool,
    pub(crate) colour: Colour,
}

impl<'a> Text<'a> {
    /// Text in the ordinary colour at the origin.
    pub(crate) fn new(text: &'a str, size: f64) -> Self {
        Self {
            text,
            x: 0.0,
            y: 0.0,
            size,
            anchor: Anchor::Start,
            bold: false,
            upright: false,
            rim: false,
            colour: Colour::INK,
        }
    }

    pub(crate) fn at(self, x: f64, y: f64) -> Self {
        Self { x, y, ..self }
    }

    pub(crate) fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}

/// A rectangle on the page, in page units, y downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// How a line is drawn.
pub(crate) struct Stroke<'a> {
    pub(crate) colour: Colour,
    pub(crate) width: f64,
    pub(crate) dash: &'a str,
}

/// An SVG document being written.
pub(crate) struct Svg {
    body: String,
    clips: usize,
    width: f64,
    height: f64,
}

impl Svg {
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self { body: String::new(), clips: 0, width, height }
    }

    pub(crate) fn finish(self) -> String {
        let (w, h) = (number(self.width), number(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\" font-family=\"'{FAMILY}', 'Helvetica Neue', Arial, \
             sans-serif\">\n<rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            self.body
        )
    }

    pub(crate) fn push(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(arguments);
        self.body.push('\n');
    }

    pub(crate) fn rect(&mut self, r: Rect, fill: Colour, opacity: f64) {
        self.push(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\" fill=\"{fill}\" fill-opacity=\"{}\"/>",
            number(r.x),
            number(r.y),
            number(r.width),
            number(r.height),
            number(opacity)
        ));
    }

    /// Draws a rectangle with crisp edges, so that neighbours leave no gap.
    pub(crate) fn tile(&mut self, r: Rect, fill: Colour, opacity: f64) {
        self.push(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\" fill-opacity=\"{}\" shape-rendering=\"crispEdges\"/>",
            number(r.x),
            number(r.y),
            number(r.width),
            number(r.height),
            number(opacity)
        ));
    }

    /// Fills between pairs of points: along the second ones and back along the
    /// first, without the points inside level stretches.
    pub(crate) fn band(&mut self, edges: &[(Point, Point)], fill: Colour, opacity: f64) {
        let around = edges.iter().map(|e| e.1).chain(edges.iter().rev().map(|e| e.0));
        let around: Vec<(f64, f64)> = around.collect();
        let level = |i: usize| {
            let height = |i: usize| around.get(i).map(|p| p.1);
            i > 0 && height(i - 1) == height(i) && height(i) == height(i + 1)
        };
        let mut d = String::new();
        for (i, &(x, y)) in around.iter().enumerate().filter(|(i, _)| !level(*i)) {
            let _ = write!(d, "{}{} {}", if i == 0 { 'M' } else { 'L' }, number(x), number(y));
        }
        if !d.is_empty() {
            self.fill(&format!("{d}Z"), fill, opacity);
        }
    }

    /// Fills a path.
    pub(crate) fn fill(&mut self, d: &str, fill: Colour, opacity: f64) {
        self.push(format_args!(
            "<path d=\"{d}\" fill=\"{fill}\" fill-opacity=\"{}\"/>",
            number(opacity)
        ));
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: &Stroke<'_>) {
        self.path(
            &format!("M{} {}L{} {}", number(from.0), number(from.1), number(to.0), number(to.1)),
            stroke,
        );
    }

    /// Draws a line through the points; a missing point (NaN) breaks it.
    pub(crate) fn polyline(&mut self, points: &[(f64, f64)], stroke: &Stroke<'_>) {
        let mut d = String::new();
        let mut pen_down = false;
        for &(x, y) in points {
            if !(x.is_finite() && y.is_finite()) {
                pen_down = false;
                continue;
            }
            let _ = write!(d, "{}{} {}", if pen_down { 'L' } else { 'M' }, number(x), number(y));
            pen_down = true;
        }
        if !d.is_empty() {
            self.path(&d, stroke);
        }
    }

    /// Draws dots of one colour: zero-length strokes with round ends, a dozen
    /// bytes each.
    pub(crate) fn dots(&mut self, points: &[(f64, f64)], radius: f64, fill: Colour, opacity: f64) {
        if points.is_empty() {
            return;
        }
        let mut d = String::new();
        for &(x, y) in points {
            let _ = write!(d, "M{} {}h0", number(x), number(y));
        }
        self.push(format_args!(
            "<path d=\"{d}\" fill=\"none\" stroke=\"{fill}\" stroke-opacity=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\"/>",
            number(opacity),
            number(2.0 * radius)
        ));
    }

    fn path(&mut self, d: &str, stroke: &Stroke<'_>) {
        let dash = if stroke.dash.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{}\"", stroke.dash)
        };
        self.push(format_args!(
            "<path d=\"{d}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{dash}/>",
            stroke.colour,
            number(stroke.width)
        ));
    }

    pub(crate) fn text(&mut self, t: &Text<'_>) {
        let anchor = match t.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y) = (number(t.x), number(t.y));
        let turn =
            if t.upright { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
        let rim = if t.rim {
            " stroke=\"#ffffff\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\""
        } else {
            ""
        };
        let weight = if t.bold { " font-weight=\"bold\"" } else { "" };
        self.push(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" text-anchor=\"{anchor}\" fill=\"{}\"{weight}{rim}{turn}>{}</text>",
            number(t.size),
            t.colour,
            escape(t.text)
        ));
    }

    /// Draws what `inside` draws, cut off at the edges of `r`.
    pub(crate) fn clipped(&mut self, r: Rect, inside: impl FnOnce(&mut Self)) {
        self.clips += 1;
        let id = self.clips;
        self.push(format_args!(
            "<clipPath id=\"c{id}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>\n<g clip-path=\"url(#c{id})\">",
            number(r.x),
            number(r.y),
            number(r.width),
            number(r.height)
        ));
        inside(self);
        self.push(format_args!("</g>"));
    }
}

/// Writes a coordinate with at most two decimals.
pub(crate) fn number(v: f64) -> String {
    let text = format!("{v:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Makes any text safe inside XML; signs that XML 1.0 forbids are dropped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_text_is_safe() {
        assert_eq!(
            [number(1.0), number(0.126), number(-0.001), number(10.0)],
            ["1", "0.13", "0", "10"]
        );
        assert_eq!(escape("a<b & \"c\"\u{0}"), "a&lt;b &amp; &quot;c&quot;");
    }

    #[test]
    fn a_missing_point_breaks_a_line() {
        let mut svg = Svg::new(10.0, 10.0);
        let stroke = Stroke { colour: Colour::INK, width: 1.0, dash: "" };
        svg.polyline(&[(0.0, 0.0), (1.0, 1.0), (f64::NAN, 2.0), (3.0, 3.0)], &stroke);
        assert!(svg.finish().contains("M0 0L1 1M3 3"));
    }
}
