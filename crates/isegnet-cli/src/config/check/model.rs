//! Sections `[model]` and `[train]`: the library's own settings, laid over a preset.

use super::Check;
use crate::config::tree::{Tree, unknown};
use crate::config::{Input, Missing, Model, TargetTransform, Track, Windows};
use isegnet_core::InputShape;
use isegnet_model::{NetworkConfig, Output, Plan, TrainConfig};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The seed where neither the file nor `--seed` gives one.
const SEED: u64 = 1;

impl Check {
    pub(super) fn model(
        &mut self,
        input: &Input,
        tracks: &[Track],
        windows: Windows,
        target: TargetTransform,
    ) -> Model {
        let preset = self.preset();
        let base = NetworkConfig::preset(&preset).unwrap_or_default();
        let mut network = self.over("model", &base, &["preset"]);
        if target == TargetTransform::MedianBinary {
            let given = self.tree.get("model").is_some_and(|t| t.get("output").is_some());
            if given && network.output != Output::Logit {
                let way = "must be \"logit\" for target \"median-binary\"; leave it out";
                self.say(&["model", "output"], way);
            }
            network = network.classifier();
        } else if network.output == Output::Logit {
            let way = "\"logit\" tells high from low; leave it out, or set [target] transform = \
                       \"median-binary\"";
            self.say(&["model", "output"], way);
        }
        let shape = shape(input, tracks, windows);
        if self.problems.is_empty()
            && let Err(error) = Plan::new(&network, &shape)
        {
            self.say(&["model"], error.to_string());
        }
        let base = TrainConfig::preset(&preset).unwrap_or_default();
        let training = self.over("train", &base, &["seed"]);
        Model { preset, network, training, seed: self.seed() }
    }

    fn preset(&mut self) -> String {
        let names = NetworkConfig::PRESETS;
        let model = self.tree.get("model");
        match model.and_then(|t| t.text("preset")).map(str::to_owned) {
            Some(name) if names.contains(&name.as_str()) => return name,
            Some(name) => self.say(&["model", "preset"], unknown("preset", &name, &names)),
            None if model.is_some_and(|t| t.get("preset").is_some()) => {
                let way = format!("is no text; valid here: {}", names.join(", "));
                self.say(&["model", "preset"], way);
            }
            None => {}
        }
        names[0].to_owned()
    }

    /// Lays the fields of a section over the settings `base`.
    fn over<T>(&mut self, section: &str, base: &T, also: &[&'static str]) -> T
    where
        T: Serialize + DeserializeOwned + Default,
    {
        let base = match serde_json::to_value(base) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let tree = self.tree.get(section).cloned().unwrap_or_else(Tree::empty);
        tree.over(base).read(&format!("[{section}]"), also, &mut self.problems)
    }

    fn seed(&mut self) -> u64 {
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        struct Seed {
            seed: Option<u64>,
        }
        let tree = self.tree.get("train").cloned().unwrap_or_else(Tree::empty);
        tree.read::<Seed>("[train]", &[], &mut self.problems).seed.unwrap_or(SEED)
    }
}

/// The input that the model will see: a masked track brings a second column.
fn shape(input: &Input, tracks: &[Track], windows: Windows) -> InputShape {
    let columns = input.tracks.iter().flat_map(|name| {
        let masked = tracks.iter().any(|t| t.name == *name && t.scaling.missing == Missing::Mask);
        let mask = masked.then(|| format!("{name}.measured"));
        std::iter::once(name.clone()).chain(mask)
    });
    let positions = windows.positions() / input.bin_bp;
    InputShape { positions, tracks: columns.collect(), dna: input.dna }
}
