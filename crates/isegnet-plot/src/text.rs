use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// The family name that figures ask for.
pub(crate) const FAMILY: &str = "Noto Sans";

/// The embedded fonts: regular and bold.
pub(crate) const FONTS: [&[u8]; 2] = [notosans::REGULAR_TTF, notosans::BOLD_TTF];

/// Height of a line of text, in units of its size.
pub(crate) const LINE_HEIGHT: f64 = 1.3;

/// Gives the width of `text` in the regular embedded font, in the unit of `size`.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    width_in(FONTS[0], text, size)
}

/// Gives the width of `text` in the bold embedded font.
pub(crate) fn bold_width(text: &str, size: f64) -> f64 {
    width_in(FONTS[1], text, size)
}

fn width_in(font: &[u8], text: &str, size: f64) -> f64 {
    // A letter is about half as wide as high, should the font ever not parse.
    let guess = text.chars().count() as f64 * size * 0.55;
    let Ok(font) = FontRef::new(font) else { return guess };
    let metrics = font.glyph_metrics(Size::new(size as f32), LocationRef::default());
    let letters = font.charmap();
    text.chars()
        .map(|c| letters.map(c).and_then(|g| metrics.advance_width(g)))
        .map(|w| w.map_or(size * 0.6, f64::from))
        .sum()
}

/// Cuts `text` to a width, with `…` for what is left out.
pub(crate) fn shortened(text: &str, limit: f64, size: f64) -> String {
    if width(text, size) <= limit {
        return text.to_owned();
    }
    let cut = |count: usize| text.chars().take(count).chain(['…']).collect::<String>();
    let count = (0..text.chars().count()).rev().find(|c| width(&cut(*c), size) <= limit);
    cut(count.unwrap_or(0))
}

/// Breaks `text` between words into lines no wider than `limit` where it can,
/// by the given measure of width; a line break stays one.
pub(crate) fn wrap(text: &str, limit: f64, width: impl Fn(&str) -> f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in text.lines() {
        let before = lines.len();
        for word in part.split_whitespace() {
            match lines[before..].last_mut() {
                Some(line) if width(&format!("{line} {word}")) <= limit => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_grow_with_text_and_size() {
        assert!(width("mm", 12.0) > width("ii", 12.0));
        assert!((width("abc", 24.0) - 2.0 * width("abc", 12.0)).abs() < 1e-3);
        assert!(bold_width("abc", 12.0) > width("abc", 12.0));
        assert_eq!(width("", 12.0), 0.0);
    }

    #[test]
    fn the_font_has_every_sign_that_figures_use() {
        for font in FONTS {
            let letters = FontRef::new(font).unwrap().charmap();
            for c in "Az09 −²·()+=,%λρ±×…–−Δ→".chars() {
                assert!(letters.map(c).is_some(), "{c}");
            }
        }
    }

    #[test]
    fn a_long_name_is_cut_to_its_room() {
        assert_eq!(shortened("short", 100.0, 12.0), "short");
        let cut = shortened("regulation of transcription", 60.0, 12.0);
        assert!(cut.ends_with('…') && cut.starts_with("regul") && width(&cut, 12.0) <= 60.0);
    }

    #[test]
    fn long_text_is_broken_between_words() {
        let lines = wrap("one two three", 8.0, |t| t.len() as f64);
        assert_eq!(lines, ["one two", "three"]);
        assert_eq!(wrap("a b\nc\n", 8.0, |t| t.len() as f64), ["a b", "c"]);
        assert!(wrap("  ", 8.0, |t| t.len() as f64).is_empty());
    }
}
