use crate::cluster::{Tree, average_linkage, euclidean};
use crate::dendrogram::{tree_above, tree_beside};
use crate::error::{found_some, same_length};
use crate::marks::{LINE, SMALLEST};
use crate::paint::LABEL;
use crate::text::width as width_of;
use crate::{Align, Axes, Axis, Colour, Error, Figure, Label, Layer, Length, Marks, Tile, Tiles};

/// Height of the trees.
const TREE: f64 = 48.0;
/// Width of the bar of colours, with air on its left.
const BAR: f64 = 20.0;

/// What [`heatmap`] draws.
#[derive(Clone, Copy, Debug)]
pub struct Heatmap<'a> {
    /// Written above.
    pub title: &'a str,
    /// What a row is; empty if the names say it.
    pub row_label: &'a str,
    /// What a column is; empty if the names say it.
    pub column_label: &'a str,
    /// Names of rows, from top to bottom.
    pub rows: &'a [String],
    /// Names of columns, from left to right.
    pub columns: &'a [String],
    /// (rows, columns) row by row; NaN where a value is missing.
    pub values: &'a [f64],
    /// What the values are, beside the bar of colours.
    pub value_label: &'a str,
    /// How values become colours.
    pub shading: Shading,
    /// Puts alike rows together and draws their tree.
    pub cluster_rows: bool,
    /// Puts alike columns together and draws their tree.
    pub cluster_columns: bool,
    /// Writes the values in the cells, with so many decimals.
    pub decimals: Option<usize>,
}

/// How the values of a [`Heatmap`] become colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shading {
    /// White at zero, dark at the largest value.
    #[default]
    FromZero,
    /// White at the smallest value, dark at the largest.
    Range,
    /// White at zero, blue below and vermilion above, alike on both sides.
    Signed,
}

impl Shading {
    /// Gives the values at both ends of the colours.
    fn ends(self, values: impl Iterator<Item = f64>) -> (f64, f64) {
        let (low, high) = values
            .filter(|v| v.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = match self {
            Self::FromZero => (0.0, high),
            Self::Range => (low, high),
            Self::Signed => (-low.abs().max(high.abs()), low.abs().max(high.abs())),
        };
        if low < high { (low, high) } else { (low, low + 1.0) }
    }

    fn colour(self, value: f64, (low, high): (f64, f64)) -> Colour {
        let at = (value - low) / (high - low);
        if self == Self::Signed { Colour::of_signed(2.0 * at - 1.0) } else { Colour::of_amount(at) }
    }
}

/// The order of rows or columns, and the tree that gave it.
struct Order {
    places: Vec<usize>,
    tree: Option<Tree>,
}

impl Order {
    fn new(vectors: &[Vec<f64>], cluster: bool) -> Result<Self, Error> {
        // One alone has no tree.
        if !cluster || vectors.len() < 2 {
            return Ok(Self { places: (0..vectors.len()).collect(), tree: None });
        }
        let tree = average_linkage(vectors.len(), &euclidean(vectors))?;
        Ok(Self { places: tree.order(), tree: Some(tree) })
    }
}

/// Draws values as colours, rows from top to bottom, with a bar of colours.
///
/// Clustering joins rows or columns by average linkage of Euclidean distances
/// over the places that neither misses. Names too small to read are left out
/// and counted instead; numbers wider than their cells are left out.
///
/// # Errors
/// There is no row or column; the values are not rows x columns; one is
/// infinite; or none is a number.
pub fn heatmap(map: &Heatmap<'_>) -> Result<Figure, Error> {
    let (height, width) = (map.rows.len(), map.columns.len());
    check(map)?;
    let row = |r: usize| map.values[r * width..][..width].to_vec();
    let column = |c: usize| map.values.iter().skip(c).step_by(width).copied().collect();
    let rows = Order::new(&(0..height).map(row).collect::<Vec<_>>(), map.cluster_rows)?;
    let columns = Order::new(&(0..width).map(column).collect::<Vec<_>>(), map.cluster_columns)?;
    let (cell_width, cell_height) =
        if map.decimals.is_some() { (46.0, 24.0) } else { (20.0, 15.0) };
    let size = (
        (cell_width * width as f64).clamp(60.0, 560.0),
        (cell_height * height as f64).clamp(60.0, 900.0),
    );
    let tree = |order: &Order| order.tree.as_ref().map(|_| Length::Units(TREE));
    let across: Vec<Length> =
        tree(&rows).into_iter().chain([Length::Units(size.0), Length::Units(BAR)]).collect();
    let down: Vec<Length> = tree(&columns).into_iter().chain([Length::Units(size.1)]).collect();
    let mut figure = Figure::grid(320.0, &across, &down).title(map.title).shared_legend();
    if let Some(tree) = &columns.tree {
        if rows.tree.is_some() {
            figure = figure.empty_place();
        }
        figure = figure.panel(tree_above(tree)).empty_place();
    }
    if let Some(tree) = &rows.tree {
        figure = figure.panel(tree_beside(tree));
    }
    let ends = map.shading.ends(map.values.iter().copied());
    let mut cells = cells(map, &rows, &columns, ends);
    leave_out_wide_numbers(&mut cells, (size.0 / width as f64, size.1 / height as f64));
    leave_out_small_names(&mut cells.x, size.0);
    leave_out_small_names(&mut cells.y, size.1);
    Ok(figure.panel(cells).panel(colours(map, ends)))
}

fn check(map: &Heatmap<'_>) -> Result<(), Error> {
    found_some("rows", map.rows.len())?;
    found_some("columns", map.columns.len())?;
    let wanted = map.rows.len() * map.columns.len();
    same_length(("the heatmap", map.values.len()), ("rows x columns", wanted))?;
    if let Some(index) = map.values.iter().position(|v| v.is_infinite()) {
        let (what, value) = (map.value_label.to_owned(), map.values[index]);
        return Err(Error::NotFinite { what, index, value });
    }
    if map.values.iter().all(|v| v.is_nan()) {
        let (what, count) = (map.value_label.to_owned(), map.values.len());
        return Err(Error::NothingFinite { what, count });
    }
    Ok(())
}

/// Gives the panel of cells; the first row of the order is uppermost.
fn cells(map: &Heatmap<'_>, rows: &Order, columns: &Order, ends: (f64, f64)) -> Axes {
    let (height, width) = (rows.places.len(), columns.places.len());
    let mut axes = named_axes(map, rows, columns);
    let (mut shown, mut missing, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for (i, &r) in rows.places.iter().enumerate() {
        for (j, &c) in columns.places.iter().enumerate() {
            let value = map.values[r * width + c];
            let top = (height - i) as f64;
            let (x, y) = ((j as f64, j as f64 + 1.0), (top - 1.0, top));
            if value.is_nan() {
                missing.push(Tile { x, y, colour: Colour::MISSING });
                continue;
            }
            let colour = map.shading.colour(value, ends);
            shown.push(Tile { x, y, colour });
            if let Some(decimals) = map.decimals {
                numbers.push(Label {
                    text: format!("{value:.decimals$}").replace('-', "−"),
                    x: x.0 + 0.5,
                    y: y.0 + 0.5,
                    align: Align::Middle,
                    colour: colour.ink_on(),
                });
            }
        }
    }
    let tiles =
        |name: &str, tiles| Layer::Tiles(Tiles { name: name.to_owned(), tiles, opacity: 1.0 });
    axes.layers = vec![tiles("", shown), tiles("missing", missing), Layer::Labels(numbers)];
    axes
}

fn named_axes(map: &Heatmap<'_>, rows: &Order, columns: &Order) -> Axes {
    let (height, width) = (rows.places.len(), columns.places.len());
    let row = |(i, &r): (usize, &usize)| ((height - i) as f64 - 0.5, map.rows[r].clone());
    let column = |(j, &c): (usize, &usize)| (j as f64 + 0.5, map.columns[c].clone());
    let axis = |label: &str, count: usize, names: Vec<(f64, String)>| Axis {
        label: label.to_owned(),
        limits: Some((0.0, count as f64)),
        marks: Marks::Names(names),
    };
    Axes {
        x: axis(map.column_label, width, columns.places.iter().enumerate().map(column).collect()),
        y: axis(map.row_label, height, rows.places.iter().enumerate().map(row).collect()),
        right: rows.tree.is_some(),
        bare: true,
        ..Axes::default()
    }
}

/// Leaves the numbers out where they would run into the next cell.
fn leave_out_wide_numbers(cells: &mut Axes, (width, height): (f64, f64)) {
    let touches = |label: &Label| width_of(&label.text, LABEL) > width || LABEL > height;
    cells.layers.retain(|layer| match layer {
        Layer::Labels(labels) => !labels.iter().any(touches),
        _ => true,
    });
}

/// Counts in the label the names that would be too small to read along `length`.
fn leave_out_small_names(axis: &mut Axis, length: f64) {
    if let Marks::Names(names) = &axis.marks {
        let count = names.len();
        if LINE * length / (count as f64) < SMALLEST {
            axis.label = format!("{} ({count}, names not shown)", axis.label);
            axis.marks = Marks::None;
        }
    }
}

/// Gives the bar that shows which colour is which value.
fn colours(map: &Heatmap<'_>, ends: (f64, f64)) -> Axes {
    const STEPS: usize = 64;
    let edge = |i: usize| ends.0 + (ends.1 - ends.0) * i as f64 / STEPS as f64;
    let step = |i: usize| Tile {
        x: (0.0, 1.0),
        y: (edge(i), edge(i + 1)),
        colour: map.shading.colour(0.5 * (edge(i) + edge(i + 1)), ends),
    };
    let tiles = (0..STEPS).map(step).collect();
    Axes {
        x: Axis { limits: Some((-0.6, 1.0)), marks: Marks::None, ..Axis::default() },
        y: Axis { limits: Some(ends), ..Axis::new(map.value_label) },
        right: true,
        bare: true,
        layers: vec![Layer::Tiles(Tiles { name: String::new(), tiles, opacity: 1.0 })],
        ..Axes::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(prefix: &str, count: usize) -> Vec<String> {
        (0..count).map(|i| format!("{prefix}{i}")).collect()
    }

    #[test]
    fn rows_run_downwards_in_the_order_of_the_tree() {
        let (rows, columns) = (named("r", 3), named("c", 2));
        let map = Heatmap {
            title: "",
            row_label: "",
            column_label: "",
            rows: &rows,
            columns: &columns,
            values: &[0.0, 1.0, 9.0, f64::NAN, 0.5, 1.0],
            value_label: "",
            shading: Shading::FromZero,
            cluster_rows: true,
            cluster_columns: false,
            decimals: Some(1),
        };
        let vectors = [vec![0.0, 1.0], vec![9.0, f64::NAN], vec![0.5, 1.0]];
        let rows = Order::new(&vectors, true).unwrap();
        assert_eq!(rows.places, [0, 2, 1]);
        let columns = Order { places: vec![0, 1], tree: None };
        let mut axes = cells(&map, &rows, &columns, (0.0, 9.0));
        let Layer::Tiles(shown) = &axes.layers[0] else { panic!() };
        let Layer::Tiles(missing) = &axes.layers[1] else { panic!() };
        assert_eq!((shown.tiles.len(), missing.tiles.len()), (5, 1));
        let lowest = shown.tiles.iter().find(|t| t.y == (0.0, 1.0)).unwrap();
        assert_eq!((lowest.x, lowest.colour), ((0.0, 1.0), Colour::of_amount(1.0)));
        assert_eq!(missing.tiles[0].y, (0.0, 1.0));
        let Marks::Names(names) = &axes.y.marks else { panic!() };
        assert_eq!(names[1], (1.5, "r2".to_owned()));
        leave_out_small_names(&mut axes.y, 60.0);
        assert!(matches!(axes.y.marks, Marks::Names(_)));
        leave_out_small_names(&mut axes.y, 20.0);
        assert_eq!((&*axes.y.label, &axes.y.marks), (" (3, names not shown)", &Marks::None));
        leave_out_wide_numbers(&mut axes, (20.0, 15.0));
        assert!(axes.layers.iter().any(|l| matches!(l, Layer::Labels(_))));
        leave_out_wide_numbers(&mut axes, (10.0, 15.0));
        assert!(!axes.layers.iter().any(|l| matches!(l, Layer::Labels(_))));
    }

    #[test]
    fn shades_span_what_they_say() {
        let ends = |shading: Shading, values: &[f64]| shading.ends(values.iter().copied());
        assert_eq!(ends(Shading::FromZero, &[2.0, 5.0, f64::NAN]), (0.0, 5.0));
        assert_eq!(ends(Shading::Range, &[2.0, 5.0]), (2.0, 5.0));
        assert_eq!(ends(Shading::Signed, &[-2.0, 1.0]), (-2.0, 2.0));
        for shading in [Shading::FromZero, Shading::Range, Shading::Signed] {
            assert!(ends(shading, &[0.0; 3]).0 < ends(shading, &[0.0; 3]).1);
        }
        assert_eq!(Shading::Signed.colour(0.0, (-2.0, 2.0)), Colour::of_signed(0.0));
    }
}
