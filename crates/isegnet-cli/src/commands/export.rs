use crate::{Session, study};
use isegnet_encode::export::{Export, write_npz};
use isegnet_encode::{Dataset, ViewConfig};
use serde_json::json;
use std::path::PathBuf;

/// Write a data set as arrays for Python
///
/// One .npz file: epi f32 (rows, tracks, positions), dna u8 (rows, positions,
/// 4), target f32, gene_id, sample, track. Values as they were read, missing
/// as NaN; with --run, what that run's network saw.
///
/// Example: isegnet export dataset --out arrays.npz
#[derive(clap::Args)]
pub struct Args {
    /// The data set
    dataset: PathBuf,
    /// The file to write
    #[arg(long, short, default_value = "arrays.npz")]
    out: PathBuf,
    /// Export what the network of this run saw: scaled inputs, transformed targets
    #[arg(long, value_name = "RUN")]
    run: Option<PathBuf>,
    /// Compress the arrays: smaller, slower
    #[arg(long)]
    compress: bool,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let dataset = Dataset::open(&args.dataset)?;
    let lens = args.run.as_deref().map(study::load).transpose()?.map(|(_, lens)| lens);
    let view = match &lens {
        Some(lens) => dataset.view(lens.scaler.view())?,
        None => dataset.view(&ViewConfig::default())?,
    };
    let rows: Vec<usize> = (0..dataset.rows().len()).collect();
    let seen = lens.as_ref().map(|lens| (&lens.scaler, &lens.target));
    let export = Export { rows: &rows, seen, compress: args.compress };
    write_npz(&view, &export, &args.out, &session.screen, &session.cancel)?;
    session.screen.event("exported", &json!({ "path": args.out, "rows": rows.len() }));
    session.screen.say(&format!("wrote {}: {} rows", args.out.display(), rows.len()));
    Ok(())
}
