//! How prediction grows with the number of samples (Gao et al., Figure 6 A).

use super::Args;
use crate::failure::Refusal;
use crate::trials::{Choice, Choices, Material, carried_out, costed, write};
use crate::{Session, report};
use isegnet_plot::{Lines, Series, lines};
use isegnet_select::{Comparison, Division, Plan, Replicates, Resampling, Score};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is asked about samples.
#[derive(clap::Args)]
pub struct ReplicatesArgs {
    /// Compare by how many samples are trained on, as in 1,2,3,5; test genes are those of the
    /// configuration's split in all samples, and same-gene stands beside the models; writes
    /// replicates (with --straddle replicates-straddling) as .tsv and .md, and a picture
    #[arg(long, value_name = "COUNTS", value_delimiter = ',', conflicts_with_all = ["over", "seeds", "control"])]
    replicates: Vec<usize>,
    /// How many times samples are drawn for each number
    #[arg(long, value_name = "N", default_value_t = 3, requires = "replicates", value_parser = clap::value_parser!(u8).range(1..))]
    draws: u8,
    /// The paper's way: rows of the chosen samples are divided whatever their genes, so that most
    /// test genes are known from another sample; same-gene tells what that alone is worth
    #[arg(long, requires = "replicates")]
    straddle: bool,
}

impl ReplicatesArgs {
    pub fn wanted(&self) -> bool {
        !self.replicates.is_empty()
    }
}

pub fn run(args: &Args, material: &Material, session: &Session) -> anyhow::Result<()> {
    let samples = material.rows().samples().len();
    if samples < 2 {
        let way = "--replicates compares numbers of samples, and the data set has one; prepare \
                   it with a [[sample]] for each replicate";
        return Err(Refusal::usage(way).into());
    }
    let counts: BTreeSet<usize> = args.replicates.replicates.iter().copied().collect();
    let replicates = Replicates {
        counts: counts.into_iter().collect(),
        repeats: args.replicates.draws.into(),
        seed: material.seed,
    };
    let rows = material.rows();
    let divisions = match args.replicates.straddle {
        true => {
            session.screen.say(
                "--straddle: rows of one gene stand in training and test, in different samples; \
                 what grows with the number of samples is then how many answers are known",
            );
            replicates.straddling(rows)?
        }
        false => replicates.genes_apart(rows, &super::Tested::Split.divisions(material)?[0])?,
    };
    let plan = plan(args, material, divisions, session)?;
    let Some(results) = carried_out(&args.study, &plan, session)? else { return Ok(()) };
    let comparison = results.open(rows)?;
    let resampling = Resampling { seed: material.seed, ..Resampling::default() };
    let name = if args.replicates.straddle { "replicates-straddling" } else { "replicates" };
    write(&comparison.table(&resampling), &args.study, name)?;
    let counts = Counts::of(&comparison, &replicates);
    draw(&counts, args, name)?;
    session.screen.say(&counts.text());
    super::event(args, &comparison, session);
    session.screen.say(&format!("\nwrote {}", args.study.out.join(name).display()));
    Ok(())
}

fn plan<'m>(
    args: &Args,
    material: &'m Material,
    divisions: Vec<Division>,
    session: &Session,
) -> anyhow::Result<Plan<'m>> {
    let Choices(mut choices) = args.models.clone();
    let same_gene: Choice = "same-gene".parse().map_err(anyhow::Error::msg)?;
    if !choices.contains(&same_gene) {
        choices.push(same_gene);
    }
    let divisions: Vec<Arc<Division>> = divisions.into_iter().map(Arc::new).collect();
    let mut plan = Plan::default();
    for choice in &choices {
        let inputs = [choice.inputs(material)?];
        plan = plan.and(choice.plan(material, &inputs, &divisions, &[material.seed])?);
    }
    costed(plan, &choices, &args.study, material, session)
}

/// R2 of each model by the number of samples, one value a draw.
struct Counts {
    counts: Vec<usize>,
    models: Vec<(String, Vec<Vec<f64>>)>,
}

impl Counts {
    fn of(comparison: &Comparison, replicates: &Replicates) -> Self {
        let of_line = |line| {
            // Divisions stand draw by draw, each number of samples in turn.
            let mut values = vec![Vec::new(); replicates.counts.len()];
            for (i, entry) in comparison.of(line).enumerate() {
                let r2 = Score::new(&entry.measured, &entry.predicted).r2;
                values[i % replicates.counts.len()].extend(r2);
            }
            values
        };
        let lines = comparison.lines().into_iter();
        let models = lines.map(|line| (line.model.clone(), of_line(line))).collect();
        Self { counts: replicates.counts.clone(), models }
    }

    fn text(&self) -> String {
        let cell = |values: &Vec<f64>| match values.is_empty() {
            true => format!("{:>10}", "n/a"),
            false => format!("{:>10.3}", mean(values)),
        };
        let width = self.models.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let header: String = self.counts.iter().map(|count| format!("{count:>10}")).collect();
        let mut text = format!("\n{:width$}{header}   samples: mean test R2 of the draws", "");
        for (name, values) in &self.models {
            let cells: String = values.iter().map(cell).collect();
            text.push_str(&format!("\n{name:width$}{cells}"));
        }
        text
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Draws R2 against the number of samples: the mean of the draws.
fn draw(counts: &Counts, args: &Args, name: &str) -> anyhow::Result<()> {
    if counts.counts.len() < 2 {
        return Ok(());
    }
    let places: Vec<f64> = counts.counts.iter().map(|&count| count as f64).collect();
    let none = |values: &Vec<f64>| if values.is_empty() { f64::NAN } else { mean(values) };
    let means: Vec<Vec<f64>> =
        counts.models.iter().map(|(_, values)| values.iter().map(none).collect()).collect();
    let drawn = counts.models.iter().zip(&means);
    let series: Vec<Series<'_>> = drawn
        .filter(|(_, means)| means.iter().any(|mean| mean.is_finite()))
        .map(|((name, _), means)| Series::new(name, means))
        .collect();
    if series.is_empty() {
        return Ok(());
    }
    let title = match args.replicates.straddle {
        true => "Rows divided whatever their genes",
        false => "Test genes in no training row",
    };
    let figure = lines(&Lines {
        title,
        x_label: "samples trained on",
        y_label: "test R², mean of the draws",
        x: &places,
        series: &series,
        reference: None,
    })?;
    report::draw(&args.study.out.join(name), &figure)
}
