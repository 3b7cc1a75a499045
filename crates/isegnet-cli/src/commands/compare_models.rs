mod pictures;
mod replicates;

use crate::Session;
use crate::trials::{Choices, Material, StudyArgs, Tested, carried_out, costed, write};
use isegnet_core::Progress;
use isegnet_io::atomic;
use isegnet_select::{Comparison, Division, Plan, Resampling, Unit, paired_table};
use serde_json::json;
use std::io::Write;
use std::sync::Arc;

/// Compare models on the same held-out genes: networks, baselines, averages of seeds
///
/// A model is a name with settings after colons: forest:trees=200, svr:C=10:kernel=linear,
/// gao2022:k1=16:k2=32. Networks: network (that of the configuration), isegnet, gao2022,
/// gao2022-text, dense-merge, deepchrome (bins around the TSS, reach=5000), with any field of
/// [model] and [train]. Baselines: mean, gene-length, gc (the mean without DNA), ridge,
/// ridge-length, lasso, elastic-net, forest, svr, nu-svr (their parameters as scikit-learn names
/// them, but trees and kernel=polynomial, and bin_bp, words, length, flat_gb), same-gene. Groups:
/// floors, baselines, networks.
///
/// Baselines train on training and validation genes; networks need the latter to stop. Nothing
/// is chosen here, and no test gene is looked at before every trial is finished. Prints its
/// plan and cost first; after an interruption the same command goes on.
///
/// Writes models (each model over all divisions), models-by-division (R2, Pearson, Spearman,
/// for classes accuracy, AUROC and AUPRC, with bootstrap intervals over genes) and
/// models-paired (each pair of models, tested over genes, p-values not corrected for the number
/// of pairs), each as .tsv and .md, models-predictions.tsv, and pictures.
///
/// Example: isegnet compare-models isegnet.toml --dataset dataset --models network,baselines
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// Models, separated by commas
    #[arg(long, value_name = "LIST", default_value = "network,floors,forest")]
    models: Choices,
    /// Genes that are tested on: split (that of the configuration), folds (each of its folds in
    /// turn, or of five of whole chromosomes), or kfold=5 (stretches of genes in their order)
    #[arg(long, value_name = "WHAT", default_value = "split")]
    over: Tested,
    /// Fits of each model that is random, from seeds that follow each other; their mean is a
    /// model of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    seeds: u8,
    /// Fit each model on shuffled labels too: a control, which must come out near R2 0
    #[arg(long)]
    control: bool,
    #[command(flatten)]
    replicates: replicates::ReplicatesArgs,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let material = args.study.open(session)?;
    args.study.claim(&material)?;
    if args.replicates.wanted() {
        return replicates::run(args, &material, session);
    }
    let divisions = args.over.divisions(&material)?;
    let plan = plan(args, &material, &divisions, session)?;
    let Some(results) = carried_out(&args.study, &plan, session)? else { return Ok(()) };
    let single = results.open(material.rows())?;
    let comparison = match args.seeds {
        1 => single,
        _ => single.clone().and(single.seed_means()),
    };
    written(args, &comparison, &material, session)
}

/// Every model on every division, random ones from every seed.
fn plan<'m>(
    args: &Args,
    material: &'m Material,
    divisions: &[Arc<Division>],
    session: &Session,
) -> anyhow::Result<Plan<'m>> {
    let mut plan = Plan::default();
    let seeds: Vec<u64> =
        (0..u64::from(args.seeds)).map(|i| material.seed.wrapping_add(i)).collect();
    for choice in &args.models.0 {
        let mut inputs = vec![choice.inputs(material)?];
        if args.control {
            inputs.push(inputs[0].shuffled(material.seed));
        }
        plan = plan.and(choice.plan(material, &inputs, divisions, &seeds)?);
    }
    costed(plan, &args.models.0, &args.study, material, session)
}

/// Writes and draws what was found.
fn written(
    args: &Args,
    comparison: &Comparison,
    material: &Material,
    session: &Session,
) -> anyhow::Result<()> {
    let resampling = Resampling { seed: material.seed, ..Resampling::default() };
    let summary = comparison.summary();
    write(&summary, &args.study, "models")?;
    session.screen.start("resampling genes", 2);
    write(&comparison.table(&resampling), &args.study, "models-by-division")?;
    session.screen.advance(1);
    let pairs = comparison.pairs(Unit::Genes, &resampling)?;
    session.screen.finish();
    write(&paired_table(&pairs), &args.study, "models-paired")?;
    predictions(args, comparison, material)?;
    pictures::draw(&args.study.out, comparison, &resampling, &material.unit())?;
    session.screen.say(&format!("\n{}", summary.plain()));
    event(args, comparison, session);
    session.screen.say(&format!("\nwrote {}", args.study.out.join("models*").display()));
    Ok(())
}

fn event(args: &Args, comparison: &Comparison, session: &Session) {
    let lines: Vec<String> = comparison.lines().iter().map(|line| line.to_string()).collect();
    session.screen.event("compared", &json!({ "path": args.study.out, "lines": lines }));
}

/// Writes every test row as each model predicts it.
fn predictions(args: &Args, comparison: &Comparison, material: &Material) -> anyhow::Result<()> {
    let rows = material.rows();
    let write = |out: &mut dyn Write| {
        writeln!(out, "model\tinputs\tseed\tdivision\tgene_id\tsample\tmeasured\tpredicted")?;
        for entry in comparison.entries() {
            let line = &entry.line;
            let seeds: Vec<String> = line.seeds.iter().map(u64::to_string).collect();
            let of =
                format!("{}\t{}\t{}\t{}", line.model, line.inputs, seeds.join(","), entry.division);
            for (i, &row) in entry.rows.iter().enumerate() {
                let gene = &rows.genes()[rows.gene_of_row()[row]];
                let sample = &rows.samples()[rows.sample_of_row()[row]];
                let (measured, predicted) = (entry.measured[i], entry.predicted[i]);
                writeln!(out, "{of}\t{gene}\t{sample}\t{measured}\t{predicted}")?;
            }
        }
        Ok(())
    };
    Ok(atomic::write(args.study.out.join("models-predictions.tsv"), write)?)
}
