use crate::layout::{Cells, Length};
use crate::legend::Legend;
use crate::panel::{GAP, Margins, Panel};
use crate::svg::{Rect, Svg, Text};
use crate::text::{FAMILY, FONTS, LINE_HEIGHT, bold_width, wrap};
use crate::{Axes, Error};
use resvg::{tiny_skia, usvg};
use std::sync::Arc;

const TITLE: f64 = 14.0;

/// A page with a grid of [`Axes`], drawn as SVG or PNG.
///
/// Plotting areas of a column start and end at the same x, those of a row at
/// the same y.
#[derive(Clone, Debug)]
pub struct Figure {
    title: String,
    width: f64,
    height: Option<f64>,
    columns: Vec<Length>,
    rows: Vec<Length>,
    shared_legend: bool,
    panels: Vec<Option<Axes>>,
}

/// Where everything goes on a page.
struct Page<'a> {
    panels: Vec<Option<Panel<'a>>>,
    columns: Cells,
    rows: Cells,
    title: Vec<String>,
    legend: Legend,
}

impl Figure {
    /// An empty page of `width` x `height` units (CSS pixels, 1/96 inch), with
    /// its panels in one column.
    pub fn new(width: f64, height: f64) -> Self {
        Self { height: Some(height), ..Self::grid(width, &[Length::Share(1.0)], &[]) }
    }

    /// An empty page at least `width` units wide and as high as its rows need,
    /// with panels of the given sizes, row by row.
    pub fn grid(width: f64, columns: &[Length], rows: &[Length]) -> Self {
        Self {
            title: String::new(),
            width,
            height: None,
            columns: columns.to_vec(),
            rows: rows.to_vec(),
            shared_legend: false,
            panels: Vec::new(),
        }
    }

    /// Writes a title above everything.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Shows one legend for all panels, below the title.
    #[must_use]
    pub fn shared_legend(mut self) -> Self {
        self.shared_legend = true;
        self
    }

    /// Adds a panel after those there are.
    #[must_use]
    pub fn panel(mut self, axes: Axes) -> Self {
        self.panels.push(Some(axes));
        self
    }

    /// Leaves the next place of the grid empty.
    #[must_use]
    pub fn empty_place(mut self) -> Self {
        self.panels.push(None);
        self
    }

    /// Draws the figure as SVG; text stays text.
    pub fn to_svg(&self) -> String {
        let page = self.page();
        let (width, height) = page.size(self.width, self.height);
        let mut svg = Svg::new(width, height);
        for (i, text) in page.title.iter().enumerate() {
            let y = GAP + TITLE * (1.0 + LINE_HEIGHT * i as f64);
            svg.text(&Text { bold: true, ..Text::new(text, TITLE).at(GAP, y) });
        }
        let header = page.header();
        page.legend.draw(&mut svg, GAP, header - page.legend.height());
        let equal = |i: usize| self.panels[i].as_ref().is_some_and(|a| a.equal);
        for (i, panel) in page.panels.iter().enumerate() {
            let (row, column) = (i / self.columns.len(), i % self.columns.len());
            let ((x, width), (y, height)) = (page.columns.area(column), page.rows.area(row));
            let area = Rect { x: GAP + x, y: header + y, width, height };
            if let Some(panel) = panel {
                panel.draw(&mut svg, if equal(i) { square(area) } else { area });
            }
        }
        svg.finish()
    }

    /// Draws the figure as PNG, `scale` pixels a unit (2 suits most screens).
    ///
    /// # Errors
    /// The picture would have no pixel or more than 20,000 a side.
    pub fn to_png(&self, scale: f32) -> Result<Vec<u8>, Error> {
        let page = self.page().size(self.width, self.height);
        let (width, height) = (page.0 * f64::from(scale), page.1 * f64::from(scale));
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

    /// Plans the page: text is broken to the width of plotting areas, and those
    /// depend on the room that text takes, so it is planned twice.
    fn page(&self) -> Page<'_> {
        let count = self.panels.len().div_ceil(self.columns.len()).max(1);
        let row =
            |i: usize| self.rows.get(i).or(self.rows.last()).copied().unwrap_or(Length::Share(1.0));
        let rows: Vec<Length> = (0..count).map(row).collect();
        let guess = Margins { left: 60.0, right: 12.0, top: 20.0, bottom: 40.0 };
        let mut page = self.place(&rows, |_| guess, (0.0, 0.0));
        for _ in 0..2 {
            let all: Vec<Option<Margins>> =
                page.panels.iter().map(|p| p.as_ref().map(Panel::margins)).collect();
            let header = page.header();
            let wide = page.columns.total();
            page = self.place(&rows, |i| all[i].unwrap_or_default(), (header, wide));
        }
        page
    }

    /// Places panels with these margins on a page with a header of this height
    /// above columns of this width in all.
    fn place(
        &self,
        rows: &[Length],
        margins: impl Fn(usize) -> Margins,
        (header, wide): (f64, f64),
    ) -> Page<'_> {
        let across = self.columns.len();
        let mut columns = Cells::new(&self.columns);
        let mut down = Cells::new(rows);
        for i in 0..self.panels.len() {
            let m = margins(i);
            columns.widen(i % across, (m.left, m.right));
            down.widen(i / across, (m.top, m.bottom));
        }
        columns.share(self.width - 2.0 * GAP);
        down.share(self.height.map_or(0.0, |h| h - header - GAP));
        let panels = self.panels.iter().enumerate().map(|(i, axes)| {
            let size = (columns.area(i % across).1, down.area(i / across).1);
            axes.as_ref().map(|axes| Panel::new(axes, size, !self.shared_legend))
        });
        let room = wide.max(self.width - 2.0 * GAP);
        let shared = self.panels.iter().flatten().filter(|_| self.shared_legend);
        Page {
            panels: panels.collect(),
            title: wrap(&self.title, room, |t| bold_width(t, TITLE)),
            legend: Legend::new(shared.flat_map(|a| &a.layers), room),
            columns,
            rows: down,
        }
    }
}

impl Page<'_> {
    /// Gives the height of title and shared legend.
    fn header(&self) -> f64 {
        let title = self.title.len() as f64 * TITLE * LINE_HEIGHT;
        GAP + title + if title > 0.0 { BELOW_TITLE } else { 0.0 } + self.legend.height()
    }

    /// Gives width and height of the page.
    fn size(&self, width: f64, height: Option<f64>) -> (f64, f64) {
        let width = width.max(self.columns.total() + 2.0 * GAP);
        (width, height.unwrap_or_else(|| self.header() + self.rows.total() + GAP))
    }
}

/// Between the title and what follows.
const BELOW_TITLE: f64 = 3.0;

/// Gives the largest square in the upper left of an area.
fn square(area: Rect) -> Rect {
    let side = area.width.min(area.height);
    Rect { width: side, height: side, ..area }
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
