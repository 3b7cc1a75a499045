//! The command, run as a program of its own; Ctrl-C lets it end in order.

use crate::step;
use anyhow::{Context, bail};
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a training may take to keep its state once it was interrupted.
const GRACE: Duration = Duration::from_secs(60);

/// The exit code of an interrupted command.
const INTERRUPTED_CODE: i32 = 130;

/// What is said when the work was interrupted.
pub const INTERRUPTED: &str = "interrupted; the same command goes on from here";

/// How a run of the command ended.
pub enum Ended {
    Done,
    Failed(ExitStatus),
    Interrupted,
}

/// The `isegnet` that makes all runs.
pub struct Program {
    path: PathBuf,
    threads: Option<usize>,
    interrupted: Arc<AtomicBool>,
}

impl Program {
    /// Builds the command, unless one is given, and copies it into `out`: a
    /// later build does not change what a long table is made with.
    pub fn new(given: Option<&Path>, threads: Option<usize>, out: &Path) -> anyhow::Result<Self> {
        let built = match given {
            Some(path) => path.to_owned(),
            None => {
                step::run("cargo build --release --package isegnet-cli")?;
                let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
                let target = target.unwrap_or_else(|| step::root().join("target"));
                target.join("release").join(format!("isegnet{}", std::env::consts::EXE_SUFFIX))
            }
        };
        let path = out.join(format!("isegnet{}", std::env::consts::EXE_SUFFIX));
        if path.exists() {
            std::fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
        std::fs::copy(&built, &path).with_context(|| built.display().to_string())?;
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst))?;
        Ok(Self { path, threads, interrupted })
    }

    fn command(&self, args: &[&OsStr]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(args);
        if let Some(threads) = self.threads {
            command.arg("--threads").arg(threads.to_string());
        }
        command
    }

    /// Runs it, unless the work was interrupted; what it says is added to `log`,
    /// which may hold the part that is resumed.
    pub fn run(&self, args: &[&OsStr], log: &Path) -> anyhow::Result<Ended> {
        if self.interrupted.load(Ordering::SeqCst) {
            return Ok(Ended::Interrupted);
        }
        let file = File::options().create(true).append(true).open(log);
        let file = file.with_context(|| log.display().to_string())?;
        let child = self.command(args).stdout(file.try_clone()?).stderr(file).spawn()?;
        let status = self.wait(child)?;
        Ok(match status.code() {
            Some(0) => Ended::Done,
            _ if self.interrupted.load(Ordering::SeqCst) => Ended::Interrupted,
            Some(INTERRUPTED_CODE) => Ended::Interrupted,
            _ => Ended::Failed(status),
        })
    }

    /// Runs it with `--json` and gives the event of this name.
    pub fn event(&self, args: &[&OsStr], name: &str) -> anyhow::Result<serde_json::Value> {
        let output = self.command(args).arg("--json").stderr(Stdio::inherit()).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut events = text.lines().filter_map(|line| serde_json::from_str(line).ok());
        match events.find(|event: &serde_json::Value| event["event"] == name) {
            Some(event) if output.status.success() => Ok(event),
            _ if self.interrupted.load(Ordering::SeqCst) => bail!(INTERRUPTED),
            _ => bail!("{} told no {name} ({})", self.path.display(), output.status),
        }
    }

    /// Waits for a run. A terminal's Ctrl-C reaches it as well, and it ends in
    /// order; where the signal came to us alone it is ended, and resumes from
    /// its last epoch.
    fn wait(&self, mut child: Child) -> anyhow::Result<ExitStatus> {
        let mut since = None;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if self.interrupted.load(Ordering::SeqCst) {
                let since = *since.get_or_insert_with(Instant::now);
                if since.elapsed() > GRACE {
                    child.kill()?;
                }
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell() -> Program {
        Program { path: "sh".into(), threads: None, interrupted: Arc::default() }
    }

    #[test]
    fn a_log_goes_on_and_nothing_starts_once_interrupted() {
        let (program, folder) = (shell(), tempfile::tempdir().unwrap());
        let log = folder.path().join("run.log");
        let run = |text: &str| program.run(&["-c".as_ref(), text.as_ref()], &log).unwrap();
        assert!(matches!(run("echo first"), Ended::Done));
        assert!(matches!(run("echo second; exit 3"), Ended::Failed(_)));
        program.interrupted.store(true, Ordering::SeqCst);
        assert!(matches!(run("echo third"), Ended::Interrupted));
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "first\nsecond\n");
    }
}
