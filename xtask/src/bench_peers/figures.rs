//! Numbers of the race: spread, ratio, agreement, and their JSON.

use super::rows::memory_name;
use serde_json::{Value, json};

/// What one contestant took, run by run, in order of size.
#[derive(Clone, Debug, PartialEq)]
pub struct Times(Vec<f64>);

impl Times {
    /// Takes seconds a run, of which each holds so many units.
    pub fn new(seconds: &[f64], units_a_run: f64) -> Self {
        let mut times: Vec<f64> = seconds.iter().map(|s| s / units_a_run).collect();
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    pub fn quartiles(&self) -> (f64, f64) {
        (self.quantile(0.25), self.quantile(0.75))
    }

    /// Between the two nearest times, in proportion.
    fn quantile(&self, share: f64) -> f64 {
        let place = share * self.0.len().saturating_sub(1) as f64;
        let at = |i: f64| self.0.get(i as usize).copied().unwrap_or(f64::NAN);
        let (below, above) = (at(place.floor()), at(place.ceil()));
        below + (above - below) * place.fract()
    }
}

/// Ours beside one peer.
pub struct Figure {
    pub row: String,
    pub unit: &'static str,
    pub peer: &'static str,
    pub ours: Times,
    pub theirs: Times,
    /// Peak memory of both, in GB.
    pub memory: Option<(f64, f64)>,
}

impl Figure {
    /// Our median time as a share of the peer's.
    pub fn ratio(&self) -> f64 {
        self.ours.median() / self.theirs.median()
    }
}

/// All that was measured, in order.
#[derive(Default)]
pub struct Figures(pub Vec<Figure>);

impl Figures {
    pub fn add(&mut self, figures: Vec<Figure>) {
        self.0.extend(figures);
    }

    /// A list of `{"name", "ours_s", "peer", "peer_s", "ratio", "runs"}`, seconds
    /// as medians of a unit; of memory with `ours_gb` and `peer_gb` instead.
    pub fn json(&self) -> Value {
        let times = self.0.iter().map(|figure| {
            json!({
                "name": figure.row,
                "ours_s": figure.ours.median(),
                "peer": figure.peer,
                "peer_s": figure.theirs.median(),
                "ratio": figure.ratio(),
                "runs": figure.ours.0.len(),
            })
        });
        let memory = self.0.iter().filter_map(|figure| {
            let (ours, theirs) = figure.memory?;
            Some(json!({
                "name": memory_name(&figure.row),
                "ours_gb": ours,
                "peer": figure.peer,
                "peer_gb": theirs,
                "ratio": ours / theirs,
                "runs": figure.ours.0.len(),
            }))
        });
        times.chain(memory).collect()
    }
}

/// The largest difference from our numbers, in standard deviations of ours.
///
/// # Errors
/// The numbers are not as many, or ours do not differ among each other.
pub fn difference(ours: &[f64], theirs: &[f64]) -> anyhow::Result<f64> {
    anyhow::ensure!(
        ours.len() == theirs.len(),
        "it gives {} numbers and ours {}",
        theirs.len(),
        ours.len()
    );
    let count = ours.len() as f64;
    let mean = ours.iter().sum::<f64>() / count;
    let variance = ours.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    anyhow::ensure!(variance > 0.0, "our numbers are all {mean}, which compares nothing");
    // A NaN is as far off as can be.
    let apart = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    let largest = apart.fold(0.0, |m: f64, d| if d.is_nan() { f64::INFINITY } else { m.max(d) });
    Ok(largest / variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn figure(memory: Option<(f64, f64)>) -> Figure {
        Figure {
            row: "train".into(),
            unit: "s/step",
            peer: "TensorFlow f32",
            ours: Times::new(&[1.0, 3.0, 2.0], 1.0),
            theirs: Times::new(&[8.0, 7.0, 9.0], 1.0),
            memory,
        }
    }

    #[test]
    fn quartiles_lie_between_the_nearest_times() {
        let times = Times::new(&[5.0, 1.0, 2.0, 4.0], 1.0);
        assert_eq!(times.median(), 3.0);
        assert_eq!(times.quartiles(), (1.75, 4.25));
        let one = Times::new(&[200.0], 100.0);
        assert_eq!((one.median(), one.quartiles()), (2.0, (2.0, 2.0)));
    }

    #[test]
    fn json_has_the_fields_that_are_promised() {
        let figures = Figures(vec![figure(Some((1.5, 6.0)))]);
        let expected = json!([
            {"name": "train", "ours_s": 2.0, "peer": "TensorFlow f32", "peer_s": 8.0,
             "ratio": 0.25, "runs": 3},
            {"name": "memory-train", "ours_gb": 1.5, "peer": "TensorFlow f32", "peer_gb": 6.0,
             "ratio": 0.25, "runs": 3},
        ]);
        assert_eq!(figures.json(), expected);
        assert_eq!(Figures(vec![figure(None)]).json().as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn a_wrong_peer_is_told_from_a_right_one() {
        let ours = [1.0, 3.0, 1.0, 3.0];
        assert_eq!(difference(&ours, &ours).unwrap(), 0.0);
        assert_eq!(difference(&ours, &[1.0, 3.0, 1.5, 3.0]).unwrap(), 0.5);
        assert_eq!(difference(&ours, &[1.0, f64::NAN, 1.0, 3.0]).unwrap(), f64::INFINITY);
        assert_eq!(difference(&ours, &[f64::NAN, 3.0, 1.0, 3.0]).unwrap(), f64::INFINITY);
        assert!(difference(&ours, &ours[1..]).is_err());
        assert!(difference(&[2.0, 2.0], &[2.0, 2.0]).is_err());
    }
}
