//! The command, run as a program of its own; Ctrl-C lets it end in order.

use crate::step;
use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::File;
use std::io::ErrorKind;
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

/// Stands for the program of a run that noted none.
pub const NOT_NOTED: &str = "not noted";

/// How a run of the command ended.
pub enum Ended {
    Done,
    Failed(ExitStatus),
    Interrupted,
}

/// The `isegnet` that makes all runs.
pub struct Program {
    path: PathBuf,
    sha256: String,
    threads: Option<usize>,
    interrupted: Arc<AtomicBool>,
}

impl Program {
    /// Takes the program in `out`, so that no later build changes what a long
    /// table is made with. It is copied there where it is missing, where another
    /// one is given, or where it is to be built anew.
    pub fn new(
        given: Option<&Path>,
        rebuild: bool,
        threads: Option<usize>,
        out: &Path,
    ) -> anyhow::Result<Self> {
        let path = out.join(format!("isegnet{}", std::env::consts::EXE_SUFFIX));
        match given {
            Some(given) => copy(given, &path)?,
            None if rebuild || !path.exists() => copy(&build()?, &path)?,
            None => {}
        }
        let sha256 = sha256(&path)?;
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst))?;
        Ok(Self { path, sha256, threads, interrupted })
    }

    /// Notes beside a run that this program makes it, or goes on with it.
    pub fn note(&self, run: &Path) -> anyhow::Result<()> {
        let mut programs = programs(run)?;
        if programs.is_empty() && run.exists() {
            programs.push(NOT_NOTED.to_owned());
        }
        if programs.last() != Some(&self.sha256) {
            programs.push(self.sha256.clone());
        }
        let path = run.with_extension("program");
        std::fs::write(&path, programs.join("\n") + "\n")
            .with_context(|| path.display().to_string())
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

/// The SHA-256 of each program that made a run, in order; none where none was noted.
pub fn programs(run: &Path) -> anyhow::Result<Vec<String>> {
    let path = run.with_extension("program");
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Builds the command; tells where it is.
fn build() -> anyhow::Result<PathBuf> {
    step::run("cargo build --release --package isegnet-cli")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| step::root().join("target"));
    Ok(target.join("release").join(format!("isegnet{}", std::env::consts::EXE_SUFFIX)))
}

/// Copies a program in the place of another, which may be running.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let part = to.with_added_extension("part");
    std::fs::copy(from, &part).with_context(|| from.display().to_string())?;
    std::fs::rename(&part, to).with_context(|| to.display().to_string())
}

fn sha256(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell() -> Program {
        let sha256 = "5e11".to_owned();
        Program { path: "sh".into(), sha256, threads: None, interrupted: Arc::default() }
    }

    #[test]
    fn the_program_of_the_folder_is_kept_until_another_is_given() {
        let folder = tempfile::tempdir().unwrap();
        let (out, other) = (folder.path(), folder.path().join("other"));
        std::fs::write(out.join("isegnet"), "old").unwrap();
        std::fs::write(&other, "new").unwrap();
        let kept = Program::new(None, false, None, out).unwrap();
        assert_eq!(std::fs::read(&kept.path).unwrap(), b"old");
        copy(&other, &kept.path).unwrap();
        assert_eq!(std::fs::read(&kept.path).unwrap(), b"new");
        assert_ne!(sha256(&kept.path).unwrap(), kept.sha256);
    }

    #[test]
    fn every_program_of_a_run_is_noted_once() {
        let (first, folder) = (shell(), tempfile::tempdir().unwrap());
        let second = Program { sha256: "ab".into(), ..shell() };
        let run = folder.path().join("fold-1");
        for program in [&first, &first, &second] {
            program.note(&run).unwrap();
        }
        assert_eq!(programs(&run).unwrap(), ["5e11", "ab"]);
        // One that was begun before programs were noted.
        let run = folder.path().join("fold-2");
        std::fs::create_dir(&run).unwrap();
        assert!(programs(&run).unwrap().is_empty());
        first.note(&run).unwrap();
        assert_eq!(programs(&run).unwrap(), [NOT_NOTED, "5e11"]);
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
