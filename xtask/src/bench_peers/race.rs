//! One row: everybody is set up, agrees on the numbers, then runs in turns.

use super::contestant::Contestant;
use super::figures::{Figure, Taken, Times};
use super::rows::{Peer, Row};
use crate::step;
use anyhow::{Context, bail};
use std::path::PathBuf;
use std::process::Command;

/// How contestants are started.
pub struct Start {
    /// The interpreter that has the peers' packages.
    pub python: PathBuf,
    /// Our own contestant.
    pub ours: PathBuf,
    /// The folder for inputs that all of them read.
    pub data: PathBuf,
    pub threads: usize,
}

/// What every library that makes threads asks for their number.
const THREADS: [&str; 7] = [
    "PEERS_THREADS",
    "RAYON_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
];

impl Start {
    fn ours(&self, row: &Row) -> anyhow::Result<Contestant> {
        let mut command = self.command(&self.ours);
        command.arg(&self.data).args(row.task.split_whitespace());
        Contestant::start("ours", command, None)
    }

    fn peer(&self, row: &Row, peer: &Peer, setting: &str) -> anyhow::Result<Contestant> {
        let mut command = self.command(&self.python);
        command
            .arg(step::root().join("benches/peers").join(peer.script))
            .args([self.data.as_os_str(), setting.as_ref()])
            .args(row.task.split_whitespace())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("TF_CPP_MIN_LOG_LEVEL", "2");
        let log = format!("{} {setting}.log", peer.name).replace([' ', '/'], "-");
        let name = format!("{} ({setting})", peer.name);
        Contestant::start(&name, command, Some(&self.data.join(log)))
    }

    fn command(&self, program: &PathBuf) -> Command {
        let mut command = Command::new(program);
        command.current_dir(step::root());
        command.envs(THREADS.map(|variable| (variable, self.threads.to_string())));
        command
    }
}

/// Races ours against each peer of a row, if there is any, `runs` times in turns.
pub fn run(row: &Row, start: &Start, runs: usize) -> anyhow::Result<Vec<Figure>> {
    eprintln!("\n{}", row.name);
    let mut ours = start.ours(row)?;
    let numbers = ours.check()?;
    let mut peers = Vec::new();
    for peer in &row.peers {
        peers.push(fastest(row, start, peer, &numbers)?);
    }
    ours.run()?; // warms up
    let mut times = vec![Vec::new(); 1 + peers.len()];
    for round in 1..=runs {
        let everybody = std::iter::once(&mut ours).chain(&mut peers);
        let mut line = format!("  run {round} of {runs}:");
        for (contestant, times) in everybody.zip(&mut times) {
            let seconds = contestant.run()?;
            line += &format!("  {} {seconds:.3} s", contestant.name);
            times.push(seconds);
        }
        eprintln!("{line}");
    }
    let mut taken = Vec::new();
    for (contestant, seconds) in std::iter::once(&mut ours).chain(&mut peers).zip(&times) {
        let gb = if row.memory { contestant.peak_gb()? } else { None };
        taken.push(Taken { times: Times::new(seconds, row.units_a_run), gb });
    }
    let [ours, theirs @ ..] = &taken[..] else { bail!("nobody ran") };
    let figure = |peer| Figure { row: row.name.clone(), unit: row.unit, ours: ours.clone(), peer };
    if theirs.is_empty() {
        return Ok(vec![figure(None)]);
    }
    let peers = row.peers.iter().zip(theirs);
    Ok(peers.map(|(peer, theirs)| figure(Some((peer.name, theirs.clone())))).collect())
}

/// The peer in the setting that makes it fastest, warm.
fn fastest(row: &Row, start: &Start, peer: &Peer, numbers: &[f64]) -> anyhow::Result<Contestant> {
    let mut best: Option<(Contestant, f64)> = None;
    for setting in peer.settings {
        let mut contestant = start.peer(row, peer, setting)?;
        let theirs = contestant.check()?;
        let name = contestant.name.clone();
        let apart = peer.tolerance.compare(numbers, &theirs).with_context(|| name.clone())?;
        if !apart.is_allowed() {
            bail!("{name} computes something else: {apart}; correct benches/peers/{}", peer.script);
        }
        contestant.run()?; // warms up
        let seconds = contestant.run()?.min(contestant.run()?);
        eprintln!("  {name}: {apart}, {seconds:.3} s");
        if best.as_ref().is_none_or(|(_, least)| seconds < *least) {
            best = Some((contestant, seconds));
        }
    }
    let (contestant, _) = best.with_context(|| format!("{} has no setting", peer.name))?;
    Ok(contestant)
}
