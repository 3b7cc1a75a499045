//! Reads genes: GTF, GFF3 or BED6, plain or gzip; the format is told by content.

mod anchor;
mod attributes;
mod bed;
mod gff;

pub use anchor::Anchor;

use crate::Error;
use crate::text::{self, Lines, is_remark};
use isegnet_core::Gene;
use std::collections::HashMap;
use std::io::BufRead;
use std::path::Path;

/// Reads the genes of an annotation, in its order.
///
/// # Errors
/// As [`read_with`].
pub fn read(path: impl AsRef<Path>, anchor: Anchor) -> Result<Vec<Gene>, Error> {
    Ok(read_with(path, &Options { anchor, biotypes: None })?.genes)
}

/// What is taken from an annotation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What the ends of a gene are taken from.
    pub anchor: Anchor,
    /// Biotypes to keep (`protein_coding`); all where `None`.
    pub biotypes: Option<Vec<String>>,
}

/// The genes of an annotation, and what became of its other genes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Annotation {
    /// The genes, in the order of the file.
    pub genes: Vec<Gene>,
    /// Genes left out because they have no strand, and so neither TSS nor TTS.
    pub without_strand: usize,
    /// Genes left out because of their biotype.
    pub other_biotype: usize,
    /// Genes that have no transcript of the kind asked for: their gene line is the anchor.
    pub fell_back: usize,
}

/// Reads the genes of an annotation and counts what was left out.
///
/// ```
/// use isegnet_io::genes::{Anchor, Options, from_reader};
///
/// let gtf = "chr1\tx\tgene\t101\t500\t.\t-\t.\tgene_id \"ENSG1.2\"; gene_name \"A\";\n";
/// let annotation = from_reader(gtf.as_bytes(), "genes.gtf", &Options::default())?;
/// assert_eq!(annotation.genes[0].tss(), 499);
/// # Ok::<(), isegnet_io::Error>(())
/// ```
///
/// # Errors
/// The file cannot be read or is of another kind, a line lacks fields or holds
/// what cannot be, an id stands twice, a transcript anchor is asked of a BED
/// file, or no gene is left.
pub fn read_with(path: impl AsRef<Path>, options: &Options) -> Result<Annotation, Error> {
    from_lines(text::open(path.as_ref(), "a GTF, GFF3 or BED6 file")?, options)
}

/// Reads genes; `name` stands for the path in messages.
///
/// # Errors
/// As [`read_with`].
pub fn from_reader(
    input: impl BufRead,
    name: impl AsRef<Path>,
    options: &Options,
) -> Result<Annotation, Error> {
    from_lines(Lines::new(input, name.as_ref()), options)
}

fn from_lines(mut lines: Lines<impl BufRead>, options: &Options) -> Result<Annotation, Error> {
    let mut reading = None;
    while let Some((number, line)) = lines.next()? {
        if is_remark(line) {
            continue;
        }
        let reading = reading.get_or_insert_with(|| Reading::new(Form::of(line), options));
        reading.line(line, number).map_err(|message| lines.error(message))?;
    }
    let path = lines.path();
    let annotation = reading.map(Reading::finish).unwrap_or_default();
    match annotation.genes.is_empty() {
        false => Ok(annotation),
        true => Err(no_gene(path, &annotation)),
    }
}

fn no_gene(path: &Path, left: &Annotation) -> Error {
    let remedy = match (left.other_biotype, left.without_strand) {
        (0, 0) => "lines of the type 'gene' are needed: use the full annotation".into(),
        (other, without) => format!(
            "{other} genes are of other biotypes and {without} have no strand: name biotypes that the file has"
        ),
    };
    Error::Nothing { path: path.into(), what: "gene to use", remedy }
}

/// The form of an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Gtf,
    Gff3,
    Bed,
}

impl Form {
    /// Tells the form by a line of data.
    fn of(line: &str) -> Self {
        let fields: Vec<_> = line.split('\t').collect();
        let number = |at: usize| fields.get(at).is_some_and(|f| f.parse::<u64>().is_ok());
        match fields.get(8) {
            _ if number(1) && number(2) => Self::Bed,
            Some(attributes) if !attributes.contains('"') && attributes.contains('=') => Self::Gff3,
            _ => Self::Gtf,
        }
    }
}

/// What has been read so far.
struct Reading<'a> {
    form: Form,
    options: &'a Options,
    genes: Vec<Gene>,
    /// Where a gene stands in `genes`, by the key that its transcripts name it with.
    by_key: HashMap<String, usize>,
    /// Line of each gene id, those left out included.
    lines: HashMap<String, u64>,
    transcripts: anchor::Transcripts,
    annotation: Annotation,
}

impl<'a> Reading<'a> {
    fn new(form: Form, options: &'a Options) -> Self {
        Self {
            form,
            options,
            genes: Vec::new(),
            by_key: HashMap::new(),
            lines: HashMap::new(),
            transcripts: anchor::Transcripts::default(),
            annotation: Annotation::default(),
        }
    }

    fn line(&mut self, line: &str, number: u64) -> Result<(), String> {
        if self.form == Form::Bed {
            let gene = bed::parse(line, self.options.anchor)?;
            return self.add_gene(gene, None, number);
        }
        match gff::parse(line, self.form == Form::Gff3)? {
            gff::Record::Gene { gene, key, biotype } => {
                let keep = match (&self.options.biotypes, &biotype) {
                    (Some(wanted), Some(biotype)) => wanted.contains(biotype),
                    (Some(_), None) => false,
                    (None, _) => true,
                };
                self.annotation.other_biotype += usize::from(!keep);
                if keep { self.add_gene(gene, Some(key), number) } else { Ok(()) }
            }
            gff::Record::Transcript(transcript) if self.options.anchor != Anchor::Gene => {
                self.transcripts.add(transcript, self.options.anchor);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Adds a gene; `None` in place of its strand leaves it out.
    fn add_gene(
        &mut self,
        gene: gff::Stranded,
        key: Option<String>,
        line: u64,
    ) -> Result<(), String> {
        if let Some(first) = self.lines.insert(gene.id.clone(), line) {
            return Err(format!(
                "gene id {:?} stands on line {first} already; make the ids distinct",
                gene.id
            ));
        }
        match gene.stranded() {
            None => self.annotation.without_strand += 1,
            Some(gene) => {
                let key = key.unwrap_or_else(|| gene.id.clone());
                self.by_key.insert(key, self.genes.len());
                self.genes.push(gene);
            }
        }
        Ok(())
    }

    fn finish(self) -> Annotation {
        let mut annotation = self.annotation;
        let mut anchored = vec![self.options.anchor == Anchor::Gene; self.genes.len()];
        let mut genes = self.genes;
        for (key, body) in self.transcripts.chosen() {
            if let Some(&at) = self.by_key.get(&key)
                && genes[at].body.chrom == body.chrom
            {
                genes[at].body = body;
                anchored[at] = true;
            }
        }
        annotation.fell_back = anchored.iter().filter(|a| !**a).count();
        annotation.genes = genes;
        annotation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isegnet_core::{Interval, Strand};

    fn with(text: &str, anchor: Anchor) -> Result<Annotation, Error> {
        from_reader(text.as_bytes(), "g.gtf", &Options { anchor, biotypes: None })
    }

    fn message(line: &str) -> String {
        with(line, Anchor::Gene).unwrap_err().to_string()
    }

    const GTF: &str = "\
#!genome-build x
chr1\th\tgene\t101\t900\t.\t-\t.\tgene_id \"E1.2\"; gene_type \"protein_coding\"; gene_name \"A\";
chr1\th\ttranscript\t201\t900\t.\t-\t.\tgene_id \"E1.2\"; tag \"basic\"; tag \"MANE_Select\";
chr1\th\ttranscript\t101\t850\t.\t-\t.\tgene_id \"E1.2\"; tag \"Ensembl_canonical\";
chr1\th\texon\t101\t850\t.\t-\t.\tgene_id \"E1.2\";
chr2\th\tgene\t5\t5\t.\t+\t.\tgene_id \"E2\"; gene_biotype \"lncRNA\";
chr2\th\tgene\t9\t20\t.\t.\t.\tgene_id \"E3\";
";

    #[test]
    fn the_anchor_decides_the_ends() {
        let body = |anchor| with(GTF, anchor).unwrap().genes[0].body.clone();
        assert_eq!(body(Anchor::Gene), Interval::new("chr1", 100, 900));
        assert_eq!(body(Anchor::ManeSelect), Interval::new("chr1", 200, 900));
        assert_eq!(body(Anchor::Canonical), Interval::new("chr1", 100, 850));
        assert_eq!(body(Anchor::Longest), Interval::new("chr1", 100, 850));
        let all = with(GTF, Anchor::ManeSelect).unwrap();
        assert_eq!((all.genes.len(), all.fell_back, all.without_strand), (2, 1, 1));
        assert_eq!(all.genes[1].body, Interval::new("chr2", 4, 5));
        assert_eq!(all.genes[0].name.as_deref(), Some("A"));
    }

    #[test]
    fn biotypes_are_chosen_by_either_key() {
        let of = |name: &str| {
            let biotypes = Some(vec![name.to_owned()]);
            from_reader(GTF.as_bytes(), "g", &Options { anchor: Anchor::Gene, biotypes })
        };
        assert_eq!(of("lncRNA").unwrap().genes[0].id, "E2");
        assert_eq!(of("protein_coding").unwrap().other_biotype, 2);
        assert!(of("none").unwrap_err().to_string().contains("3 genes are of other biotypes"));
    }

    #[test]
    fn gff3_of_ensembl_and_ncbi_is_read() {
        let gff = "##gff-version 3\n\
            1\te\tchromosome\t1\t999\t.\t.\t.\tID=chromosome:1\n\
            1\te\tncRNA_gene\t11\t50\t.\t+\t.\tID=gene:E1;Name=a%3Bb;biotype=lncRNA;gene_id=E1\n\
            1\te\tlnc_RNA\t21\t50\t.\t+\t.\tID=transcript:T1;Parent=gene:E1;tag=basic,Ensembl_canonical\n\
            1\te\texon\t21\t50\t.\t+\t.\tParent=transcript:T1\n\
            2\tn\tgene\t3\t9\t.\t-\t.\tID=gene-X;gene_biotype=protein_coding\n";
        let all = with(gff, Anchor::Canonical).unwrap();
        assert_eq!(all.genes[0].body, Interval::new("1", 20, 50));
        assert_eq!(all.genes[0].name.as_deref(), Some("a;b"));
        assert_eq!((all.genes[1].id.as_str(), all.genes[1].strand), ("X", Strand::Reverse));
        assert_eq!(all.fell_back, 1);
    }

    #[test]
    fn bed6_has_gene_lines_only() {
        let bed = "track name=g\nchr1\t10\t20\tG1\t0\t-\n";
        assert_eq!(with(bed, Anchor::Gene).unwrap().genes[0].tss(), 19);
        assert!(with(bed, Anchor::Longest).unwrap_err().to_string().contains("no transcripts"));
        assert!(message("chr1\t10\t20\tG1\n").contains("line 1: less than 6 columns"));
    }

    #[test]
    fn wrong_lines_are_told() {
        let line = |start: &str, end: &str, strand: &str, column: &str| {
            message(&format!("chr1\tx\tgene\t{start}\t{end}\t.\t{strand}\t.\t{column}\n"))
        };
        let id = "gene_id \"E1\";";
        assert!(message("chr1\tx\tgene\t1\t5\n").contains("line 1: 5 fields"));
        assert!(line("0", "5", "+", id).contains("start 0; GTF and GFF3 count from 1"));
        assert!(line("9", "5", "+", id).contains("start 9 is after end 5"));
        assert!(line("x", "5", "+", id).contains("start \"x\" is no position"));
        assert!(line("1", "99999999999", "+", id).contains("is no position"));
        assert!(line("1", "5", "*", id).contains("strand \"*\""));
        assert!(line("1", "5", "+", "gene_name \"A\";").contains("no gene_id"));
        let twice = "chr1\tx\tgene\t1\t5\t.\t+\t.\tgene_id \"E\";\n".repeat(2);
        assert!(message(&twice).contains("line 2: gene id \"E\" stands on line 1 already"));
        assert!(message("# nothing\n").contains("has no gene to use; lines of the type 'gene'"));
    }
}
