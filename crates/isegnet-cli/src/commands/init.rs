use crate::Session;
use crate::config::TEMPLATE;
use crate::failure::Refusal;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

/// Write a commented configuration to start from
///
/// Every field stands in it, explained. Put your own paths in, then run
/// `isegnet check`.
///
/// Example: isegnet init study/isegnet.toml
#[derive(clap::Args)]
pub struct Args {
    /// The file to write
    #[arg(default_value = "isegnet.toml")]
    path: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    overwrite: bool,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let path = args.path.display();
    let mut options = OpenOptions::new();
    options.write(true);
    match args.overwrite {
        true => options.create(true).truncate(true),
        false => options.create_new(true),
    };
    let mut file = options.open(&args.path).map_err(|cause| match cause.kind() {
        ErrorKind::AlreadyExists => {
            Refusal::usage(format!("{path} exists; name another file or add --overwrite")).into()
        }
        _ => anyhow::Error::new(cause).context(format!("{path} cannot be written")),
    })?;
    file.write_all(TEMPLATE.as_bytes())?;
    session.screen.event("written", &json!({ "path": args.path }));
    session.screen.say(&format!("wrote {path}; put your paths in, then: isegnet check {path}"));
    Ok(())
}
