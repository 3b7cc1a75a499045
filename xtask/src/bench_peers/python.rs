//! The Python environment of the peers.

use crate::step;
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes the environment where it is missing or older than what is asked for;
/// gives its interpreter.
pub fn environment() -> anyhow::Result<PathBuf> {
    let wanted = step::root().join("benches/peers/requirements.txt");
    let text = std::fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    let folder = step::root().join("target/peers-venv");
    let interpreter = folder.join("bin/python");
    // Written last, so that an environment that was left half made is made again.
    let installed = folder.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|there| there == text) {
        return Ok(interpreter);
    }
    eprintln!("making {}: about 3 GB to download and 7 GB on disk", folder.display());
    make(&folder)?;
    install(&interpreter, &wanted)?;
    std::fs::write(&installed, text).with_context(|| installed.display().to_string())?;
    Ok(interpreter)
}

fn make(folder: &Path) -> anyhow::Result<()> {
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder).status();
    let made = made.context(
        "python3 could not be started; install Python 3.11 or later, such as with \
         `apt install python3 python3-venv`",
    )?;
    if !made.success() {
        bail!(
            "`python3 -m venv` failed ({made}); install what it lacks, such as with \
             `apt install python3-venv`"
        );
    }
    Ok(())
}

fn install(interpreter: &Path, wanted: &Path) -> anyhow::Result<()> {
    let pip = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "-r"];
    let status = Command::new(interpreter).args(pip).arg(wanted).status();
    if !status.with_context(|| interpreter.display().to_string())?.success() {
        bail!(
            "pip could not install {}; it needs the network, or a folder with the wheels: \
             set PIP_NO_INDEX=1 and PIP_FIND_LINKS=FOLDER. Where there is no wheel for this \
             Python, use Python 3.11 to 3.13; what it builds from source needs a C++ compiler \
             and Python's headers, such as with `apt install g++ python3-dev`",
            wanted.display()
        );
    }
    Ok(())
}
