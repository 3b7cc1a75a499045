use crate::Session;
use crate::args::Cli;
use clap::CommandFactory;
use clap_complete::Shell;

/// Write shell completions
///
/// Example: isegnet completions bash > ~/.local/share/bash-completion/completions/isegnet
#[derive(clap::Args)]
pub struct Args {
    /// The shell that completes
    shell: Shell,
}

pub fn run(args: &Args, _: &Session) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "isegnet", &mut script);
    std::io::Write::write_all(&mut std::io::stdout(), &script)?;
    Ok(())
}
