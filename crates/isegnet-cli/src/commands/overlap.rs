mod around;
mod bound;
mod carriers;
mod draws;
mod pictures;
mod promoters;
mod tables;
mod test;

use crate::Session;
use crate::explained::{Explained, Site};
use crate::failure::Refusal;
use crate::folder;
use crate::report;
use around::Around;
use bound::Bound;
use carriers::Carriers;
use clap::ValueEnum;
use isegnet_encode::InputFile;
use isegnet_explain::{By, RegionRule};
use isegnet_io::names::Aliases;
use promoters::Promoters;
use serde_json::json;
use std::path::PathBuf;
use test::{Measured, Rule, adjust};

/// Hold attribution peaks against the peaks of a ChIP-seq experiment
///
/// A track's attribution peaks are stretches that reach the height of the top
/// share of its sites. Their bases that lie in ChIP-seq peaks are counted, and so
/// are those of regions as long, drawn at random from the same promoters, again
/// and again: p is the share of draws with as many. With --motif this is done
/// for the genes whose highest site carries the factor's motif too.
///
/// Only files of the explanation's folder are read: explain.json, genes.tsv,
/// the bigWigs, sites.bed, and sites.fa for --motif. The folder written holds
/// overlap.tsv (a line a track and list of genes), genes.tsv (a line a gene and
/// track), peaks.bed, around-sites.tsv (ChIP signal around the highest sites),
/// pictures and overlap.json.
///
/// Example: isegnet overlap attributions MYC.narrowPeak --motif MYC --motifs jaspar.meme
#[derive(clap::Args)]
pub struct Args {
    /// The folder of isegnet explain
    explanation: PathBuf,
    /// The experiment: narrowPeak or BED, or a bigWig
    peaks: PathBuf,
    /// The folder to write
    #[arg(long, short, default_value = "overlap")]
    out: PathBuf,
    /// Replace another overlap
    #[arg(long)]
    overwrite: bool,
    /// Also test the genes whose highest site carries one of these motifs: identifiers or names
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "motifs")]
    motif: Vec<String>,
    /// The motif library: MEME text or JASPAR counts
    #[arg(long, value_name = "FILE", requires = "motif")]
    motifs: Option<PathBuf>,
    /// The greatest p-value at which a site carries a motif
    #[arg(long, value_name = "P", default_value_t = 1e-4)]
    motif_p: f64,
    /// The window that is looked at: that of the tss (the promoter), of the tts, or both
    #[arg(long, value_name = "WHICH", default_value = "tss")]
    window: WindowName,
    /// The share of a track's sites that make attribution peaks
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    share: f64,
    /// High is a large value, or a large magnitude
    #[arg(long, value_name = "WHICH", default_value = "value")]
    by: ByName,
    /// Bases of an attribution peak, at least
    #[arg(long, value_name = "BASES", default_value_t = 1)]
    shortest: usize,
    /// Bases below the threshold that a peak may bridge
    #[arg(long, value_name = "BASES", default_value_t = 20)]
    gap: usize,
    /// The least value of a base that a bigWig says is bound
    #[arg(long, value_name = "VALUE", default_value_t = 2.0)]
    bound: f32,
    /// Draws of random regions
    #[arg(long, value_name = "N", default_value_t = 9999)]
    draws: u64,
    /// Only these tracks [default: all, and the DNA, without masks]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    tracks: Vec<String>,
    /// Call the chromosomes of the experiment as ucsc (chr1) or ensembl (1) does
    #[arg(long, value_name = "WAY")]
    chrom_alias: Option<AliasName>,
    /// Draw this gene, an id or a name [default: that of the most bound bases]
    #[arg(long, value_name = "GENE")]
    picture: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum WindowName {
    Tss,
    Tts,
    Both,
}

#[derive(Clone, Copy, Debug, serde::Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum ByName {
    Value,
    Magnitude,
}

#[derive(Clone, Copy, Debug, serde::Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum AliasName {
    Ucsc,
    Ensembl,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    args.check()?;
    let explained = Explained::open(&args.explanation)?;
    let tracks = explained.tracks(&args.tracks)?;
    let sites = explained.sites()?;
    let mut bound = Bound::open(&args.peaks, args.bound, args.aliases())?;
    bound.check(&explained)?;
    let carriers = match &args.motifs {
        Some(path) => Some(Carriers::new(path, &args.motif, args.motif_p)?),
        None => None,
    };
    let rule = args.rule(session);
    folder::claim(&args.out, "overlap", &args.key(&explained, session)?, args.overwrite)?;

    let (mut tested, mut around) = (Vec::new(), Around::default());
    let mut peaks = Vec::new();
    let mut seen = 0;
    for sample in &explained.samples {
        let mut promoters = Promoters::read(&explained, sample, args.window, &mut bound, session)?;
        for track in &tracks {
            let is = |s: &&Site| s.column == *track && explained.rows[s.row].sample == *sample;
            let own: Vec<Site> = sites.iter().filter(is).cloned().collect();
            let carry = carriers.as_ref().map(|c| c.rows(&explained, &own)).transpose()?;
            promoters.attribute(&explained, sample, track, session)?;
            let measured = Measured::of(&promoters, &rule)?;
            let lists = std::iter::once(("all", None));
            let lists = lists.chain(carry.as_ref().map(|rows| ("with the motif", Some(rows))));
            for (list, rows) in lists {
                let keep = |row: usize| rows.is_none_or(|rows| rows.contains(&row));
                let name = (sample.as_str(), track.as_str(), list);
                tested.push(measured.test(name, &promoters, keep, (&rule, seen), session)?);
                seen += 1;
                let sites: Vec<&Site> = own.iter().filter(|site| keep(site.row)).collect();
                around.add(&explained, name, &sites, (&promoters, rule.seed), &mut bound)?;
            }
            peaks.push(tables::Track { sample, track, measured, carry, sites: own });
        }
    }
    adjust(&mut tested);

    let out = &args.out;
    tables::write_tests(&tested, &out.join("overlap.tsv"))?;
    tables::write_genes(&explained, &peaks, args.window, &mut bound, &out.join("genes.tsv"))?;
    tables::write_peaks(&explained, &peaks, args.window, &out.join("peaks.bed"))?;
    around.write(&out.join("around-sites.tsv"))?;
    around.draw(bound.unit(), &out.join("around-sites.svg"))?;
    pictures::folds(&tested, &out.join("overlap.svg"))?;
    let drawn = args.drawn(&explained, &peaks)?;
    pictures::gene(&explained, &tracks, (args.window, drawn), &mut bound, out)?;
    let manifest = json!({
        "isegnet": env!("CARGO_PKG_VERSION"),
        "settings": args.settings(session),
        "chip_peaks": bound.count(),
        "tests": tested,
    });
    report::json(&out.join("overlap.json"), &manifest)?;
    session.screen.event("overlap", &json!({ "path": out, "overlap": manifest }));
    session.screen.say(&test::table(&tested));
    session.screen.say(&format!("wrote {}", out.display()));
    Ok(())
}

impl Args {
    fn check(&self) -> anyhow::Result<()> {
        let problem = if !(self.share > 0.0 && self.share <= 1.0) {
            format!("--share {}: give a share above 0, up to 1", self.share)
        } else if self.draws == 0 {
            "--draws 0: give the number of draws, from 1 on".to_owned()
        } else if !(self.bound > 0.0 && self.bound.is_finite()) {
            format!("--bound {}: give a value above 0", self.bound)
        } else {
            return Ok(());
        };
        Err(Refusal::usage(problem).into())
    }

    fn aliases(&self) -> Aliases {
        match self.chrom_alias {
            None => Aliases::None,
            Some(AliasName::Ucsc) => Aliases::Ucsc,
            Some(AliasName::Ensembl) => Aliases::Ensembl,
        }
    }

    fn rule(&self, session: &Session) -> Rule {
        let by = match self.by {
            ByName::Value => By::Value,
            ByName::Magnitude => By::Magnitude,
        };
        Rule {
            share: self.share,
            regions: RegionRule { by, gap: self.gap, shortest: self.shortest },
            draws: self.draws,
            seed: session.seed.unwrap_or(1),
        }
    }

    /// Everything that results depend on beside the files.
    fn settings(&self, session: &Session) -> serde_json::Value {
        json!({
            "motif": self.motif, "motif_p": self.motif_p, "window": self.window,
            "share": self.share, "by": self.by, "gap": self.gap, "shortest": self.shortest, "bound": self.bound,
            "draws": self.draws, "tracks": self.tracks, "chrom_alias": self.chrom_alias,
            "seed": session.seed.unwrap_or(1),
        })
    }

    fn key(&self, explained: &Explained, session: &Session) -> anyhow::Result<String> {
        let label = folder::key_of(explained.folder(), "explanation").ok();
        let mut inputs = vec![InputFile::of("peaks", &self.peaks)?];
        inputs.push(InputFile::of("sites", &explained.folder().join("sites.bed"))?);
        if let Some(motifs) = &self.motifs {
            inputs.push(InputFile::of("motifs", motifs)?);
        }
        folder::key(&(env!("CARGO_PKG_VERSION"), label, inputs, self.settings(session)))
    }

    /// The row that is drawn: of the gene asked for, or of the most bound bases.
    fn drawn(&self, explained: &Explained, peaks: &[tables::Track<'_>]) -> anyhow::Result<usize> {
        let rows = &explained.rows;
        if let Some(wanted) = &self.picture {
            let is = |name: &str| name == wanted;
            let place = rows.iter().position(|row| is(&row.gene.id) || is(row.title()));
            return place.ok_or_else(|| {
                let known = rows.iter().flat_map(|row| [row.gene.id.as_str(), row.title()]);
                let near = crate::near::nearest(wanted, known, 3);
                let near = match near.is_empty() {
                    true => String::new(),
                    false => format!("; did you mean {}?", near.join(", ")),
                };
                Refusal::usage(format!("gene {wanted:?} is not among those explained{near}")).into()
            });
        }
        let bases = |row: usize| peaks.iter().map(|track| track.bound_bases(row)).sum::<usize>();
        let best = (0..rows.len()).max_by_key(|&row| (bases(row), std::cmp::Reverse(row)));
        Ok(best.unwrap_or(0))
    }
}
