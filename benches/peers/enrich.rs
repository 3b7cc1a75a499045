//! Enrichment of 841 motifs on 2,000 sequences against 2,000 others.

use crate::Contestant;
use crate::motifs::{dna, library};
use isegnet::core::{Cancel, Random, Silent};
use isegnet::motif::{Enrichment, EnrichmentTable, Groups, Motif, Sequence};
use std::error::Error;
use std::path::Path;

/// Sequences of either side, and their length.
const SEQUENCES: (u64, usize) = (2000, 101);

/// The motif that every other sequence of interest has, and how high it has to come out:
/// a library has motifs that are next to identical.
const PLANTED: (usize, usize) = (0, 10);

pub struct Enrich {
    motifs: Vec<Motif>,
    primary: Vec<Sequence>,
    control: Vec<Sequence>,
}

impl Enrich {
    pub fn new(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let motifs = library(folder)?;
        let sequences = |purpose| -> Vec<Sequence> {
            let random = Random::new(1, purpose);
            let sequence = |i: u64| Sequence {
                name: format!("{purpose}{i}"),
                bases: dna(&random, i, SEQUENCES.1),
            };
            (0..SEQUENCES.0).map(sequence).collect()
        };
        let (mut primary, control) = (sequences("primary"), sequences("control"));
        for (i, sequence) in primary.iter_mut().enumerate().step_by(2) {
            plant(&motifs[PLANTED.0], &Random::new(1, "sites").part(i as u64), sequence);
        }
        Ok(Self { motifs, primary, control })
    }

    fn test(&self) -> Result<EnrichmentTable, Box<dyn Error>> {
        let groups = Groups::Controlled { primary: &self.primary, control: &self.control };
        let method = Enrichment::default();
        let table = method.test(&self.motifs, groups, &Silent, &Cancel::default())?;
        table.ok_or_else(|| "nobody cancelled it".into())
    }
}

/// Writes a site that is drawn from the motif somewhere into a sequence.
fn plant(motif: &Motif, random: &Random, sequence: &mut Sequence) {
    let rows = motif.matrix.rows();
    let start = random.below(0, 0, (SEQUENCES.1 - rows.len()) as u64) as usize;
    for (i, (row, base)) in rows.iter().zip(&mut sequence.bases[start..]).enumerate() {
        let mut left = random.uniform(1, i as u64);
        let passed = row.iter().take_while(|&&share| {
            left -= share;
            left >= 0.0
        });
        *base = b"ACGT"[passed.count().min(3)];
    }
}

impl Contestant for Enrich {
    /// The logarithm of every p-value. No peer has them too, so what was planted has to be found.
    fn check(&mut self) -> Result<Vec<f64>, Box<dyn Error>> {
        let table = self.test()?;
        let planted = &self.motifs[PLANTED.0].id;
        if !table.rows.iter().take(PLANTED.1).any(|row| row.id == *planted) {
            return Err(format!("{planted} was planted and is not among the first").into());
        }
        Ok(table.rows.iter().map(|row| row.p.ln()).collect())
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        self.test().map(drop)
    }
}
