use crate::{Area, Colour};

/// Gives the areas between zero and a line: where it is above, where it is below.
///
/// Where the line crosses zero between two points, both areas end there.
pub(crate) fn signed_areas(x: &[f64], values: &[f64]) -> [Area; 2] {
    let (mut at, mut height) = (Vec::new(), Vec::new());
    let mut last: Option<(f64, f64)> = None;
    for (&x, &v) in x.iter().zip(values) {
        if let Some((x0, v0)) = last.filter(|(_, v0)| v0 * v < 0.0) {
            at.push(x0 + (x - x0) * v0 / (v0 - v));
            height.push(0.0);
        }
        at.push(x);
        height.push(v);
        last = Some((x, v));
    }
    // `max` would turn a missing value into 0.
    let side = |sign: f64, colour: Colour| {
        let kept = |v: f64| if v * sign < 0.0 { 0.0 } else { v };
        Area {
            name: String::new(),
            x: at.clone(),
            low: vec![0.0; at.len()],
            high: height.iter().copied().map(kept).collect(),
            colour,
            opacity: 0.9,
        }
    };
    [side(1.0, Colour::VERMILION), side(-1.0, Colour::BLUE)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_meet_where_the_line_crosses_zero() {
        let [above, below] = signed_areas(&[0.0, 1.0, 2.0], &[1.0, -3.0, 0.0]);
        assert_eq!(above.x, [0.0, 0.25, 1.0, 2.0]);
        assert_eq!(above.high, [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(below.high, [0.0, 0.0, -3.0, 0.0]);
    }

    #[test]
    fn a_missing_value_stays_missing() {
        let [above, below] = signed_areas(&[0.0, 1.0, 2.0], &[1.0, f64::NAN, -1.0]);
        assert_eq!(above.x.len(), 3);
        assert!(above.high[1].is_nan() && below.high[1].is_nan());
    }
}
