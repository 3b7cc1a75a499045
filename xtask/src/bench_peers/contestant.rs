//! A process that sets itself up once, then works when it is told to.
//!
//! While another one runs it is stopped, so that threads that wait for work in
//! a loop take nothing from others.

use anyhow::{Context, bail};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often memory is looked at.
const BETWEEN_SAMPLES: Duration = Duration::from_millis(10);

pub struct Contestant {
    pub name: String,
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Where its messages go, if not to the screen.
    log: Option<PathBuf>,
}

impl Contestant {
    /// Starts `command`, waits until it is set up, and stops it.
    pub fn start(name: &str, mut command: Command, log: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(log) = log {
            let file = File::create(log).with_context(|| log.display().to_string())?;
            command.stderr(file);
        }
        // Signals reach its threads and children, and Ctrl-C ends us first.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        let (Some(questions), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("{name} has no standard streams");
        };
        let (name, answers) = (name.to_owned(), BufReader::new(answers));
        let log = log.map(Into::into);
        let mut contestant = Self { name, process, questions, answers, log };
        let greeting = contestant.answer()?;
        if greeting != "ready" {
            bail!("{} says {greeting:?} where \"ready\" is due", contestant.name);
        }
        contestant.signal("STOP")?;
        Ok(contestant)
    }

    /// The numbers that every contestant must agree on.
    pub fn check(&mut self) -> anyhow::Result<Vec<f64>> {
        let line = self.ask("check")?;
        numbers(&line).with_context(|| format!("the numbers of {}", self.name))
    }

    /// Does one unit of work; gives the seconds it took.
    pub fn run(&mut self) -> anyhow::Result<f64> {
        let line = self.ask("run")?;
        match numbers(&line)?[..] {
            [seconds] if seconds > 0.0 => Ok(seconds),
            _ => bail!("{} says {line:?} where seconds are due", self.name),
        }
    }

    /// Does one unit of work that is not timed; gives the most memory it and its
    /// children held at one moment of it, in GB, where the system tells.
    pub fn peak_gb(&mut self) -> anyhow::Result<Option<f64>> {
        let (id, done) = (self.process.id(), AtomicBool::new(false));
        let peak_kb = std::thread::scope(|scope| {
            let sampler = scope.spawn(|| {
                let mut peak = None;
                while !done.load(Ordering::Relaxed) {
                    peak = peak.max(held_kb(id));
                    std::thread::sleep(BETWEEN_SAMPLES);
                }
                peak.max(held_kb(id))
            });
            let ran = self.run();
            done.store(true, Ordering::Relaxed);
            let peak = sampler.join().ok().flatten();
            ran.map(|_| peak)
        })?;
        Ok(peak_kb.map(|kb| kb as f64 * 1024.0 / 1e9))
    }

    fn ask(&mut self, question: &str) -> anyhow::Result<String> {
        self.signal("CONT")?;
        let asked = writeln!(self.questions, "{question}");
        let answer = asked.map_err(Into::into).and_then(|()| self.answer());
        self.signal("STOP")?;
        answer
    }

    fn answer(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? > 0 {
            return Ok(line.trim().to_owned());
        }
        let status = self.process.wait()?;
        let said = self.log.as_deref().map_or_else(String::new, last_lines);
        bail!("{} ended ({status}) before it answered{said}", self.name)
    }

    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let kill = format!("kill -s {signal} -- -{}", self.process.id());
        let status = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status();
        status.context("sh cannot be started; contestants are stopped and continued with it")?;
        Ok(())
    }
}

impl Drop for Contestant {
    fn drop(&mut self) {
        // What is left of it cannot be helped.
        let _ = self.signal("KILL");
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn numbers(line: &str) -> anyhow::Result<Vec<f64>> {
    let number = |word: &str| word.parse().with_context(|| format!("{word:?} is no number"));
    line.split_whitespace().map(number).collect()
}

/// The end of a log, and where all of it is.
fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(8)..].join("\n");
    format!("; the end of {}:\n{last}", log.display())
}

/// Memory that a process and its children hold now, a page that several share
/// divided among them; Linux tells it.
fn held_kb(id: u32) -> Option<u64> {
    let own = share_of(&std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?)?;
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).ok()?;
    let children: String = threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
        .collect();
    let below = children.split_whitespace().filter_map(|child| held_kb(child.parse().ok()?));
    Some(own + below.sum::<u64>())
}

fn share_of(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn script(text: &str) -> anyhow::Result<Contestant> {
        let mut command = Command::new("sh");
        command.args(["-c", text]);
        Contestant::start("a script", command, None)
    }

    #[test]
    fn questions_are_answered_in_order() {
        let answers = "echo ready; while read q; do case $q in check) echo '1 2.5 -3e-1';; \
                       run) echo 0.25;; esac; done";
        let mut contestant = script(answers).unwrap();
        assert_eq!(contestant.check().unwrap(), [1.0, 2.5, -0.3]);
        assert_eq!(contestant.run().unwrap(), 0.25);
        assert_eq!(contestant.run().unwrap(), 0.25);
    }

    #[test]
    fn what_ends_or_says_something_else_is_an_error() {
        let error = script("exit 3").err().unwrap().to_string();
        assert!(error.contains("a script ended") && error.contains('3'), "{error}");
        assert!(script("echo hello").is_err());
        let mut mute = script("echo ready; read q; echo nothing").unwrap();
        assert!(mute.run().is_err());
    }

    #[test]
    fn a_stopped_one_does_nothing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().display();
        let busy = format!("echo ready; while :; do echo >> {path}; sleep 0.01; done");
        let _contestant = script(&busy).unwrap();
        let pause = Duration::from_millis(100);
        std::thread::sleep(pause);
        let before = file.as_file().metadata().unwrap().len();
        std::thread::sleep(pause);
        assert_eq!(file.as_file().metadata().unwrap().len(), before);
    }

    #[test]
    fn its_share_of_memory_is_read() {
        let rollup = "5-7 ---p 00 00:00 0 [rollup]\nRss:  99 kB\nPss:    1234 kB\nPss_Anon: 7 kB\n";
        assert_eq!(share_of(rollup), Some(1234));
        assert_eq!(share_of("Rss:  99 kB\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn memory_is_that_of_a_moment_with_its_children() {
        let text = "sleep 9 & echo ready; while read q; do sleep 0.1; echo 0.1; done";
        let mut contestant = script(text).unwrap();
        let id = contestant.process.id();
        let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap();
        let (own, with_child) = (share_of(&rollup).unwrap(), held_kb(id).unwrap());
        assert!(with_child > own, "{with_child} {own}");
        // During the run there is another child.
        let peak = contestant.peak_gb().unwrap().unwrap();
        assert!(peak * 1e9 / 1024.0 > own as f64, "{peak} GB, {own} kB");
    }
}
