//! Places of 841 motifs on both strands, p at most 1e-4, from matrices to a list of hits.

use crate::Contestant;
use crate::motifs::{dna, library};
use isegnet::core::{Random, Strand};
use isegnet::motif::{self, Background, Motif, MotifHits, ScanError, ScanOptions, Scanner};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Positions of the narrowest motif that is compared by itself: narrower ones have few
/// scores, and which is the last one with a p-value of at most 1e-4 depends on rounding.
const COMPARED: usize = 10;

pub struct Scan {
    motifs: Vec<Motif>,
    sequences: Vec<(String, Vec<u8>)>,
}

impl Scan {
    /// Makes the same sequences each time, and writes them into `folder` for the peers.
    pub fn new(folder: &Path, what: &str) -> Result<Self, Box<dyn Error>> {
        let (count, length) = match what {
            "windows" => (16_673, 101),
            "genome" => (1, 23_000_000),
            _ => return Err(format!("{what:?} is neither windows nor genome").into()),
        };
        let random = Random::new(1, "sequences");
        let sequence = |i| (format!("sequence{i}"), dna(&random, i, length));
        let sequences: Vec<_> = (0..count).map(sequence).collect();
        let mut fasta = BufWriter::new(File::create(folder.join(format!("scan-{what}.fa")))?);
        for (name, bases) in &sequences {
            writeln!(fasta, ">{name}")?;
            fasta.write_all(bases)?;
            fasta.write_all(b"\n")?;
        }
        fasta.flush()?;
        Ok(Self { motifs: library(folder)?, sequences })
    }

    /// Tables of p-values and the scan; no q-values, which no peer computes.
    fn scan(&self) -> Result<motif::Scan, ScanError> {
        let options = ScanOptions { pseudocount: 0.0, q_values: false, ..ScanOptions::default() };
        let scanner = Scanner::new(&self.motifs, &Background::uniform(), &options)?;
        Ok(scanner.scan(self.sequences.iter().map(|(name, bases)| (&**name, &**bases))))
    }
}

impl Contestant for Scan {
    /// In bits: how many hits a motif has on either strand and what the best one scores;
    /// last, how many hits all motifs have.
    fn check(&mut self) -> Result<Vec<f64>, Box<dyn Error>> {
        let scan = self.scan()?;
        let bits = |hits: usize| (1.0 + hits as f64).log2();
        let of_one = |motif: &MotifHits| {
            let on = |strand| bits(motif.hits.iter().filter(|hit| hit.strand == strand).count());
            let best = motif.hits.first().map_or(0.0, |hit| hit.score);
            [on(Strand::Forward), on(Strand::Reverse), best]
        };
        let compared = scan.motifs.iter().filter(|motif| motif.width >= COMPARED);
        Ok(compared.flat_map(of_one).chain([bits(scan.len())]).collect())
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        self.scan()?;
        Ok(())
    }
}
