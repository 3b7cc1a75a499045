//! Tracks and regions that are text: bedGraph, bedMethyl, BED.
#![no_main]

use isegnet_core::SignalSource;
use isegnet_io::{bedgraph, bedmethyl, regions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(regions) = regions::from_reader(data, "fuzz.bed") {
        assert!(regions.iter().all(|r| !r.is_empty()));
    }
    for track in [bedgraph::from_reader(data, "fuzz"), bedmethyl::from_reader(data, "fuzz", 2)] {
        if let Ok(mut track) = track {
            read(&mut *track);
        }
    }
});

/// A stretch read at once is the same as read base by base.
fn read(track: &mut dyn SignalSource) {
    let mut values = [0.0; 40];
    let mut one = [0.0];
    for c in track.chromosomes().to_vec() {
        for start in [i64::MIN, -20, 0, 15, i64::from(u32::MAX) - 20, i64::MAX - 3] {
            track.values_into(&c.name, start, &mut values).unwrap();
            for (value, at) in values.iter().zip(0..) {
                track.values_into(&c.name, start.saturating_add(at), &mut one).unwrap();
                let overflows = start.checked_add(at).is_none();
                assert!(
                    overflows
                        || value.to_bits() == one[0].to_bits()
                        || value.is_nan() && one[0].is_nan()
                );
            }
        }
    }
}
