mod picture;

use crate::Session;
use crate::failure::Refusal;
use crate::trials::{FittedArgs, Material, StudyArgs, carried_out, costed, write};
use isegnet_encode::{ViewConfig, Window, Windows};
use isegnet_select::{Cell, Comparison, Division, InputSet, Plan, Results, Score, Table};
use serde_json::json;
use std::sync::Arc;

/// Sweep regions: how well each pair of TSS and TTS windows predicts
///
/// Windows are cut from one data set, which must be prepared with the largest ones. The best
/// are chosen by validation genes; test genes are looked at when everything is fitted, and stand
/// beside. Baselines train on training genes only here, for validation genes choose. A control
/// with shuffled labels runs on the largest windows.
///
/// Prints its plan and cost first; after an interruption the same command goes on.
///
/// Writes sweep as .tsv and .md, and pictures of a grid of windows.
///
/// Example: isegnet sweep isegnet.toml --tss=-500:0,-1000:500 --tts=none,-500:500
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// Windows around the TSS, as from:to, or none
    #[arg(long, value_name = "LIST", value_delimiter = ',', required = true, allow_hyphen_values = true, value_parser = window)]
    tss: Vec<Window>,
    /// Windows around the TTS, as from:to, or none
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "none", allow_hyphen_values = true, value_parser = window)]
    tts: Vec<Window>,
    #[command(flatten)]
    fitted: FittedArgs,
}

fn window(text: &str) -> Result<Window, String> {
    if text == "none" {
        return Ok(Window::default());
    }
    let ends = text.split_once(':').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let Some((start, end)) = ends else {
        return Err("write from:to in bases around the anchor, such as -1000:500, or none".into());
    };
    Window::new(start, end).map_err(|error| error.to_string())
}

/// A pair of windows and what it is called.
struct Region {
    name: String,
    windows: Windows,
}

pub fn run(args: &Args, session: &Session) -> anyhow::Result<()> {
    let regions = regions(args)?;
    let material = args.study.open(session)?;
    args.study.claim(&material)?;
    let divisions = args.fitted.over.divisions(&material)?;
    let plan = plan(args, &regions, &material, &divisions, session)?;
    let Some(results) = carried_out(&args.study, &plan, session)? else { return Ok(()) };
    let validation = validated(&results);
    let comparison = results.open(material.rows())?;
    let table = table(&comparison, &validation);
    write(&table, &args.study, "sweep")?;
    for choice in &args.fitted.models.0 {
        picture::draw(args, &regions, &choice.label(), &validation, &comparison)?;
    }
    session.screen.say(&format!("\n{}", table.plain()));
    for choice in &args.fitted.models.0 {
        let label = choice.label();
        let of = validation.iter().filter(|v| v.model == label && is_region(&v.inputs, &regions));
        // The last of equal ones from behind is the first.
        let scored = of.filter_map(|v| Some((v.mean?, v))).rev();
        if let Some(best) = scored.max_by(|a, b| a.0.total_cmp(&b.0)) {
            let inputs = &best.1.inputs;
            session.screen.say(&format!("\n{label}: best by validation genes: {inputs}"));
        }
    }
    session.screen.event("swept", &json!({ "path": args.study.out }));
    session.screen.say(&format!("wrote {}", args.study.out.join("sweep*").display()));
    Ok(())
}

fn is_region(inputs: &str, regions: &[Region]) -> bool {
    regions.iter().any(|region| region.name == inputs)
}

/// Every pair of windows; a row needs one at least.
fn regions(args: &Args) -> anyhow::Result<Vec<Region>> {
    let mut regions: Vec<Region> = Vec::new();
    for tss in &args.tss {
        for tts in &args.tts {
            if tss.is_empty() && tts.is_empty() {
                continue;
            }
            let windows = Windows::new((*tss).into(), (*tts).into())?;
            let name = format!("TSS {}, TTS {}", named(*tss), named(*tts));
            if regions.iter().all(|region| region.windows != windows) {
                regions.push(Region { name, windows });
            }
        }
    }
    match regions.is_empty() {
        true => {
            Err(Refusal::usage("none around both anchors leaves nothing; give a window").into())
        }
        false => Ok(regions),
    }
}

/// A window's name in tables and pictures.
fn named(window: Window) -> String {
    if window.is_empty() { "none".to_owned() } else { window.to_string() }
}

fn plan<'m>(
    args: &Args,
    regions: &[Region],
    material: &'m Material,
    divisions: &[Arc<Division>],
    session: &Session,
) -> anyhow::Result<Plan<'m>> {
    let seen =
        |region: &Region| ViewConfig { windows: Some(region.windows), ..material.everything() };
    let mut inputs = Vec::new();
    for region in regions {
        inputs.push(material.inputs(&region.name, &seen(region))?);
    }
    let largest = (0..regions.len()).max_by_key(|&i| regions[i].windows.positions());
    let control: Option<InputSet<'_>> = largest
        .filter(|_| !args.fitted.no_control)
        .map(|largest| inputs[largest].shuffled(material.seed));
    inputs.extend(control);
    let mut plan = Plan::default();
    for choice in &args.fitted.models.0 {
        let candidate = Arc::new(choice.candidate(material)?);
        plan = plan.and(Plan::every(&[candidate], &inputs, divisions, &[material.seed]));
    }
    costed(plan, &args.fitted.models.0, &args.study, material, session)
}

/// What a model's inputs come to on validation genes.
struct Validated {
    model: String,
    inputs: String,
    /// Mean R2 over divisions.
    mean: Option<f64>,
}

fn validated(results: &Results<'_>) -> Vec<Validated> {
    let mut all: Vec<(String, String, Vec<f64>)> = Vec::new();
    for finished in results.finished() {
        let trial = finished.trial();
        let (model, inputs) = (trial.candidate.label(), trial.inputs.name());
        let r2 = finished.validation().and_then(|score| score.r2);
        match all.iter_mut().find(|(m, i, _)| m == model && i == inputs) {
            Some((_, _, values)) => values.extend(r2),
            None => all.push((model.to_owned(), inputs.to_owned(), r2.into_iter().collect())),
        }
    }
    let mean = |values: &[f64]| match values {
        [] => None,
        _ => Some(values.iter().sum::<f64>() / values.len() as f64),
    };
    let all = all.into_iter();
    all.map(|(model, inputs, values)| Validated { mean: mean(&values), model, inputs }).collect()
}

/// Mean R2 of the test genes over divisions.
fn tested(comparison: &Comparison, model: &str, inputs: &str) -> Option<f64> {
    let line = comparison.line(model, inputs).ok()?;
    let values: Vec<f64> = comparison
        .of(line)
        .filter_map(|entry| Score::new(&entry.measured, &entry.predicted).r2)
        .collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn table(comparison: &Comparison, validation: &[Validated]) -> Table {
    let mut table = Table::new(["model", "windows", "validation R2", "test R2"]);
    for Validated { model, inputs, mean } in validation {
        let names = [model, inputs].map(|name| Cell::text(name.as_str()));
        let scores = [Cell::from(*mean), tested(comparison, model, inputs).into()];
        table.line(names.into_iter().chain(scores));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_as_they_are_written() {
        assert_eq!(window("-1000:500"), Ok(Window::new(-1000, 500).unwrap()));
        assert_eq!(window("none"), Ok(Window::default()));
        for wrong in ["", "5", "a:b", "500:-1000", "-1e99:0"] {
            assert!(window(wrong).is_err(), "{wrong}");
        }
    }
}
