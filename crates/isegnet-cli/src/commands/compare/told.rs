//! What is said of a comparison in the end, and its manifest.

use super::outcome::{ALPHA, Outcome};
use super::pictures;
use super::samples::Comparison;
use super::tables::Changes;
use super::{Among, Args};
use crate::Session;
use isegnet_explain::Evidence;
use serde_json::json;

/// What is said in the end.
pub struct Told<'a, 'b> {
    pub comparison: &'a Comparison<'b>,
    pub changes: &'a Changes,
    pub columns: &'a [String],
}

impl Told<'_, '_> {
    pub fn tell(
        &self,
        args: &Args,
        attributions: &Outcome,
        signals: Option<&Outcome>,
        session: &Session,
    ) -> anyhow::Result<()> {
        let Self { comparison, changes, columns } = *self;
        let (screen, genes) = (&session.screen, comparison.genes.len());
        let (first, second) = (&comparison.first, &comparison.second);
        let unit = if comparison.apart { "seeds" } else { "samples" };
        screen.say(&format!(
            "{} ({} {unit}) less {} ({}), {genes} genes, {} of them differential",
            first.name,
            first.units.len(),
            second.name,
            second.units.len(),
            changes.differential.iter().filter(|&&is| is).count()
        ));
        let width = columns.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(8);
        let mut table = format!(
            "{:width$}{:>14}{:>14}{:>16}{:>10}",
            "", "sites", "differential", "of all inputs'", "regions"
        );
        for (c, (column, cutoff)) in columns.iter().zip(&attributions.cutoffs.columns).enumerate() {
            let own = attributions.regions.iter().filter(|found| found.region.column == c);
            table.push_str(&format!(
                "\n{column:width$}{:>14}{:>14}{:>16}{:>10}",
                cutoff.sites,
                cutoff.found,
                attributions.of_all.as_ref().map_or(0, |counts| counts[c]),
                own.count()
            ));
        }
        screen.say(&table);
        let evidence = match &attributions.evidence {
            Evidence::EffectSizes(why) => why.to_string(),
            Evidence::Tested(test) => {
                let found = attributions.significant.iter().flatten();
                let [q, family] = found.fold([0, 0], |[q, f], n| [q + n[0], f + n[1]]);
                format!(
                    "{} arrangements of signs{}: {q} sites with q <= {ALPHA}, {family} with \
                     family-wise p <= {ALPHA}; no p can be below {:.4}",
                    test.arrangements(),
                    if test.is_exact() { ", all there are" } else { "" },
                    test.smallest_p()
                )
            }
        };
        screen.say(&evidence);
        let mut seeds = Vec::new();
        if comparison.apart {
            let spread = pictures::seeds(comparison, columns, &args.out.join("seeds"))?;
            for (c, column) in columns.iter().enumerate() {
                let ratio = spread.ratio(c);
                let shown = ratio.map_or_else(|| "n/a".to_owned(), |ratio| format!("{ratio:.2}"));
                screen.say(&format!(
                    "{column:width$} conditions differ {shown} times as much as by seeds alone"
                ));
                seeds.push(json!({ "column": column, "ratio": ratio }));
            }
        }
        let report = json!({
            "isegnet": env!("CARGO_PKG_VERSION"),
            "isa": isegnet_ops::Isa::in_use().to_string(),
            "a": { "name": first.name, "of": args.a },
            "b": { "name": second.name, "of": args.b },
            "paired": comparison.paired,
            "trained_apart": comparison.apart,
            "genes": genes,
            "differential_genes": changes.differential.iter().filter(|&&is| is).count(),
            "columns": columns,
            "share": args.share,
            "among": match args.among { Among::All => "all", Among::Input => "input" },
            "gap": args.gap,
            "fold_change": args.fold_change,
            "evidence": evidence,
            "regions": attributions.regions.len(),
            "signal_regions": signals.map(|signals| signals.regions.len()),
            "seeds": seeds,
        });
        crate::report::json(&args.out.join("compare.json"), &report)?;
        screen.event("compared", &json!({ "path": args.out, "comparison": report }));
        screen.say(&format!("wrote {}", args.out.display()));
        Ok(())
    }
}
