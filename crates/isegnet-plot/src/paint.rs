//! Layers drawn into the area of a panel.

use crate::density::densities;
use crate::letters::outline;
use crate::svg::{Anchor, Rect, Stroke, Svg, Text};
use crate::{Align, Area, Colour, Guide, Label, Layer, Letter, Line, Points, Tiles};

/// Shades in which dots are drawn.
const SHADES: usize = 12;
/// Size of words inside the plotting area.
pub(crate) const LABEL: f64 = 10.0;

impl Guide {
    pub(crate) const SPAN_OPACITY: f64 = 0.2;
}

impl Stroke<'static> {
    pub(crate) const GUIDE: Self = Self { colour: Colour::GREY, width: 1.2, dash: "5 4" };
}

/// Where data units lie on the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) area: Rect,
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
}

impl Scale {
    pub(crate) fn x(&self, x: f64) -> f64 {
        self.area.x + self.area.width * (x - self.x.0) / (self.x.1 - self.x.0)
    }

    pub(crate) fn y(&self, y: f64) -> f64 {
        self.area.bottom() - self.area.height * (y - self.y.0) / (self.y.1 - self.y.0)
    }

    fn points(&self, x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
        x.iter().zip(y).map(|(&x, &y)| (self.x(x), self.y(y))).collect()
    }

    /// Gives the page's rectangle of a box, or none where it has no finite edges.
    fn rect(&self, x: (f64, f64), y: (f64, f64)) -> Option<Rect> {
        let (x, y) = ((self.x(x.0), self.x(x.1)), (self.y(y.0), self.y(y.1)));
        let r = Rect {
            x: x.0.min(x.1),
            y: y.0.min(y.1),
            width: (x.1 - x.0).abs(),
            height: (y.1 - y.0).abs(),
        };
        [r.x, r.y, r.width, r.height].iter().all(|v| v.is_finite()).then_some(r)
    }

    pub(crate) fn paint(&self, svg: &mut Svg, layer: &Layer) {
        match layer {
            Layer::Points(p) => self.points_layer(svg, p),
            Layer::Line(l) => self.line(svg, l),
            Layer::Area(a) => self.area(svg, a),
            Layer::Tiles(t) => self.tiles(svg, t),
            Layer::Letters(l) => l.iter().for_each(|l| self.letter(svg, l)),
            Layer::Labels(l) => l.iter().for_each(|l| self.label(svg, l)),
            Layer::Guide(g) => self.guide(svg, g),
        }
    }

    fn points_layer(&self, svg: &mut Svg, points: &Points) {
        let inside = finite(self.points(&points.x, &points.y));
        // Few dots can be large and solid; thousands must let each other be seen.
        let crowd = (inside.len().max(1) as f64).log10();
        let radius = (4.4 - 0.75 * crowd).clamp(1.2, 3.2);
        let opacity = (1.15 - 0.12 * crowd).clamp(0.55, 0.9);
        if let Some(colour) = points.colour {
            return svg.dots(&inside, radius.min(2.4), colour, opacity);
        }
        let Rect { x, y, width, height } = self.area;
        let unit: Vec<_> = inside.iter().map(|p| ((p.0 - x) / width, (p.1 - y) / height)).collect();
        let density = densities(&unit);
        for shade in 0..SHADES {
            let mine = |d: f64| ((d * SHADES as f64) as usize).min(SHADES - 1) == shade;
            let dots: Vec<(f64, f64)> =
                inside.iter().zip(&density).filter(|(_, d)| mine(**d)).map(|(p, _)| *p).collect();
            let colour = Colour::of_density(shade as f64 / (SHADES - 1) as f64);
            svg.dots(&dots, radius, colour, opacity);
        }
    }

    fn line(&self, svg: &mut Svg, line: &Line) {
        let points = self.points(&line.x, &line.y);
        svg.polyline(&points, &Stroke { colour: line.colour, width: line.width, dash: "" });
        if line.dots {
            svg.dots(&finite(points), 2.4, line.colour, 1.0);
        }
    }

    fn area(&self, svg: &mut Svg, area: &Area) {
        let (low, high) = (self.points(&area.x, &area.low), self.points(&area.x, &area.high));
        let mut edges = Vec::new();
        for (low, high) in low.into_iter().zip(high) {
            if [low.0, low.1, high.1].iter().all(|v| v.is_finite()) {
                edges.push((low, high));
            } else {
                svg.band(&edges, area.colour, area.opacity);
                edges.clear();
            }
        }
        svg.band(&edges, area.colour, area.opacity);
    }

    fn tiles(&self, svg: &mut Svg, tiles: &Tiles) {
        for tile in &tiles.tiles {
            if let Some(r) = self.rect(tile.x, tile.y) {
                svg.tile(r, tile.colour, tiles.opacity);
            }
        }
    }

    fn letter(&self, svg: &mut Svg, letter: &Letter) {
        let Some(r) = self.rect(letter.x, letter.y) else { return };
        // A letter without an outline, which no alphabet of ours has, is a block.
        match outline(letter.letter) {
            Some(outline) => svg.fill(&outline.stretched(r), letter.colour, 1.0),
            None => svg.tile(r, letter.colour, 1.0),
        }
    }

    fn label(&self, svg: &mut Svg, label: &Label) {
        let (x, y) = (self.x(label.x), self.y(label.y) + 0.36 * LABEL);
        if !(x.is_finite() && y.is_finite()) {
            return;
        }
        let (x, anchor) = match label.align {
            Align::Start => (x + 4.0, Anchor::Start),
            Align::Middle => (x, Anchor::Middle),
            Align::End => (x - 4.0, Anchor::End),
        };
        let text = Text::new(&label.text, LABEL).at(x, y).anchored(anchor);
        // Words inside a tile have nothing behind them but the tile.
        let rim = label.align != Align::Middle;
        svg.text(&Text { colour: label.colour, rim, ..text });
    }

    fn guide(&self, svg: &mut Svg, guide: &Guide) {
        let (from, to) = match *guide {
            Guide::Identity => {
                let (low, high) = (self.x.0.min(self.y.0), self.x.1.max(self.y.1));
                ((low, low), (high, high))
            }
            Guide::Vertical { at, .. } => ((at, self.y.0), (at, self.y.1)),
            Guide::Horizontal { at, .. } => ((self.x.0, at), (self.x.1, at)),
            Guide::Span { from, to, colour, .. } => {
                if let Some(r) = self.rect((from, to), self.y) {
                    svg.tile(r, colour, Guide::SPAN_OPACITY);
                }
                return;
            }
        };
        let at = |(x, y): (f64, f64)| (self.x(x), self.y(y));
        svg.line(at(from), at(to), &Stroke::GUIDE);
    }
}

fn finite(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    points.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale {
        area: Rect { x: 10.0, y: 20.0, width: 100.0, height: 50.0 },
        x: (0.0, 10.0),
        y: (0.0, 1.0),
    };

    fn painted(layer: &Layer) -> String {
        let mut svg = Svg::new(200.0, 100.0);
        SCALE.paint(&mut svg, layer);
        svg.finish()
    }

    #[test]
    fn an_area_runs_along_one_edge_and_back_along_the_other() {
        let area = |low: Vec<f64>, high: Vec<f64>| {
            painted(&Layer::Area(Area {
                name: String::new(),
                x: (0..high.len()).map(|i| i as f64).collect(),
                low,
                high,
                colour: Colour::BLUE,
                opacity: 0.5,
            }))
        };
        let whole = area(vec![0.0; 3], vec![0.5, 1.0, 0.5]);
        assert!(whole.contains("M10 45L20 20L30 45L30 70L10 70Z"), "{whole}");
        let broken = area(vec![0.0; 5], vec![0.5, 1.0, f64::NAN, 1.0, 1.0]);
        assert!(broken.contains("M10 45L20 20L20 70L10 70Z"), "{broken}");
        assert!(broken.contains("M40 20L50 20L50 70L40 70Z"), "{broken}");
    }

    #[test]
    fn a_tile_may_be_given_from_either_corner() {
        let tile = |x, y| {
            let tiles = vec![Tile { x, y, colour: Colour::GREY }];
            painted(&Layer::Tiles(Tiles { name: String::new(), tiles, opacity: 1.0 }))
        };
        let wanted = "<rect x=\"20\" y=\"45\" width=\"10\" height=\"25\"";
        assert!(tile((1.0, 2.0), (0.0, 0.5)).contains(wanted));
        assert!(tile((2.0, 1.0), (0.5, 0.0)).contains(wanted));
        assert!(!tile((1.0, f64::NAN), (0.0, 0.5)).contains("width=\"10\""));
    }

    use crate::Tile;
}
