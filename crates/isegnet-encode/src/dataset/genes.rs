//! `genes.tsv`: the genes of a data set, in order.

use super::DatasetError;
use super::names::LAST_BASE;
use isegnet_core::{Gene, Interval, Strand};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

const HEADER: &str = "gene_id\tgene_name\tchrom\tstart\tend\tstrand";

pub(super) fn write(out: &mut impl Write, genes: &[Gene]) -> std::io::Result<()> {
    writeln!(out, "{HEADER}")?;
    for gene in genes {
        let Interval { chrom, start, end } = &gene.body;
        let name = gene.name.as_deref().unwrap_or_default();
        writeln!(out, "{}\t{name}\t{chrom}\t{start}\t{end}\t{}", gene.id, gene.strand)?;
    }
    Ok(())
}

/// Reads the table's text; every gene must be on one of `chromosomes`.
pub(super) fn parse(
    path: &Path,
    text: &str,
    chromosomes: &HashMap<&str, u32>,
) -> Result<Vec<Gene>, DatasetError> {
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        let message = format!("its first line is not {HEADER:?}");
        return Err(DatasetError::broken(path, message));
    }
    if !text.ends_with('\n') {
        return Err(DatasetError::broken(path, "its last line is cut short"));
    }
    let mut genes = Vec::new();
    for (i, line) in lines.enumerate() {
        let gene = gene(line).filter(|gene| chromosomes.contains_key(gene.body.chrom.as_str()));
        let wrong = || DatasetError::broken(path, format!("line {} is no gene: {line:?}", i + 2));
        genes.push(gene.ok_or_else(wrong)?);
    }
    super::names::check_names("gene", genes.iter().map(|g| g.id.as_str()))
        .map_err(|cause| DatasetError::broken(path, cause.to_string()))?;
    Ok(genes)
}

fn gene(line: &str) -> Option<Gene> {
    let mut fields = line.split('\t');
    let mut field = || fields.next();
    let (id, name, chrom) = (field()?, field()?, field()?);
    let start: i64 = field()?.parse().ok()?;
    let end: i64 = field()?.parse().ok()?;
    let strand = match field()? {
        "+" => Strand::Forward,
        "-" => Strand::Reverse,
        _ => return None,
    };
    let ended = fields.next().is_none();
    let sound = ended && !id.is_empty() && (0..end).contains(&start) && end <= LAST_BASE;
    let name = (!name.is_empty()).then(|| name.to_owned());
    sound.then(|| Gene { id: id.to_owned(), name, strand, body: Interval::new(chrom, start, end) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genes_come_back_as_they_were() {
        let gene = |id: &str, name: Option<&str>, strand| Gene {
            id: id.into(),
            name: name.map(str::to_owned),
            strand,
            body: Interval::new("c", 3, 9),
        };
        let genes =
            [gene("a.1", Some("A"), Strand::Forward), gene("a_PAR_Y", None, Strand::Reverse)];
        let mut text = Vec::new();
        write(&mut text, &genes).unwrap();
        let chromosomes = HashMap::from([("c", 0)]);
        let text = String::from_utf8(text).unwrap();
        assert_eq!(parse(Path::new("genes.tsv"), &text, &chromosomes).unwrap(), genes);
        let elsewhere = HashMap::new();
        assert!(parse(Path::new("genes.tsv"), &text, &elsewhere).is_err());
        let hostile = format!("{HEADER}\na\t\tc\t5\t9223372036854775807\t+\n");
        assert!(parse(Path::new("genes.tsv"), &hostile, &chromosomes).is_err());
    }
}
