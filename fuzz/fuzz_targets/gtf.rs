//! Genes of any annotation: GTF, GFF3, BED6.
#![no_main]

use isegnet_io::genes::{Anchor, Options, from_reader};
use libfuzzer_sys::fuzz_target;
use std::collections::HashSet;

fuzz_target!(|data: &[u8]| {
    for anchor in [Anchor::Gene, Anchor::ManeSelect, Anchor::Canonical, Anchor::Longest] {
        let options = Options { anchor, biotypes: None };
        let Ok(annotation) = from_reader(data, "fuzz.gtf", &options) else { continue };
        let ids: HashSet<_> = annotation.genes.iter().map(|g| &g.id).collect();
        assert_eq!(ids.len(), annotation.genes.len());
        for gene in &annotation.genes {
            assert!(!gene.body.is_empty() && gene.body.start >= 0);
            assert_eq!(gene.tss().abs_diff(gene.tts()) as usize, gene.body.len() - 1);
        }
        assert!(annotation.fell_back <= annotation.genes.len());
    }
});
