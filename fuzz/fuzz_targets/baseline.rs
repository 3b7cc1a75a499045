//! The file of a fitted baseline, behind its header, and predictions with it.
#![no_main]

use isegnet_baselines::TabularPredictor;
use isegnet_core::{Batch, Predictor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(mut predictor) = TabularPredictor::from_body(data) else { return };
    let shape = predictor.shape().clone();
    // What a caller would have to give may be larger than memory; the file is not.
    if shape.positions.saturating_mul(shape.tracks.len() + 4) > 100_000 {
        return;
    }
    let mut batch = Batch::default();
    batch.reshape(&[0, 1], &shape);
    let _ = predictor.predict_into(&batch, &mut [0.0; 2]);
});
