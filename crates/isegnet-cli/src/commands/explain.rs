mod baseline;
mod browser;
mod columns;
mod drawing;
mod explanation;
mod faithful;
mod genome;
mod how;
mod job;
mod journal;
mod pictures;
mod planted;
mod profiles;
mod reopen;
mod rows;
mod sites;
mod tables;

pub use drawing::Ruler;
pub use explanation::{Explanation, Request, explain};
pub use how::HowArgs;
pub use rows::{RowArgs, listed};
pub use tables::cell;

use crate::Session;
use baseline::Plan;
use clap::ValueEnum;
use isegnet_explain::By;
use planted::Truth;
use profiles::Summary;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Explain what a trained model predicts, base by base
///
/// Integrated gradients of every track and of the DNA, for the test genes of
/// the model's own split unless told otherwise. The folder holds
/// attributions.safetensors (epi (rows, tracks, positions), dna (rows,
/// positions, 4); rows as in genes.tsv), genes.tsv (value, baseline, sum,
/// delta and steps of each row), profiles.tsv and .png, the highest site per
/// gene and track as sites.bed with +-50 bp of the genome as sites.fa, a bigWig
/// a track in genome coordinates (where windows overlap, the attribution of the
/// largest magnitude; DNA is what the base that is there was given), pictures,
/// and explain.json.
///
/// An interrupted explanation goes on where it stopped when the same command
/// is given again, to the same bytes.
///
/// Example: isegnet explain run --dataset dataset --out attributions
#[derive(clap::Args)]
pub struct Args {
    /// The run's folder
    run: PathBuf,
    /// The data set
    #[arg(long, short, default_value = "dataset")]
    dataset: PathBuf,
    /// The folder to write
    #[arg(long, short, default_value = "attributions")]
    out: PathBuf,
    /// Replace an explanation of something else
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    rows: RowArgs,
    #[command(flatten)]
    how: HowArgs,
    /// The highest site is that of the largest signed value, or of the largest magnitude
    #[arg(long, value_name = "WHICH", default_value = "value")]
    sites: SiteRule,
    /// Genome to read the bases around sites from [default: the data set's own]
    #[arg(long, value_name = "FASTA")]
    genome: Option<PathBuf>,
    /// Draw this gene; may be given several times [default: the one of the largest prediction]
    #[arg(long, value_name = "GENE")]
    picture: Vec<String>,
    /// Measure on so many rows whether attributions point at what the model uses: curves of
    /// deletion and insertion, and agreement with in-silico mutagenesis [N: 20]
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "20")]
    faithfulness: Option<usize>,
    /// The truth.tsv of a simulated organism: say how well attributions find what was planted
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// Write the arrays as attributions.npz too
    #[arg(long)]
    npz: bool,
    /// Fail when a row's attributions do not add up within the tolerance
    #[arg(long)]
    strict: bool,
}

/// Everything but the folders as the command line has it by default.
#[derive(clap::Parser)]
struct Usual {
    #[command(flatten)]
    args: Args,
}

impl Args {
    /// The test genes of a run, explained in the usual way beside what was planted.
    pub fn usual(run: PathBuf, dataset: PathBuf, out: PathBuf, truth: PathBuf) -> Self {
        let Usual { args } = <Usual as clap::Parser>::parse_from(["explain", "run"]);
        Self { run, dataset, out, truth: Some(truth), ..args }
    }
}

#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
enum SiteRule {
    Value,
    Magnitude,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let request = Request {
        run: &args.run,
        dataset: &args.dataset,
        rows: &args.rows,
        how: &args.how,
        out: &args.out,
        overwrite: args.overwrite,
    };
    let truth = args.truth.as_deref().map(Truth::read).transpose()?;
    let explanation = explain(&request, session)?;
    let out = &args.out;
    tables::write_genes(&explanation, &out.join("genes.tsv"))?;
    let by = match args.sites {
        SiteRule::Value => By::Value,
        SiteRule::Magnitude => By::Magnitude,
    };
    let sites = sites::find(&explanation, by)?;
    sites::write_bed(&explanation, &sites, &out.join("sites.bed"))?;
    if let Some(mut genome) = genome::open(&explanation, args.genome.as_deref(), session)? {
        sites::write_fasta(&explanation, &sites, genome.as_mut(), &out.join("sites.fa"))?;
    }
    browser::write(&explanation, out, session)?;
    let summary = Summary::of(&explanation, session)?;
    summary.write(&explanation, &out.join("profiles.tsv"))?;
    summary.draw(&explanation, &out.join("profiles"))?;
    pictures::genes(&explanation, &args.picture, &sites, out)?;
    pictures::top_site(&explanation, &sites, by, &out.join("top-site"))?;
    if args.npz {
        explanation.write_npz(&out.join("attributions.npz"), session)?;
    }
    if let Some(truth) = &truth {
        let found = planted::found(&explanation, truth);
        session.screen.event("planted", &json!({ "found": found }));
        session.screen.say(&planted::table("finding what was planted by |attribution|", &found)?);
    }
    if let Some(count) = args.faithfulness {
        let truth = truth.as_ref();
        let report = faithful::measure(&request, &explanation, &sites, count, truth, session)?;
        report.write(&out.join("faithfulness.tsv"))?;
        report.draw(&out.join("faithfulness"))?;
        report.tell(session)?;
    }
    explanation.told(args, session)
}

impl Explanation {
    fn write_npz(&self, path: &Path, session: &Session) -> anyhow::Result<()> {
        let dataset = self.view.dataset();
        let genes = self.rows.iter().map(|&row| dataset.gene_of(row).id.as_str()).collect();
        let samples = self.rows.iter().map(|&row| dataset.sample_of(row).name.as_str()).collect();
        let texts = [("gene_id", genes), ("sample", samples)];
        Ok(self.values.write_npz(path, &texts, &session.cancel)?)
    }

    /// Says what came of it, writes the manifest, and fails where that was asked for.
    fn told(&self, args: &Args, session: &Session) -> anyhow::Result<()> {
        let flagged = self.completeness.iter().filter(|row| self.is_flagged(row)).count();
        let screen = &session.screen;
        let (rows, out) = (self.rows.len(), args.out.display());
        let windows = self.view.windows();
        let manifest = Manifest {
            isegnet: env!("CARGO_PKG_VERSION").to_owned(),
            isa: isegnet_ops::Isa::in_use().to_string(),
            run: absolute(&args.run),
            dataset: absolute(&args.dataset),
            fingerprint: self.view.dataset().fingerprint().to_owned(),
            rows,
            flagged,
            spread: self.spread,
            windows: json!(windows),
            bin_bp: self.view.bin_bp(),
            seam: self.view.seam(),
            columns: self.columns().into_iter().map(|column| column.name).collect(),
            options: json!(args.how),
            baseline: json!(Plan::new(&args.how.baseline, &self.lens)?.columns),
        };
        crate::report::json(&args.out.join("explain.json"), &manifest)?;
        screen.event("explained", &json!({ "path": args.out, "explanation": manifest }));
        screen.say(&format!("wrote {out}: {rows} rows explained"));
        if let (Some(tolerance), true) = (self.tolerance, flagged > 0) {
            let message = format!(
                "{flagged} of {rows} rows do not add up within {} % (column relative_delta of \
                 genes.tsv); give more --steps, or --max-steps",
                100.0 * tolerance
            );
            if args.strict {
                anyhow::bail!(message);
            }
            screen.say(&message);
        }
        Ok(())
    }
}

/// `explain.json`: what was explained, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The version that explained.
    pub isegnet: String,
    /// The vector instructions it ran on.
    pub isa: String,
    pub run: PathBuf,
    pub dataset: PathBuf,
    /// Fingerprint of the data set.
    pub fingerprint: String,
    pub rows: usize,
    /// Rows whose attributions do not add up within the tolerance.
    pub flagged: usize,
    /// The target's standard deviation, which differences are relative to.
    pub spread: f64,
    pub windows: Value,
    pub bin_bp: usize,
    /// The first position of the TTS window.
    pub seam: usize,
    /// Tracks, masks and DNA.
    pub columns: Vec<String>,
    pub options: Value,
    /// What each column was compared with.
    pub baseline: Value,
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A name that can be a file's.
pub fn file_name(name: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    name.chars().map(|c| if kept(c) { c } else { '_' }).collect()
}
