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

/// What one contestant took.
#[derive(Clone)]
pub struct Taken {
    pub times: Times,
    /// Peak memory in GB, where it is a figure and the system tells it.
    pub gb: Option<f64>,
}

/// Ours, beside one peer where there is any.
pub struct Figure {
    pub row: String,
    pub unit: &'static str,
    pub ours: Taken,
    pub peer: Option<(&'static str, Taken)>,
}

impl Figure {
    pub fn peer_name(&self) -> Option<&'static str> {
        self.peer.as_ref().map(|(name, _)| *name)
    }

    /// What the peer took.
    pub fn theirs(&self) -> Option<&Taken> {
        self.peer.as_ref().map(|(_, taken)| taken)
    }

    /// Our median time as a share of the peer's.
    pub fn ratio(&self) -> Option<f64> {
        Some(self.ours.times.median() / self.theirs()?.times.median())
    }

    /// Our peak memory as a share of the peer's.
    pub fn memory_ratio(&self) -> Option<f64> {
        Some(self.ours.gb? / self.theirs()?.gb?)
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
    /// as medians of a unit; of memory with `ours_gb` and `peer_gb` instead. What is a
    /// peer's is null where there is none.
    pub fn json(&self) -> Value {
        let times = self.0.iter().map(|figure| {
            json!({
                "name": figure.row,
                "ours_s": figure.ours.times.median(),
                "peer": figure.peer_name(),
                "peer_s": figure.theirs().map(|theirs| theirs.times.median()),
                "ratio": figure.ratio(),
                "runs": figure.ours.times.0.len(),
            })
        });
        let memory = self.0.iter().filter_map(|figure| {
            Some(json!({
                "name": memory_name(&figure.row),
                "ours_gb": figure.ours.gb?,
                "peer": figure.peer_name(),
                "peer_gb": figure.theirs().and_then(|theirs| theirs.gb),
                "ratio": figure.memory_ratio(),
                "runs": figure.ours.times.0.len(),
            }))
        });
        times.chain(memory).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(seconds: [f64; 3], gb: Option<f64>) -> Taken {
        Taken { times: Times::new(&seconds, 1.0), gb }
    }

    fn figure(gb: Option<f64>, peer: Option<(&'static str, Taken)>) -> Figure {
        Figure { row: "train".into(), unit: "s/step", ours: taken([1.0, 3.0, 2.0], gb), peer }
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
        let peer = |gb| Some(("TensorFlow f32", taken([8.0, 7.0, 9.0], gb)));
        let figures = Figures(vec![figure(Some(1.5), peer(Some(6.0)))]);
        let expected = json!([
            {"name": "train", "ours_s": 2.0, "peer": "TensorFlow f32", "peer_s": 8.0,
             "ratio": 0.25, "runs": 3},
            {"name": "memory-train", "ours_gb": 1.5, "peer": "TensorFlow f32", "peer_gb": 6.0,
             "ratio": 0.25, "runs": 3},
        ]);
        assert_eq!(figures.json(), expected);
        let without = Figures(vec![figure(None, peer(None))]);
        assert_eq!(without.json().as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn where_there_is_no_peer_json_says_null() {
        let expected = json!([
            {"name": "train", "ours_s": 2.0, "peer": null, "peer_s": null, "ratio": null,
             "runs": 3},
            {"name": "memory-train", "ours_gb": 1.5, "peer": null, "peer_gb": null,
             "ratio": null, "runs": 3},
        ]);
        assert_eq!(Figures(vec![figure(Some(1.5), None)]).json(), expected);
    }
}
