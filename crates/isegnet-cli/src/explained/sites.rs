use super::Explained;
use crate::failure::Refusal;
use isegnet_core::Interval;
use isegnet_io::fasta;
use isegnet_motif::Sequence;
use std::collections::HashMap;

/// The highest site of a row in a column.
#[derive(Clone, Debug)]
pub struct Site {
    /// The row, by its place among those of the explanation.
    pub row: usize,
    pub column: String,
    /// Its bases: one, or those of its bin.
    pub place: Interval,
    /// The name that its bases stand under.
    name: String,
}

impl Explained {
    /// Reads `sites.bed`.
    pub fn sites(&self) -> anyhow::Result<Vec<Site>> {
        let path = self.folder.join("sites.bed");
        let place = path.display();
        let text = std::fs::read_to_string(&path)
            .map_err(|cause| Refusal::input(format!("{place} cannot be read: {cause}")))?;
        let rows: HashMap<String, usize> =
            (0..self.rows.len()).map(|row| (self.row_name(row), row)).collect();
        let site = |(line, number): (&str, usize)| {
            let wrong = |what: String| {
                Refusal::input(format!("{place}, line {number}: {what}; explain the genes again"))
            };
            let fields: Vec<&str> = line.split('\t').collect();
            let [chrom, start, end, name, _, _, _, _, column] = fields[..] else {
                return Err(wrong(format!("{} columns, and sites have 9", fields.len())));
            };
            let (Ok(start), Ok(end)) = (start.parse::<u32>(), end.parse::<u32>()) else {
                return Err(wrong(format!("{start:?} or {end:?} is no position")));
            };
            if start >= end {
                return Err(wrong(format!("start {start} is not below end {end}")));
            }
            let of_row = name
                .strip_suffix(&column.replace(char::is_whitespace, "_"))
                .and_then(|name| name.strip_suffix('/'));
            let row = of_row.and_then(|name| rows.get(name)).copied();
            let row = row.ok_or_else(|| {
                wrong(format!("site {name:?} is of no gene in genes.tsv and column {column:?}"))
            })?;
            let place = Interval::new(chrom, start.into(), end.into());
            Ok(Site { row, column: column.to_owned(), place, name: name.to_owned() })
        };
        let lines = text.lines().zip(1..).filter(|(line, _)| !line.starts_with('#'));
        Ok(lines.map(site).collect::<Result<_, Refusal>>()?)
    }

    /// Reads `sites.fa`: the bases around each of `sites`, in their order.
    pub fn bases_around(&self, sites: &[Site]) -> anyhow::Result<Vec<Sequence>> {
        let path = self.folder.join("sites.fa");
        let place = path.display();
        if !path.is_file() {
            return Err(Refusal::usage(format!(
                "{place} is not there; give `isegnet explain` the genome with --genome"
            ))
            .into());
        }
        let records = fasta::records(&path)?;
        let mut known: HashMap<String, Vec<u8>> =
            records.into_iter().map(|record| (record.name, record.bases)).collect();
        let sequence = |site: &Site| match known.remove(&site.name) {
            Some(bases) => Ok(Sequence { name: site.name.clone(), bases }),
            None => Err(Refusal::input(format!(
                "{place} has no sequence {:?}, which sites.bed has; explain the genes again",
                site.name
            ))),
        };
        Ok(sites.iter().map(sequence).collect::<Result<_, Refusal>>()?)
    }

    /// What `sites.bed` calls a row.
    fn row_name(&self, row: usize) -> String {
        let super::Row { gene, sample } = &self.rows[row];
        let name = match self.samples.len() {
            1 => gene.id.clone(),
            _ => format!("{}/{sample}", gene.id),
        };
        name.replace(char::is_whitespace, "_")
    }
}
