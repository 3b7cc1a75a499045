//! What was found, as tables and BED files.

use super::outcome::{Found, Outcome};
use super::samples::{Comparison, Condition};
use crate::commands::explain::cell;
use isegnet_core::Interval;
use isegnet_encode::Stretch;
use isegnet_explain::{FoldChange, GeneChange};
use isegnet_io::atomic;
use ndarray::Array2;
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

/// How the expression of each gene changes, and which genes are differential.
pub struct Changes {
    /// log2 of the first condition over the second; NaN where it was not measured.
    pub log2: Vec<f64>,
    pub differential: Vec<bool>,
}

impl Changes {
    /// By fold change, or by a list of the caller's.
    pub fn of(
        comparison: &Comparison<'_>,
        rule: FoldChange,
        listed: Option<&HashSet<String>>,
    ) -> anyhow::Result<Self> {
        let genes = comparison.genes.len();
        let table = |condition: &Condition<'_>| {
            let samples: Vec<Vec<f64>> = condition.samples().map(|s| s.expression()).collect();
            Array2::from_shape_fn((genes, samples.len()), |(gene, sample)| samples[sample][gene])
        };
        let (first, second) = (table(&comparison.first), table(&comparison.second));
        let measured = |gene: &usize| {
            first.row(*gene).iter().chain(second.row(*gene)).all(|value| value.is_finite())
        };
        let rows: Vec<usize> = (0..genes).filter(measured).collect();
        let axis = ndarray::Axis(0);
        let (first, second) = (first.select(axis, &rows), second.select(axis, &rows));
        let mut log2 = vec![f64::NAN; genes];
        for GeneChange { row, log2: change } in rule.changes(first.view(), second.view())? {
            log2[rows[row]] = change;
        }
        let is = |gene: usize| match listed {
            Some(listed) => listed.contains(&comparison.genes[gene].id),
            None => log2[gene].abs() >= rule.least,
        };
        let differential = (0..genes).map(is).collect();
        Ok(Self { log2, differential })
    }
}

/// Writes a line a gene.
pub fn write_genes(
    comparison: &Comparison<'_>,
    changes: &Changes,
    regions: &[Found],
    path: &Path,
) -> anyhow::Result<()> {
    let mut of_gene = vec![0; comparison.genes.len()];
    regions.iter().for_each(|found| of_gene[found.region.row] += 1);
    let value = |condition: &Condition<'_>, gene: usize| {
        let values: Vec<f64> = condition.units.iter().flatten().map(|s| s.value(gene)).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    let write = |out: &mut dyn Write| {
        writeln!(
            out,
            "gene_id\tgene_name\tchrom\tstart\tend\tstrand\tlog2_fold_change\tdifferential\t\
             value_a\tvalue_b\tregions"
        )?;
        for (i, gene) in comparison.genes.iter().enumerate() {
            let Interval { chrom, start, end } = &gene.body;
            let (name, strand) = (gene.name.as_deref().unwrap_or_default(), gene.strand);
            let (log2, differential) = (cell(changes.log2[i]), u8::from(changes.differential[i]));
            let values = [value(&comparison.first, i), value(&comparison.second, i)].map(cell);
            writeln!(
                out,
                "{}\t{name}\t{chrom}\t{start}\t{end}\t{strand}\t{log2}\t{differential}\t{}\t{}\t{}",
                gene.id, values[0], values[1], of_gene[i]
            )?;
        }
        Ok(())
    };
    Ok(atomic::write(path, write)?)
}

/// Writes a line a column: how many of its sites differ.
pub fn write_counts(columns: &[String], outcome: &Outcome, path: &Path) -> anyhow::Result<()> {
    let all = outcome.cutoffs.all;
    let write = |out: &mut dyn Write| {
        writeln!(
            out,
            "column\tsites\tthreshold\tdifferential\tthreshold_of_all\tdifferential_of_all\t\
             regions\tsites_q_0.05\tsites_family_wise_0.05"
        )?;
        for (c, (column, cutoff)) in columns.iter().zip(&outcome.cutoffs.columns).enumerate() {
            let regions = outcome.regions.iter().filter(|found| found.region.column == c).count();
            let of_all = outcome.of_all.as_ref().map(|counts| counts[c]);
            let of_all = of_all.map_or(["NA".to_owned(), "NA".to_owned()], |count| {
                [all.threshold.to_string(), count.to_string()]
            });
            let significant = outcome.significant.as_ref().map(|counts| counts[c]);
            let significant = significant.map_or(["NA".to_owned(), "NA".to_owned()], |counts| {
                counts.map(|count| count.to_string())
            });
            writeln!(
                out,
                "{column}\t{}\t{}\t{}\t{}\t{}\t{regions}\t{}\t{}",
                cutoff.sites,
                cutoff.threshold,
                cutoff.found,
                of_all[0],
                of_all[1],
                significant[0],
                significant[1]
            )?;
        }
        Ok(())
    };
    Ok(atomic::write(path, write)?)
}

/// Writes regions as BED6 and more columns, in the order of the genome; `names` are those of the difference and of what
/// stands beside it.
pub fn write_regions(
    (comparison, changes): (&Comparison<'_>, &Changes),
    columns: &[String],
    regions: &[Found],
    names: [&str; 2],
    path: &Path,
) -> anyhow::Result<()> {
    let view = &comparison.reference().view;
    let largest = |column: usize| {
        let own = regions.iter().filter(|found| found.region.column == column);
        own.map(|found| found.region.summit_value.abs()).fold(0.0, f32::max)
    };
    let largest: Vec<f32> = (0..columns.len()).map(largest).collect();
    let mut lines = Vec::new();
    for found in regions {
        let (gene, region) = (&comparison.genes[found.region.row], &found.region);
        let stretches = view.stretches(comparison.place(region.row));
        let holds = |stretch: &&Stretch| stretch.positions.contains(&region.positions.start);
        let Some(stretch) = stretches.iter().find(holds) else { continue };
        let ends = [region.positions.start, region.positions.end - 1].map(|p| stretch.bases(p));
        let start = ends[0].start.min(ends[1].start);
        let end = ends[0].end.max(ends[1].end);
        let column = &columns[region.column];
        let name = format!("{}/{column}", gene.id).replace(char::is_whitespace, "_");
        let score = (1000.0 * region.summit_value.abs() / largest[region.column]).round();
        let (beside, summit) = (found.beside.unwrap_or(f64::NAN), stretch.bases(region.summit));
        let test = found.test.map_or([f64::NAN; 3], |test| [test.p, test.family_wise, test.q]);
        let [p, family_wise, q] = test.map(cell);
        let line = format!(
            "{}\t{start}\t{end}\t{name}\t{score}\t{}\t{}\t{}\t{}\t{}\t{}\t{p}\t{family_wise}\t\
             {q}\t{}\t{column}\t{}",
            gene.body.chrom,
            gene.strand,
            region.mean,
            cell(beside),
            summit.start,
            region.summit_value,
            region.sites,
            gene.id,
            u8::from(changes.differential[region.row])
        );
        lines.push((gene.body.chrom.as_str(), start, end, line));
    }
    lines.sort();
    let write = |out: &mut dyn Write| {
        writeln!(
            out,
            "#chrom\tstart\tend\tname\tscore\tstrand\t{0}_difference\t{1}_difference\tsummit\t\
             summit_difference\tsites\tp\tfamily_wise_p\tq\tgene_id\tcolumn\tdifferential_gene",
            names[0], names[1]
        )?;
        lines.iter().try_for_each(|(.., line)| writeln!(out, "{line}"))
    };
    Ok(atomic::write(path, write)?)
}
