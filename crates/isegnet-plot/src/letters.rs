//! Letters as outlines, which stretch where text cannot.

use crate::svg::{Rect, number};
use crate::text::FONTS;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider};

/// The outline of a letter in the bold embedded font, in font units, y upwards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outline {
    /// The command of each piece, with its points.
    pieces: Vec<(char, Vec<(f64, f64)>)>,
    /// Left, right, lower and upper end.
    ends: (f64, f64, f64, f64),
}

/// Gives the outline of a letter; none if the font has no such letter.
pub(crate) fn outline(letter: char) -> Option<Outline> {
    let font = FontRef::new(FONTS[1]).ok()?;
    let glyph = font.outline_glyphs().get(font.charmap().map(letter)?)?;
    let mut found = Outline::default();
    glyph
        .draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), &mut found)
        .ok()?;
    let points = || found.pieces.iter().flat_map(|(_, points)| points);
    let ends = points()
        .fold((f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY), |e, p| {
            (e.0.min(p.0), e.1.max(p.0), e.2.min(p.1), e.3.max(p.1))
        });
    found.ends = ends;
    (ends.0 < ends.1 && ends.2 < ends.3).then_some(found)
}

impl Outline {
    /// Gives the path that fills `r` from edge to edge.
    pub(crate) fn stretched(&self, r: Rect) -> String {
        let (left, right, low, high) = self.ends;
        let mut d = String::new();
        for (command, points) in &self.pieces {
            d.push(*command);
            for (i, (x, y)) in points.iter().enumerate() {
                if i > 0 {
                    d.push(' ');
                }
                d.push_str(&number(r.x + r.width * (x - left) / (right - left)));
                d.push(' ');
                d.push_str(&number(r.bottom() - r.height * (y - low) / (high - low)));
            }
        }
        d
    }

    fn add(&mut self, command: char, points: &[(f32, f32)]) {
        let points = points.iter().map(|&(x, y)| (f64::from(x), f64::from(y))).collect();
        self.pieces.push((command, points));
    }
}

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.add('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.add('L', &[(x, y)]);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.add('Q', &[(cx, cy), (x, y)]);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.add('C', &[(cx0, cy0), (cx1, cy1), (x, y)]);
    }

    fn close(&mut self) {
        self.add('Z', &[]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of a path, every second one from the first or the second.
    fn coordinates(path: &str, from: usize) -> Vec<f64> {
        path.split(|c: char| c.is_ascii_alphabetic() || c == ' ')
            .filter(|s| !s.is_empty())
            .map(|s| s.parse().unwrap())
            .skip(from)
            .step_by(2)
            .collect()
    }

    #[test]
    fn a_letter_reaches_all_four_edges_of_its_box() {
        let r = Rect { x: 3.0, y: 5.0, width: 8.0, height: 40.0 };
        let ends = |v: Vec<f64>| {
            v.into_iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)))
        };
        for letter in "ACGTN".chars() {
            let path = outline(letter).unwrap().stretched(r);
            assert_eq!(ends(coordinates(&path, 0)), (3.0, 11.0), "{letter}");
            assert_eq!(ends(coordinates(&path, 1)), (5.0, 45.0), "{letter}");
        }
        assert!(outline(' ').is_none());
        assert!(outline('\u{e000}').is_none());
    }

    #[test]
    fn letters_stand_upright() {
        // The bar of a T is at its top: most of its points lie in the upper half.
        let path =
            outline('T').unwrap().stretched(Rect { x: 0.0, y: 0.0, width: 1.0, height: 1.0 });
        let ys = coordinates(&path, 1);
        assert!(ys.iter().filter(|y| **y < 0.5).count() * 2 > ys.len(), "{ys:?}");
    }
}
