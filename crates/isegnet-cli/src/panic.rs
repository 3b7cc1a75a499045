//! A panic is a bug of ours, and is told as one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

static LAST: Mutex<Option<String>> = Mutex::new(None);

/// Runs `work`; a panic in it gives the text of a bug report instead.
///
/// The hook only takes the panic down, because a library may well catch one
/// (a decoder that unwinds on a broken file) and make an error of it.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::set_hook(Box::new(|info| {
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(info.to_string());
    }));
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| report())
}

fn report() -> String {
    let what = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
    let what = what.unwrap_or_else(|| "no message".to_owned());
    let command: Vec<String> = std::env::args().collect();
    format!(
        "error: isegnet has a bug, and met it here; nothing is wrong with your command as such\n  \
         {}\n  isegnet {}, command: {}\n  \
         please report these lines at {}/issues",
        what.replace('\n', "\n  "),
        env!("CARGO_PKG_VERSION"),
        command.join(" "),
        env!("CARGO_PKG_REPOSITORY"),
    )
}
