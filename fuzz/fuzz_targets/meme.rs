//! Motifs as MEME text, and what is made of them.
#![no_main]

use isegnet_motif::{Background, MAX_WIDTH, ScanOptions, Scanner, meme};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The same bytes as a file of base frequencies.
    if let Ok(background) = Background::from_reader(data, "fuzz.txt") {
        assert!((background.frequencies().iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
    let Ok(file) = meme::from_reader(data, "fuzz.meme") else { return };
    assert!(!file.motifs.is_empty());
    for motif in &file.motifs {
        assert!((1..=MAX_WIDTH).contains(&motif.matrix.width()));
        let sums = motif.matrix.rows().iter().map(|row| row.iter().sum::<f64>());
        assert!(
            sums.clone().all(|sum| (sum - 1.0).abs() <= 0.0101),
            "{:?}",
            sums.collect::<Vec<_>>()
        );
    }
    let mut again = Vec::new();
    assert!(meme::write(&mut again, &file.motifs, &Background::uniform()).is_ok());
    let read = meme::from_reader(again.as_slice(), "again.meme").ok();
    assert_eq!(read.map(|read| read.motifs).as_ref(), Some(&file.motifs));
    let few: Vec<_> = file.motifs.into_iter().filter(|m| m.matrix.width() < 40).take(3).collect();
    let options = ScanOptions { q_values: false, ..ScanOptions::default() };
    if let Ok(scanner) = Scanner::new(&few, &Background::fimo(), &options) {
        scanner.scan([("fuzz", data)]);
    }
});
