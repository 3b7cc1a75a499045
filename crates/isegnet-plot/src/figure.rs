use crate::panel::{Margins, Panel};
use crate::svg::{Rect, Svg};
use crate::text::{FAMILY, FONTS};
use crate::{Axes, Error};
use resvg::{tiny_skia, usvg};
use std::sync::Arc;

/// A page of one or more [`Axes`], drawn as SVG or PNG.
#[derive(Clone, Debug)]
pub struct Figure {
    width: f64,
    height: f64,
    columns: usize,
    panels: Vec<Axes>,
}

impl Figure {
    /// An empty page of `width` x `height` units (CSS pixels, 1/96 inch), with
    /// its panels in one column.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, columns: 1, panels: Vec::new() }
    }

    /// Puts the panels in `columns` columns, row by row.
    #[must_use]
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = columns.max(1);
        self
    }

    /// Adds a panel after those there are.
    #[must_use]
    pub fn panel(mut self, axes: Axes) -> Self {
        self.panels.push(axes);
        self
    }

    /// Draws the figure as SVG; text stays text.
    pub fn to_svg(&self) -> String {
        let mut svg = Svg::new(self.width, self.height);
        let rows = self.panels.len().div_ceil(self.columns).max(1);
        let (width, height) = (self.width / self.columns as f64, self.height / rows as f64);
        let panels: Vec<Panel<'_>> =
            self.panels.iter().map(|a| Panel::new(a, width, height)).collect();
        let shared = panels.iter().map(Panel::margins).fold(Margins::default(), widest);
        for (i, panel) in panels.iter().enumerate() {
            let (row, column) = (i / self.columns, i % self.columns);
            let own = panel.margins();
            let cell = Rect { x: column as f64 * width, y: row as f64 * height, width, height };
            // Panels of a column start and end at the same x.
            let margins = Margins { left: shared.left, right: shared.right, ..own };
            panel.draw(&mut svg, inner(cell, margins, self.panels[i].equal), cell.x);
        }
        svg.finish()
    }

    /// Draws the figure as PNG, `scale` pixels a unit (2 suits most screens).
    ///
    /// # Errors
    /// The picture would have no pixel or more than 20,000 a side.
    pub fn to_png(&self, scale: f32) -> Result<Vec<u8>, Error> {
        let (width, height) = (self.width * f64::from(scale), self.height * f64::from(scale));
        let size = Error::Size { width, height };
        if !((1.0..=20_000.0).contains(&width) && (1.0..=20_000.0).contains(&height)) {
            return Err(size);
        }
        let mut pixels =
            tiny_skia::Pixmap::new(width.round() as u32, height.round() as u32).ok_or(size)?;
        let tree = usvg::Tree::from_str(&self.to_svg(), &options())
            .map_err(|e| Error::Raster { message: e.to_string() })?;
        resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
        pixels.encode_png().map_err(|e| Error::Raster { message: e.to_string() })
    }
}

/// Gives drawing options with the embedded fonts and none of the machine's.
fn options() -> usvg::Options<'static> {
    let mut options = usvg::Options { font_family: FAMILY.to_owned(), ..Default::default() };
    let fonts = Arc::make_mut(&mut options.fontdb);
    for font in FONTS {
        fonts.load_font_data(font.to_vec());
    }
    options
}

fn widest(a: Margins, b: Margins) -> Margins {
    Margins {
        left: a.left.max(b.left),
        right: a.right.max(b.right),
        top: a.top.max(b.top),
        bottom: a.bottom.max(b.bottom),
    }
}

/// Gives the plotting area of a cell; `equal` makes it the largest square there.
fn inner(cell: Rect, m: Margins, equal: bool) -> Rect {
    let mut width = (cell.width - m.left - m.right).max(10.0);
    let mut height = (cell.height - m.top - m.bottom).max(10.0);
    if equal {
        width = width.min(height);
        height = width;
    }
    Rect { x: cell.x + m.left, y: cell.y + m.top, width, height }
}
