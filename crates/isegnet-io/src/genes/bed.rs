use super::Anchor;
use super::gff::{Stranded, strand};
use crate::text::{Place, columns};
use isegnet_core::Interval;

/// Takes a BED6 line apart: a gene, its name the fourth column.
pub(super) fn parse(line: &str, anchor: Anchor) -> Result<Stranded, String> {
    if anchor != Anchor::Gene {
        return Err(
            "BED has no transcripts to choose from; use the gene line as the anchor, or a GTF"
                .into(),
        );
    }
    let mut fields = columns(line);
    let Place { chrom, start, end } = Place::take(&mut fields)?;
    let (Some(name), Some(_), Some(sign)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(
            "less than 6 columns; genes need chromosome, start, end, id, score and strand".into()
        );
    };
    let body = Interval::new(chrom, start.into(), end.into());
    Ok(Stranded { id: name.to_owned(), name: None, strand: strand(sign)?, body })
}
