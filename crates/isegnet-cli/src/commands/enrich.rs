mod aliases;
mod factors;
mod symbols;
mod terms;
mod universe;

use crate::Session;
use crate::commands::explain::file_name;
use crate::failure::Refusal;
use crate::folder;
use crate::report;
use aliases::Aliases;
use factors::Factors;
use isegnet_encode::InputFile;
use isegnet_io::gmt;
use isegnet_stats::{GeneSet, over_representation};
use serde_json::json;
use std::path::PathBuf;
use symbols::Mapped;
use terms::{BOTH, Terms};
use universe::{Chosen, Wanted};

/// Test which gene sets a list of factors meets more often than chance would
///
/// The list is a folder of isegnet motif enrich, a table with a column
/// motif_alt_ID (AME's, FIMO's, factors.tsv) or names one a line. Motifs become
/// gene symbols: FOS::JUN is FOS and JUN, (var.2) is dropped, letters become
/// capitals, and a table knows fusions and other species' names; symbols.tsv
/// says what became of each. Only the factors of the motif library can be
/// found, so they are the universe, or any list of factors would look like
/// transcription.
///
/// Writes <name>.terms.tsv as Enrichr prints it, a chart of the first terms,
/// symbols.tsv and pathways.json. With a second list (--also) the terms that
/// both lists reach are written and drawn too.
///
/// Example: isegnet enrich enrichment KEGG.gmt --out pathways
#[derive(clap::Args)]
pub struct Args {
    /// The factors: a folder of isegnet motif enrich, a table, or names one a line
    factors: PathBuf,
    /// The gene sets
    gmt: PathBuf,
    /// A second list of factors, to find the terms of both
    #[arg(long, value_name = "FACTORS")]
    also: Option<PathBuf>,
    /// What the lists are called [default: their files' names]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    names: Vec<String>,
    /// The folder to write
    #[arg(long, short, default_value = "pathways")]
    out: PathBuf,
    /// Replace another folder of pathways
    #[arg(long)]
    overwrite: bool,
    /// The motif library that the factors were found with [default: motifs.tsv beside them]
    #[arg(long, value_name = "FILE")]
    motifs: Option<PathBuf>,
    /// The genes that could have been found: motifs (the factors of the motif library), library
    /// (all genes of the sets), genome (20,000, as Enrichr and the paper have it), a number of
    /// genes, or a file with one a line
    #[arg(long, value_name = "WHICH|N|FILE", default_value = "motifs")]
    universe: Wanted,
    /// Symbols of names that are none: a line `NAME<tab>SYMBOL,SYMBOL` each; before our own table
    #[arg(long, value_name = "TSV")]
    aliases: Option<PathBuf>,
    /// The greatest adjusted p-value of a term that is drawn
    #[arg(long, value_name = "P", default_value_t = 0.05)]
    alpha: f64,
    /// Most terms in a chart
    #[arg(long, value_name = "N", default_value_t = 15)]
    top: usize,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    args.check()?;
    let lists = args.lists()?;
    let aliases = Aliases::read(args.aliases.as_deref())?;
    let sets = folded(gmt::read(&args.gmt)?);
    let chosen = Chosen::of(args, &aliases)?;
    let mapped: Vec<Mapped> =
        lists.iter().map(|list| Mapped::of(list, &aliases, &sets, &chosen)).collect();
    for (list, mapped) in lists.iter().zip(&mapped) {
        mapped.check(list, &args.gmt, &chosen)?;
    }
    let mut found = Vec::new();
    for (list, mapped) in lists.iter().zip(&mapped) {
        let symbols = mapped.symbols();
        let rows = over_representation(&symbols, &sets, &chosen.universe).map_err(|problem| {
            Refusal::usage(format!("{problem}; the universe is --universe {}", args.universe))
        })?;
        found.push(Terms::new(&list.name, rows));
    }
    let both = Terms::of_both(&found, args.alpha);
    args.claim()?;
    let out = &args.out;
    symbols::write(&lists, &mapped, &out.join("symbols.tsv"))?;
    for terms in found.iter().chain(&both) {
        let name = file_name(&terms.name);
        terms.write(&args.gmt, &out.join(format!("{name}.terms.tsv")))?;
        terms.draw((args.alpha, args.top), &chosen.what, &out.join(format!("{name}.terms.svg")))?;
    }
    let told = json!({
        "isegnet": env!("CARGO_PKG_VERSION"),
        "universe": chosen.what,
        "universe_genes": chosen.size(&sets),
        "sets": sets.len(),
        "alpha": args.alpha,
        "lists": lists.iter().zip(&mapped).zip(&found).map(|((list, mapped), terms)| json!({
            "name": list.name,
            "path": list.path,
            "factors": list.names.len(),
            "symbols": mapped.symbols().len(),
            "terms": terms.rows.len(),
            "significant": terms.significant(args.alpha).count(),
        })).collect::<Vec<_>>(),
    });
    report::json(&out.join("pathways.json"), &told)?;
    session.screen.event("pathways", &json!({ "path": out, "pathways": told }));
    let summaries = lists.iter().zip(&mapped).map(|(list, mapped)| mapped.summary(list, &chosen));
    summaries.for_each(|text| session.screen.say(&text));
    for terms in found.iter().chain(&both) {
        session.screen.say(&terms.summary(args.alpha, &chosen.what));
    }
    session.screen.say(&format!("wrote {}", out.display()));
    Ok(())
}

impl Args {
    fn check(&self) -> anyhow::Result<()> {
        let lists = 1 + usize::from(self.also.is_some());
        let problem = if !(self.alpha > 0.0 && self.alpha <= 1.0) {
            format!("--alpha {}: give a number above 0, up to 1", self.alpha)
        } else if !self.names.is_empty() && self.names.len() != lists {
            format!("--names has {} names for {lists} lists; give one for each", self.names.len())
        } else if self.top == 0 {
            "--top 0: give the number of terms in a chart, from 1 on".to_owned()
        } else {
            return Ok(());
        };
        Err(Refusal::usage(problem).into())
    }

    fn lists(&self) -> anyhow::Result<Vec<Factors>> {
        let paths = [Some(&self.factors), self.also.as_ref()].into_iter().flatten();
        let mut lists =
            paths.map(|path| Factors::read(path)).collect::<anyhow::Result<Vec<_>>>()?;
        for (list, name) in lists.iter_mut().zip(&self.names) {
            list.name = name.clone();
        }
        let problem = match &lists[..] {
            [a, b] if file_name(&a.name) == file_name(&b.name) => {
                format!("both lists are called {:?}; call them apart with --names", a.name)
            }
            [a, b] if [a, b].iter().any(|list| file_name(&list.name) == BOTH) => {
                format!(
                    "a list is called {BOTH:?}, as are the terms of both; rename it with --names"
                )
            }
            _ => return Ok(lists),
        };
        Err(Refusal::usage(problem).into())
    }

    fn claim(&self) -> anyhow::Result<()> {
        let files = [Some(&self.gmt), self.motifs.as_ref(), self.aliases.as_ref()];
        let mut inputs = Vec::new();
        for path in files.into_iter().flatten() {
            inputs.push(InputFile::of("input", path)?);
        }
        for list in self.lists()? {
            inputs.push(InputFile::of(list.name.clone(), &list.path)?);
        }
        let settings = (self.universe.to_string(), self.alpha, self.top);
        let key = folder::key(&(env!("CARGO_PKG_VERSION"), inputs, settings))?;
        folder::claim(&self.out, "pathways", &key, self.overwrite)?;
        Ok(())
    }
}

/// Gene sets with their symbols in capitals.
fn folded(sets: Vec<gmt::GeneSet>) -> Vec<GeneSet> {
    let fold = |set: gmt::GeneSet| GeneSet {
        name: set.name,
        genes: set.genes.iter().map(|gene| gene.to_uppercase()).collect(),
    };
    sets.into_iter().map(fold).collect()
}
