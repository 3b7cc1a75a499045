//! What was stopped goes on, and what is finished is never run again.

use crate::study::{Descent, Quiet, Study, arcs, message, plan};
use isegnet_core::{Cancel, Examples, FitContext, LearnError, Learner, Predictor};
use isegnet_select::{Candidate, Folds, Plan, Resampling, Runner, SelectError, Settings};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Fits slowly, keeps a file in the folder it is given, and may be stopped from inside.
struct Slow {
    fits: Arc<AtomicUsize>,
    wait: Duration,
    /// Asks to stop when this many fits were begun.
    stop: Option<(usize, Cancel)>,
}

impl Learner for Slow {
    fn name(&self) -> &str {
        "slow"
    }

    fn fit(
        &self,
        train: &dyn Examples,
        validation: &dyn Examples,
        context: &FitContext<'_>,
    ) -> Result<Box<dyn Predictor>, LearnError> {
        let fits = self.fits.fetch_add(1, Ordering::SeqCst) + 1;
        std::fs::write(context.folder.unwrap().join("checkpoint"), "half").unwrap();
        std::thread::sleep(self.wait);
        if let Some((_, cancel)) = self.stop.as_ref().filter(|(after, _)| fits >= *after) {
            cancel.cancel();
            return Err(LearnError::Cancelled);
        }
        Descent { steps: 5, ..Descent::default() }.fit(train, validation, context)
    }
}

struct Setup {
    study: Study,
    fits: Arc<AtomicUsize>,
}

impl Setup {
    fn new() -> Self {
        Self { study: Study::new(48, 3, 5), fits: Arc::default() }
    }

    /// Twelve trials.
    fn plan(&self, wait: u64, stop: Option<(usize, Cancel)>) -> Plan<'_> {
        let rows = self.study.genes();
        let divisions = arcs(Folds::kfold(&rows, 4).unwrap().tested_and_validated(&rows).unwrap());
        let slow = Slow { fits: self.fits.clone(), wait: Duration::from_millis(wait), stop };
        let candidate = Candidate::new("slow", Settings::new().with("steps", 5), slow);
        plan(vec![candidate], &[self.study.inputs()], &divisions, &[1, 2, 3])
    }

    /// Runs everything and gives all tables.
    fn tables(&self, runner: &Runner<'_>) -> Result<String, SelectError> {
        let results = runner.run(&self.plan(0, None))?;
        let few = Resampling { repeats: 20, ..Resampling::default() };
        let validation = results.validation_table();
        let comparison = results.open(&self.study.genes())?.seed_means();
        let tables = [validation, comparison.table(&few), comparison.summary()];
        Ok(tables.iter().map(|table| table.tsv() + &table.markdown()).collect())
    }

    fn uninterrupted(&self) -> String {
        let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
        self.tables(&quiet.runner(folder.path(), 1)).unwrap()
    }
}

/// The result files below a folder.
fn results(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let file =
        |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().path().join("result.json");
    entries.map(file).filter(|path| path.exists()).collect()
}

#[test]
fn a_stopped_plan_goes_on() {
    let setup = Setup::new();
    let (folder, quiet) = (tempfile::tempdir().unwrap(), Quiet::new());
    let stop = Some((5, quiet.0.clone()));
    let stopped = quiet.runner(folder.path(), 1).run(&setup.plan(0, stop));
    assert!(matches!(stopped, Err(SelectError::Cancelled)));
    assert_eq!(results(folder.path()).len(), 4);
    assert_eq!(setup.fits.swap(0, Ordering::SeqCst), 5);

    let quiet = Quiet::new();
    let runner = quiet.runner(folder.path(), 2);
    let tables = setup.tables(&runner).unwrap();
    assert_eq!(setup.fits.swap(0, Ordering::SeqCst), 8);
    assert_eq!(tables, setup.uninterrupted());
    assert_eq!(setup.fits.swap(0, Ordering::SeqCst), 12);
    assert_eq!(setup.tables(&runner).unwrap(), tables);
    assert_eq!(setup.fits.load(Ordering::SeqCst), 0);
}

const CHILD: &str = "ISEGNET_SELECT_CHILD";

/// The process that is killed: not a test of its own.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let (setup, quiet) = (Setup::new(), Quiet::new());
    quiet.runner(Path::new(&folder), 2).run(&setup.plan(150, None)).unwrap();
}

#[test]
fn a_killed_plan_goes_on_to_the_same_tables() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "resume::child"])
        .env(CHILD, folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while results(folder.path()).len() < 3 && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = results(folder.path());
    assert!((3..12).contains(&kept.len()), "{}", kept.len());
    let read = |path: &PathBuf| std::fs::read(path).unwrap();
    let before: Vec<Vec<u8>> = kept.iter().map(read).collect();

    let (setup, quiet) = (Setup::new(), Quiet::new());
    let tables = setup.tables(&quiet.runner(folder.path(), 2)).unwrap();
    assert_eq!(setup.fits.load(Ordering::SeqCst), 12 - kept.len());
    assert_eq!(kept.iter().map(read).collect::<Vec<_>>(), before);
    assert_eq!(tables, setup.uninterrupted());
}

#[test]
fn what_a_fit_kept_goes_when_it_is_finished_unless_it_is_to_stay() {
    let (setup, quiet) = (Setup::new(), Quiet::new());
    for keep_fits in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let runner = Runner { keep_fits, ..quiet.runner(folder.path(), 1) };
        runner.run(&setup.plan(0, None)).unwrap();
        for result in results(folder.path()) {
            assert_eq!(result.with_file_name("fit").join("checkpoint").exists(), keep_fits);
        }
    }
}

#[test]
fn what_was_spoilt_is_named() {
    let (setup, quiet) = (Setup::new(), Quiet::new());
    let folder = tempfile::tempdir().unwrap();
    let runner = quiet.runner(folder.path(), 1);
    let tables = setup.tables(&runner).unwrap();
    let result = &results(folder.path())[0];
    let spoil = |name: &str, from: &str, to: &str| {
        let path = result.with_file_name(name);
        let whole = std::fs::read_to_string(&path).unwrap();
        assert!(whole.contains(from), "{whole}");
        std::fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        let message = message(setup.tables(&runner));
        std::fs::write(&path, whole).unwrap();
        assert!(message.contains(path.to_str().unwrap()), "{message}");
        assert!(message.ends_with("remove the folder it is in, and the trial is run again"));
        message
    };
    spoil("result.json", "}", "");
    spoil("result.json", "\"seconds\"", "\"minutes\"");
    let message = spoil("result.json", "\"test_predicted\":[", "\"test_predicted\":[1.5,");
    assert!(message.contains("(12, 13) validation and test rows, where (12, 12) belong"));
    let message = spoil("result.json", "\"test_predicted\":[", "\"test_predicted\":[1e39,");
    assert!(message.contains("out of range"), "{message}");
    let message = spoil("trial.json", "\"steps\"", "\"step\"");
    assert!(message.contains("is of another trial"), "{message}");
    // What another version came to is of another trial too.
    spoil("trial.json", env!("CARGO_PKG_VERSION"), "0.0.0");
    assert_eq!(setup.tables(&runner).unwrap(), tables);
    // As the message says.
    std::fs::remove_dir_all(result.parent().unwrap()).unwrap();
    assert_eq!(setup.tables(&runner).unwrap(), tables);
}

#[test]
fn one_process_works_in_a_folder() {
    let (setup, quiet) = (Setup::new(), Quiet::new());
    let folder = tempfile::tempdir().unwrap();
    let lock = std::fs::File::create(folder.path().join("lock")).unwrap();
    lock.lock().unwrap();
    let runner = quiet.runner(folder.path(), 1);
    assert!(matches!(setup.tables(&runner), Err(SelectError::Taken { .. })));
    drop(lock);
    setup.tables(&runner).unwrap();
}
