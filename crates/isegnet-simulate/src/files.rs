//! The text files: genes, expression, configuration.

use crate::design::{Design, Sample};
use crate::layout::{Layout, Locus};
use std::io::{self, Write};

/// Name of the methylation track.
pub(crate) const METHYLATION_TRACK: &str = "methylation";

/// Writes the genes as GTF: gene, transcript and exon lines, 1-based and closed.
pub(crate) fn write_genes(layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#!genome-build simulated")?;
    for Locus { gene, .. } in &layout.loci {
        let id = &gene.id;
        let name = gene.name.as_deref().unwrap_or(id);
        let common =
            format!("gene_id \"{id}\"; gene_name \"{name}\"; gene_biotype \"protein_coding\";");
        let transcript = format!("{common} transcript_id \"{id}.t1\";");
        let (start, end) = (gene.body.start, gene.body.end);
        let mut line = |kind: &str, (start, end): (i64, i64), attributes: &str| {
            let (chrom, strand) = (&gene.body.chrom, gene.strand);
            writeln!(
                out,
                "{chrom}\tsimulated\t{kind}\t{}\t{end}\t.\t{strand}\t.\t{attributes}",
                start + 1
            )
        };
        line("gene", (start, end), &common)?;
        line("transcript", (start, end), &transcript)?;
        for exon in exons(start, end) {
            line("exon", exon, &transcript)?;
        }
    }
    Ok(())
}

/// Cuts a transcript into exons of about 300 bases with as long introns.
fn exons(start: i64, end: i64) -> Vec<(i64, i64)> {
    let pairs = ((end - start) / 600).clamp(0, 5);
    let step = (end - start) / (2 * pairs + 1);
    (0..=pairs)
        .map(|i| {
            let from = start + 2 * i * step;
            (from, if i == pairs { end } else { from + step })
        })
        .collect()
}

/// Writes a sample's expression table.
pub(crate) fn write_expression(
    layout: &Layout,
    tpm: &[f64],
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "gene_id\tTPM")?;
    for (locus, tpm) in layout.loci.iter().zip(tpm) {
        writeln!(out, "{}\t{tpm:.4}", locus.gene.id)?;
    }
    Ok(())
}

/// Gives the path of a sample's file, relative to the organism's folder.
pub(crate) fn path_of(design: &Design, sample: &Sample, file: &str) -> String {
    match (design.samples.len(), file) {
        (1, "expression.tsv") => file.to_owned(),
        (1, _) => format!("tracks/{file}"),
        _ => format!("samples/{}/{file}", sample.name),
    }
}

/// Gives the names of the tracks, in order.
pub(crate) fn track_names(design: &Design) -> Vec<&'static str> {
    design.marks.iter().map(|m| m.name).chain([METHYLATION_TRACK]).collect()
}

/// Writes the configuration that the command takes.
pub(crate) fn write_configuration(
    scenario: &str,
    design: &Design,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "# A simulated organism, scenario {scenario}; truth.tsv says what causes what.\n"
    )?;
    writeln!(out, "[genome]\nfasta = \"genome.fa\"\ngenes = \"genes.gtf\"\n")?;
    let several = design.samples.len() > 1;
    for sample in &design.samples {
        if several {
            write_sample(design, sample, out)?;
        } else {
            let path = path_of(design, sample, "expression.tsv");
            writeln!(out, "[expression]\npath = \"{path}\"\nid = \"gene_id\"\nvalue = \"TPM\"\n")?;
        }
    }
    for name in track_names(design) {
        writeln!(out, "[[track]]\nname = \"{name}\"")?;
        if let (false, Some(sample)) = (several, design.samples.first()) {
            writeln!(out, "path = \"{}\"", path_of(design, sample, &format!("{name}.bw")))?;
        }
        if name == METHYLATION_TRACK {
            writeln!(out, "kind = \"methylation\"")?;
        }
        writeln!(out)?;
    }
    writeln!(out, "[split]\nkind = \"chromosomes\"\ntest = [\"chr3\"]\nvalidation = [\"chr4\"]\n")?;
    writeln!(out, "[model]\npreset = \"isegnet\"")
}

fn write_sample(design: &Design, sample: &Sample, out: &mut dyn Write) -> io::Result<()> {
    let condition = design.condition_name(sample.condition).unwrap_or("all");
    writeln!(
        out,
        "[[sample]]\nname = \"{}\"\ncondition = \"{condition}\"\ngroup = \"{}\"",
        sample.name, sample.group
    )?;
    let path = path_of(design, sample, "expression.tsv");
    writeln!(out, "expression = {{ path = \"{path}\", id = \"gene_id\", value = \"TPM\" }}")?;
    let tracks: Vec<String> = track_names(design)
        .iter()
        .map(|n| format!("{n} = \"{}\"", path_of(design, sample, &format!("{n}.bw"))))
        .collect();
    writeln!(out, "tracks = {{ {} }}\n", tracks.join(", "))
}

/// Writes bases as FASTA, 60 a line.
pub(crate) fn write_bases(
    layout: &Layout,
    bases: &[Vec<u8>],
    out: &mut dyn Write,
) -> io::Result<()> {
    for (chromosome, bases) in layout.chromosomes.iter().zip(bases) {
        writeln!(out, ">{}", chromosome.name)?;
        for line in bases.chunks(60) {
            out.write_all(line)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exons_begin_and_end_with_the_transcript() {
        for (start, end) in [(10, 400), (0, 1500), (7, 15_007)] {
            let exons = exons(start, end);
            assert_eq!((exons[0].0, exons[exons.len() - 1].1), (start, end));
            assert!(exons.windows(2).all(|w| w[0].1 < w[1].0));
        }
    }
}
