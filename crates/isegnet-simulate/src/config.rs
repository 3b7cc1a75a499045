use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What kind of truth an organism has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Strong causes, clean signals, few decoys: learnt within minutes.
    Easy,
    /// Every cause and every decoy, noisy signals.
    #[default]
    Default,
    /// As `Default`, but nothing that is planted has an effect.
    Null,
    /// As `Default`, in two conditions with replicates; some genes change
    /// because a mark or the methylation at them does.
    TwoCondition,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 4] = [Self::Easy, Self::Default, Self::Null, Self::TwoCondition];

    /// The name, as files and the command write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Default => "default",
            Self::Null => "null",
            Self::TwoCondition => "two-condition",
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scenario {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|s| s.name() == name);
        found.ok_or_else(|| Error::UnknownScenario { name: name.to_owned() })
    }
}

/// What to simulate; everything follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What kind of truth.
    pub scenario: Scenario,
    /// Same seed, same bytes.
    pub seed: u64,
    /// Number of genes, 50 to 100,000; about 7 kb of genome each.
    pub genes: usize,
    /// Samples of each condition, 1 to 50; used by [`Scenario::TwoCondition`] only.
    pub replicates: usize,
}

impl Default for Config {
    /// 2,000 genes of the scenario `default`, three replicates a condition.
    fn default() -> Self {
        Self { scenario: Scenario::Default, seed: 1, genes: 2000, replicates: 3 }
    }
}

impl Config {
    /// Checks every number.
    pub(crate) fn check(&self) -> Result<(), Error> {
        in_range("genes", self.genes, 50, 100_000)?;
        in_range("replicates", self.replicates, 1, 50)
    }
}

fn in_range(field: &'static str, value: usize, least: usize, most: usize) -> Result<(), Error> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::OutOfRange { field, value, least, most })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_known_by_their_names() {
        for s in Scenario::ALL {
            assert_eq!(s.to_string().parse::<Scenario>().unwrap(), s);
        }
        let error = "nul".parse::<Scenario>().unwrap_err().to_string();
        assert!(error.contains("\"nul\"") && error.contains("two-condition"), "{error}");
        assert!(Config { genes: 3, ..Config::default() }.check().is_err());
    }
}
