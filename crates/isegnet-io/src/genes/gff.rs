//! Lines of GTF and GFF3.

use super::anchor::Transcript;
use super::attributes;
use crate::text::quote;
use isegnet_core::{Gene, Interval, Strand};

/// A line that says something of genes.
pub(super) enum Record {
    Gene { gene: Stranded, key: String, biotype: Option<String> },
    Transcript(Transcript),
    Other,
}

/// A gene whose strand may be missing.
pub(super) struct Stranded {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) strand: Option<Strand>,
    pub(super) body: Interval,
}

impl Stranded {
    /// Gives the gene; `None` where it has no strand.
    pub(super) fn stranded(self) -> Option<Gene> {
        let Self { id, name, strand, body } = self;
        strand.map(|strand| Gene { id, name, strand, body })
    }
}

pub(super) fn strand(text: &str) -> Result<Option<Strand>, String> {
    match text {
        "+" => Ok(Some(Strand::Forward)),
        "-" => Ok(Some(Strand::Reverse)),
        "." | "?" => Ok(None),
        other => Err(format!("strand {}; it is +, -, or . where there is none", quote(other))),
    }
}

/// Takes a line apart.
pub(super) fn parse(line: &str, gff3: bool) -> Result<Record, String> {
    let fields: Vec<_> = line.split('\t').collect();
    let &[chrom, _, kind, start, end, _, sign, _, column] = fields.as_slice() else {
        return Err(format!("{} fields; GTF and GFF3 have 9, separated by tabs", fields.len()));
    };
    let (is_gene, is_transcript) = kinds(kind, gff3);
    if !is_gene && !is_transcript {
        return Ok(Record::Other);
    }
    let body = body(chrom, start, end)?;
    let attributes = Attributes::read(column, gff3);
    if is_gene && (!gff3 || attributes.id.is_some() || attributes.gene_id.is_some()) {
        let (id, key) = attributes.ids(gff3, kind)?;
        let gene = Stranded { id, name: attributes.name, strand: strand(sign)?, body };
        return Ok(Record::Gene { gene, key, biotype: attributes.biotype });
    }
    let gene = if gff3 { attributes.parent } else { attributes.gene_id };
    Ok(match gene {
        Some(gene) => Record::Transcript(Transcript { gene, body, tags: attributes.tags }),
        None if is_gene || !gff3 => {
            return Err(format!("no gene_id on a line of type {kind:?}; every gene needs one"));
        }
        None => Record::Other,
    })
}

/// Tells whether a line of a type is a gene, and whether it may be a transcript.
fn kinds(kind: &str, gff3: bool) -> (bool, bool) {
    if !gff3 {
        return (kind == "gene", kind == "transcript");
    }
    let gene = kind == "gene" || kind.ends_with("_gene") || kind == "pseudogene";
    // Which other lines are transcripts shows in whose parents are genes; these never are.
    let part =
        matches!(kind, "exon" | "CDS" | "start_codon" | "stop_codon") || kind.ends_with("UTR");
    (gene, !gene && !part)
}

fn body(chrom: &str, start: &str, end: &str) -> Result<Interval, String> {
    let position = |text: &str, what: &str| match text.parse::<u32>() {
        Ok(0) => Err(format!("{what} 0; GTF and GFF3 count from 1")),
        Ok(position) => Ok(i64::from(position)),
        Err(_) => Err(format!(
            "{what} {} is no position; a whole number from 1 on is needed",
            quote(text)
        )),
    };
    let (first, last) = (position(start, "start")?, position(end, "end")?);
    if first > last {
        return Err(format!(
            "start {first} is after end {last}; start is the smaller one on both strands"
        ));
    }
    Ok(Interval::new(chrom, first - 1, last))
}

/// What is used of the ninth column.
#[derive(Default)]
struct Attributes {
    gene_id: Option<String>,
    id: Option<String>,
    parent: Option<String>,
    name: Option<String>,
    biotype: Option<String>,
    tags: Vec<String>,
}

impl Attributes {
    fn read(column: &str, gff3: bool) -> Self {
        let mut found = Self::default();
        let mut take = |key: &str, value: &str| {
            let value = || Some(value.to_owned()).filter(|v| !v.is_empty());
            match key {
                "gene_id" => found.gene_id = found.gene_id.take().or_else(value),
                "ID" => found.id = value(),
                "Parent" => found.parent = value(),
                "gene_name" => found.name = value(),
                "Name" => found.name = found.name.take().or_else(value),
                "gene_biotype" | "gene_type" => found.biotype = value(),
                "biotype" => found.biotype = found.biotype.take().or_else(value),
                "tag" => {
                    found.tags.extend(value().iter().flat_map(|v| v.split(',')).map(str::to_owned))
                }
                _ => {}
            }
        };
        if gff3 {
            attributes::gff3(column).for_each(|(k, v)| take(k, &v));
        } else {
            attributes::gtf(column).for_each(|(k, v)| take(k, &v));
        }
        found
    }

    /// The gene's id, and the key that its transcripts name it with.
    fn ids(&self, gff3: bool, kind: &str) -> Result<(String, String), String> {
        let no_id = || format!("no gene_id on a line of type {kind:?}; every gene needs one");
        if !gff3 {
            let id = self.gene_id.clone().ok_or_else(no_id)?;
            return Ok((id.clone(), id));
        }
        let key = self.id.clone().or_else(|| self.gene_id.clone()).ok_or_else(no_id)?;
        // Ensembl writes ID=gene:ENSG..., NCBI ID=gene-...; both keep the plain id elsewhere or not at all.
        let plain = key.strip_prefix("gene:").or_else(|| key.strip_prefix("gene-")).unwrap_or(&key);
        let id = self.gene_id.clone().unwrap_or_else(|| plain.to_owned());
        Ok((id, key))
    }
}
