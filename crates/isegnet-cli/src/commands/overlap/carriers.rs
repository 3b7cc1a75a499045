use crate::commands::motif::Library;
use crate::explained::{Explained, Site};
use isegnet_motif::{Background, ScanOptions, Scanner, Threshold};
use std::collections::HashSet;
use std::path::Path;

/// What tells whether bases carry a motif of a factor.
pub struct Carriers(Scanner);

impl Carriers {
    /// Takes motifs of a library by identifiers or names.
    pub fn new(library: &Path, motifs: &[String], p: f64) -> anyhow::Result<Self> {
        let mut library = Library::read(library)?;
        library.keep(motifs)?;
        let options =
            ScanOptions { threshold: Threshold::P(p), q_values: false, ..ScanOptions::default() };
        Ok(Self(Scanner::new(&library.motifs, &Background::fimo(), &options)?))
    }

    /// The rows around whose sites there is a hit.
    pub fn rows(&self, explained: &Explained, sites: &[Site]) -> anyhow::Result<HashSet<usize>> {
        let around = explained.bases_around(sites)?;
        let scan = self.0.scan(around.iter().map(|s| (s.name.as_str(), s.bases.as_slice())));
        let hits = scan.motifs.iter().flat_map(|motif| &motif.hits);
        Ok(hits.map(|hit| sites[hit.sequence].row).collect())
    }
}
