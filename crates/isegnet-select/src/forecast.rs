use crate::{Threads, Trial};
use std::fmt;

/// What of a plan is finished, and what the rest will cost by what is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    trials: usize,
    done: usize,
    threads: usize,
    groups: Vec<Group>,
}

/// The trials of one candidate on one input set: they cost alike.
#[derive(Clone, Debug, PartialEq)]
struct Group {
    name: String,
    threads: Threads,
    left: usize,
    /// Seconds of each that is finished.
    finished: Vec<f64>,
    given: Option<(f64, String)>,
}

impl Group {
    /// Seconds a trial, and how that is known.
    fn each(&self) -> Option<(f64, String)> {
        let mut seconds = self.finished.clone();
        seconds.sort_by(f64::total_cmp);
        match seconds.get(seconds.len() / 2) {
            Some(&median) => Some((median, format!("median of {} finished", seconds.len()))),
            None => self.given.clone(),
        }
    }
}

impl Forecast {
    /// Counts different trials, each with the seconds that it took if it is finished.
    pub(crate) fn new<'t, 'a: 't>(
        known: impl Iterator<Item = (&'t Trial<'a>, Option<f64>)>,
        threads: usize,
    ) -> Self {
        let mut forecast = Self { trials: 0, done: 0, threads: threads.max(1), groups: Vec::new() };
        for (trial, seconds) in known {
            forecast.trials += 1;
            let name = format!("{} / {}", trial.candidate.label(), trial.inputs.name());
            let at = forecast.groups.iter().position(|group| group.name == name);
            let at = at.unwrap_or_else(|| {
                let given = trial.candidate.cost().map(|cost| (cost.seconds, cost.basis.clone()));
                let threads = trial.candidate.threads();
                let (left, finished) = (0, Vec::new());
                forecast.groups.push(Group { name, threads, left, finished, given });
                forecast.groups.len() - 1
            });
            match seconds {
                Some(seconds) => {
                    forecast.groups[at].finished.push(seconds);
                    forecast.done += 1;
                }
                None => forecast.groups[at].left += 1,
            }
        }
        forecast
    }

    /// Different trials of the plan.
    pub fn trials(&self) -> usize {
        self.trials
    }

    /// Trials that are still to be run.
    pub fn left(&self) -> usize {
        self.trials - self.done
    }

    /// Seconds that the rest will take on the threads given, of those trials whose cost
    /// is known, and how many trials that leaves out.
    pub fn seconds(&self) -> (f64, usize) {
        let (mut one, mut all, mut unknown) = (0.0, 0.0, 0);
        for group in &self.groups {
            match (group.each(), group.threads) {
                (Some((seconds, _)), Threads::One) => one += seconds * group.left as f64,
                (Some((seconds, _)), Threads::All) => all += seconds * group.left as f64,
                (None, _) => unknown += group.left,
            }
        }
        (one / self.threads as f64 + all, unknown)
    }

    /// The plan and its cost, for the person who is to wait for it.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for group in self.groups.iter().filter(|group| group.left > 0) {
            let cost = match group.each() {
                Some((seconds, basis)) => format!("{} each ({basis})", duration(seconds)),
                None => "cost not known until one is finished".to_owned(),
            };
            let Group { name, left, finished, .. } = group;
            lines.push(format!("{name}: {left} of {} to do, {cost}", left + finished.len()));
        }
        let (seconds, unknown) = self.seconds();
        let mut total = format!("{} of {} trials to do", self.left(), self.trials);
        if self.left() > unknown {
            total += &format!(": {} on {} threads", duration(seconds), self.threads);
        }
        if unknown > 0 {
            total += &format!("; the cost of {unknown} is not known");
        }
        lines.push(total);
        lines
    }
}

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

/// Hours, minutes or seconds, whichever reads best.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 60.0 => format!("{s:.1} s"),
        s if s < 3600.0 => format!("{:.0} minutes", (s / 60.0).ceil()),
        s => format!("{:.1} hours", s / 3600.0),
    }
}
