//! The genome that bases around sites are read from.

use super::Explanation;
use crate::Session;
use crate::failure::Refusal;
use isegnet_core::SequenceSource;
use isegnet_io::fasta;
use isegnet_io::names::{self, Aliases};
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;

/// Opens the genome given, or the data set's own where it is still there.
pub fn open(
    explanation: &Explanation,
    given: Option<&Path>,
    session: &Session,
) -> anyhow::Result<Option<Box<dyn SequenceSource>>> {
    let dataset = explanation.view.dataset();
    let manifest = dataset.manifest();
    let own = manifest.inputs.iter().find(|input| input.role == "genome");
    let path = match (given, own) {
        (Some(path), _) => path,
        (None, Some(own)) if own.path.is_file() => &own.path,
        (None, Some(own)) => {
            session.screen.note(&format!(
                "warning: the genome {} is not there any more, so there is no sites.fa; say with \
                 --genome where it is",
                own.path.display()
            ));
            return Ok(None);
        }
        (None, None) => {
            session.screen.note("the data set has no genome, so there is no sites.fa");
            return Ok(None);
        }
    };
    let configuration: Value = manifest.configuration().unwrap_or_default();
    let aliases = configuration.get("chrom_alias").cloned().unwrap_or_default();
    let aliases: Aliases = serde_json::from_value(aliases).unwrap_or_default();
    let genome = names::sequence(fasta::open(path)?, aliases);
    let known: HashSet<&str> = genome.chromosomes().iter().map(|c| c.name.as_str()).collect();
    let genes = explanation.rows.iter().map(|&row| dataset.gene_of(row));
    if let Some(gene) = genes.into_iter().find(|gene| !known.contains(gene.body.chrom.as_str())) {
        let (chrom, id, path) = (&gene.body.chrom, &gene.id, path.display());
        return Err(Refusal::input(format!(
            "{path} has no chromosome {chrom:?}, on which gene {id:?} is; give the genome of the \
             data set with --genome"
        ))
        .into());
    }
    Ok(Some(genome))
}
