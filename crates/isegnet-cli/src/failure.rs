use isegnet_core::{LearnError, SourceError};
use isegnet_encode::DatasetError;
use isegnet_encode::export::ExportError;
use isegnet_explain::SummaryError;
use isegnet_select::SelectError;
use std::fmt;

/// How a command ends, as its exit code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// Everything was done.
    Done = 0,
    /// Something failed that is neither of the below.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// An input file was refused.
    Input = 3,
    /// A bug in isegnet.
    Bug = 70,
    /// Ctrl-C; the same command resumes.
    Interrupted = 130,
}

/// The exit codes, for `--help`.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed (disk full, training broke down, ...)
  2    the command line or the configuration is wrong
  3    an input file was refused; the message names file, place and way out
  70   a bug in isegnet
  130  interrupted by Ctrl-C; the same command resumes";

/// An error that the command itself makes: a message and what it means.
#[derive(Debug)]
pub struct Refusal {
    outcome: Outcome,
    message: String,
}

impl Refusal {
    /// The command line, or a folder it names, does not do.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Usage, message: message.into() }
    }

    /// An input does not do.
    pub fn input(message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Input, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

/// Tells which exit code an error deserves.
pub fn outcome(error: &anyhow::Error) -> Outcome {
    error.chain().find_map(known).unwrap_or(Outcome::Failed)
}

fn known(error: &(dyn std::error::Error + 'static)) -> Option<Outcome> {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return Some(refusal.outcome);
    }
    match (error.downcast_ref::<DatasetError>(), error.downcast_ref::<LearnError>()) {
        (Some(DatasetError::Cancelled), _) | (_, Some(LearnError::Cancelled)) => {
            return Some(Outcome::Interrupted);
        }
        (Some(DatasetError::Io { .. } | DatasetError::Exists { .. }), _) => return None,
        (Some(_), _) => return Some(Outcome::Input),
        _ => {}
    }
    if matches!(
        (error.downcast_ref(), error.downcast_ref()),
        (Some(SummaryError::Cancelled), _) | (_, Some(ExportError::Cancelled))
    ) {
        return Some(Outcome::Interrupted);
    }
    match error.downcast_ref() {
        Some(SelectError::Cancelled) => return Some(Outcome::Interrupted),
        Some(
            SelectError::Setting { .. }
            | SelectError::Nothing { .. }
            | SelectError::Folds { .. }
            | SelectError::Taken { .. },
        ) => return Some(Outcome::Usage),
        _ => {}
    }
    if let Some(isegnet_io::Error::Write { .. }) = error.downcast_ref() {
        return None;
    }
    let usage = error.is::<crate::config::Error>()
        || error.is::<isegnet_encode::ViewError>()
        || error.is::<isegnet_encode::SplitError>()
        || error.is::<isegnet_motif::ScanError>();
    let input = error.is::<SourceError>()
        || error.is::<isegnet_io::Error>()
        || error.is::<isegnet_motif::Error>()
        || error.is::<isegnet_encode::ScaleError>()
        || error.is::<isegnet_encode::TargetError>()
        || matches!(
            error.downcast_ref(),
            Some(ExportError::Read { .. } | ExportError::Broken { .. })
        );
    usage.then_some(Outcome::Usage).or(input.then_some(Outcome::Input))
}

/// Writes an error as one block: what was being done, what happened, the cause below.
pub fn block(error: &anyhow::Error) -> String {
    let mut lines: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        // An error whose message already ends with its cause says it once.
        if lines.last().is_none_or(|above| !above.contains(&text)) {
            lines.push(text);
        }
    }
    let mut block = format!("error: {}", lines.remove(0).replace('\n', "\n  "));
    for line in lines {
        block.push_str(&format!("\n  because: {}", line.replace('\n', "\n    ")));
    }
    block
}
