//! Everything a change has to pass.

mod python;

use crate::step;
use anyhow::Context;

/// Builds only what a check of licences needs.
const DENY: &str = "cargo install --locked --quiet cargo-deny@0.20";

/// Runs the checks in the order in which they fail fastest.
pub fn run(full: bool) -> anyhow::Result<()> {
    step::run("cargo fmt --all --check")?;
    step::run("cargo clippy --workspace --all-targets -- -D warnings")?;
    // The README's command.
    step::run("cargo test --workspace")?;
    let denied = [("RUSTDOCFLAGS", "-D warnings")];
    step::run_with("cargo doc --workspace --no-deps", &denied)?;
    for example in examples()? {
        step::run(&format!("cargo run --quiet --example {example}"))?;
    }
    python::run()?;
    if !step::works("cargo deny --version") {
        step::run(DENY)?;
    }
    // The advisory data base is not fetched: a check must pass offline.
    step::run("cargo deny --workspace check licenses bans sources")?;
    if full {
        alone()?;
        step::run("cargo package --workspace --allow-dirty")?;
    }
    eprintln!("\nall checks passed");
    Ok(())
}

/// The examples of the facade, by name.
fn examples() -> anyhow::Result<Vec<String>> {
    let folder = step::root().join("examples");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "rs")
            && let Some(name) = path.file_stem()
        {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Builds each crate by itself, so that none leans on features another one asks for.
fn alone() -> anyhow::Result<()> {
    let folder = step::root().join("crates");
    let mut crates: Vec<String> = std::fs::read_dir(&folder)
        .with_context(|| folder.display().to_string())?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<anyhow::Result<_>>()?;
    crates.sort();
    for name in crates {
        step::run(&format!("cargo check --package {name} --no-default-features"))?;
        step::run(&format!("cargo check --package {name}"))?;
    }
    Ok(())
}
