mod outcome;
mod pictures;
mod samples;
mod signal;
mod sources;
mod tables;
mod told;

use crate::Session;
use crate::commands::explain::{self, Explanation, HowArgs, Request, RowArgs, listed};
use crate::failure::Refusal;
use crate::folder::{self, Claim};
use isegnet_encode::Dataset;
use isegnet_explain::{By, FoldChange, RegionRule, Scope, SignFlips};
use outcome::{Outcome, Rule};
use samples::{Comparison, Condition, Sample};
use sources::{Explanations, Part, by_group};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use tables::Changes;
use told::Told;

/// Compare what a model sees in two conditions
///
/// One model explains samples of both: isegnet compare RUN --dataset DATASET
/// --a SAMPLES --b SAMPLES. Or folders of `isegnet explain` are compared:
/// isegnet compare --a FOLDERS --b FOLDERS; where these are of models that were
/// trained apart, three seeds of each are needed at least, and the difference
/// between seeds is drawn beside that between conditions.
///
/// Differences are of the means of A less those of B. The folder holds
/// counts.tsv (differential sites of each input: the top 10 % of |difference|,
/// among its own sites and among all), regions.bed (attribution difference
/// beside signal difference, test of the most surprising site),
/// signal-regions.bed (the same for signal; those of methylation are the
/// differentially methylated regions), genes.tsv, pictures and compare.json.
/// With five pairs of samples or more, signs of paired differences are permuted
/// at every site; with fewer there are effect sizes only.
///
/// Example: isegnet compare run --dataset dataset --a tumour1,tumour2 --b normal1,normal2
#[derive(clap::Args)]
pub struct Args {
    /// The run's folder, to explain samples with
    #[arg(requires = "dataset")]
    run: Option<PathBuf>,
    /// The data set of the samples
    #[arg(long, short, requires = "run")]
    dataset: Option<PathBuf>,
    /// The first condition: samples of the data set, or folders of `isegnet explain`
    #[arg(long, value_name = "NAME", value_delimiter = ',', required = true)]
    a: Vec<String>,
    /// The second condition
    #[arg(long, value_name = "NAME", value_delimiter = ',', required = true)]
    b: Vec<String>,
    /// What the conditions are called [default: theirs in the data set, else A and B]
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    names: Vec<String>,
    /// The folder to write
    #[arg(long, short, default_value = "comparison")]
    out: PathBuf,
    /// Replace another comparison
    #[arg(long)]
    overwrite: bool,
    /// Samples of A and B belong together in the order given [default: those of one group do,
    /// where each condition has one of every group]
    #[arg(long)]
    paired: bool,
    /// The share of sites with the largest |difference| that are differential
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    share: f64,
    /// Rank the sites of all inputs together (the paper's rule) or each input's own
    #[arg(long, value_name = "WHICH", default_value = "all")]
    among: Among,
    /// Bases below the threshold that a region may bridge
    #[arg(long, value_name = "BASES", default_value_t = 20)]
    gap: usize,
    /// Least |log2| change of expression of a differential gene
    #[arg(long, value_name = "LOG2", default_value_t = 1.0)]
    fold_change: f64,
    /// The differential genes, ids separated by commas or a file, instead of --fold-change
    #[arg(long, value_name = "FILE|LIST")]
    differential: Option<String>,
    /// Draw this gene [default: that of the largest differential region]
    #[arg(long, value_name = "GENE")]
    picture: Option<String>,
    #[command(flatten)]
    rows: RowArgs,
    #[command(flatten)]
    how: HowArgs,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Among {
    All,
    Input,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    args.check()?;
    let explanations = args.explanations(session)?;
    let comparison = args.comparison(&explanations)?;
    let columns = comparison.reference().columns();
    let columns: Vec<String> = columns.into_iter().map(|column| column.name).collect();
    let rule = Rule {
        share: args.share,
        scope: match args.among {
            Among::All => Scope::All,
            Among::Input => Scope::Column,
        },
        regions: RegionRule {
            by: By::Magnitude,
            gap: args.gap / comparison.reference().view.bin_bp().max(1),
            shortest: 1,
        },
        flips: SignFlips { seed: session.seed.unwrap_or(0), ..SignFlips::default() },
    };
    let listed = args.differential.as_deref().map(listed).transpose()?;
    let listed: Option<HashSet<String>> = listed.map(|ids| ids.into_iter().collect());
    let fold = FoldChange { least: args.fold_change, ..FoldChange::default() };
    let changes = Changes::of(&comparison, fold, listed.as_ref())?;
    let attributions = outcome::of_attributions(&comparison, &rule, session)?;
    let signals = outcome::of_signals(&comparison, &rule, session)?;

    let out = &args.out;
    tables::write_counts(&columns, &attributions, &out.join("counts.tsv"))?;
    tables::write_genes(&comparison, &changes, &attributions.regions, &out.join("genes.tsv"))?;
    let both = (&comparison, &changes);
    let names = ["attribution", "signal"];
    tables::write_regions(both, &columns, &attributions.regions, names, &out.join("regions.bed"))?;
    if let Some(signals) = &signals {
        tables::write_counts(&columns, signals, &out.join("signal-counts.tsv"))?;
        let (regions, names) = (&signals.regions, ["signal", "attribution"]);
        tables::write_regions(both, &columns, regions, names, &out.join("signal-regions.bed"))?;
    }
    pictures::profiles(&comparison, &columns, session, &out.join("profiles"))?;
    pictures::distribution(&comparison, &out.join("differences"))?;
    if let Some(gene) = args.drawn(&comparison, &attributions)? {
        pictures::gene(&comparison, &columns, (gene, &attributions.regions), out)?;
    }
    let told = Told { comparison: &comparison, changes: &changes, columns: &columns };
    told.tell(args, &attributions, signals.as_ref(), session)
}

impl Args {
    fn check(&self) -> anyhow::Result<()> {
        let problem = if !(self.share > 0.0 && self.share <= 1.0) {
            format!("--share {}: give a share above 0, up to 1", self.share)
        } else if let Some(both) = self.a.iter().find(|a| self.b.contains(a)) {
            format!("{both:?} is in both conditions; name it in one")
        } else if !matches!(self.names.len(), 0 | 2) {
            format!("--names has {} names; give two, as in --names tumour,normal", self.names.len())
        } else {
            return Ok(());
        };
        Err(Refusal::usage(problem).into())
    }

    /// Explains the samples, or opens the folders.
    fn explanations(&self, session: &Session) -> anyhow::Result<Explanations> {
        match (&self.run, &self.dataset) {
            (Some(run), Some(dataset)) => self.explained(run, dataset, session),
            _ => self.opened(),
        }
    }

    fn explained(
        &self,
        run: &Path,
        dataset: &Path,
        session: &Session,
    ) -> anyhow::Result<Explanations> {
        let known = Dataset::open(dataset)?;
        let samples: Vec<String> = self.a.iter().chain(&self.b).cloned().collect();
        if let Some(unknown) = samples.iter().find(|name| known.manifest().sample(name).is_none()) {
            let names = known.manifest().samples.iter().map(|sample| sample.name.as_str());
            return Err(Refusal::usage(format!(
                "{} has no sample {unknown:?}; it has [{}]. To compare folders of `isegnet \
                 explain`, leave the run and --dataset out",
                dataset.display(),
                names.collect::<Vec<_>>().join(", ")
            ))
            .into());
        }
        let key = folder::key(&(folder::key_of(run, "run")?, known.fingerprint(), &samples))?;
        self.claim(&key, session)?;
        let rows = RowArgs { sample: samples, ..self.rows.clone() };
        let request = Request {
            run,
            dataset,
            rows: &rows,
            how: &self.how,
            out: &self.out.join("attributions"),
            overwrite: self.overwrite,
        };
        let explanation = explain::explain(&request, session)?;
        let of = |samples: &[String]| {
            samples.iter().map(|s| Part { explanation: 0, sample: Some(s.clone()) }).collect()
        };
        let conditions = [of(&self.a), of(&self.b)];
        Ok(Explanations { all: vec![explanation], models: vec![String::new()], conditions })
    }

    fn opened(&self) -> anyhow::Result<Explanations> {
        let (mut all, mut models, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let mut conditions = [Vec::new(), Vec::new()];
        for (condition, folders) in conditions.iter_mut().zip([&self.a, &self.b]) {
            for name in folders {
                let path = Path::new(name);
                let (explanation, manifest) = Explanation::open(path)?;
                keys.push(folder::key_of(path, "explanation")?);
                let network = manifest.options.get("network").cloned();
                models.push(folder::key(&(folder::key_of(&manifest.run, "run")?, network))?);
                condition.push(Part { explanation: all.len(), sample: None });
                all.push(explanation);
            }
        }
        folder::claim(&self.out, "comparison", &folder::key(&keys)?, self.overwrite)?;
        Ok(Explanations { all, models, conditions })
    }

    fn claim(&self, key: &str, session: &Session) -> anyhow::Result<()> {
        if folder::claim(&self.out, "comparison", key, self.overwrite)? == Claim::Ours {
            session.screen.note(&format!("{} is continued", self.out.display()));
        }
        Ok(())
    }

    /// Puts samples and conditions together.
    fn comparison<'a>(&self, from: &'a Explanations) -> anyhow::Result<Comparison<'a>> {
        let apart = from.apart()?;
        let mut units = from.conditions.iter().map(|parts| from.units(parts, apart));
        let (Some(first), Some(second)) = (units.next(), units.next()) else {
            return Err(Refusal::usage("two conditions are needed").into());
        };
        let [a, b] = self.condition_names(&first, &second);
        let (first, second) =
            (Condition { name: a, units: first }, Condition { name: b, units: second });
        match (self.paired && !apart, apart) {
            (true, _) if first.units.len() != second.units.len() => {
                let (a, b) = (first.units.len(), second.units.len());
                let message = format!("--paired: {a} samples of A and {b} of B make no pairs");
                Err(Refusal::usage(format!("{message}; name as many of each, in order")).into())
            }
            (true, _) => Comparison::new(first, second, (true, false)),
            (false, true) => Comparison::new(first, second, (false, true)),
            (false, false) => match by_group(&first, &second) {
                Some(paired) => {
                    Comparison::new(first, Condition { units: paired, ..second }, (true, false))
                }
                None => Comparison::new(first, second, (false, false)),
            },
        }
    }

    /// The names given, or those that all samples of a condition share.
    fn condition_names(
        &self,
        first: &[Vec<Sample<'_>>],
        second: &[Vec<Sample<'_>>],
    ) -> [String; 2] {
        if let [a, b] = self.names.as_slice() {
            return [a.clone(), b.clone()];
        }
        let shared = |units: &[Vec<Sample<'_>>]| {
            let conditions = units.iter().flatten().map(|sample| {
                let samples = &sample.explanation.view.dataset().manifest().samples;
                samples.iter().find(|s| s.name == sample.name)?.condition.clone()
            });
            let mut conditions: Vec<Option<String>> = conditions.collect();
            conditions.dedup();
            if conditions.len() == 1 { conditions.remove(0) } else { None }
        };
        match (shared(first), shared(second)) {
            (Some(a), Some(b)) if a != b => [a, b],
            _ => ["A".to_owned(), "B".to_owned()],
        }
    }

    /// The gene that is drawn.
    fn drawn(
        &self,
        comparison: &Comparison<'_>,
        outcome: &Outcome,
    ) -> anyhow::Result<Option<usize>> {
        let Some(asked) = &self.picture else {
            let height = |found: &&outcome::Found| found.region.summit_value.abs();
            let largest =
                outcome.regions.iter().reduce(|a, b| if height(&b) > height(&a) { b } else { a });
            return Ok(largest.map(|found| found.region.row));
        };
        let is = |gene: &isegnet_core::Gene| {
            gene.id == *asked || gene.name.as_deref() == Some(asked.as_str())
        };
        match comparison.genes.iter().position(is) {
            Some(gene) => Ok(Some(gene)),
            None => Err(Refusal::usage(format!(
                "gene {asked:?} is not among the {} that are compared; name it in --genes too",
                comparison.genes.len()
            ))
            .into()),
        }
    }
}
