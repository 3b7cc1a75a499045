//! The network on arrays made by hand: no files, no data set.
//!
//! ```text
//! cargo run --release --example network_on_arrays
//! ```
#![allow(clippy::print_stdout)]

use isegnet::core::{Batch, Cancel, Examples, FitContext, InputShape, Random, Silent, SourceError};
use isegnet::model::{EngineKind, NetworkConfig, NetworkLearner, TrainConfig, predict_all};
use isegnet::stats;
use ndarray::{Array3, Axis};

/// Rows in memory: anything that can fill a batch can be learnt from.
struct Arrays {
    shape: InputShape,
    /// `(row, position, track)`
    tracks: Array3<f32>,
    target: Vec<f32>,
}

impl Examples for Arrays {
    fn len(&self) -> usize {
        self.target.len()
    }

    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        batch.reshape(rows, &self.shape);
        for (i, &row) in rows.iter().enumerate() {
            batch.tracks.index_axis_mut(Axis(0), i).assign(&self.tracks.index_axis(Axis(0), row));
            batch.target[i] = self.target[row];
        }
        Ok(())
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        Ok(self.target.clone())
    }
}

/// A peak of some height somewhere in the middle; expression is its height.
fn peaks(rows: usize, seed: u64) -> Arrays {
    let shape = InputShape { positions: 300, tracks: vec!["mark".into()], dna: false };
    let random = Random::new(seed, "peaks");
    let height = |row: usize| random.uniform(0, row as u64) as f32;
    let tracks = Array3::from_shape_fn((rows, 300, 1), |(row, at, _)| {
        let centre = 100 + random.below(1, row as u64, 100) as usize;
        let noise = 0.1 * random.uniform(2, (row * 300 + at) as u64) as f32;
        if at.abs_diff(centre) < 20 { height(row) + noise } else { noise }
    });
    Arrays { shape, tracks, target: (0..rows).map(|row| 4.0 * height(row)).collect() }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (train, validation, test) = (peaks(400, 1), peaks(100, 2), peaks(100, 3));
    let network = NetworkConfig { k1: 4, k2: 8, pool: 5, dropout: 0.1, ..NetworkConfig::isegnet() };
    let training = TrainConfig { epochs: 15, batch: 50, ..TrainConfig::isegnet() };
    let cancel = Cancel::default();
    let context = FitContext { seed: 1, progress: &Silent, cancel: &cancel, folder: None };

    let trained = NetworkLearner { network, training }.train(&train, &validation, &context)?;
    let best = &trained.history[trained.best_epoch - 1];
    println!("validation R2 {:.3} in epoch {}", best.validation_r2, trained.best_epoch);

    let mut predictor = trained.network.into_predictor(EngineKind::Cpu)?;
    let predicted = predict_all(&mut predictor, &test, 50, &cancel)?;
    println!("test R2 {:.3}", stats::r2(&test.target, &predicted)?);
    Ok(())
}
