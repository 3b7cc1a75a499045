//! R2 by windows (Gao et al., Figure 2): a grid of TSS and TTS windows.

use super::{Args, Region, Validated, named, tested};
use crate::commands::explain::file_name;
use crate::report;
use isegnet_plot::{Heatmap, Shading, heatmap};
use isegnet_select::Comparison;

/// Draws validation and test R2 of one model.
pub fn draw(
    args: &Args,
    regions: &[Region],
    model: &str,
    validation: &[Validated],
    comparison: &Comparison,
) -> anyhow::Result<()> {
    let end = match args.fitted.models.0.len() {
        1 => String::new(),
        _ => format!("-{}", file_name(model)),
    };
    for part in ["validation", "test"] {
        let r2 = |inputs: &str| match part {
            "test" => tested(comparison, model, inputs),
            _ => validation.iter().find(|v| v.model == model && v.inputs == inputs)?.mean,
        };
        let value = |tss, tts| {
            let windows = regions
                .iter()
                .find(|region| (region.windows.tss(), region.windows.tts()) == (tss, tts));
            windows.and_then(|region| r2(&region.name)).unwrap_or(f64::NAN)
        };
        let values: Vec<f64> = args
            .tss
            .iter()
            .flat_map(|&tss| args.tts.iter().map(move |&tts| value(tss, tts)))
            .collect();
        if values.iter().all(|value| value.is_nan()) {
            continue;
        }
        let names = |windows: &[_]| windows.iter().map(|&w| named(w)).collect::<Vec<_>>();
        let title = format!("{model}: {part} genes");
        let figure = heatmap(&Heatmap {
            title: &title,
            row_label: "TSS",
            column_label: "TTS",
            rows: &names(&args.tss),
            columns: &names(&args.tts),
            values: &values,
            value_label: "R²",
            shading: Shading::Range,
            cluster_rows: false,
            cluster_columns: false,
            decimals: Some(3),
        })?;
        report::draw(&args.study.out.join(format!("sweep-{part}{end}")), &figure)?;
    }
    Ok(())
}
