use super::check::{NameArgs, listed, warn};
use crate::Session;
use crate::config::{Config, Sample};
use crate::failure::Refusal;
use crate::inputs::{self, Inputs, SampleSources, thousands};
use isegnet_core::Progress;
use isegnet_encode::{Dataset, DatasetBuilder, DatasetError, InputFile, SampleInput, TrackSpec};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Read all inputs once and write the data set
///
/// The data set is a folder: the windows of every gene, untransformed, with
/// missing values kept as missing. Scales, splits and models are made from it
/// without reading the inputs again.
///
/// Example: isegnet prepare isegnet.toml --out dataset
#[derive(clap::Args)]
pub struct Args {
    /// The configuration
    config: PathBuf,
    /// The folder to write
    #[arg(long, short, default_value = "dataset")]
    out: PathBuf,
    /// Replace a data set that was made from something else
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    names: NameArgs,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let mut config = Config::read(&args.config)?;
    args.names.apply(&mut config);
    prepare(&config, &args.out, args.overwrite, session)?;
    let (config, out) = (args.config.display(), args.out.display());
    session.screen.say(&format!("next: isegnet train {config} --dataset {out} --out run"));
    Ok(())
}

/// Writes the data set of `config` into `out`, or finds it there already.
pub fn prepare(
    config: &Config,
    out: &Path,
    overwrite: bool,
    session: &Session,
) -> anyhow::Result<Dataset> {
    let (inputs, found) = inputs::open(config, session);
    listed(&found).iter().for_each(|line| session.screen.note(line));
    warn(&found, session);
    found.refuse()?;
    let files = hashed(config, session)?;
    if let Some(dataset) = existing(config, &files, out, overwrite)? {
        session.screen.say(&format!("{} is up to date", out.display()));
        return Ok(dataset);
    }
    let mut builder = builder(config, inputs)?.configuration(&recorded(config))?;
    for file in files {
        builder = builder.input(file);
    }
    let dataset = builder.write(out, &session.screen, &session.cancel)?;
    summarise(&dataset, session);
    Ok(dataset)
}

fn builder(config: &Config, inputs: Inputs) -> anyhow::Result<DatasetBuilder> {
    let mut builder = DatasetBuilder::new(config.windows, inputs.genes);
    if let Some(genome) = inputs.genome {
        builder = builder.sequence(genome);
    }
    if let Some(include) = inputs.include {
        builder = builder.include(include);
    }
    builder = builder.blacklist(inputs.blacklist);
    for track in &config.tracks {
        let (name, kind, bin_bp) = (track.name.clone(), track.kind, track.bin_bp);
        builder = builder.track(TrackSpec { name, kind, bin_bp });
    }
    for (sample, sources) in config.samples.iter().zip(inputs.samples) {
        builder = builder.sample(sample_input(config, sample, sources));
    }
    Ok(builder)
}

fn sample_input(config: &Config, sample: &Sample, sources: SampleSources) -> SampleInput {
    let tracks = config.tracks.iter().zip(sources.tracks);
    SampleInput {
        name: sample.name.clone(),
        condition: sample.condition.clone(),
        group: sample.group.clone(),
        expression: sources.expression,
        tracks: tracks.filter_map(|(track, source)| Some((track.name.clone(), source?))).collect(),
    }
}

/// What the data set depends on beside the bytes of its inputs.
pub fn recorded(config: &Config) -> Value {
    let genome = &config.genome;
    let tracks = config
        .tracks
        .iter()
        .map(|t| json!({ "name": t.name, "kind": t.kind, "min_coverage": t.min_coverage }));
    let samples = config.samples.iter().map(|s| {
        let table = s.expression.as_ref();
        json!({
            "name": s.name,
            "condition": s.condition,
            "group": s.group,
            "id": table.map(|e| &e.id),
            "value": table.map(|e| &e.value),
        })
    });
    json!({
        "anchor": genome.anchor,
        "biotypes": genome.biotypes,
        "chrom_alias": genome.chrom_alias,
        "windows": config.windows,
        "tracks": tracks.collect::<Vec<_>>(),
        "samples": samples.collect::<Vec<_>>(),
    })
}

/// Hashes every input, several at a time.
fn hashed(config: &Config, session: &Session) -> anyhow::Result<Vec<InputFile>> {
    let mut files: Vec<(String, &Path)> = Vec::new();
    files.extend(config.genome.fasta.iter().map(|path| ("genome".to_owned(), path.as_path())));
    files.push(("genes".to_owned(), &config.genome.genes));
    files.extend(config.filter.include.iter().map(|path| ("include".to_owned(), path.as_path())));
    files.extend(config.filter.blacklist.iter().map(|p| ("blacklist".to_owned(), p.as_path())));
    for sample in &config.samples {
        let name = &sample.name;
        let table = sample.expression.iter();
        files.extend(table.map(|e| (format!("expression of {name}"), e.path.as_path())));
        for (track, path) in config.tracks.iter().zip(&sample.tracks) {
            files.push((format!("track {} of {name}", track.name), path));
        }
    }
    session.screen.start("hashing files", files.len() as u64);
    let hashed = files.into_par_iter().map(|(role, path)| {
        if session.cancel.is_cancelled() {
            return Err(DatasetError::Cancelled.into());
        }
        let file = InputFile::of(role, path);
        session.screen.advance(1);
        Ok(file?)
    });
    let hashed = hashed.collect();
    session.screen.finish();
    hashed
}

/// Finds a data set made from just this; refuses any other one.
fn existing(
    config: &Config,
    files: &[InputFile],
    out: &Path,
    overwrite: bool,
) -> anyhow::Result<Option<Dataset>> {
    if overwrite || !out.join("manifest.json").is_file() {
        return Ok(None);
    }
    let place = out.display();
    let refusal = |what: &str| {
        let way = "name another folder with --out, or replace it with --overwrite";
        Refusal::usage(format!("{place} {what}; {way}"))
    };
    let Ok(dataset) = Dataset::open(out) else {
        return Err(refusal("holds a data set that cannot be read").into());
    };
    let manifest = dataset.manifest();
    let contents = |files: &[InputFile]| -> Vec<(String, String)> {
        files.iter().map(|file| (file.role.clone(), file.sha256.clone())).collect()
    };
    let same = manifest.configuration::<Value>().is_ok_and(|value| value == recorded(config))
        && contents(&manifest.inputs) == contents(files)
        && manifest.tracks.iter().map(|t| t.bin_bp).eq(config.tracks.iter().map(|t| t.bin_bp));
    match same {
        true => Ok(Some(dataset)),
        false => Err(refusal("holds a data set made from something else").into()),
    }
}

fn summarise(dataset: &Dataset, session: &Session) {
    let manifest = dataset.manifest();
    let (genes, rows) = (dataset.genes().len(), dataset.rows().len());
    let bytes = size(dataset.folder());
    let screen = &session.screen;
    screen.say(&manifest.counts.to_string());
    if manifest.counts.short > 0 {
        let short = manifest.counts.short;
        screen.say(&format!("{short} genes are so short that their two windows overlap"));
    }
    screen.say(&format!(
        "wrote {}: {genes} genes, {rows} rows of {} positions, {} tracks{}, {} kB",
        dataset.folder().display(),
        manifest.windows.positions(),
        manifest.tracks.len(),
        if manifest.dna { " and DNA" } else { "" },
        thousands(bytes / 1000),
    ));
    screen.event(
        "prepared",
        &json!({
            "path": dataset.folder(),
            "genes": genes,
            "rows": rows,
            "bytes": bytes,
            "counts": manifest.counts,
            "fingerprint": dataset.fingerprint(),
        }),
    );
}

/// Adds up the files of a folder; what cannot be looked at counts nothing.
fn size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}
