//! Models by name, with settings.

use super::{EVERYTHING, Material, networks, tabular};
use crate::near::nearest;
use isegnet_model::NetworkConfig;
use isegnet_select::{
    Candidate, Division, InputSet, Plan, SameGene, SelectError, Settings, SharedLearner, Threads,
};
use std::str::FromStr;
use std::sync::Arc;

/// A model and its settings, written `forest:trees=200:max_features=0.3`.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub kind: Kind,
    pub settings: Settings,
}

/// What can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A gene as in its other samples.
    SameGene,
    /// A model on tabular features.
    Tabular(&'static str),
    /// The network of the configuration.
    Network,
    /// The network of a preset.
    Preset(&'static str),
}

/// Names that stand for several models.
const GROUPS: [(&str, &str); 3] = [
    ("floors", "mean,gene-length,ridge,ridge-length"),
    (
        "baselines",
        "mean,gene-length,gc,ridge,ridge-length,lasso,forest,forest:trees=200,svr,\
         svr:kernel=linear,nu-svr",
    ),
    ("networks", "network,gao2022,gao2022-text,dense-merge"),
];

/// Several models, separated by commas.
#[derive(Clone, Debug, PartialEq)]
pub struct Choices(pub Vec<Choice>);

impl FromStr for Choices {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all: Vec<Choice> = Vec::new();
        for one in parts(text, ',') {
            let group = GROUPS.iter().find(|(name, _)| *name == one);
            let members = group.map_or(vec![one], |(_, members)| parts(members, ','));
            for member in members {
                let choice: Choice = member.parse()?;
                if !all.contains(&choice) {
                    all.push(choice);
                }
            }
        }
        match all.is_empty() {
            true => Err("name a model at least".to_owned()),
            false => Ok(Self(all)),
        }
    }
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = parts(text, ':').into_iter();
        let name = parts.next().unwrap_or_default();
        let kind = Kind::named(name).ok_or_else(|| unknown(name))?;
        let mut settings = Settings::new();
        for part in parts {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| format!("{part:?} in {text:?} is no setting; write name=value"))?;
            if settings.get(key).is_some() {
                return Err(format!("{key} is set twice in {text:?}"));
            }
            settings = settings.with(key, value);
        }
        Ok(Self { kind, settings })
    }
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        if let Some(known) = tabular::NAMES.iter().find(|known| **known == name) {
            return Some(Self::Tabular(known));
        }
        if let Some(known) = NetworkConfig::PRESETS.iter().find(|known| **known == name) {
            return Some(Self::Preset(known));
        }
        match name {
            "same-gene" => Some(Self::SameGene),
            "network" => Some(Self::Network),
            _ => None,
        }
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SameGene => "same-gene",
            Self::Network => "network",
            Self::Tabular(name) | Self::Preset(name) => name,
        }
    }

    /// The preset of a network; none where it is the configuration's own.
    pub fn preset(&self) -> Option<&'static str> {
        if let Self::Preset(name) = self { Some(name) } else { None }
    }

    /// Whether it is a network, which needs validation rows to stop by.
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Network | Self::Preset(_))
    }

    /// Whether its numbers follow from the seed.
    pub fn is_random(&self) -> bool {
        self.is_network() || *self == Self::Tabular("forest")
    }

    /// Whether a setting says what it sees, not what it is.
    pub fn is_seen_by(&self, setting: &str) -> bool {
        networks::is_of_inputs(self.preset(), setting)
    }

    /// The threads that one fit uses.
    pub fn threads(&self) -> Threads {
        if self.is_random() { Threads::All } else { Threads::One }
    }

    /// Makes the learner of these settings.
    pub fn learner<'m>(
        &self,
        settings: &Settings,
        material: &'m Material,
    ) -> Result<SharedLearner<'m>, SelectError> {
        Ok(match self {
            Self::SameGene => {
                tabular::only(settings, &[])?;
                Arc::new(SameGene::new(material.rows()))
            }
            Self::Tabular(name) => {
                let position_bp = material.config().input.bin_bp;
                tabular::learner(name, settings, position_bp, material.lengths())?
            }
            Self::Network | Self::Preset(_) => {
                Arc::new(networks::learner(self.preset(), settings, material.config())?)
            }
        })
    }

    /// The divisions that it is tested on: one that needs no validation rows trains on them too.
    pub fn divisions(&self, divisions: &[Arc<Division>]) -> Vec<Arc<Division>> {
        match self.is_network() {
            true => divisions.to_vec(),
            false => divisions.iter().map(|d| Arc::new(d.trained_on_validation())).collect(),
        }
    }

    /// What a learner follows from beside the settings given: the whole configuration of a
    /// network.
    pub fn base(&self, settings: &Settings, material: &Material) -> Result<Settings, SelectError> {
        match self.is_network() {
            true => networks::base(self.preset(), settings, material.config()),
            false => Ok(Settings::new()),
        }
    }

    /// What it sees: all inputs of the configuration, or its own.
    pub fn inputs<'m>(
        &self,
        settings: &Settings,
        material: &'m Material,
    ) -> anyhow::Result<InputSet<'m>> {
        match self {
            Self::Preset("deepchrome") => networks::marks_in_bins(settings, material),
            _ => material.inputs(EVERYTHING, &material.everything()),
        }
    }
}

impl Choice {
    /// What it is called in tables.
    pub fn label(&self) -> String {
        match self.settings.is_empty() {
            true => self.kind.name().to_owned(),
            false => format!("{} {}", self.kind.name(), self.settings),
        }
    }

    /// The candidate of a study.
    pub fn candidate<'m>(&self, material: &'m Material) -> Result<Candidate<'m>, SelectError> {
        let learner = self.kind.learner(&self.settings, material)?;
        let base = self.kind.base(&self.settings, material)?;
        let all = self.settings.iter().fold(base, |all, (name, value)| all.with(name, value));
        let candidate = Candidate::shared(self.kind.name(), all, learner);
        Ok(candidate.labelled(self.label()).on(self.kind.threads()))
    }

    /// Its trials, the strongest that it can have: baselines need no validation rows and train
    /// on them too, and what is not random is fitted from the first seed only.
    pub fn plan<'m>(
        &self,
        material: &'m Material,
        inputs: &[InputSet<'m>],
        divisions: &[Arc<Division>],
        seeds: &[u64],
    ) -> Result<Plan<'m>, SelectError> {
        let candidate = Arc::new(self.candidate(material)?);
        let divisions = self.kind.divisions(divisions);
        let seeds = if self.kind.is_random() { seeds } else { &seeds[..1] };
        Ok(Plan::every(&[candidate], inputs, &divisions, seeds))
    }

    /// What it sees; see [`Kind::inputs`].
    pub fn inputs<'m>(&self, material: &'m Material) -> anyhow::Result<InputSet<'m>> {
        self.kind.inputs(&self.settings, material)
    }
}

/// Cuts text where `separator` stands outside of brackets; empty parts are left out.
pub fn parts(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = text.split(|c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == separator && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn unknown(name: &str) -> String {
    let known: Vec<&str> = tabular::NAMES
        .into_iter()
        .chain(["same-gene", "network"])
        .chain(NetworkConfig::PRESETS)
        .chain(GROUPS.map(|(group, _)| group))
        .collect();
    let like = nearest(name, known.iter().copied(), 1);
    let hint = like.first().map(|like| format!("; did you mean {like}?")).unwrap_or_default();
    format!("there is no model {name:?}{hint} There are: {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_models_groups_and_settings() {
        let choices: Choices = "floors,gao2022:k1=16:dense=[32,16],forest:trees=7".parse().unwrap();
        let labels: Vec<String> = choices.0.iter().map(Choice::label).collect();
        let expected = [
            "mean",
            "gene-length",
            "ridge",
            "ridge-length",
            "gao2022 k1=16 dense=[32,16]",
            "forest trees=7",
        ];
        assert_eq!(labels, expected);
        for (_, members) in GROUPS {
            assert!(members.parse::<Choices>().is_ok(), "{members}");
        }
    }

    #[test]
    fn what_is_no_model_is_refused_with_the_likest() {
        let refused = |text: &str| text.parse::<Choices>().unwrap_err();
        assert!(refused("forrest").contains("did you mean forest?"));
        assert!(refused("forest:trees").contains("name=value"));
        assert!(refused("forest:trees=1:trees=2").contains("twice"));
        assert!(refused(",").contains("at least"));
    }
}
