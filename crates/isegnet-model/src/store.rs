//! A model as a folder: `weights.safetensors` and `model.json`.

use crate::config::NetworkConfig;
use crate::network::{Network, TargetScale};
use crate::plan::{Plan, PlanError};
use crate::weights::{Layout, Weights};
use isegnet_core::InputShape;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The version of `model.json` that this crate writes and reads.
pub const FORMAT: u32 = 1;

/// Weights and description of the largest model that is read: 4 GB and 64 MB.
const LARGEST_WEIGHTS: u64 = 4 << 30;
pub(crate) const LARGEST_DESCRIPTION: u64 = 64 << 20;

/// Why a model was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not what its name says.
    #[error("{}: {message}; train the model again, or take it from its backup", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The model was written by another version.
    #[error("{}: format {found}, and this version reads format {FORMAT}; use the isegnet that wrote it", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: u32,
    },
    /// The configuration makes no network.
    #[error("{}: {source}", path.display())]
    Plan {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: PlanError,
    },
    /// A tensor is missing or has another shape.
    #[error(
        "tensor {name} has shape {got}, and the network needs {expected:?}; the weights belong to another configuration"
    )]
    Tensor {
        /// The tensor's name.
        name: String,
        /// Its shape, or "none".
        got: String,
        /// The shape that is needed.
        expected: Vec<usize>,
    },
}

/// Named tensors: shape and values, row-major.
pub type Tensors = HashMap<String, (Vec<usize>, Vec<f32>)>;

/// `model.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    format: u32,
    version: String,
    network: NetworkConfig,
    input: InputShape,
    target: TargetScale,
    /// What else belongs to the model: the scaler of its inputs, the hash of its split.
    context: serde_json::Value,
}

impl Network {
    /// Writes the model into `folder`, with whatever else belongs to it.
    ///
    /// # Errors
    /// The folder cannot be made or written to.
    pub fn save(&self, folder: &Path, context: &serde_json::Value) -> Result<(), StoreError> {
        std::fs::create_dir_all(folder).map_err(io(folder))?;
        let description = Description {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            network: self.plan.config.clone(),
            input: self.plan.shape.clone(),
            target: self.target,
            context: context.clone(),
        };
        let path = folder.join("model.json");
        let json = serde_json::to_vec_pretty(&description)
            .map_err(|e| StoreError::Broken { path: path.clone(), message: e.to_string() })?;
        write_safetensors(&folder.join("weights.safetensors"), &[("", &self.weights)], None)?;
        write_atomic(&path, &json)
    }

    /// Reads a model and what else belongs to it.
    ///
    /// # Errors
    /// A file is missing, broken, of another version, or they do not fit together.
    pub fn load(folder: &Path) -> Result<(Self, serde_json::Value), StoreError> {
        let path = folder.join("model.json");
        let description: Description =
            parse_description(&path, &read_bounded(&path, LARGEST_DESCRIPTION)?)?;
        let plan = Plan::new(&description.network, &description.input)
            .map_err(|source| StoreError::Plan { path, source })?;
        let path = folder.join("weights.safetensors");
        let (tensors, _) = read_safetensors(&path)?;
        let weights = weights_from_tensors(&Arc::new(Layout::new(&plan)), &tensors)?;
        Ok((Self { plan, weights, target: description.target }, description.context))
    }
}

/// Reads a description after its format.
pub(crate) fn parse_description<T: DeserializeOwned>(
    path: &Path,
    json: &[u8],
) -> Result<T, StoreError> {
    #[derive(Deserialize)]
    struct FormatOnly {
        format: u32,
    }
    let broken =
        |e: serde_json::Error| StoreError::Broken { path: path.into(), message: e.to_string() };
    let FormatOnly { format } = serde_json::from_slice(json).map_err(broken)?;
    if format != FORMAT {
        return Err(StoreError::Format { path: path.into(), found: format });
    }
    serde_json::from_slice(json).map_err(broken)
}

/// Checks the bytes of a `model.json` without a folder around it.
///
/// # Errors
/// They are no description of a model.
pub fn check_description(json: &[u8]) -> Result<(), StoreError> {
    let path = Path::new("model.json");
    let description: Description = parse_description(path, json)?;
    Plan::new(&description.network, &description.input)
        .map_err(|source| StoreError::Plan { path: path.into(), source })?;
    Ok(())
}

/// Takes weights from tensors in the Keras layout: convolution kernels
/// `[rows, columns, in, out]`, dense kernels `[in, out]`, named
/// `<layer>.kernel|bias|gamma|beta|moving_mean|moving_variance`; the last layer
/// may be called `out` or `output`.
///
/// # Errors
/// A tensor is missing or has another shape.
pub fn weights_from_tensors(
    layout: &Arc<Layout>,
    tensors: &Tensors,
) -> Result<Weights, StoreError> {
    let mut weights = Weights::zeros(layout);
    for p in layout.parameters() {
        let other = p.name.strip_prefix("out.").map(|part| format!("output.{part}"));
        let found = tensors.get(&p.name).or_else(|| tensors.get(&other?));
        match found {
            Some((shape, values)) if *shape == p.shape && values.len() == p.range.len() => {
                weights.get_mut(&p.name).copy_from_slice(values);
            }
            _ => {
                return Err(StoreError::Tensor {
                    name: p.name.clone(),
                    got: found.map_or("none".into(), |(shape, _)| format!("{shape:?}")),
                    expected: p.shape.clone(),
                });
            }
        }
    }
    Ok(weights)
}

/// Reads f32 tensors and the metadata from a safetensors file.
///
/// # Errors
/// The file cannot be read, or is no safetensors file of f32 tensors.
pub fn read_safetensors(path: &Path) -> Result<(Tensors, HashMap<String, String>), StoreError> {
    let bytes = read_bounded(path, LARGEST_WEIGHTS)?;
    parse_safetensors(&bytes).map_err(|message| StoreError::Broken { path: path.into(), message })
}

/// Reads f32 tensors and the metadata from the bytes of a safetensors file.
///
/// # Errors
/// What is wrong with the bytes.
pub fn parse_safetensors(bytes: &[u8]) -> Result<(Tensors, HashMap<String, String>), String> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| e.to_string())?;
    let file = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
    let mut tensors = Tensors::new();
    for (name, view) in file.tensors() {
        if view.dtype() != Dtype::F32 {
            return Err(format!("tensor {name} is {:?} and not F32", view.dtype()));
        }
        let (words, _) = view.data().as_chunks::<4>();
        let values = words.iter().map(|w| f32::from_le_bytes(*w)).collect();
        tensors.insert(name, (view.shape().to_vec(), values));
    }
    Ok((tensors, header.metadata().clone().unwrap_or_default()))
}

/// Writes sets of weights, each under a prefix of its names, beside and renamed.
pub(crate) fn write_safetensors(
    path: &Path,
    sets: &[(&str, &Weights)],
    metadata: Option<HashMap<String, String>>,
) -> Result<(), StoreError> {
    let broken = |message: String| StoreError::Broken { path: path.into(), message };
    let mut bytes: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    for (prefix, weights) in sets {
        for p in weights.layout().parameters() {
            let values = &weights.values()[p.range.clone()];
            let data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            bytes.push((format!("{prefix}{}", p.name), p.shape.clone(), data));
        }
    }
    let mut views = Vec::new();
    for (name, shape, data) in &bytes {
        let view =
            TensorView::new(Dtype::F32, shape.clone(), data).map_err(|e| broken(e.to_string()))?;
        views.push((name.as_str(), view));
    }
    let file = safetensors::serialize(views, metadata).map_err(|e| broken(e.to_string()))?;
    write_atomic(path, &file)
}

pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let failed = io(path);
    isegnet_core::atomic::write(path, &failed, |file| file.write_all(bytes).map_err(&failed))
}

pub(crate) fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, StoreError> {
    let size = std::fs::metadata(path).map_err(io(path))?.len();
    if size > most {
        let message = format!("{size} bytes, more than the {most} that are read");
        return Err(StoreError::Broken { path: path.into(), message });
    }
    std::fs::read(path).map_err(io(path))
}

pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A description as it was before `batch_norm` and `dropout_after`.
    const FIRST: &str = r#"{
  "format": 1,
  "version": "0.1.0",
  "network": {
    "k1": 4,
    "k2": 6,
    "kernel": 9,
    "layers": 2,
    "padding": "fixed",
    "pooling": "average",
    "pool_after": "last",
    "pool": 5,
    "merge": "script",
    "dense": [
      16,
      8
    ],
    "dense_dropout": 1,
    "dropout": 0.1,
    "output": "linear"
  },
  "input": {
    "positions": 120,
    "tracks": [
      "mark"
    ],
    "dna": true
  },
  "target": {
    "offset": 0.5,
    "scale": 2.0
  },
  "context": null
}"#;

    fn network(description: &str) -> Network {
        let Description { network, input, target, .. } = serde_json::from_str(description).unwrap();
        Network { target, ..Network::initial(Plan::new(&network, &input).unwrap(), 3) }
    }

    #[test]
    fn the_first_models_are_read_and_written_as_ever() {
        let folder = tempfile::tempdir().unwrap();
        let first = network(FIRST);
        assert!(first.plan.config.batch_norm);
        first.save(folder.path(), &serde_json::Value::Null).unwrap();
        let written = std::fs::read_to_string(folder.path().join("model.json")).unwrap();
        assert_eq!(written, FIRST.replace("0.1.0", env!("CARGO_PKG_VERSION")));
        let (again, _) = Network::load(folder.path()).unwrap();
        assert_eq!((again.plan, again.weights), (first.plan, first.weights));
    }

    #[test]
    fn a_description_of_more_than_any_memory_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        network(FIRST).save(folder.path(), &serde_json::Value::Null).unwrap();
        for (from, to, said) in [
            (
                "\"positions\": 120",
                "\"positions\": 18446744073709551615",
                "18446744073709551615 pos",
            ),
            ("\"positions\": 120", "\"positions\": 1000000000", "parameters"),
            ("\"kernel\": 9", "\"kernel\": 65536", "no row left"),
            ("16,\n      8", "65536,\n      65536", "parameters"),
        ] {
            assert!(FIRST.contains(from));
            let text = FIRST.replace(from, to);
            std::fs::write(folder.path().join("model.json"), text).unwrap();
            let StoreError::Plan { source, .. } = Network::load(folder.path()).unwrap_err() else {
                panic!("{to}")
            };
            assert!(source.to_string().contains(said), "{source}");
        }
    }

    #[test]
    fn a_network_without_batch_norm_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let shape = InputShape { positions: 100, tracks: vec!["mark".into()], dna: false };
        let plan = Plan::new(&NetworkConfig::deepchrome(), &shape).unwrap();
        let network = Network::initial(plan, 3);
        network.save(folder.path(), &serde_json::Value::Null).unwrap();
        let (again, _) = Network::load(folder.path()).unwrap();
        assert_eq!((again.plan, again.weights), (network.plan, network.weights));
    }
}
