use crate::error::{all_finite, found_some};
use crate::{Area, Axes, Colour, Error, Figure, Guide, Layer, Line};

/// Part of all values left out at each end, so that few far ones do not squeeze
/// the rest into one bin.
const TAIL: f64 = 0.001;

/// What [`differences`] draws.
#[derive(Clone, Copy, Debug)]
pub struct Differences<'a> {
    /// Written above.
    pub title: &'a str,
    /// What the values are, as in `difference of attribution`.
    pub label: &'a str,
    /// The distributions.
    pub samples: &'a [Sample<'a>],
    /// How many bins the values fall in.
    pub bins: usize,
}

/// A distribution of [`Differences`].
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// What the legend calls it, as in `between seeds`.
    pub name: &'a str,
    /// Its values, at least two.
    pub values: &'a [f64],
}

/// Draws distributions as steps: which part of each sample falls in each bin.
///
/// The bins are the same for all samples and hold all but the outermost 0.1% on
/// either side; what lies beyond is counted in the picture.
///
/// # Errors
/// There is no sample or bin, a sample has less than two values, or one is not
/// finite.
pub fn differences(chart: &Differences<'_>) -> Result<Figure, Error> {
    found_some("samples", chart.samples.len())?;
    found_some("bins", chart.bins)?;
    for sample in chart.samples {
        if sample.values.len() < 2 {
            let (what, found) = (format!("values {}", sample.name), sample.values.len());
            return Err(Error::TooFew { what, found, wanted: 2 });
        }
        all_finite(sample.name, sample.values)?;
    }
    let ends = ends(chart.samples);
    let mut axes = Axes::new(chart.label, "Fraction of sites");
    let mut highest = 0f64;
    for (i, sample) in chart.samples.iter().enumerate() {
        let (parts, beyond) = fractions(sample.values, ends, chart.bins);
        highest = parts.iter().copied().fold(highest, f64::max);
        if beyond > 0 {
            axes.notes.push(format!("{}: {beyond} of {} beyond", sample.name, sample.values.len()));
        }
        axes.layers.extend(steps(sample.name, &parts, ends, Colour::of_line(i)));
    }
    axes.x.limits = Some(ends);
    // Notes stand above the steps.
    axes.y.limits = Some((0.0, highest * (1.05 + 0.09 * axes.notes.len() as f64)));
    axes.layers.push(Layer::Guide(Guide::Vertical { at: 0.0, name: String::new() }));
    Ok(Figure::new(520.0, 330.0).title(chart.title).shared_legend().panel(axes))
}

/// Gives the ends of the bins.
fn ends(samples: &[Sample<'_>]) -> (f64, f64) {
    let mut all: Vec<f64> = samples.iter().flat_map(|s| s.values).copied().collect();
    all.sort_by(f64::total_cmp);
    let out = (TAIL * all.len() as f64) as usize;
    let (low, high) = (all[out], all[all.len() - 1 - out]);
    if low < high { (low, high) } else { (low - 0.5, high + 0.5) }
}

/// Gives the part of all values in each bin, and how many lie beyond the ends.
fn fractions(values: &[f64], (low, high): (f64, f64), bins: usize) -> (Vec<f64>, usize) {
    let mut parts = vec![0.0; bins];
    let mut beyond = 0;
    for &v in values {
        if (low..=high).contains(&v) {
            let bin = ((v - low) / (high - low) * bins as f64) as usize;
            parts[bin.min(bins - 1)] += 1.0 / values.len() as f64;
        } else {
            beyond += 1;
        }
    }
    (parts, beyond)
}

fn steps(name: &str, parts: &[f64], (low, high): (f64, f64), colour: Colour) -> [Layer; 2] {
    let edge = |i: usize| low + (high - low) * i as f64 / parts.len() as f64;
    let x: Vec<f64> = (0..parts.len()).flat_map(|i| [edge(i), edge(i + 1)]).collect();
    let y: Vec<f64> = parts.iter().flat_map(|&p| [p, p]).collect();
    let area = Area {
        name: String::new(),
        x: x.clone(),
        low: vec![0.0; y.len()],
        high: y.clone(),
        colour,
        opacity: 0.18,
    };
    let line = Line { name: name.to_owned(), width: 1.6, ..Line::new(x, y, colour) };
    [Layer::Area(area), Layer::Line(line)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_sample_sum_to_one_with_what_lies_beyond() {
        let (parts, beyond) = fractions(&[0.0, 0.1, 0.5, 1.0, 7.0], (0.0, 1.0), 4);
        assert_eq!(beyond, 1);
        let wanted = [0.4, 0.0, 0.2, 0.2];
        assert!(parts.iter().zip(wanted).all(|(p, w)| (p - w).abs() < 1e-12), "{parts:?}");
    }

    #[test]
    fn far_values_do_not_set_the_ends() {
        let mut values: Vec<f64> = (0..5000).map(|i| f64::from(i % 100)).collect();
        values[0] = 1e9;
        let sample = |values| [Sample { name: "", values }];
        assert_eq!(ends(&sample(&values)), (0.0, 99.0));
        assert_eq!(ends(&sample(&[3.0, 3.0])), (2.5, 3.5));
    }

    #[test]
    fn steps_are_level_over_each_bin() {
        let [_, Layer::Line(line)] = steps("", &[0.25, 0.75], (0.0, 4.0), Colour::BLUE) else {
            panic!()
        };
        assert_eq!(line.x, [0.0, 2.0, 2.0, 4.0]);
        assert_eq!(line.y, [0.25, 0.25, 0.75, 0.75]);
    }
}
