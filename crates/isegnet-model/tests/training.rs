//! Training on made-up examples: it learns, it resumes, it says what went wrong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use isegnet_core::{
    Batch, Cancel, Examples, FitContext, InputShape, LearnError, Learner, Move, Progress, Random,
    Silent, SourceError,
};
use isegnet_model::{
    EngineKind, Ensemble, Network, NetworkConfig, NetworkLearner, TrainConfig, predict_all,
};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rows whose target follows from the mean of their only track.
struct Made {
    shape: InputShape,
    rows: usize,
    first: u64,
    spoilt: Option<usize>,
    constant: Option<f32>,
    margin: Option<usize>,
}

impl Made {
    fn new(first: u64, rows: usize) -> Self {
        let shape = InputShape { positions: 120, tracks: vec!["mark".into()], dna: true };
        Self { shape, rows, first, spoilt: None, constant: None, margin: None }
    }

    fn level(&self, row: usize) -> f32 {
        Random::new(3, "level").uniform(0, self.first + row as u64) as f32
    }
}

impl Examples for Made {
    fn len(&self) -> usize {
        self.rows
    }

    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        self.fill_moved(rows, &vec![Move::default(); rows.len()], batch)
    }

    fn margin(&self) -> Option<usize> {
        self.margin
    }

    fn fill_moved(
        &self,
        rows: &[usize],
        moves: &[Move],
        batch: &mut Batch,
    ) -> Result<(), SourceError> {
        batch.reshape(rows, &self.shape);
        for (i, (&row, by)) in rows.iter().zip(moves).enumerate() {
            let random = Random::new(4, "noise").part(self.first + row as u64);
            for position in 0..self.shape.positions {
                let from = if by.mirrored { self.shape.positions - 1 - position } else { position };
                let from = (from as i64 + by.shift) as u64;
                let noise = random.uniform(0, from) as f32;
                batch.tracks[[i, position, 0]] = self.level(row) * noise;
                batch.dna[[i, position]] = random.below(1, from, 5) as u8;
            }
            if self.spoilt == Some(row) {
                batch.tracks[[i, 7, 0]] = f32::NAN;
            }
            batch.target[i] = 1.0 + 3.0 * self.level(row);
        }
        Ok(())
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        let target = |row| self.constant.unwrap_or_else(|| 1.0 + 3.0 * self.level(row));
        Ok((0..self.rows).map(target).collect())
    }
}

fn learner() -> NetworkLearner {
    let network = NetworkConfig {
        k1: 4,
        k2: 6,
        kernel: 9,
        pool: 5,
        dense: vec![16, 8],
        dropout: 0.1,
        ..NetworkConfig::isegnet()
    };
    let training = TrainConfig { epochs: 6, batch: 16, ..TrainConfig::isegnet() };
    NetworkLearner { network, training }
}

fn context<'a>(
    folder: Option<&'a Path>,
    cancel: &'a Cancel,
    progress: &'a dyn Progress,
) -> FitContext<'a> {
    FitContext { seed: 7, progress, cancel, folder }
}

#[test]
fn it_learns_and_the_saved_model_predicts_the_same() {
    let (train, validation, test) = (Made::new(0, 300), Made::new(1000, 60), Made::new(2000, 60));
    let learner =
        NetworkLearner { training: TrainConfig { epochs: 15, ..learner().training }, ..learner() };
    let cancel = Cancel::default();
    let trained = learner.train(&train, &validation, &context(None, &cancel, &Silent)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let about = serde_json::json!({"split": "abc"});
    trained.network.save(folder.path(), &about).unwrap();
    let (loaded, kept) = Network::load(folder.path()).unwrap();
    assert_eq!(kept, about);
    assert_eq!(loaded.weights, trained.network.weights);
    let mut predictor = trained.network.into_predictor(EngineKind::Cpu).unwrap();
    let ours = predict_all(&mut predictor, &test, 16, &cancel).unwrap();
    let mut again = loaded.into_predictor(EngineKind::Cpu).unwrap();
    // The size of a batch changes nothing.
    assert_eq!(ours, predict_all(&mut again, &test, 7, &cancel).unwrap());
    let r2 = isegnet_stats::r2(&test.targets().unwrap(), &ours).unwrap();
    assert!(r2 > 0.8, "R2 {r2} after {:?}", trained.history.last());
}

#[test]
fn shuffled_labels_teach_nothing() {
    let (train, validation, test) = (Made::new(0, 300), Made::new(1000, 60), Made::new(2000, 60));
    let mut learner = learner();
    learner.training.shuffle_labels = true;
    let cancel = Cancel::default();
    let mut predictor = learner.fit(&train, &validation, &context(None, &cancel, &Silent)).unwrap();
    let ours = predict_all(&mut *predictor, &test, 16, &cancel).unwrap();
    let r2 = isegnet_stats::r2(&test.targets().unwrap(), &ours).unwrap();
    assert!(r2 < 0.1, "R2 {r2}");
}

/// Asks to stop after a number of steps.
struct StopAfter<'a> {
    left: AtomicU64,
    cancel: &'a Cancel,
}

impl Progress for StopAfter<'_> {
    fn start(&self, _: &str, _: u64) {}
    fn finish(&self) {}
    fn line(&self, _: &str) {}
    fn advance(&self, steps: u64) {
        if steps > 0 && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.cancel.cancel();
        }
    }
}

#[test]
fn an_interrupted_training_ends_with_the_same_bits() {
    let (mut train, validation) = (Made::new(0, 100), Made::new(1000, 30));
    resumes_to_the_same_bits(&learner(), &train, &validation);
    let mut moved = learner();
    moved.training = TrainConfig { shift: 10, reverse: true, ..moved.training };
    train.margin = Some(10);
    resumes_to_the_same_bits(&moved, &train, &validation);
    let mut deepchrome = learner();
    deepchrome.network = NetworkConfig { k1: 4, dense: vec![16, 8], ..NetworkConfig::deepchrome() };
    resumes_to_the_same_bits(&deepchrome, &train, &validation);
}

fn resumes_to_the_same_bits(learner: &NetworkLearner, train: &Made, validation: &Made) {
    let never = Cancel::default();
    let whole = learner.train(train, validation, &context(None, &never, &Silent)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut interruptions = 0;
    let resumed = loop {
        let cancel = Cancel::default();
        let progress = StopAfter { left: AtomicU64::new(5), cancel: &cancel };
        let context = context(Some(folder.path()), &cancel, &progress);
        match learner.train(train, validation, &context) {
            Ok(trained) => break trained,
            Err(LearnError::Cancelled) => interruptions += 1,
            Err(other) => panic!("{other}"),
        }
    };
    assert!(interruptions > 5);
    assert_eq!(whole.network.weights, resumed.network.weights);
    assert_eq!(whole.history, resumed.history);
    assert_eq!(whole.best_epoch, resumed.best_epoch);
}

/// Asks to stop while it is read for a certain time.
struct StopAtRead<'a> {
    examples: &'a Made,
    left: AtomicU64,
    cancel: &'a Cancel,
}

impl Examples for StopAtRead<'_> {
    fn len(&self) -> usize {
        self.examples.len()
    }

    fn shape(&self) -> &InputShape {
        self.examples.shape()
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.cancel.cancel();
        }
        self.examples.fill(rows, batch)
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        self.examples.targets()
    }
}

#[test]
fn it_stops_and_resumes_between_the_steps_of_an_epoch_and_its_end() {
    let (train, validation) = (Made::new(0, 100), Made::new(1000, 30));
    let mut learner = learner();
    learner.training.epochs = 1;
    let never = Cancel::default();
    let whole = learner.train(&train, &validation, &context(None, &never, &Silent)).unwrap();
    // Seven batches are steps, then seven are measured, then two are validated.
    for (of_train, of_validation) in [(10, 0), (0, 1)] {
        let (folder, cancel) = (tempfile::tempdir().unwrap(), Cancel::default());
        let stop =
            |examples, at| StopAtRead { examples, left: AtomicU64::new(at), cancel: &cancel };
        let parts = (stop(&train, of_train), stop(&validation, of_validation));
        let stopped = context(Some(folder.path()), &cancel, &Silent);
        let error = learner.train(&parts.0, &parts.1, &stopped).err().unwrap();
        assert!(matches!(error, LearnError::Cancelled), "{error}");
        let resumed = context(Some(folder.path()), &never, &Silent);
        let resumed = learner.train(&train, &validation, &resumed).unwrap();
        assert_eq!(whole.history, resumed.history);
        assert!(whole.network.weights == resumed.network.weights, "{of_train} {of_validation}");
    }
}

#[test]
fn training_rows_are_moved_as_far_as_the_data_reaches() {
    let (mut train, validation) = (Made::new(0, 60), Made::new(1000, 20));
    let cancel = Cancel::default();
    let run = |train: &Made, shift: usize, reverse: bool| {
        let mut learner = learner();
        learner.training = TrainConfig { epochs: 1, shift, reverse, ..learner.training };
        learner.train(train, &validation, &context(None, &cancel, &Silent))
    };
    let refused = |train: &Made, shift: usize, reverse: bool| {
        run(train, shift, reverse).err().unwrap().to_string()
    };
    assert!(refused(&train, 0, true).contains("cannot be moved"));
    train.margin = Some(9);
    let message = refused(&train, 10, false);
    assert!(message.contains("reach 9 bases") && message.contains("prepare"), "{message}");
    let weights = |shift, reverse| run(&train, shift, reverse).unwrap().network.weights;
    let (still, shifted, mirrored) = (weights(0, false), weights(9, false), weights(0, true));
    assert!(still != shifted && still != mirrored && shifted != mirrored);
}

#[test]
fn networks_of_several_seeds_predict_as_their_mean() {
    let (train, validation, test) = (Made::new(0, 60), Made::new(1000, 20), Made::new(2000, 30));
    let mut learner = learner();
    learner.training = TrainConfig { epochs: 2, seeds: 3, ..learner.training };
    let never = Cancel::default();
    let folder = tempfile::tempdir().unwrap();
    // Stopped in the second network, and taken up again.
    let cancel = Cancel::default();
    let progress = StopAfter { left: AtomicU64::new(10), cancel: &cancel };
    let stopped = context(Some(folder.path()), &cancel, &progress);
    let error = learner.train_all(&train, &validation, &stopped, &|_| {}).err().unwrap();
    assert!(matches!(error, LearnError::Cancelled));
    assert!(folder.path().join("seed-8/checkpoint.safetensors").exists());
    assert!(!folder.path().join("seed-9").exists());
    let seeds = std::sync::Mutex::new(Vec::new());
    let trained = learner
        .train_all(&train, &validation, &context(Some(folder.path()), &never, &Silent), &|end| {
            seeds.lock().unwrap().push(end.seed)
        })
        .unwrap();
    assert_eq!(seeds.into_inner().unwrap(), [8, 8, 9, 9]);

    let alone = FitContext { seed: 8, ..context(None, &never, &Silent) };
    let alone = learner.train(&train, &validation, &alone).unwrap();
    assert_eq!(trained[1].network.weights, alone.network.weights);

    let predict = |network: &Network| {
        let mut one = network.clone().into_predictor(EngineKind::Cpu).unwrap();
        predict_all(&mut one, &test, 16, &never).unwrap()
    };
    let each: Vec<Vec<f32>> = trained.iter().map(|t| predict(&t.network)).collect();
    let ensemble =
        Ensemble::new(trained.into_iter().map(|t| (t.seed, t.network)).collect()).unwrap();
    ensemble.save(folder.path(), &serde_json::json!("lens")).unwrap();
    let (loaded, kept) = Ensemble::load(folder.path()).unwrap();
    assert_eq!(kept, "lens");
    assert_eq!(loaded.members().iter().map(|(seed, _)| *seed).collect::<Vec<_>>(), [7, 8, 9]);
    let mut predictor = loaded.into_predictor(EngineKind::Cpu).unwrap();
    let together = predict_all(&mut predictor, &test, 7, &never).unwrap();
    for (row, &mean) in together.iter().enumerate() {
        let sum: f64 = each.iter().map(|predicted| f64::from(predicted[row])).sum();
        assert_eq!(mean, (sum / 3.0) as f32);
    }

    std::fs::remove_file(folder.path().join("seed-9/weights.safetensors")).unwrap();
    let error = Ensemble::load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("seed-9"), "{error}");
    let path = folder.path().join("ensemble.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"format\": 1", "\"format\": 9")).unwrap();
    assert!(Ensemble::load(folder.path()).unwrap_err().to_string().contains("format 9"));
}

#[test]
fn a_cost_is_told_without_a_trace() {
    let (train, validation) = (Made::new(0, 50), Made::new(1000, 20));
    let folder = tempfile::tempdir().unwrap();
    let cancel = Cancel::default();
    let mut learner = learner();
    learner.training.seeds = 3;
    let context = context(Some(folder.path()), &cancel, &Silent);
    let cost = learner.cost(&train, &validation, &context, 3).unwrap();
    assert_eq!((cost.steps, cost.epochs, cost.networks), (4, 6, 3));
    // An epoch is its steps, and as many batches measured once more.
    assert!(cost.step_s > 0.0 && cost.epoch_s > 4.0 * cost.step_s, "{cost:?}");
    assert_eq!(cost.seconds(2), 6.0 * cost.epoch_s);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let (train, validation) = (Made::new(0, 40), Made::new(1000, 10));
    let folder = tempfile::tempdir().unwrap();
    let cancel = Cancel::default();
    let mut learner = learner();
    learner.training.epochs = 1;
    let context = context(Some(folder.path()), &cancel, &Silent);
    learner.train(&train, &validation, &context).unwrap();
    learner.training.learning_rate = 0.5;
    let error = learner.train(&train, &validation, &context).err().unwrap().to_string();
    assert!(error.contains("checkpoint.safetensors"), "{error}");
}

#[test]
fn a_broken_checkpoint_is_an_error() {
    let (train, validation) = (Made::new(0, 40), Made::new(1000, 10));
    let folder = tempfile::tempdir().unwrap();
    let cancel = Cancel::default();
    let mut learner = learner();
    learner.training.epochs = 1;
    let context = context(Some(folder.path()), &cancel, &Silent);
    learner.train(&train, &validation, &context).unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    for length in [0, 3, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let error = learner.train(&train, &validation, &context).err().unwrap().to_string();
        assert!(error.contains("checkpoint.safetensors"), "{error}");
    }
}

#[test]
fn a_value_that_is_no_number_is_named() {
    let (mut train, mut validation) = (Made::new(0, 60), Made::new(1000, 20));
    let error = |train: &Made, validation: &Made| {
        let cancel = Cancel::default();
        let trained = learner().train(train, validation, &context(None, &cancel, &Silent));
        trained.err().unwrap().to_string()
    };
    // In the first of two validation batches.
    validation.spoilt = Some(3);
    let message = error(&train, &validation);
    for part in ["epoch 1", "validation", "row 3 ", "track mark", "position 7"] {
        assert!(message.contains(part), "{message}");
    }
    train.spoilt = Some(33);
    let message = error(&train, &validation);
    for part in ["epoch 1", "batch", "row 33", "track mark", "position 7"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_constant_validation_target_is_refused() {
    let (train, mut validation) = (Made::new(0, 60), Made::new(1000, 20));
    validation.constant = Some(2.5);
    let cancel = Cancel::default();
    let trained = learner().train(&train, &validation, &context(None, &cancel, &Silent));
    let message = trained.err().unwrap().to_string();
    assert!(message.contains("all 20 validation rows is 2.5"), "{message}");
}

#[test]
fn a_classifier_is_not_trained_on_amounts() {
    let (train, validation) = (Made::new(0, 40), Made::new(1000, 20));
    let learner = NetworkLearner { network: learner().network.classifier(), ..learner() };
    let cancel = Cancel::default();
    let refused = learner.train(&train, &validation, &context(None, &cancel, &Silent)).err();
    let refused = refused.unwrap().to_string();
    assert!(refused.contains("tells high (1) from low (0)"), "{refused}");
}

#[test]
fn one_network_saved_over_an_ensemble_replaces_it() {
    let (train, validation) = (Made::new(0, 60), Made::new(1000, 20));
    let mut learner = learner();
    learner.training = TrainConfig { epochs: 1, seeds: 2, ..learner.training };
    let cancel = Cancel::default();
    let context = context(None, &cancel, &Silent);
    let trained = learner.train_all(&train, &validation, &context, &|_| {}).unwrap();
    let members: Vec<_> = trained.into_iter().map(|t| (t.seed, t.network)).collect();
    let folder = tempfile::tempdir().unwrap();
    let about = serde_json::Value::Null;
    Ensemble::new(members.clone()).unwrap().save(folder.path(), &about).unwrap();
    assert_eq!(Ensemble::load(folder.path()).unwrap().0.members().len(), 2);
    Ensemble::new(members[1..].to_vec()).unwrap().save(folder.path(), &about).unwrap();
    let (loaded, _) = Ensemble::load(folder.path()).unwrap();
    assert_eq!(loaded.members().len(), 1);
    assert!(loaded.members()[0].1.weights == members[1].1.weights);
}

#[test]
fn both_engines_train_alike() {
    let (train, validation) = (Made::new(0, 60), Made::new(1000, 20));
    let cancel = Cancel::default();
    let mut learner = learner();
    learner.training.epochs = 2;
    let cpu = learner.train(&train, &validation, &context(None, &cancel, &Silent)).unwrap();
    learner.training.engine = EngineKind::Candle;
    let candle = learner.train(&train, &validation, &context(None, &cancel, &Silent)).unwrap();
    for (a, b) in cpu.history.iter().zip(&candle.history) {
        assert!((a.train_loss - b.train_loss).abs() < 1e-3 * b.train_loss, "{a:?} {b:?}");
    }
}
