//! The highest site of every row and column: where it is, and the bases around it.

use super::Explanation;
use anyhow::Context;
use isegnet_core::{Interval, SequenceSource, Strand, base_code};
use isegnet_explain::{By, Count, TopSite, TopSites};
use isegnet_io::{atomic, fasta};
use ndarray::Array2;
use std::io::Write;
use std::path::Path;

/// Bases on either side of a site that are read again from the genome.
const FLANK_BP: i64 = 50;

/// A site on the genome.
pub struct Site {
    pub top: TopSite,
    /// Unique: gene, sample where there are several, and column.
    pub name: String,
    pub bases: Interval,
    pub strand: Strand,
}

impl Explanation {
    /// Tells of each row's positions whether they are on the chromosome, `(row, position)`.
    pub fn allowed(&self) -> Array2<bool> {
        let mut allowed = Array2::from_elem((self.rows.len(), self.view.positions()), false);
        for (mut allowed, &row) in allowed.outer_iter_mut().zip(&self.rows) {
            for stretch in self.view.stretches(row) {
                stretch.on_chromosome().for_each(|position| allowed[position] = true);
            }
        }
        allowed
    }

    /// The name of an explained row, as it stands in tables of places.
    pub fn name(&self, row: usize) -> String {
        let dataset = self.view.dataset();
        let (gene, sample) = (dataset.gene_of(self.rows[row]), dataset.sample_of(self.rows[row]));
        match self.samples().len() {
            1 => gene.id.clone(),
            _ => format!("{}/{}", gene.id, sample.name),
        }
    }
}

/// Finds the highest site of every row and column.
pub fn find(explanation: &Explanation, by: By) -> anyhow::Result<Vec<Site>> {
    let columns = explanation.columns();
    let tops = TopSites::new(by, Count::Number(1))?;
    let tops = tops.of(explanation, explanation.allowed().view())?;
    let site = |top: TopSite| {
        let stretches = explanation.view.stretches(explanation.rows[top.row]);
        let stretch = stretches.iter().find(|s| s.positions.contains(&top.position))?;
        Some(Site {
            name: format!("{}/{}", explanation.name(top.row), columns.get(top.column)?.name),
            bases: stretch.bases(top.position),
            strand: stretch.strand,
            top,
        })
    };
    Ok(tops.into_iter().filter_map(site).collect())
}

/// Writes sites as BED6 and three columns more: attribution, gene and column. The score is
/// the magnitude, 1000 for the largest of the column.
pub fn write_bed(explanation: &Explanation, sites: &[Site], path: &Path) -> anyhow::Result<()> {
    let columns = explanation.columns();
    let mut largest = vec![0.0f32; columns.len()];
    for Site { top, .. } in sites {
        largest[top.column] = largest[top.column].max(top.value.abs());
    }
    let dataset = explanation.view.dataset();
    let write = |out: &mut dyn Write| {
        writeln!(out, "#chrom\tstart\tend\tname\tscore\tstrand\tattribution\tgene_id\tcolumn")?;
        sites.iter().try_for_each(|Site { top, name, bases, strand }| {
            let score = (1000.0 * top.value.abs() / largest[top.column]).round();
            let gene = &dataset.gene_of(explanation.rows[top.row]).id;
            let (value, column) = (top.value, &columns[top.column].name);
            let Interval { chrom, start, end } = bases;
            let name = name.replace(char::is_whitespace, "_");
            writeln!(
                out,
                "{chrom}\t{start}\t{end}\t{name}\t{score}\t{strand}\t{value}\t{gene}\t{column}"
            )
        })
    };
    Ok(atomic::write(path, write)?)
}

/// Writes the bases around each site, 5' to 3' of the gene, cut where the chromosome ends.
pub fn write_fasta(
    explanation: &Explanation,
    sites: &[Site],
    genome: &mut dyn SequenceSource,
    path: &Path,
) -> anyhow::Result<()> {
    let mut order: Vec<usize> = (0..sites.len()).collect();
    order.sort_by_key(|&i| (&sites[i].bases.chrom, sites[i].bases.start));
    let mut records = vec![(String::new(), Vec::new()); sites.len()];
    for i in order {
        let site = &sites[i];
        check(explanation, site, genome)?;
        let Interval { chrom, start, end } = &site.bases;
        let mut bases = vec![b'.'; (end - start + 2 * FLANK_BP) as usize];
        genome.bases_into(chrom, start - FLANK_BP, &mut bases)?;
        bases.retain(|&base| base != b'.');
        bases.make_ascii_uppercase();
        if site.strand == Strand::Reverse {
            bases.reverse();
            bases.iter_mut().for_each(|base| *base = complement(*base));
        }
        records[i] = (site.name.replace(char::is_whitespace, "_"), bases);
    }
    fasta::write(path, records).context("sites.fa")
}

/// Checks that the genome has the bases at a site that the data set was made from.
fn check(
    explanation: &Explanation,
    site: &Site,
    genome: &mut dyn SequenceSource,
) -> anyhow::Result<()> {
    let prepared = explanation.view.dataset().manifest().dna;
    if !prepared || !explanation.view.dna() {
        return Ok(());
    }
    let mut codes = vec![0; explanation.view.positions()];
    explanation.view.dna_into(explanation.rows[site.top.row], &mut codes);
    let mut base = [b'.'];
    genome.bases_into(&site.bases.chrom, site.bases.start, &mut base)?;
    let base = match site.strand {
        Strand::Forward => base[0],
        Strand::Reverse => complement(base[0]),
    };
    let expected = codes[site.top.position];
    if base_code(base) == expected {
        return Ok(());
    }
    let letter = |code: u8| *b"ACGTN".get(usize::from(code)).unwrap_or(&b'N') as char;
    Err(crate::failure::Refusal::input(format!(
        "the genome has {} at {} ({}), and the data set was made from one with {}; give the same \
         one with --genome",
        letter(base_code(base)),
        site.bases,
        site.strand,
        letter(expected)
    ))
    .into())
}

/// The letter on the other strand; N for an ambiguous one.
fn complement(base: u8) -> u8 {
    match base {
        b'A' | b'a' => b'T',
        b'C' | b'c' => b'G',
        b'G' | b'g' => b'C',
        b'T' | b't' => b'A',
        _ => b'N',
    }
}
