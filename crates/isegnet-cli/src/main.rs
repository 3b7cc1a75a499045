//! The `isegnet` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    isegnet_cli::run(std::env::args_os())
}
