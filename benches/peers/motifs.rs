//! A library of motifs: JASPAR's where it is at hand, else a made-up one like it; and random DNA.

use isegnet::core::Random;
use isegnet::core::testdata::real_data;
use isegnet::motif::{Background, Motif, Probabilities, Row, meme};
use ndarray::Array2;
use ndarray_npy::NpzWriter;
use std::error::Error;
use std::fs::File;
use std::path::Path;

/// JASPAR 2022 CORE vertebrates, in the folder `jaspar` of the real data.
const JASPAR: &str = "JASPAR2022_CORE_vertebrates_non-redundant.from_pyjaspar.meme";

/// As many as JASPAR has.
const MOTIFS: u64 = 841;

/// Sites of the background that are mixed into each motif.
const PSEUDOCOUNT: f64 = 0.1;

/// Gives the motifs with the pseudocount mixed in, so that everybody has the same log-odds
/// whatever they mix in themselves, and writes them into `folder` for the peers.
pub fn library(folder: &Path) -> Result<Vec<Motif>, Box<dyn Error>> {
    let motifs = match real_data("jaspar") {
        Some(data) => {
            eprintln!("  motifs: {JASPAR}");
            meme::read(data.join(JASPAR))?.motifs
        }
        None => {
            eprintln!("  motifs: {MOTIFS} made-up ones, as wide and as informative as JASPAR's");
            (0..MOTIFS).map(made_up).collect::<Result<_, _>>()?
        }
    };
    let smoothed = |p: &Probabilities| p.smoothed(&Background::uniform(), PSEUDOCOUNT);
    let motifs: Vec<Motif> = motifs.iter().map(|motif| motif.map(smoothed)).collect();
    write(&folder.join("motifs.npz"), &motifs)?;
    Ok(motifs)
}

/// A motif of some 12 positions (a twentieth of them under 8, a twentieth above 18), whose
/// likeliest base has 0.61, 0.85 and 0.97 at the quartiles.
fn made_up(i: u64) -> Result<Motif, Box<dyn Error>> {
    let random = Random::new(1, "motifs").part(i);
    let width = 12.0 * (0.27 * random.normal(0, 0)).exp();
    let row = |position: u64| -> Row {
        let share = |base| random.uniform(1 + position, base);
        let likeliest = 1.0 - 0.75 * share(0).powf(2.3);
        let others = [share(1), share(2), share(3)];
        let scale = (1.0 - likeliest) / others.iter().sum::<f64>();
        let [a, b, c] = others.map(|share| share * scale);
        let mut row = [likeliest, a, b, c];
        row.rotate_right(random.below(1 + position, 4, 4) as usize);
        row
    };
    let rows = (0..width.round().clamp(6.0, 35.0) as u64).map(row).collect();
    Ok(Motif { id: format!("motif{i}"), name: None, matrix: Probabilities::new(rows, 1000.0)? })
}

/// Writes probabilities by motif, `(position, base)`.
fn write(path: &Path, motifs: &[Motif]) -> Result<(), Box<dyn Error>> {
    let mut file = NpzWriter::new(File::create(path)?);
    for motif in motifs {
        let rows = motif.matrix.rows();
        file.add_array(&*motif.id, &Array2::from(rows.to_vec()))?;
    }
    file.finish()?;
    Ok(())
}

/// Random DNA, all bases alike.
pub fn dna(random: &Random, sequence: u64, length: usize) -> Vec<u8> {
    let words = (0..).flat_map(|i| random.block(sequence, i));
    let bases =
        words.flat_map(|word| (0..16).map(move |i| b"ACGT"[(word >> (2 * i)) as usize & 3]));
    bases.take(length).collect()
}
