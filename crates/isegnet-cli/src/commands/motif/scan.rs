mod input;

use super::Library;
use super::background::Frequencies;
use crate::Session;
use crate::failure::Refusal;
use clap::ValueEnum;
use isegnet_io::atomic;
use isegnet_motif::{
    Scan, ScanOptions, Scanner, Strands, Threshold, write_bed, write_gff, write_tsv,
};
use serde::Serialize;
use serde_json::json;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Find motifs in sequences by FIMO's rules
///
/// Both strands of every sequence are scored for every motif, with exact
/// p-values and q-values of each motif. The sequences are read piece by piece,
/// so a genome may be of any size; with --regions only parts of it are scanned.
/// Letters that are no base end a stretch. Names such as chr1:1001-1101 are
/// read as places, unless --plain-names is given.
///
/// Example: isegnet motif scan jaspar.meme sites.fa --out hits.tsv,hits.bed
#[derive(clap::Args)]
pub struct Args {
    /// The motifs: MEME text or JASPAR counts
    motifs: PathBuf,
    /// The sequences: FASTA, plain or gzip
    sequences: PathBuf,
    /// The tables to write, each in the format of its name: .tsv (FIMO's), .bed or .gff
    #[arg(long, short, value_name = "FILE", value_delimiter = ',', default_value = "hits.tsv")]
    out: Vec<PathBuf>,
    /// The greatest p-value of a hit
    #[arg(long, value_name = "P", default_value_t = 1e-4, conflicts_with = "q")]
    p: f64,
    /// The greatest q-value of a hit, instead of a p-value
    #[arg(long, value_name = "Q")]
    q: Option<f64>,
    /// Base frequencies: fimo, uniform, motifs (what their file says), sequences, or a file
    #[arg(long, value_name = "WHICH|FILE", default_value = "fimo")]
    background: Frequencies,
    /// Sites of the background that are mixed into each motif
    #[arg(long, value_name = "SITES", default_value_t = 0.1)]
    pseudocount: f64,
    /// Both strands, the better one at each place, or the forward one only
    #[arg(long, value_name = "WHICH", default_value = "both")]
    strands: StrandName,
    /// Scan only with these motifs: identifiers or names
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    motif: Vec<String>,
    /// Scan only these parts of the sequences: BED
    #[arg(long, value_name = "FILE")]
    regions: Option<PathBuf>,
    /// Do not read names such as chr1:1001-1101 as places
    #[arg(long)]
    plain_names: bool,
    /// Hits that are kept of a motif; where there are more, the less significant half goes. With
    /// --q every place counts until q-values are known: some 5 MB of memory a motif on a genome
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    max_hits: usize,
    /// Compute no q-values
    #[arg(long, conflicts_with = "q")]
    no_q: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StrandName {
    Both,
    Better,
    Forward,
}

impl From<StrandName> for Strands {
    fn from(name: StrandName) -> Self {
        match name {
            StrandName::Both => Self::Both,
            StrandName::Better => Self::Better,
            StrandName::Forward => Self::Forward,
        }
    }
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let formats = args.formats()?;
    let mut library = Library::read(&args.motifs)?;
    library.keep(&args.motif)?;
    let background = match args.background.of(&library)? {
        Some(background) => background,
        None => input::frequencies(&args.sequences, session)?,
    };
    let options = ScanOptions {
        threshold: args.q.map_or(Threshold::P(args.p), Threshold::Q),
        pseudocount: args.pseudocount,
        strands: args.strands.into(),
        most_hits: args.max_hits,
        q_values: !args.no_q,
        seed: session.seed.unwrap_or(1),
        ..ScanOptions::default()
    };
    let scanner = Scanner::new(&library.motifs, &background, &options)?;
    let scan = match &args.regions {
        Some(regions) => input::regions(&scanner, &args.sequences, regions, session)?,
        None => input::sequences(&scanner, &args.sequences, !args.plain_names, session)?,
    };
    for (path, format) in args.out.iter().zip(formats) {
        atomic::write(path, |out| format.write(out, &scan))?;
    }
    args.tell(&scan, session);
    Ok(())
}

/// How hits are written.
#[derive(Clone, Copy)]
enum Format {
    Tsv,
    Bed,
    Gff,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "tsv" | "txt" => Some(Self::Tsv),
            "bed" => Some(Self::Bed),
            "gff" | "gff3" => Some(Self::Gff),
            _ => None,
        }
    }

    fn write(self, out: &mut dyn Write, scan: &Scan) -> io::Result<()> {
        match self {
            Self::Tsv => write_tsv(out, scan),
            Self::Bed => write_bed(out, scan),
            Self::Gff => write_gff(out, scan),
        }
    }
}

#[derive(Serialize)]
struct Told<'a> {
    files: &'a [PathBuf],
    motifs: usize,
    sequences: usize,
    hits: usize,
    /// Sequences shorter than every motif.
    too_short: usize,
    /// Motifs of which only the more significant hits were kept.
    cut: usize,
}

/// A number of things, such as `1 hit` or `2 hits`.
fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

impl Args {
    fn formats(&self) -> anyhow::Result<Vec<Format>> {
        let format = |path: &PathBuf| {
            Format::of(path).ok_or_else(|| {
                let place = path.display();
                Refusal::usage(format!("--out {place}: end the name in .tsv, .bed or .gff")).into()
            })
        };
        self.out.iter().map(format).collect()
    }

    fn tell(&self, scan: &Scan, session: &Session) {
        let files: Vec<String> = self.out.iter().map(|path| path.display().to_string()).collect();
        let cut: Vec<&str> = scan
            .motifs
            .iter()
            .filter(|motif| motif.dropped_from.is_some())
            .map(|motif| motif.id.as_str())
            .collect();
        let told = Told {
            files: &self.out,
            motifs: scan.motifs.len(),
            sequences: scan.sequences.len(),
            hits: scan.len(),
            too_short: scan.too_short,
            cut: cut.len(),
        };
        session.screen.event("scanned", &json!(told));
        session.screen.say(&format!(
            "wrote {}: {} of {} in {}",
            files.join(", "),
            counted(told.hits, "hit"),
            counted(told.motifs, "motif"),
            counted(told.sequences, "sequence")
        ));
        if scan.too_short > 0 {
            session.screen.note(&format!(
                "{} of {} sequences are shorter than every motif ({} bases) and have no place for \
                 a hit",
                scan.too_short,
                scan.sequences.len(),
                scan.narrowest
            ));
        }
        let which = match cut[..] {
            [] => return,
            [one] => format!("motif {one} has"),
            [first, ..] => format!("{} motifs ({first}, ...) have", cut.len()),
        };
        session.screen.note(&format!(
            "{which} more than {} hits, of which the less significant are left out; keep more with \
             --max-hits, or lower --p or --q",
            self.max_hits
        ));
    }
}
