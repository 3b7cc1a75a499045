use indicatif::{ProgressBar, ProgressStyle};
use isegnet_core::Progress;
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Seconds between two lines of progress where there is no terminal.
const PLAIN_INTERVAL: Duration = Duration::from_secs(30);

/// Where the command speaks: results on standard output, progress on standard error.
///
/// On a terminal progress is a bar, elsewhere a plain line now and then. With
/// `--json` standard output holds one JSON object a line and nothing else.
pub struct Screen {
    quiet: bool,
    json: bool,
    bars: bool,
    task: Mutex<Option<Task>>,
}

struct Task {
    name: String,
    total: u64,
    done: u64,
    began: Instant,
    /// When the last line was printed, if any was.
    spoke: Option<Instant>,
    bar: Option<ProgressBar>,
}

impl Screen {
    /// Makes a screen; a bar is drawn only on a terminal.
    pub fn new(quiet: bool, json: bool) -> Self {
        let bars = !quiet && std::io::stderr().is_terminal();
        Self { quiet, json, bars, task: Mutex::new(None) }
    }

    /// Prints a result for people.
    pub fn say(&self, text: &str) {
        if !self.json {
            self.beside_bar(|| print(&mut std::io::stdout(), text));
        }
    }

    /// Prints a result for a machine: `{"event": name, ...fields}`.
    pub fn event(&self, name: &str, fields: &impl Serialize) {
        if !self.json {
            return;
        }
        let mut object = serde_json::Map::new();
        object.insert("event".to_owned(), json!(name));
        match serde_json::to_value(fields) {
            Ok(Value::Object(fields)) => object.extend(fields),
            Ok(Value::Null) | Err(_) => {}
            Ok(other) => {
                object.insert("value".to_owned(), other);
            }
        }
        print(&mut std::io::stdout(), &Value::Object(object).to_string());
    }

    /// Prints what is under way: a line for people unless `--quiet`, an event for a machine.
    pub fn tell(&self, text: &str, name: &str, fields: &impl Serialize) {
        self.event(name, fields);
        if !self.quiet {
            self.say(text);
        }
    }

    /// Prints a remark on standard error, unless `--quiet`.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.beside_bar(|| print(&mut std::io::stderr(), text));
        }
    }

    /// Prints the error that ends the command.
    pub fn fail(&self, block: &str, code: u8) {
        self.finish();
        complain(block);
        self.event("error", &json!({ "message": block, "exit_code": code }));
    }

    /// Prints with the bar out of the way.
    fn beside_bar(&self, print: impl FnOnce()) {
        match self.lock().as_ref().and_then(|task| task.bar.as_ref()) {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Task>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bar(&self, name: &str, total: u64) -> Option<ProgressBar> {
        let style =
            ProgressStyle::with_template("{msg:<28} [{bar:30}] {pos}/{len}  {elapsed}, {eta} left");
        let bar = ProgressBar::new(total)
            .with_style(style.ok()?.progress_chars("=> "))
            .with_message(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        self.bars.then_some(bar)
    }
}

impl Progress for Screen {
    fn start(&self, task: &str, total: u64) {
        self.finish();
        let now = Instant::now();
        let bar = if self.bars { self.bar(task, total) } else { None };
        let name = task.to_owned();
        *self.lock() = Some(Task { name, total, done: 0, began: now, spoke: None, bar });
    }

    fn advance(&self, steps: u64) {
        let mut task = self.lock();
        let Some(task) = task.as_mut() else { return };
        task.done += steps;
        match &task.bar {
            Some(bar) => bar.inc(steps),
            None if !self.quiet && task.spoke.unwrap_or(task.began).elapsed() >= PLAIN_INTERVAL => {
                task.spoke = Some(Instant::now());
                let line = format!("{}: {} of {}", task.name, task.done, task.total);
                print(&mut std::io::stderr(), &line);
            }
            None => {}
        }
    }

    fn finish(&self) {
        let Some(task) = self.lock().take() else { return };
        match task.bar {
            Some(bar) => bar.finish_and_clear(),
            None if task.spoke.is_some() => {
                let seconds = task.began.elapsed().as_secs_f64();
                print(&mut std::io::stderr(), &format!("{}: {seconds:.0} s", task.name));
            }
            None => {}
        }
    }

    fn line(&self, text: &str) {
        self.tell(text, "line", &json!({ "text": text }));
    }
}

/// Prints a line; a reader that has gone away is no error of ours.
fn print(to: &mut impl Write, text: &str) {
    let _ = writeln!(to, "{text}").and_then(|()| to.flush());
}

/// Prints an error on standard error.
pub fn complain(text: &str) {
    print(&mut std::io::stderr(), text);
}
