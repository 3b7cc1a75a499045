//! bigWig files, from memory.
#![no_main]

use isegnet_core::SignalSource;
use isegnet_io::bigwig::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(mut reader) = Reader::from_bytes("fuzz.bw", data) else { return };
    let mut values = vec![0.0; 3_000];
    for c in reader.chromosomes().to_vec().into_iter().take(4) {
        let length = c.length.unwrap_or(0) as i64;
        for start in [i64::MIN, -10, 0, 2_990, length / 2, length - 10, length, i64::MAX] {
            if let Err(error) = reader.values_into(&c.name, start, &mut values) {
                // What unwound and was caught is a defect all the same.
                assert!(!error.to_string().contains("cannot be decoded"), "{error}");
                return;
            }
        }
    }
    reader.reopened().unwrap();
});
