//! The example in Python, run on what the command wrote.

use crate::step;
use std::env::consts::EXE_SUFFIX;
use std::process::Command;

/// Explains a small organism and reads the result from Python. Where there is no Python with
/// numpy and safetensors, and none can be made, that is said and passed over.
pub fn run() -> anyhow::Result<()> {
    let Some(python) = interpreter() else {
        eprintln!("SKIPPED: no python3 with numpy and safetensors, and none could be made");
        return Ok(());
    };
    let out = "target/ci-python-example";
    let folder = step::root().join(out);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    // The tests built it beside this program; built alone it would be built with other features.
    let isegnet = std::env::current_exe()?.with_file_name(format!("isegnet{EXE_SUFFIX}"));
    let isegnet = format!("{} --quiet", isegnet.display());
    let config = format!("{out}/organism/isegnet.toml");
    step::run(&format!("{isegnet} simulate --scenario easy --genes 60 --out {out}/organism"))?;
    step::run(&format!("{isegnet} prepare {config} --out {out}/dataset"))?;
    let train = format!("train {config} --dataset {out}/dataset --out {out}/run --epochs 1");
    step::run(&format!("{isegnet} {train}"))?;
    let explain = format!("explain {out}/run --dataset {out}/dataset --out {out}/attributions");
    step::run(&format!("{isegnet} {explain} --steps 20"))?;
    step::run(&format!("{python} examples/read_attributions.py {out}/attributions"))
}

/// A Python that has what the example needs: the system's, or one of our own.
fn interpreter() -> Option<String> {
    let own = step::root().join("target/ci-python");
    let python = own.join("bin/python").to_string_lossy().into_owned();
    let has_all = |python: &str| {
        let imports = Command::new(python).args(["-c", "import numpy, safetensors"]).output();
        imports.is_ok_and(|output| output.status.success())
    };
    for found in ["python3", &python] {
        if has_all(found) {
            return Some(found.to_owned());
        }
    }
    let done = |command: &mut Command| command.status().is_ok_and(|status| status.success());
    let made = done(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&own))
        && done(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--only-binary",
            ":all:",
            "numpy",
            "safetensors",
        ]));
    (made && has_all(&python)).then_some(python)
}
