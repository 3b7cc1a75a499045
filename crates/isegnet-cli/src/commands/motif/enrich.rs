mod groups;
mod matched;
mod outcome;
mod pictures;
mod tables;

use super::Library;
use super::background::Frequencies;
use crate::failure::Refusal;
use crate::folder;
use crate::{Session, report};
use clap::ValueEnum;
use isegnet_encode::InputFile;
use isegnet_motif::{Enrichment, EnrichmentTest, Partition, Rules, Scoring};
use matched::MatchArgs;
use outcome::Outcome;
use serde::Serialize;
use serde_json::json;
use std::path::PathBuf;

/// Test which motifs sequences have more of than others, by AME's methods
///
/// Of a folder of isegnet explain the bases around the highest sites are
/// tested, track by track, against matched windows: bases of the same promoters
/// with as much GC at the same distance from the TSS or TTS, where attribution
/// is low. Several folders are several conditions; those that --names calls
/// alike are replicates of one, as are samples of one condition of the data
/// set. Each replicate is tested by itself, and the heatmap shows their mean. A
/// FASTA file is tested against --control, against its own shuffled sequences
/// (--shuffle), or as a list that the numbers behind its names sort (--ranked).
///
/// The folder holds AME's table of every track (<track>.ame.tsv) with the
/// sequences on both sides (.primary.fa, .control.fa), enrichment.tsv (all
/// tracks, q-values by Benjamini and Hochberg over motifs x tracks),
/// factors.tsv (motifs with a q-value of at most --alpha), motifs.tsv (all that
/// were tested), a clustered heatmap, and enrichment.json.
///
/// Example: isegnet motif enrich jaspar.meme attributions --out enrichment
#[derive(clap::Args)]
pub struct Args {
    /// The motifs: MEME text or JASPAR counts
    motifs: PathBuf,
    /// Folders of isegnet explain, or FASTA files
    #[arg(required = true)]
    primary: Vec<PathBuf>,
    /// The folder to write
    #[arg(long, short, default_value = "enrichment")]
    out: PathBuf,
    /// Replace another enrichment
    #[arg(long)]
    overwrite: bool,
    /// What the folders or files are called [default: their names]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    names: Vec<String>,
    /// Compare with these sequences
    #[arg(long, value_name = "FASTA", conflicts_with_all = ["shuffle", "ranked"])]
    control: Option<PathBuf>,
    /// Compare with K shuffles of each sequence, which keep its pairs of neighbouring bases
    #[arg(long, value_name = "K", num_args = 0..=1, default_missing_value = "1", conflicts_with = "ranked")]
    shuffle: Option<usize>,
    /// Sort each file by the numbers behind its names, the least first, and cut the list where
    /// it differs most
    #[arg(long)]
    ranked: bool,
    /// Cut the sorted list after N sequences
    #[arg(long, value_name = "N", requires = "ranked")]
    cut: Option<usize>,
    /// Sort the list by each motif and cut it where sequences with a number of at most T
    /// differ most (Fisher's test)
    #[arg(long, value_name = "T", requires = "ranked", conflicts_with = "cut")]
    by_motif: Option<f64>,
    #[command(flatten)]
    matching: MatchArgs,
    /// Only these tracks [default: all, and the DNA, without masks]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    tracks: Vec<String>,
    /// What a sequence scores: the mean, the greatest or the sum of its windows' odds, or the
    /// number of hits
    #[arg(long, value_name = "NAME", default_value = "avg")]
    scoring: ScoringName,
    /// Fisher's exact test at the best score, or the rank-sum test
    #[arg(long, value_name = "NAME", default_value = "fisher")]
    test: TestName,
    /// Our rules, or those of AME 5.5.8 with its peculiarities: the last window of a sequence is
    /// never scored, sequences shorter than the widest motif are left out, ties are thresholds
    #[arg(long, value_name = "WHOSE", default_value = "isegnet")]
    rules: RulesName,
    /// Base frequencies: sequences (those of interest), uniform, fimo, motifs (what their file
    /// says), or a file
    #[arg(long, value_name = "WHICH|FILE", default_value = "sequences")]
    background: Frequencies,
    /// Sites of the background that are mixed into each motif
    #[arg(long, value_name = "SITES", default_value_t = 0.1)]
    pseudocount: f64,
    /// A hit has the greatest odds of its motif to the power of this
    #[arg(long, value_name = "SHARE", default_value_t = 0.25)]
    hit_fraction: f64,
    /// The greatest E-value in AME's tables
    #[arg(long, value_name = "E", default_value_t = 10.0)]
    e_value: f64,
    /// The greatest q-value of a factor that is listed
    #[arg(long, value_name = "Q", default_value_t = 0.05)]
    alpha: f64,
    /// Most factors in the heatmap
    #[arg(long, value_name = "N", default_value_t = 40)]
    top: usize,
    /// One line of the heatmap for motifs that are nearly the same
    #[arg(long)]
    families: bool,
}

#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum ScoringName {
    Avg,
    Max,
    Sum,
    Totalhits,
}

#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum TestName {
    Fisher,
    Ranksum,
}

#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum RulesName {
    Isegnet,
    Ame,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    args.check()?;
    let library = Library::read(&args.motifs)?;
    let enrichment = args.enrichment(&library)?;
    let sources = groups::open(args)?;
    let key = folder::key(&(
        args.settings(session),
        InputFile::of("motifs", &args.motifs)?,
        sources.key()?,
    ))?;

    let mut outcome = Outcome::new(&library);
    for plan in sources.plans(args)? {
        let Some(group) = sources.group(plan, args, session)? else { continue };
        let table = group.test(&enrichment, &library, session)?;
        // Nothing is written before the first test made sense.
        if outcome.is_empty() {
            folder::claim(&args.out, "enrichment", &key, args.overwrite)?;
        }
        group.write(&args.out)?;
        group.tell(&table, session);
        outcome.push(&group, table);
    }
    if outcome.is_empty() {
        return Err(Refusal::usage(
            "no site has a window like it where attribution is low; allow more with --gc, \
             --distance or --low, or compare with --shuffle 1",
        )
        .into());
    }
    outcome.adjust(args.alpha);

    let out = &args.out;
    library.write_names(&out.join("motifs.tsv"))?;
    tables::write_ame(&outcome, args.e_value, &library, out)?;
    tables::write_all(&outcome, &out.join("enrichment.tsv"))?;
    tables::write_factors(&outcome, &out.join("factors.tsv"))?;
    pictures::heatmap(&outcome, args, &out.join("heatmap"))?;
    let manifest = json!({
        "isegnet": env!("CARGO_PKG_VERSION"),
        "settings": args.settings(session),
        "motifs": library.motifs.len(),
        "tests": outcome.told(),
    });
    report::json(&out.join("enrichment.json"), &manifest)?;
    session.screen.event("enriched", &json!({ "path": out, "enrichment": manifest }));
    session.screen.say(&format!("wrote {}\n{}", out.display(), outcome.summary(args.alpha)));
    Ok(())
}

impl Args {
    fn check(&self) -> anyhow::Result<()> {
        let problem = if !(self.alpha > 0.0 && self.alpha <= 1.0) {
            format!("--alpha {}: give a number above 0, up to 1", self.alpha)
        } else if let Some(copies @ (0 | 1001..)) = self.shuffle {
            format!("--shuffle {copies}: give the number of shuffles of each sequence, 1 to 1000")
        } else if self.by_motif.is_some_and(f64::is_nan) {
            "--by-motif NaN: give the greatest number of a sequence of interest".to_owned()
        } else if !matches!(self.names.len(), 0) && self.names.len() != self.primary.len() {
            let (names, of) = (self.names.len(), self.primary.len());
            format!("--names has {names} names for {of} folders or files; give one for each")
        } else if self.e_value.is_nan() || self.e_value < 0.0 {
            format!("--e-value {}: give a number from 0 on", self.e_value)
        } else if self.top == 0 {
            "--top 0: give the number of factors in the heatmap, from 1 on".to_owned()
        } else {
            return self.matching.check();
        };
        Err(Refusal::usage(problem).into())
    }

    fn enrichment(&self, library: &Library) -> anyhow::Result<Enrichment> {
        Ok(Enrichment {
            scoring: match self.scoring {
                ScoringName::Avg => Scoring::Average,
                ScoringName::Max => Scoring::Max,
                ScoringName::Sum => Scoring::Sum,
                ScoringName::Totalhits => Scoring::TotalHits,
            },
            test: match self.test {
                TestName::Fisher => EnrichmentTest::Fisher,
                TestName::Ranksum => EnrichmentTest::RankSum,
            },
            rules: match self.rules {
                RulesName::Isegnet => Rules::Isegnet,
                RulesName::Ame => Rules::Ame,
            },
            background: self.background.of(library)?,
            pseudocount: self.pseudocount,
            hit_fraction: self.hit_fraction,
        })
    }

    fn partition(&self) -> Partition {
        match (self.cut, self.by_motif) {
            (Some(cut), _) => Partition::Fixed(cut),
            (None, Some(threshold)) => Partition::MaximisedOverMotif { threshold },
            (None, None) => Partition::Maximised,
        }
    }

    /// Everything that results depend on beside the files.
    fn settings(&self, session: &Session) -> serde_json::Value {
        json!({
            "control": self.control, "shuffle": self.shuffle, "ranked": self.ranked,
            "cut": self.cut, "by_motif": self.by_motif, "matching": self.matching,
            "tracks": self.tracks, "scoring": self.scoring, "test": self.test,
            "rules": self.rules, "background": self.background,
            "pseudocount": self.pseudocount, "hit_fraction": self.hit_fraction,
            "e_value": self.e_value, "alpha": self.alpha, "top": self.top,
            "families": self.families, "names": self.names, "seed": session.seed.unwrap_or(1),
        })
    }
}
