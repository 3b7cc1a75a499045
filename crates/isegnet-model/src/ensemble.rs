//! Several networks that predict as one: their mean.

use crate::engine::{Engine, Input};
use crate::network::Network;
use crate::store::{
    FORMAT, LARGEST_DESCRIPTION, StoreError, io, parse_description, read_bounded, write_atomic,
};
use crate::training::EngineKind;
use isegnet_core::{Batch, InputShape, LearnError, Predictor};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The file that says which networks belong together.
const FILE: &str = "ensemble.json";

/// Networks of one plan that differ in their seed; one or more.
#[derive(Clone, Debug)]
pub struct Ensemble {
    /// Each network with the seed it was trained from, in that order.
    members: Vec<(u64, Network)>,
}

/// `ensemble.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    format: u32,
    version: String,
    /// The seeds, each with a folder beside this file.
    seeds: Vec<u64>,
    /// What else belongs to the model.
    context: serde_json::Value,
}

/// Where in the folder of a training the network of `seed` is kept: in the
/// folder itself when it is the only one, else in one of its own.
pub fn member_folder(folder: &Path, seed: u64, networks: usize) -> PathBuf {
    if networks == 1 { folder.to_owned() } else { folder.join(format!("seed-{seed}")) }
}

impl Ensemble {
    /// Puts networks together; `None` unless there is one at least and all are
    /// of one plan.
    pub fn new(members: Vec<(u64, Network)>) -> Option<Self> {
        let (_, first) = members.first()?;
        let alike = members.iter().all(|(_, network)| {
            network.plan.config == first.plan.config && network.plan.shape == first.plan.shape
        });
        alike.then_some(Self { members })
    }

    /// The networks, each with its seed.
    pub fn members(&self) -> &[(u64, Network)] {
        &self.members
    }

    /// The networks, without their seeds.
    pub fn into_networks(self) -> Vec<Network> {
        self.members.into_iter().map(|(_, network)| network).collect()
    }

    /// Writes the model into `folder`, with whatever else belongs to it: as
    /// [`Network::save`] does where it is one network, else `ensemble.json` and
    /// a folder a network.
    ///
    /// # Errors
    /// The folder cannot be made or written to.
    pub fn save(&self, folder: &Path, context: &serde_json::Value) -> Result<(), StoreError> {
        for (seed, network) in &self.members {
            network.save(&member_folder(folder, *seed, self.members.len()), context)?;
        }
        let path = folder.join(FILE);
        if self.members.len() == 1 {
            return remove_if_there(&path);
        }
        let description = Description {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            seeds: self.members.iter().map(|(seed, _)| *seed).collect(),
            context: context.clone(),
        };
        let json = serde_json::to_vec_pretty(&description)
            .map_err(|e| StoreError::Broken { path: path.clone(), message: e.to_string() })?;
        write_atomic(&path, &json)
    }

    /// Reads what [`save`](Self::save) or [`Network::save`] wrote.
    ///
    /// `seed` of a single network is not kept and comes back as 0.
    ///
    /// # Errors
    /// A file is missing, broken, of another version, or they do not fit together.
    pub fn load(folder: &Path) -> Result<(Self, serde_json::Value), StoreError> {
        let path = folder.join(FILE);
        if !path.try_exists().map_err(io(&path))? {
            let (network, context) = Network::load(folder)?;
            return Ok((Self { members: vec![(0, network)] }, context));
        }
        let Description { seeds, context, .. } =
            parse_description(&path, &read_bounded(&path, LARGEST_DESCRIPTION)?)?;
        let load = |&seed: &u64| Ok((seed, Network::load(&folder.join(format!("seed-{seed}")))?.0));
        let members = seeds.iter().map(load).collect::<Result<_, StoreError>>()?;
        let message = format!("its networks {seeds:?} are not of one configuration and input");
        let ensemble = Self::new(members).ok_or(StoreError::Broken { path, message })?;
        Ok((ensemble, context))
    }

    /// Makes it a predictor on an engine, which all networks share.
    ///
    /// # Errors
    /// The device is not there, or its feature was not built in.
    pub fn into_predictor(self, kind: EngineKind) -> Result<EnsemblePredictor, LearnError> {
        let networks = self.into_networks();
        let engine = networks[0].engine(kind)?;
        Ok(EnsemblePredictor { networks, engine, sums: Vec::new() })
    }
}

/// Removes the file of an older ensemble, which would be read in the place of
/// the one network beside it.
fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io(path)(error)),
        _ => Ok(()),
    }
}

/// Networks on an engine; predicts with their mean.
pub struct EnsemblePredictor {
    networks: Vec<Network>,
    engine: Box<dyn Engine>,
    sums: Vec<f64>,
}

impl Predictor for EnsemblePredictor {
    fn shape(&self) -> &InputShape {
        &self.networks[0].plan.shape
    }

    fn predict_into(&mut self, batch: &Batch, out: &mut [f32]) -> Result<(), LearnError> {
        self.sums.clear();
        self.sums.resize(out.len(), 0.0);
        for network in &self.networks {
            self.engine.infer(&network.weights, &Input::from(batch), out)?;
            for (sum, &last) in self.sums.iter_mut().zip(&*out) {
                *sum += f64::from(network.prediction(last));
            }
        }
        let count = self.networks.len() as f64;
        out.iter_mut().zip(&self.sums).for_each(|(out, sum)| *out = (sum / count) as f32);
        Ok(())
    }
}
