//! The windows around a gene's ends, side by side.

use crate::error::{found_some, same_length};
use crate::{Axes, Axis, Colour, Error, Figure, Guide, Layer, Length, Line, Marks};
use std::ops::Range;

/// Width of a page that fits a printed page.
pub(crate) const PAGE: f64 = 680.0;

/// One of the stretches that the positions of a gene run through, 5' to 3' of
/// the gene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window<'a> {
    /// What positions are counted from, as in `TSS`.
    pub anchor: &'a str,
    /// Positions before the anchor.
    pub upstream: usize,
    /// Positions from the anchor on, itself included.
    pub downstream: usize,
    /// Written below its positions, such as the place in the genome; empty for
    /// nothing.
    pub note: &'a str,
}

impl Window<'_> {
    /// Gives how many positions there are.
    pub fn length(&self) -> usize {
        self.upstream + self.downstream
    }

    /// Gives the position of the window's `i`-th value, in bp from the anchor.
    fn position(&self, i: usize) -> f64 {
        i as f64 - self.upstream as f64
    }
}

/// Windows one after the other, as the values of a track run through them.
#[derive(Clone, Copy)]
pub(crate) struct Windows<'a> {
    pub(crate) windows: &'a [Window<'a>],
    /// Positions shaded on either side of a seam between two windows.
    pub(crate) seam: usize,
}

impl<'a> Windows<'a> {
    /// Checks that every window can be drawn.
    pub(crate) fn check(&self) -> Result<(), Error> {
        found_some("windows", self.windows.len())?;
        for window in self.windows {
            if window.length() < 2 {
                return Err(Error::TooFew {
                    what: format!("positions of the {} window", window.anchor),
                    found: window.length(),
                    wanted: 2,
                });
            }
        }
        Ok(())
    }

    /// Checks that a track has one value a position, and one that can be drawn.
    pub(crate) fn check_values(&self, name: &str, values: &[f64]) -> Result<(), Error> {
        let positions = self.windows.iter().map(Window::length).sum();
        same_length((name, values.len()), ("the windows", positions))?;
        if values.iter().any(|v| v.is_finite()) {
            return Ok(());
        }
        Err(Error::NothingFinite { what: name.to_owned(), count: values.len() })
    }

    /// Gives which values of a track lie in a window.
    fn values(&self, window: usize) -> Range<usize> {
        let start = self.windows[..window].iter().map(Window::length).sum();
        start..start + self.windows[window].length()
    }

    /// An empty page with a column a window, as wide as its share of positions.
    pub(crate) fn page(&self, rows: &[Length]) -> Figure {
        let share = |w: &Window<'_>| Length::Share(w.length() as f64);
        let columns: Vec<Length> = self.windows.iter().map(share).collect();
        Figure::grid(PAGE, &columns, rows).shared_legend()
    }

    /// Adds a row of panels, one a window, to a page.
    ///
    /// `layers` gives what is drawn over the given positions from the given values.
    pub(crate) fn add_row(
        &self,
        mut figure: Figure,
        row: &Row<'_>,
        layers: impl Fn(&[f64], Range<usize>) -> Vec<Layer>,
    ) -> Figure {
        for (i, window) in self.windows.iter().enumerate() {
            let values = self.values(i);
            let x: Vec<f64> = (0..window.length()).map(|k| window.position(k)).collect();
            let mut axes = Axes::default();
            let ends = (-(window.upstream as f64), window.downstream as f64);
            axes.x = Axis { limits: Some(ends), marks: Marks::Unlabelled, ..Axis::default() };
            axes.y.limits = Some(row.limits);
            if row.last {
                axes.x.marks = Marks::Numbers;
                axes.x.label =
                    format!("Position relative to {} (bp)\n{}", window.anchor, window.note);
            }
            if i == 0 {
                axes.y.label = row.label.to_owned();
                axes.title = row.title.to_owned();
            } else {
                axes.y.marks = Marks::Unlabelled;
            }
            axes.layers = self.shades(i, row.highlights);
            axes.layers.extend(layers(&x, values));
            axes.layers.push(Layer::Guide(Guide::Vertical { at: 0.0, name: String::new() }));
            figure = figure.panel(axes);
        }
        figure
    }

    /// Gives the shade of the seams beside a window, and of highlights in it.
    fn shades(&self, window: usize, highlights: &[Highlight<'_>]) -> Vec<Layer> {
        let own = self.values(window);
        let mut shades = Vec::new();
        let mut shade = |positions: Range<usize>, colour: Colour, name: &str| {
            let (from, to) = (positions.start.max(own.start), positions.end.min(own.end));
            if from < to {
                let edge = |p: usize| self.windows[window].position(p - own.start) - 0.5;
                let name = name.to_owned();
                shades.push(Layer::Guide(Guide::Span {
                    from: edge(from),
                    to: edge(to),
                    colour,
                    name,
                }));
            }
        };
        let name = format!("{} bp beside the seam", self.seam);
        for seam in 1..self.windows.len() {
            let at = self.values(seam).start;
            shade(at.saturating_sub(self.seam)..at + self.seam, Colour::GREY, &name);
        }
        for highlight in highlights {
            shade(highlight.positions.clone(), highlight.colour, highlight.name);
        }
        shades
    }
}

/// A row of panels over all windows.
pub(crate) struct Row<'a> {
    pub(crate) title: &'a str,
    pub(crate) label: &'a str,
    pub(crate) limits: (f64, f64),
    /// The lowest row, which shows the positions.
    pub(crate) last: bool,
    pub(crate) highlights: &'a [Highlight<'a>],
}

/// Positions that stand out, such as a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Highlight<'a> {
    /// What the legend calls it; no entry if empty.
    pub name: &'a str,
    /// Positions counted over all windows from 0, the end excluded.
    pub positions: Range<usize>,
    /// Colour, drawn pale.
    pub colour: Colour,
}

/// A thin line at zero.
pub(crate) fn zero_line(x: &[f64]) -> Layer {
    let ends: Vec<f64> = x.first().into_iter().chain(x.last()).copied().collect();
    let zeros = vec![0.0; ends.len()];
    Layer::Line(Line { width: 0.8, ..Line::new(ends, zeros, Colour::GREY) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: Windows<'static> = Windows {
        windows: &[
            Window { anchor: "TSS", upstream: 4, downstream: 2, note: "" },
            Window { anchor: "TTS", upstream: 1, downstream: 3, note: "" },
        ],
        seam: 2,
    };

    fn spans(window: usize, highlights: &[Highlight<'_>]) -> Vec<(f64, f64)> {
        let span = |l: Layer| match l {
            Layer::Guide(Guide::Span { from, to, .. }) => (from, to),
            other => panic!("{other:?}"),
        };
        WINDOWS.shades(window, highlights).into_iter().map(span).collect()
    }

    #[test]
    fn the_seam_is_shaded_on_both_sides_in_each_window_s_own_positions() {
        assert_eq!(spans(0, &[]), [(-0.5, 1.5)]);
        assert_eq!(spans(1, &[]), [(-1.5, 0.5)]);
    }

    #[test]
    fn a_highlight_is_cut_at_the_windows_ends() {
        let site = Highlight { name: "site", positions: 4..8, colour: Colour::ORANGE };
        let site = [site];
        assert_eq!((spans(0, &site)[1], spans(1, &site)[1]), ((-0.5, 1.5), (-1.5, 0.5)));
        let beyond = Highlight { name: "", positions: 9..90, colour: Colour::ORANGE };
        let beyond = [beyond];
        assert_eq!((spans(0, &beyond).len(), spans(1, &beyond)[1]), (1, (1.5, 2.5)));
    }

    #[test]
    fn windows_that_cannot_be_drawn_say_so() {
        let none = Windows { windows: &[], seam: 0 };
        assert_eq!(
            none.check().unwrap_err().to_string(),
            "there are no windows to draw; give at least one"
        );
        let one = [Window { anchor: "TTS", upstream: 0, downstream: 1, note: "" }];
        let message = Windows { windows: &one, seam: 0 }.check().unwrap_err().to_string();
        assert_eq!(
            message,
            "1 of the positions of the TTS window is too few; at least 2 are needed"
        );
    }
}
