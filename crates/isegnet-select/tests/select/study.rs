//! A made-up study, and learners slow and plain enough to be seen through.

use isegnet_core::{
    Batch, Cancel, Examples, FitContext, InputShape, LearnError, Learner, Predictor, Random,
    Silent, SourceError,
};
use isegnet_select::{
    Candidate, Division, InputSet, Plan, Rows, Runner, SelectError, Settings, Trial,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Signals of each row, and an expression that follows from the first one.
#[derive(Clone)]
pub struct Study {
    shape: InputShape,
    signals: Vec<Vec<f32>>,
    pub targets: Vec<f32>,
}

impl Study {
    /// `rows` rows of `tracks` signals, expression 2 x the first one and noise of 0.5.
    pub fn new(rows: usize, tracks: usize, seed: u64) -> Self {
        let random = Random::new(seed, "study");
        let normal = |row: usize, track: usize| random.normal(row as u64, track as u64) as f32;
        let signals: Vec<Vec<f32>> =
            (0..rows).map(|row| (0..tracks).map(|track| normal(row, track)).collect()).collect();
        let target = |(row, x): (usize, &Vec<f32>)| 2.0 * x[0] + 0.5 * normal(row, tracks);
        let targets = signals.iter().enumerate().map(target).collect();
        let tracks = (0..tracks).map(|track| format!("track {track}")).collect();
        Self { shape: InputShape { positions: 1, tracks, dna: false }, signals, targets }
    }

    pub fn genes(&self) -> Rows {
        let names: Vec<String> = (0..self.targets.len()).map(|row| format!("G{row}")).collect();
        Rows::of_genes(&names)
    }

    pub fn inputs(&self) -> InputSet<'_> {
        InputSet::whole("signals", Settings::new().with("data", "made up"), self)
    }
}

impl Examples for Study {
    fn len(&self) -> usize {
        self.signals.len()
    }

    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        batch.reshape(rows, &self.shape);
        for (i, &row) in rows.iter().enumerate() {
            for (track, &value) in self.signals[row].iter().enumerate() {
                batch.tracks[[i, 0, track]] = value;
            }
            batch.target[i] = self.targets[row];
        }
        Ok(())
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        Ok(self.targets.clone())
    }
}

/// A straight line through all signals, by gradient steps on the mean squared error.
pub struct Descent {
    pub steps: usize,
    pub rate: f64,
    /// Only this signal, if given.
    pub track: Option<usize>,
    /// How often it was fitted, in all copies.
    pub fits: Arc<AtomicUsize>,
}

impl Default for Descent {
    fn default() -> Self {
        Self { steps: 40, rate: 0.2, track: None, fits: Arc::default() }
    }
}

pub struct Weights {
    shape: InputShape,
    weights: Vec<f64>,
    offset: f64,
}

pub fn filled(examples: &dyn Examples) -> Result<Batch, SourceError> {
    let mut batch = Batch::default();
    examples.fill(&(0..examples.len()).collect::<Vec<_>>(), &mut batch)?;
    Ok(batch)
}

impl Learner for Descent {
    fn name(&self) -> &str {
        "descent"
    }

    fn fit(
        &self,
        train: &dyn Examples,
        _: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<Box<dyn Predictor>, LearnError> {
        self.fits.fetch_add(1, Ordering::SeqCst);
        let batch = filled(train)?;
        let (rows, _, tracks) = batch.tracks.dim();
        let random = Random::new(context.seed, "descent");
        let mut offset = 0.0;
        let mut weights: Vec<f64> =
            (0..tracks as u64).map(|track| 0.01 * random.normal(0, track)).collect();
        let uses = |track: usize| self.track.is_none_or(|only| only == track);
        weights.iter_mut().enumerate().filter(|(t, _)| !uses(*t)).for_each(|(_, w)| *w = 0.0);
        for _ in 0..self.steps {
            let (mut slope, mut level) = (vec![0.0; tracks], 0.0);
            for row in 0..rows {
                let x = |track: usize| f64::from(batch.tracks[[row, 0, track]]);
                let line: f64 = (0..tracks).map(|t| weights[t] * x(t)).sum();
                let residual = line + offset - f64::from(batch.target[row]);
                level += residual;
                (0..tracks).for_each(|t| slope[t] += residual * x(t));
            }
            offset -= self.rate * level / rows as f64;
            for track in (0..tracks).filter(|t| uses(*t)) {
                weights[track] -= self.rate * slope[track] / rows as f64;
            }
        }
        Ok(Box::new(Weights { shape: train.shape().clone(), weights, offset }))
    }
}

impl Predictor for Weights {
    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn predict_into(&mut self, batch: &Batch, out: &mut [f32]) -> Result<(), LearnError> {
        for (row, out) in out.iter_mut().enumerate() {
            let terms = self.weights.iter().enumerate();
            let line: f64 = terms.map(|(t, w)| w * f64::from(batch.tracks[[row, 0, t]])).sum();
            *out = (line + self.offset) as f32;
        }
        Ok(())
    }
}

pub fn descent(steps: usize) -> Candidate<'static> {
    let settings = Settings::new().with("steps", steps);
    Candidate::new("descent", settings, Descent { steps, ..Descent::default() })
}

pub fn arcs<T>(all: Vec<T>) -> Vec<Arc<T>> {
    all.into_iter().map(Arc::new).collect()
}

/// A runner that nobody watches.
pub struct Quiet(pub Cancel);

impl Quiet {
    pub fn new() -> Self {
        Self(Cancel::default())
    }

    pub fn runner<'a>(&'a self, folder: &'a Path, threads: usize) -> Runner<'a> {
        Runner { folder, threads, keep_fits: false, progress: &Silent, cancel: &self.0 }
    }
}

pub fn plan<'a>(
    candidates: Vec<Candidate<'a>>,
    inputs: &[InputSet<'a>],
    divisions: &[Arc<Division>],
    seeds: &[u64],
) -> Plan<'a> {
    Plan::every(&arcs(candidates), inputs, divisions, seeds)
}

/// Keys of trials.
pub fn keys(trials: &[Trial<'_>]) -> Vec<String> {
    trials.iter().map(|trial| trial.key().unwrap()).collect()
}

/// The message of an error.
pub fn message<T>(result: Result<T, SelectError>) -> String {
    result.err().unwrap().to_string()
}
