//! Our own contestant, built.

use crate::step;
use anyhow::{Context, bail};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Builds `benches/peers/ours.rs` in release; gives the program.
pub fn build() -> anyhow::Result<PathBuf> {
    let words = "build --release --example peers --message-format json-render-diagnostics";
    eprintln!("\n$ cargo {words}");
    let output = Command::new("cargo")
        .args(words.split_whitespace())
        .current_dir(step::root())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    if !output.status.success() {
        bail!("our own contestant could not be built");
    }
    executable(&String::from_utf8_lossy(&output.stdout))
        .context("cargo does not say where it put our own contestant")
}

/// The program that cargo's messages, a JSON value a line, end with.
fn executable(messages: &str) -> Option<PathBuf> {
    let message = |line: &str| serde_json::from_str::<Value>(line).ok();
    let program = |value: Value| value.get("executable")?.as_str().map(PathBuf::from);
    messages.lines().filter_map(message).filter_map(program).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_the_last_one_built() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
                        {\"reason\":\"compiler-artifact\",\"executable\":\"/t/peers\"}\n\
                        {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(executable(messages), Some("/t/peers".into()));
        assert_eq!(executable("not JSON\n"), None);
    }
}
