//! Networks from settings: fields of `[model]` and `[train]` laid over a preset or the
//! configuration's own.

use super::{Choice, Material, refused};
use crate::config::Config;
use isegnet_core::{Cancel, FitContext, Silent};
use isegnet_encode::{TargetTransform, ViewConfig, Windows};
use isegnet_model::{EngineKind, NetworkConfig, NetworkLearner, TrainConfig};
use isegnet_select::{Cost, InputSet, SelectError, Settings, Trial};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Bases around the TSS that DeepChrome sees on either side.
const REACH: i64 = 5000;
/// Bases of one of its bins.
const BIN_BP: usize = 100;
/// Steps that are timed.
const TIMED: usize = 3;

/// The network of a preset, or without one that of the configuration, with these settings.
pub fn learner(
    preset: Option<&str>,
    settings: &Settings,
    config: &Config,
) -> Result<NetworkLearner, SelectError> {
    let engine = config.model.training.engine;
    let (network, training) = match preset {
        Some(name) => {
            let training = TrainConfig::preset(name).unwrap_or_default();
            (NetworkConfig::preset(name).unwrap_or_default(), TrainConfig { engine, ..training })
        }
        None => (config.model.network.clone(), config.model.training.clone()),
    };
    // What is as in gao2022 may be left out of the network's own; DeepChrome has all fields.
    let all = fields(&NetworkConfig::deepchrome());
    let (mut network_fields, mut training_fields) = (fields(&network), fields(&training));
    for (name, text) in settings.iter().filter(|(name, _)| !is_of_inputs(preset, name)) {
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        match training_fields.get_mut(name) {
            Some(field) => *field = value,
            None if all.contains_key(name) => {
                network_fields.insert(name.to_owned(), value);
            }
            None => {
                let known: Vec<&str> =
                    all.keys().chain(training_fields.keys()).map(String::as_str).collect();
                return Err(refused(name, text, &format!("one of {}", known.join(", "))));
            }
        }
    }
    let network: NetworkConfig = read(network_fields, settings)?;
    let network = match config.target {
        TargetTransform::MedianBinary => network.classifier(),
        _ => network,
    };
    Ok(NetworkLearner { network, training: read(training_fields, settings)? })
}

/// Everything that a network follows from: two trials of another architecture are not the
/// same, whatever they are called.
pub fn base(
    preset: Option<&str>,
    settings: &Settings,
    config: &Config,
) -> Result<Settings, SelectError> {
    let NetworkLearner { network, training } = learner(preset, settings, config)?;
    // What computes the network does not make it another trial.
    let training = TrainConfig { engine: EngineKind::Cpu, ..training };
    let text = |value: &Map<String, Value>| Value::from(value.clone()).to_string();
    Ok(Settings::new()
        .with("[model]", text(&fields(&network)))
        .with("[train]", text(&fields(&training))))
}

/// Times a few steps of a network's training, which leave no trace.
pub fn cost(
    choice: &Choice,
    trial: &Trial<'_>,
    material: &Material,
    cancel: &Cancel,
) -> anyhow::Result<Cost> {
    let learner = learner(choice.kind.preset(), &choice.settings, material.config())?;
    let context = FitContext { seed: trial.seed, progress: &Silent, cancel, folder: None };
    let cost =
        trial.timed(|train, validation| learner.cost(train, validation, &context, TIMED))??;
    let networks = match cost.networks {
        1 => String::new(),
        n => format!(", {n} networks"),
    };
    Ok(Cost {
        seconds: cost.seconds(cost.epochs),
        basis: format!(
            "{} epochs of {:.1} s{networks} at most, less where training stops early",
            cost.epochs, cost.epoch_s
        ),
    })
}

/// DeepChrome's input: means of bins around the TSS, without DNA. `reach=1000` narrows it to
/// what a data set has.
pub fn marks_in_bins<'m>(
    settings: &Settings,
    material: &'m Material,
) -> anyhow::Result<InputSet<'m>> {
    let reach = match settings.get("reach") {
        Some(_) => settings.value("reach", "bases on either side of the TSS, such as 5000")?,
        None => REACH,
    };
    let seen = ViewConfig {
        windows: Some(Windows::new([-reach, reach], [0, 0])?),
        dna: Some(false),
        bin_bp: Some(BIN_BP),
        ..material.everything()
    };
    let name = format!("tracks in {} bins around the TSS", 2 * reach / BIN_BP as i64);
    material.inputs(&name, &seen).map_err(|error| {
        error.context(format!(
            "deepchrome sees {reach} bases on either side of the TSS; prepare the data set with \
             tss = [-{reach}, {reach}], or narrow it, as in deepchrome:reach=1000"
        ))
    })
}

/// Whether a setting says what a network sees.
pub fn is_of_inputs(preset: Option<&str>, name: &str) -> bool {
    preset == Some("deepchrome") && name == "reach"
}

fn fields(settings: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn read<T: DeserializeOwned>(
    fields: Map<String, Value>,
    settings: &Settings,
) -> Result<T, SelectError> {
    serde_json::from_value(Value::from(fields))
        .map_err(|error| refused("of the network", &settings.to_string(), &error.to_string()))
}
