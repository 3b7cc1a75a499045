//! Ours in the races of `cargo xtask bench-peers`: `peers FOLDER TASK WORDS`.
//!
//! It sets itself up and says "ready". Then, a line for each line it is sent:
//! "check" answers the numbers that every contestant must agree on, "run" does
//! one unit of work and answers the seconds it took. `FOLDER` takes what the
//! peers are to read.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod enrich;
mod extract;
mod motifs;
mod network;
mod regression;
mod scan;
mod tracks;

use std::error::Error;
use std::io::{BufRead, stdin};
use std::path::Path;
use std::time::Instant;

/// A task that was set up.
trait Contestant {
    /// The numbers that every contestant must agree on.
    fn check(&mut self) -> Result<Vec<f64>, Box<dyn Error>>;

    /// One unit of work.
    fn run(&mut self) -> Result<(), Box<dyn Error>>;
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut contestant: Box<dyn Contestant> = match words[..] {
        [folder, "train", k1, kernel] => {
            Box::new(network::Train::new(Path::new(folder), k1.parse()?, kernel.parse()?)?)
        }
        [folder, "infer", k1, kernel] => {
            Box::new(network::Infer::new(Path::new(folder), k1.parse()?, kernel.parse()?)?)
        }
        [folder, "explain", k1, kernel] => {
            Box::new(network::Explain::new(Path::new(folder), k1.parse()?, kernel.parse()?)?)
        }
        [folder, "extract"] => Box::new(extract::Extract::new(Path::new(folder))?),
        [folder, "scan", what] => Box::new(scan::Scan::new(Path::new(folder), what)?),
        [folder, "enrich"] => Box::new(enrich::Enrich::new(Path::new(folder))?),
        [folder, model @ ("forest" | "svr" | "nu-svr" | "ridge")] => {
            Box::new(regression::Regression::new(Path::new(folder), model)?)
        }
        _ => return Err(format!("{words:?} is no task; cargo xtask bench-peers knows them").into()),
    };
    println!("ready");
    for line in stdin().lock().lines() {
        match line?.trim() {
            "check" => {
                let numbers = contestant.check()?;
                let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
                println!("{}", numbers.join(" "));
            }
            "run" => {
                let start = Instant::now();
                contestant.run()?;
                println!("{}", start.elapsed().as_secs_f64());
            }
            other => return Err(format!("{other:?} is neither check nor run").into()),
        }
    }
    Ok(())
}
