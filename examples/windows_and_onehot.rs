//! Windows around a gene and their DNA as one-hot columns, without the rest.
//!
//! ```text
//! cargo run --example windows_and_onehot
//! ```
#![allow(clippy::print_stdout)]

use isegnet::core::{Gene, Interval, Strand, base_code};
use isegnet::encode::{Windows, dna};
use isegnet::io::fasta;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("genome.fa");
    let sequence: String = "GATTACANNACGTacgt".chars().cycle().take(400).collect();
    fasta::write(&path, [("chr1", sequence.as_str())])?;
    let mut genome = fasta::open(&path)?;

    // 20 bases upstream of the TSS and 10 from it on; 5 on each side of the TTS.
    let windows = Windows::new([-20, 10], [-5, 5])?;
    let gene = Gene {
        id: "gene1".into(),
        name: None,
        strand: Strand::Reverse,
        body: Interval::new("chr1", 8, 390),
    };

    // Both windows, one after the other, 5' to 3' of the gene.
    let mut codes = Vec::new();
    for window in windows.intervals(&gene) {
        let mut letters = vec![0; window.len()];
        genome.bases_into(&window.chrom, window.start, &mut letters)?;
        let mut stretch: Vec<u8> = letters.iter().map(|&letter| base_code(letter)).collect();
        dna::orient(&mut stretch, gene.strand);
        println!("{window} of {}: {}", gene.id, shown(&stretch));
        codes.extend(stretch);
    }

    let mut columns = vec![0; 4 * windows.positions()];
    dna::one_hot_into(&codes, &mut columns);
    println!("\nposition  A C G T");
    for (position, column) in columns.chunks(4).enumerate().skip(18).take(5) {
        let [a, c, g, t] = column else { continue };
        println!("{position:>8}  {a} {c} {g} {t}");
    }
    Ok(())
}

/// Writes codes as letters; `.` is no base: N, or off the chromosome.
fn shown(codes: &[u8]) -> String {
    codes.iter().map(|&code| *b"ACGT.".get(usize::from(code)).unwrap_or(&b'?') as char).collect()
}
