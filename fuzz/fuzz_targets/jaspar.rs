//! Counts of motifs as JASPAR position frequency matrices.
#![no_main]

use isegnet_motif::{MAX_WIDTH, jaspar};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(motifs) = jaspar::from_reader(data, "fuzz.jaspar") else { return };
    assert!(!motifs.is_empty());
    for motif in &motifs {
        assert!((1..=MAX_WIDTH).contains(&motif.matrix.rows().len()));
        let share = motif.probabilities();
        assert!(share.matrix.rows().iter().flatten().all(|p| (0.0..=1.0).contains(p)));
    }
    let mut written = Vec::new();
    assert!(jaspar::write(&mut written, &motifs).is_ok());
    let again = jaspar::from_reader(written.as_slice(), "again.jaspar");
    assert_eq!(again.ok().as_ref(), Some(&motifs));
});
