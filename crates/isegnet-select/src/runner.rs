use crate::forecast::Forecast;
use crate::sealed::{PartOf, Sealed};
use crate::store::{Outcome, Store};
use crate::trial::Identity;
use crate::{Plan, Results, Score, SelectError, Threads, Trial};
use isegnet_core::{Cancel, Examples, FitContext, Progress};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Runs the trials of plans and keeps what they come to in a folder.
///
/// A finished trial is never run again: a plan that was killed, or one that holds
/// trials of another plan, goes on from there. What a trial comes to does not depend on
/// the number of threads or on the order of the trials.
#[derive(Clone, Copy)]
pub struct Runner<'a> {
    /// Where trials are kept, a folder each.
    pub folder: &'a Path,
    /// How many learners that use one thread are fitted at a time.
    pub threads: usize,
    /// Whether the folder that a fit kept its checkpoints in (`fit`) stays when it is
    /// finished.
    pub keep_fits: bool,
    /// Told the plan and its cost, then how many trials are done.
    pub progress: &'a dyn Progress,
    /// Asked whether to stop.
    pub cancel: &'a Cancel,
}

/// What each trial of a plan came to, or why it failed, in the order of the plan.
pub(crate) type Attempts = Vec<Result<Outcome, String>>;

impl Runner<'_> {
    /// Says what of a plan is finished and what the rest will cost, and runs nothing.
    ///
    /// # Errors
    /// The folder cannot be read, or another process works in it.
    pub fn forecast(&self, plan: &Plan<'_>) -> Result<Forecast, SelectError> {
        let jobs = Jobs::new(plan, &Store::open(self.folder)?)?;
        Ok(jobs.forecast(self.threads))
    }

    /// Runs what is not finished yet of a plan, after its cost was told to `progress`.
    ///
    /// # Errors
    /// The folder cannot be read or written, another process works in it, the work was
    /// cancelled, or trials failed; the others are finished then and kept.
    pub fn run<'p>(&self, plan: &Plan<'p>) -> Result<Results<'p>, SelectError> {
        let mut finished = Vec::new();
        let mut failed = Vec::new();
        for (trial, attempt) in plan.trials().iter().zip(self.attempt(plan)?) {
            match attempt {
                Ok(outcome) => finished.push((trial.clone(), outcome)),
                Err(why) => failed.push((trial.name(), why)),
            }
        }
        match failed.is_empty() {
            true => Ok(Results::new(finished)),
            false => Err(SelectError::Failed { trials: plan.trials().len(), failed }),
        }
    }

    /// As [`run`](Self::run), with each trial's failure in its place.
    pub(crate) fn attempt(&self, plan: &Plan<'_>) -> Result<Attempts, SelectError> {
        let store = Store::open(self.folder)?;
        let mut jobs = Jobs::new(plan, &store)?;
        let forecast = jobs.forecast(self.threads);
        forecast.lines().iter().for_each(|line| self.progress.line(line));
        let left = jobs.left();
        self.progress.start("trials", left.len() as u64);
        for (threads, workers) in [(Threads::One, self.threads.max(1)), (Threads::All, 1)] {
            let of = |job: &&Job<'_, '_>| job.trial.candidate.threads() == threads;
            let some: Vec<&Job<'_, '_>> = left.iter().filter(of).collect();
            for (at, outcome) in self.work(&some, workers, &store) {
                jobs.outcomes[some[at].number] = Some(outcome);
            }
        }
        self.progress.finish();
        if self.cancel.is_cancelled() {
            return Err(SelectError::Cancelled);
        }
        jobs.into_attempts()
    }

    /// Gives the jobs to as many workers, each taking the next one.
    fn work(&self, jobs: &[&Job<'_, '_>], workers: usize, store: &Store) -> Numbered {
        let next = AtomicUsize::new(0);
        let worker = || {
            let mut done = Vec::new();
            while !self.cancel.is_cancelled() {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(at) else { break };
                done.push((at, self.one(job, store)));
                self.progress.advance(1);
            }
            done
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..workers.min(jobs.len())).map(|_| scope.spawn(worker)).collect();
            let joined = threads.into_iter().map(|thread| thread.join());
            joined.flat_map(|done| done.unwrap_or_else(|p| std::panic::resume_unwind(p))).collect()
        })
    }

    /// Fits and predicts one trial, and keeps what it came to.
    fn one(&self, job: &Job<'_, '_>, store: &Store) -> Result<Outcome, SelectError> {
        let (trial, identity) = (job.trial, &job.identity);
        let fit = store.begin(identity)?;
        let start = Instant::now();
        let sealed = Sealed::new(trial)?;
        let name = trial.name();
        let context = FitContext {
            seed: trial.seed,
            progress: &Lines { name: &name, of: self.progress },
            cancel: self.cancel,
            folder: Some(&fit),
        };
        let learner = trial.candidate.learner();
        let mut predictor = learner.fit(&sealed.train(), &sealed.validation(), &context)?;
        let mut predict =
            |part: PartOf<'_>| part.predict(predictor.as_mut(), learner.name(), self.cancel);
        let validation_predicted = predict(sealed.validation())?;
        let test_predicted = predict(sealed.test())?;
        let measured = sealed.validation().targets()?;
        let outcome = Outcome {
            validation: (!measured.is_empty())
                .then(|| Score::new(&measured, &validation_predicted)),
            validation_predicted,
            test_predicted,
            shown: sealed.shown(),
            seconds: start.elapsed().as_secs_f64(),
        };
        store.finish(identity, &outcome, self.keep_fits)?;
        Ok(outcome)
    }
}

type Numbered = Vec<(usize, Result<Outcome, SelectError>)>;

/// A trial that is left.
struct Job<'t, 'a> {
    number: usize,
    trial: &'t Trial<'a>,
    identity: Identity,
}

/// The different trials of a plan: those that are the same are run once.
struct Jobs<'t, 'a> {
    trials: Vec<(&'t Trial<'a>, Identity)>,
    outcomes: Vec<Option<Result<Outcome, SelectError>>>,
    /// The place of each trial of the plan among the different ones.
    place: Vec<usize>,
}

impl<'t, 'a> Jobs<'t, 'a> {
    fn new(plan: &'t Plan<'a>, store: &Store) -> Result<Self, SelectError> {
        let mut jobs = Self { trials: Vec::new(), outcomes: Vec::new(), place: Vec::new() };
        let mut known: HashMap<String, usize> = HashMap::new();
        for trial in plan.trials() {
            let identity = trial.identity()?;
            let place = match known.get(&identity.key) {
                Some(&place) => place,
                None => {
                    jobs.outcomes.push(store.read(trial, &identity)?.map(Ok));
                    known.insert(identity.key.clone(), jobs.trials.len());
                    jobs.trials.push((trial, identity));
                    jobs.trials.len() - 1
                }
            };
            jobs.place.push(place);
        }
        Ok(jobs)
    }

    fn left(&self) -> Vec<Job<'t, 'a>> {
        let numbered = self.trials.iter().enumerate();
        let left = numbered.filter(|(number, _)| self.outcomes[*number].is_none());
        left.map(|(number, (trial, identity))| Job { number, trial, identity: identity.clone() })
            .collect()
    }

    fn forecast(&self, threads: usize) -> Forecast {
        let seconds = |outcome: &Option<Result<Outcome, SelectError>>| match outcome {
            Some(Ok(outcome)) => Some(outcome.seconds),
            _ => None,
        };
        let trials = self.trials.iter().zip(&self.outcomes);
        let known = trials.map(|((trial, _), outcome)| (*trial, seconds(outcome)));
        Forecast::new(known, threads)
    }

    fn into_attempts(self) -> Result<Attempts, SelectError> {
        let attempt = |&place: &usize| match &self.outcomes[place] {
            Some(Ok(outcome)) => Ok(Ok(outcome.clone())),
            Some(Err(SelectError::Cancelled)) | None => Err(SelectError::Cancelled),
            Some(Err(error)) => Ok(Err(error.to_string())),
        };
        self.place.iter().map(attempt).collect()
    }
}

/// Lines of a learner, with the trial's name before them; its own tasks would end the
/// runner's.
struct Lines<'a> {
    name: &'a str,
    of: &'a dyn Progress,
}

impl Progress for Lines<'_> {
    fn start(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
    fn line(&self, text: &str) {
        self.of.line(&format!("{}: {text}", self.name));
    }
}
