use crate::error::{all_finite, found_some, same_length};
use crate::{Axes, Colour, Error, Figure, Guide, Layer, Points};

/// What [`volcano`] draws.
#[derive(Clone, Copy, Debug)]
pub struct Volcano<'a> {
    /// Written above.
    pub title: &'a str,
    /// What the effects are, as in `log2 fold change`.
    pub effect_label: &'a str,
    /// What the evidence is, as in `−log10 q`.
    pub evidence_label: &'a str,
    /// Effects, from left to right.
    pub effects: &'a [f64],
    /// Evidence, one an effect, from bottom to top.
    pub evidence: &'a [f64],
    /// Effects at least so large, either way, count.
    pub effect_from: f64,
    /// Evidence at least so high counts.
    pub evidence_from: f64,
}

/// Draws effects against their evidence; those that count by both are coloured
/// by sign and counted.
///
/// # Errors
/// There is no effect, the two sides differ in length, or a value is not finite.
pub fn volcano(chart: &Volcano<'_>) -> Result<Figure, Error> {
    found_some("effects", chart.effects.len())?;
    same_length(("effects", chart.effects.len()), ("evidence", chart.evidence.len()))?;
    all_finite(chart.effect_label, chart.effects)?;
    all_finite(chart.evidence_label, chart.evidence)?;
    let mut groups = [("", Colour::MISSING), ("down", Colour::BLUE), ("up", Colour::VERMILION)]
        .map(|(name, colour)| (name, Points { colour: Some(colour), ..Points::default() }));
    for (&effect, &evidence) in chart.effects.iter().zip(chart.evidence) {
        let points = &mut groups[class(chart, effect, evidence)].1;
        points.x.push(effect);
        points.y.push(evidence);
    }
    let mut axes = Axes::new(chart.effect_label, chart.evidence_label);
    for (name, mut points) in groups {
        if !name.is_empty() {
            points.name = format!("{name}: {}", points.x.len());
        }
        axes.layers.push(Layer::Points(points));
    }
    let line = |at| Layer::Guide(Guide::Vertical { at, name: String::new() });
    let level = Guide::Horizontal { at: chart.evidence_from, name: String::new() };
    axes.layers.extend([line(-chart.effect_from), line(chart.effect_from), Layer::Guide(level)]);
    Ok(Figure::new(440.0, 400.0).title(chart.title).shared_legend().panel(axes))
}

/// Gives 0 for what does not count, 1 for an effect below zero, 2 for one above.
fn class(chart: &Volcano<'_>, effect: f64, evidence: f64) -> usize {
    if evidence < chart.evidence_from || effect.abs() < chart.effect_from {
        0
    } else {
        1 + usize::from(effect > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_limits_must_be_reached() {
        let figure = volcano(&Volcano {
            title: "",
            effect_label: "effect",
            evidence_label: "evidence",
            effects: &[-2.0, 2.0, 1.0, 3.0, 0.5],
            evidence: &[3.0, 2.0, 3.0, 1.0, 9.0],
            effect_from: 1.0,
            evidence_from: 2.0,
        });
        let svg = figure.unwrap().to_svg();
        assert!(svg.contains("down: 1") && svg.contains("up: 2"));
    }
}
