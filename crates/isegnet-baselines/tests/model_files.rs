//! Fitted models come back from files as they were, and nothing else does.
#![allow(clippy::unwrap_used)]

use isegnet_baselines::{
    ElasticNetParams, ForestParams, Model, ModelFileError, RidgeParams, SvrParams,
};
use isegnet_core::Random;
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use std::path::Path;

fn data() -> DatasetBase<Array2<f64>, Array1<f64>> {
    let random = Random::new(1, "test");
    let x = Array2::from_shape_fn((40, 3), |(i, j)| random.normal(i as u64, j as u64));
    let y = x.column(0).mapv(f64::abs);
    DatasetBase::new(x, y)
}

fn models() -> Vec<Model> {
    let data = data();
    vec![
        RidgeParams::default().fit(&data).unwrap().into(),
        ElasticNetParams::default().fit(&data).unwrap().into(),
        ForestParams::default().trees(3).fit(&data).unwrap().into(),
        SvrParams::epsilon(0.1).fit(&data).unwrap().into(),
        SvrParams::nu(0.5).fit(&data).unwrap().into(),
    ]
}

#[test]
fn every_model_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    for model in models() {
        model.save(&path).unwrap();
        let back = Model::load(&path).unwrap();
        assert_eq!(back, model);
        let x = data().records().to_owned();
        assert_eq!(back.predict(x.view()), model.predict(x.view()));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let missing = Model::load(folder.path().join("none"));
    assert!(matches!(missing, Err(ModelFileError::Io { .. })));
}

/// Writes the header that goes with what follows it, as someone hostile would.
fn forge(path: &Path, original: &[u8], payload: &[u8]) {
    use sha2::{Digest, Sha256};
    let mut bytes = original[..12].to_vec();
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(Sha256::digest(payload));
    bytes.extend(payload);
    std::fs::write(path, bytes).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the bytes, loading ends with a model that predicts or with an error.
    #[test]
    fn changed_bytes_never_panic(
        model in 0usize..5,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        models()[model].save(&path).unwrap();
        let original = std::fs::read(&path).unwrap();
        let mut payload = original[52..].to_vec();
        for (at, to) in changes {
            let at = at.index(payload.len());
            payload[at] = to;
        }
        if cuts {
            payload.truncate(cut.index(payload.len()));
        }
        forge(&path, &original, &payload);
        if let Ok(model) = Model::load(&path)
            && model.features() < 1000
        {
            let x = Array2::from_elem((2, model.features()), 0.5);
            model.predict(x.view());
        }
    }
}

#[test]
fn a_changed_byte_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    models()[2].save(&path).unwrap();
    let original = std::fs::read(&path).unwrap();
    for at in (0..original.len()).step_by(7) {
        let mut bytes = original.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(Model::load(&path).is_err(), "byte {at}");
    }
}
