use crate::error::same_length;
use crate::{Axes, Colour, Error, Figure, Guide, Layer, Line, Marks};

/// Scores below this are cut off, so that the first epochs of a network whose
/// output starts far from the mean do not flatten all the others.
const LOWEST_SCORE: f64 = -0.25;

/// One line of a [`LearningCurve`].
#[derive(Clone, Copy, Debug)]
pub struct Curve<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// One value an epoch; not finite where there is none.
    pub values: &'a [f64],
}

/// What [`curves`] draws.
#[derive(Clone, Copy, Debug)]
pub struct LearningCurve<'a> {
    /// Written above.
    pub title: &'a str,
    /// Losses, drawn in the upper panel.
    pub losses: &'a [Curve<'a>],
    /// Scores such as the validation R², drawn in the lower panel.
    pub scores: &'a [Curve<'a>],
    /// What the scores are.
    pub score_label: &'a str,
    /// The epoch whose weights were kept, counted from 1.
    pub best: Option<usize>,
}

/// Draws losses and scores over the epochs, counted from 1.
///
/// # Errors
/// The curves differ in length.
pub fn curves(curve: &LearningCurve<'_>) -> Result<Figure, Error> {
    let all = || curve.losses.iter().chain(curve.scores);
    for pair in all().zip(all().skip(1)).collect::<Vec<_>>() {
        same_length((pair.0.name, pair.0.values.len()), (pair.1.name, pair.1.values.len()))?;
    }
    let upper = panel("", "Loss", curve.losses, curve.best);
    let mut lower = panel("Epoch", curve.score_label, curve.scores, curve.best);
    cut_low_scores(&mut lower, curve.scores);
    Ok(Figure::new(600.0, 560.0).title(curve.title).panel(upper).panel(lower))
}

fn panel(x_label: &str, y_label: &str, lines: &[Curve<'_>], best: Option<usize>) -> Axes {
    let mut axes = Axes::new(x_label, y_label);
    axes.x.marks = Marks::Whole;
    let epochs = lines.first().map_or(1, |c| c.values.len()).max(2) as f64;
    axes.x.limits = Some((1.0 - (0.02 * epochs).min(0.9), epochs + 0.02 * epochs));
    if let Some(best) = best {
        let name = if x_label.is_empty() { String::new() } else { format!("kept: epoch {best}") };
        axes.layers.push(Layer::Guide(Guide::Vertical { at: best as f64, name }));
    }
    for (i, c) in lines.iter().enumerate() {
        let epochs = (1..=c.values.len()).map(|e| e as f64).collect();
        axes.layers.push(Layer::Line(Line {
            name: c.name.to_owned(),
            // Dots show single epochs until they would touch.
            dots: c.values.len() <= 40,
            ..Line::new(epochs, c.values.to_vec(), Colour::of_line(i))
        }));
    }
    axes
}

/// Starts the score axis at [`LOWEST_SCORE`] where scores fall below it while
/// others do not, and says so.
fn cut_low_scores(axes: &mut Axes, scores: &[Curve<'_>]) {
    let values = || scores.iter().flat_map(|c| c.values).copied().filter(|v| v.is_finite());
    let below = values().filter(|v| *v < LOWEST_SCORE).count();
    let highest = values().fold(f64::NEG_INFINITY, f64::max);
    if below > 0 && highest > 0.0 {
        axes.y.limits = Some((LOWEST_SCORE, highest + 0.05 * (highest - LOWEST_SCORE)));
        let lowest = values().fold(f64::INFINITY, f64::min);
        let epochs = if below == 1 { "epoch" } else { "epochs" };
        axes.y.label = format!("{}\n({below} {epochs} below, lowest {lowest:.2})", axes.y.label)
            .replace("lowest -", "lowest −");
    }
}
