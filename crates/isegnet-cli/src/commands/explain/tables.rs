//! Explained rows as a table, with how well their attributions add up.

use super::Explanation;
use isegnet_core::Interval;
use isegnet_io::atomic;
use std::io::Write;
use std::path::Path;

/// Writes a line a row, in the order of the arrays.
pub fn write_genes(explanation: &Explanation, path: &Path) -> anyhow::Result<()> {
    let dataset = explanation.view.dataset();
    let write = |out: &mut dyn Write| {
        writeln!(
            out,
            "gene_id\tgene_name\tsample\tpart\tchrom\tstart\tend\tstrand\tmeasured\tvalue\t\
             baseline_value\tsum\tdelta\trelative_delta\tsteps\tflag"
        )?;
        for (&row, found) in explanation.rows.iter().zip(&explanation.completeness) {
            let (gene, sample) = (dataset.gene_of(row), dataset.sample_of(row));
            let Interval { chrom, start, end } = &gene.body;
            let name = gene.name.as_deref().unwrap_or_default();
            let part = explanation.parts[row].map_or_else(|| "-".to_owned(), |p| p.to_string());
            let measured =
                dataset.expression(row).map(|x| f64::from(explanation.lens.target.of(Some(x))));
            let flag = if explanation.is_flagged(found) { "incomplete" } else { "" };
            write!(
                out,
                "{}\t{name}\t{}\t{part}\t{chrom}\t{start}\t{end}\t{}",
                gene.id, sample.name, gene.strand
            )?;
            let relative = found.relative(explanation.spread);
            let numbers = [
                measured.unwrap_or(f64::NAN),
                found.value,
                found.baseline_value,
                found.sum,
                found.delta(),
                relative,
            ];
            numbers.into_iter().try_for_each(|number| write!(out, "\t{}", cell(number)))?;
            writeln!(out, "\t{}\t{flag}", found.steps)?;
        }
        Ok(())
    };
    Ok(atomic::write(path, write)?)
}

/// Writes a number, NA where there is none.
pub fn cell(number: f64) -> String {
    if number.is_nan() { "NA".to_owned() } else { number.to_string() }
}
