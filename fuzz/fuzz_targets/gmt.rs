//! Libraries of gene sets.
#![no_main]

use isegnet_io::gmt;
use libfuzzer_sys::fuzz_target;
use std::collections::HashSet;

fuzz_target!(|data: &[u8]| {
    let Ok(sets) = gmt::from_reader(data, "fuzz.gmt") else { return };
    let names: HashSet<&str> = sets.iter().map(|set| set.name.as_str()).collect();
    assert_eq!(names.len(), sets.len());
    for set in &sets {
        assert!(!set.name.is_empty() && !set.genes.is_empty());
        assert!(set.genes.iter().all(|gene| !gene.is_empty() && !gene.contains(['\t', ','])));
    }
});
