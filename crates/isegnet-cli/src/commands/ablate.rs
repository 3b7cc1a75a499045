mod alike;
mod pictures;

use crate::Session;
use crate::failure::Refusal;
use crate::trials::{EVERYTHING, FittedArgs, Material, StudyArgs, carried_out, costed, write};
use isegnet_encode::ViewConfig;
use isegnet_select::{
    Comparison, Division, InputSet, Paired, Plan, Resampling, SelectError, Unit, paired_table,
};
use serde_json::json;
use std::sync::Arc;

/// Ablate inputs: each track alone, all tracks, DNA alone, everything
///
/// Fits the same model on each set of inputs and on everything with its labels shuffled, as a
/// control in which nothing can be learnt, and compares all on the same held-out genes, each
/// with everything by a paired t-test over genes. Then looks for the genes that tracks alone
/// predict as everything does, and those that DNA alone does: lists of them and of the rest for
/// motif work, and how their signals differ (Kolmogorov-Smirnov). No p-value is corrected for
/// the number of tests.
///
/// Prints its plan and cost first; after an interruption the same command goes on.
///
/// Writes ablation, ablation-by-division, ablation-paired and ablation-signals as .tsv and .md,
/// lists of genes ablation-alike-*.txt and ablation-rest-*.txt, and pictures.
///
/// Example: isegnet ablate isegnet.toml --dataset dataset
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    study: StudyArgs,
    #[command(flatten)]
    fitted: FittedArgs,
    /// Share of genes that are predicted most alike
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    alike: f64,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "give a number above 0 and below 1, such as 0.1".to_owned())
}

/// Names of the sets of inputs that are looked at more closely.
const TRACKS: &str = "all tracks";
const DNA: &str = "DNA alone";

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let material = args.study.open(session)?;
    args.study.claim(&material)?;
    let divisions = args.fitted.over.divisions(&material)?;
    let plan = plan(args, &material, &divisions, session)?;
    let Some(results) = carried_out(&args.study, &plan, session)? else { return Ok(()) };
    let comparison = results.open(material.rows())?;
    let resampling = Resampling { seed: material.seed, ..Resampling::default() };
    let summary = comparison.summary();
    write(&summary, &args.study, "ablation")?;
    write(&comparison.table(&resampling), &args.study, "ablation-by-division")?;
    let pairs = with_everything(&comparison, &resampling)?;
    write(&paired_table(&pairs), &args.study, "ablation-paired")?;
    pictures::bars(&args.study.out, &comparison, &resampling)?;
    session.screen.say(&format!("\n{}", summary.plain()));
    alike::written(args, &comparison, &material, session)?;
    session.screen.event("ablated", &json!({ "path": args.study.out }));
    session.screen.say(&format!("\nwrote {}", args.study.out.join("ablation*").display()));
    Ok(())
}

fn plan<'m>(
    args: &Args,
    material: &'m Material,
    divisions: &[Arc<Division>],
    session: &Session,
) -> anyhow::Result<Plan<'m>> {
    let inputs = input_sets(material, !args.fitted.no_control)?;
    let mut plan = Plan::default();
    for choice in &args.fitted.models.0 {
        plan = plan.and(choice.plan(material, &inputs, divisions, &[material.seed])?);
    }
    costed(plan, &args.fitted.models.0, &args.study, material, session)
}

/// Each track alone, all tracks, DNA alone, everything; what is the same as another set is
/// left out.
fn input_sets(material: &Material, control: bool) -> anyhow::Result<Vec<InputSet<'_>>> {
    let all = material.everything();
    let (tracks, dna) = (all.tracks.clone().unwrap_or_default(), all.dna == Some(true));
    let of = |tracks: &[String], dna| ViewConfig {
        tracks: Some(tracks.to_vec()),
        dna: Some(dna),
        ..all.clone()
    };
    let mut sets = Vec::new();
    if tracks.len() > 1 {
        for track in &tracks {
            let (name, alone) = (format!("{track} alone"), of(std::slice::from_ref(track), false));
            if dna && name == DNA {
                let way = "give it another name in the configuration and prepare the data set";
                return Err(Refusal::usage(format!("a track is called {track} too; {way}")).into());
            }
            sets.push(material.inputs(&name, &alone)?);
        }
    }
    if dna && !tracks.is_empty() {
        sets.push(material.inputs(TRACKS, &of(&tracks, false))?);
        sets.push(material.inputs(DNA, &of(&[], true))?);
    }
    let everything = material.inputs(EVERYTHING, &all)?;
    let shuffled = control.then(|| everything.shuffled(material.seed));
    sets.push(everything);
    sets.extend(shuffled);
    Ok(sets)
}

/// Each set of inputs beside everything, by the same model.
fn with_everything(
    comparison: &Comparison,
    resampling: &Resampling,
) -> Result<Vec<Paired>, SelectError> {
    let mut pairs = Vec::new();
    let shuffled = format!("{EVERYTHING}, labels shuffled");
    for line in comparison.lines() {
        let everything = comparison.line(&line.model, EVERYTHING)?;
        // Shuffled labels are other targets.
        if line != everything && line.inputs != shuffled {
            pairs.push(comparison.paired(everything, line, Unit::Genes, resampling)?);
        }
    }
    Ok(pairs)
}
