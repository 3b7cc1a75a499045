use crate::error::{all_finite, found_some};
use crate::ticks::{limits, ticks};
use crate::windows::PAGE;
use crate::{Axes, Colour, Error, Figure, Layer, Length, Letter, Line, Marks};

/// The letters, in the order of the heights.
const BASES: [char; 4] = ['A', 'C', 'G', 'T'];
const HEIGHT: f64 = 110.0;
/// More positions are broken into several lines.
const LONGEST: usize = 102;
/// A position is never wider, in page units.
const WIDEST: f64 = 30.0;

/// What [`logo`] draws.
#[derive(Clone, Copy, Debug)]
pub struct Logo<'a> {
    /// Written above.
    pub title: &'a str,
    /// The rows of letters, from top to bottom, such as a site and the motif
    /// that it resembles.
    pub rows: &'a [LogoRow<'a>],
}

/// A row of letters of a [`Logo`].
#[derive(Clone, Copy, Debug)]
pub struct LogoRow<'a> {
    /// Written above the row.
    pub name: &'a str,
    /// What the heights are, as in `attribution` or `bits`.
    pub value_label: &'a str,
    /// What the positions are counted in; empty for nothing.
    pub position_label: &'a str,
    /// Number of the first position.
    pub first: i64,
    /// Height of A, C, G and T at each position; below zero they hang down.
    pub heights: &'a [[f64; 4]],
}

/// Draws letters as high as their values, the highest on top of each stack and,
/// below zero, the lowest at its foot.
///
/// # Errors
/// There is no row or no position, or a height is not finite.
pub fn logo(logo: &Logo<'_>) -> Result<Figure, Error> {
    found_some("rows of letters", logo.rows.len())?;
    let mut panels = Vec::new();
    for row in logo.rows {
        found_some(&format!("positions of {}", row.name), row.heights.len())?;
        all_finite(&format!("heights of {}", row.name), row.heights.as_flattened())?;
        panels.extend(lines(row));
    }
    let longest = panels.iter().map(|p| p.1).max().unwrap_or(1);
    let width = (longest as f64 * WIDEST).clamp(160.0, PAGE - 70.0);
    let mut figure =
        Figure::grid(360.0, &[Length::Units(width)], &[Length::Units(HEIGHT)]).title(logo.title);
    for (mut axes, length) in panels {
        axes.x.marks = numbers(&axes, width * length as f64 / longest as f64);
        // Letters are as wide in every line.
        if let Some((from, to)) = axes.x.limits {
            axes.x.limits = Some((from, to + (longest - length) as f64));
        }
        figure = figure.panel(axes);
    }
    Ok(figure)
}

/// Gives the panels of a row, more than one if it is long, with their lengths.
fn lines(row: &LogoRow<'_>) -> Vec<(Axes, usize)> {
    let count = row.heights.len().div_ceil(LONGEST);
    let length = row.heights.len().div_ceil(count);
    let parts: Vec<Vec<Letter>> = row
        .heights
        .chunks(length)
        .enumerate()
        .map(|(i, part)| letters(part, row.first as f64 + (i * length) as f64))
        .collect();
    let ends = parts.iter().flatten().flat_map(|l| [l.y.0, l.y.1]);
    let (low, high) = limits(ends.chain([0.0]));
    let of_last = parts.len() - 1;
    let panel = |(i, letters): (usize, Vec<Letter>)| {
        let from = row.first as f64 + (i * length) as f64 - 0.5;
        let to = from + length as f64;
        let mut axes = Axes::new("", row.value_label);
        axes.x.limits = Some((from, to));
        // No air below letters that stand on zero.
        let below = if low < 0.0 && parts_below(row.heights) { low } else { 0.0 };
        axes.y.limits = Some((below, high));
        if i == 0 {
            axes.title = row.name.to_owned();
        }
        if i == of_last {
            axes.x.label = row.position_label.to_owned();
        }
        let zero = Line { width: 0.8, ..Line::new(vec![from, to], vec![0.0; 2], Colour::INK) };
        axes.layers = vec![Layer::Letters(letters), Layer::Line(zero)];
        (axes, length)
    };
    parts.into_iter().enumerate().map(panel).collect()
}

/// Gives numbers along the letters, not beyond them where another row is longer.
fn numbers(axes: &Axes, width: f64) -> Marks {
    let (from, to) = axes.x.limits.unwrap_or_default();
    let found = ticks(from, to, (width / 45.0) as usize, true);
    Marks::Names(found.at.into_iter().zip(found.labels).collect())
}

fn parts_below(heights: &[[f64; 4]]) -> bool {
    heights.as_flattened().iter().any(|h| *h < 0.0)
}

/// Stacks the letters of positions from `first` on, smallest values next to zero.
fn letters(heights: &[[f64; 4]], first: f64) -> Vec<Letter> {
    let mut found = Vec::new();
    for (i, column) in heights.iter().enumerate() {
        let x = first + i as f64;
        let mut order = [0, 1, 2, 3];
        order.sort_by(|&a, &b| column[a].abs().total_cmp(&column[b].abs()));
        let (mut above, mut below) = (0.0, 0.0);
        for base in order {
            let height = column[base];
            let from = if height > 0.0 { &mut above } else { &mut below };
            if height != 0.0 {
                let (letter, y) = (BASES[base], (*from, *from + height));
                let colour = Colour::of_base(letter);
                found.push(Letter { letter, x: (x - 0.47, x + 0.47), y, colour });
                *from += height;
            }
        }
    }
    found
}

/// Gives the heights of letters by information content, in bits: a base's
/// probability times what the position tells, `2 + sum p log2 p`, against bases
/// equally likely (Schneider and Stephens 1990, without their correction for
/// small samples).
///
/// # Errors
/// A probability is below 0 or not finite, or a position's do not sum to 1
/// within 0.01.
pub fn information_content(probabilities: &[[f64; 4]]) -> Result<Vec<[f64; 4]>, Error> {
    let mut heights = Vec::with_capacity(probabilities.len());
    for (position, column) in probabilities.iter().enumerate() {
        let sum: f64 = column.iter().sum();
        if !((sum - 1.0).abs() <= 0.01 && column.iter().all(|p| *p >= 0.0)) {
            return Err(Error::NotProbabilities { position, column: *column });
        }
        let told = |p: &f64| if *p > 0.0 { p * p.log2() } else { 0.0 };
        let bits = 2.0 + column.iter().map(told).sum::<f64>();
        heights.push(column.map(|p| p * bits.max(0.0)));
    }
    Ok(heights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_grow_away_from_zero_with_the_largest_outside() {
        let found = letters(&[[0.5, -0.2, 0.25, -0.7]], 10.0);
        let places: Vec<(char, (f64, f64))> = found.iter().map(|l| (l.letter, l.y)).collect();
        let wanted = [
            ('C', (0.0, -0.2)),
            ('G', (0.0, 0.25)),
            ('A', (0.25, 0.75)),
            ('T', (-0.2, -0.2 - 0.7)),
        ];
        assert_eq!(places, wanted);
        assert!(found.iter().all(|l| l.x == (9.53, 10.47)));
        assert!(letters(&[[0.0; 4]], 0.0).is_empty());
    }

    #[test]
    fn a_long_row_breaks_into_equal_lines_on_one_scale() {
        let mut heights = vec![[0.1, 0.0, 0.0, 0.0]; 250];
        heights[249] = [0.0, 0.0, 0.0, -1.0];
        let row = LogoRow {
            name: "",
            value_label: "",
            position_label: "",
            first: -50,
            heights: &heights,
        };
        let panels = lines(&row);
        assert_eq!(panels.len(), 3);
        assert_eq!(panels[0].0.x.limits, Some((-50.5, 33.5)));
        assert_eq!(panels[2].0.x.limits, Some((117.5, 201.5)));
        assert!(panels.iter().all(|p| p.0.y.limits == panels[0].0.y.limits));
    }

    #[test]
    fn information_is_two_bits_where_one_base_is_certain_and_none_where_all_are_alike() {
        let found = information_content(&[[0.0, 1.0, 0.0, 0.0], [0.25; 4], [0.5, 0.0, 0.5, 0.0]]);
        let found = found.unwrap();
        assert_eq!(found[0], [0.0, 2.0, 0.0, 0.0]);
        assert_eq!(found[1], [0.0; 4]);
        assert_eq!(found[2], [0.5, 0.0, 0.5, 0.0]);
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        for column in [[0.5; 4], [1.2, -0.2, 0.0, 0.0], [f64::NAN; 4]] {
            let message = information_content(&[[0.25; 4], column]).unwrap_err().to_string();
            assert!(message.starts_with("position 1 "), "{message}");
        }
    }
}
