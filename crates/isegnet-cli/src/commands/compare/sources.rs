//! Where the samples of two conditions come from: one explanation, or several folders.

use super::samples::{Condition, Sample};
use crate::commands::explain::Explanation;
use crate::failure::Refusal;
use isegnet_explain::FEWEST_SEEDS;
use std::collections::HashSet;

/// What one condition is made of: an explanation of one's own or of a folder, by its index.
pub struct Part {
    pub explanation: usize,
    /// The sample; all of the folder's where none is named.
    pub sample: Option<String>,
}

/// The explanations that are compared, and which of them make up each condition.
pub struct Explanations {
    pub all: Vec<Explanation>,
    /// What tells the models apart, one an explanation.
    pub models: Vec<String>,
    pub conditions: [Vec<Part>; 2],
}

impl Explanations {
    /// Tells whether models were trained apart; refuses too few of them.
    pub fn apart(&self) -> anyhow::Result<bool> {
        let all: HashSet<&String> = self.models.iter().collect();
        if all.len() == 1 {
            return Ok(false);
        }
        let seeds = |parts: &[Part]| {
            parts.iter().map(|part| &self.models[part.explanation]).collect::<HashSet<_>>().len()
        };
        let [a, b] = [seeds(&self.conditions[0]), seeds(&self.conditions[1])];
        match a.min(b) >= FEWEST_SEEDS {
            true => Ok(true),
            false => Err(Refusal::usage(format!(
                "these folders explain different models, {a} of A and {b} of B: what differs \
                 between seeds cannot be told from what differs between conditions. Explain both \
                 with one model, or train {FEWEST_SEEDS} seeds of each at least"
            ))
            .into()),
        }
    }

    /// One unit a sample, or one a seed with all its samples.
    pub fn units<'a>(&'a self, parts: &[Part], apart: bool) -> Vec<Vec<Sample<'a>>> {
        let mut units = Vec::new();
        for part in parts {
            let mut samples = Sample::of(&self.all[part.explanation]);
            if let Some(name) = &part.sample {
                samples.retain(|sample| sample.name == *name);
            }
            match apart {
                true => units.push(samples),
                false => units.extend(samples.into_iter().map(|sample| vec![sample])),
            }
        }
        units
    }
}

/// The units of the second condition in the order of the first's groups, where each condition
/// has one sample of every group.
pub fn by_group<'a>(first: &Condition<'a>, second: &Condition<'a>) -> Option<Vec<Vec<Sample<'a>>>> {
    let group = |unit: &Vec<Sample<'a>>| unit.first()?.group.clone();
    let groups = |condition: &Condition<'a>| -> Option<Vec<String>> {
        let groups: Vec<String> = condition.units.iter().map(group).collect::<Option<_>>()?;
        let distinct: HashSet<&String> = groups.iter().collect();
        (distinct.len() == groups.len()).then_some(groups)
    };
    let (ours, theirs) = (groups(first)?, groups(second)?);
    if ours.len() != theirs.len() {
        return None;
    }
    let place = |wanted: &String| theirs.iter().position(|other| other == wanted);
    ours.iter().map(|wanted| Some(second.units[place(wanted)?].clone())).collect()
}
