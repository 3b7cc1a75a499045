//! bigWig files, from memory.
#![no_main]

use isegnet_core::SignalSource;
use isegnet_io::bigwig::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(mut reader) = Reader::from_bytes("fuzz.bw", data) else { return };
    let (mut whole, mut pieces) = (vec![0.0; 3_000], vec![0.0; 3_000]);
    for c in reader.chromosomes().to_vec().into_iter().take(4) {
        let length = c.length.unwrap_or(0) as i64;
        for start in [i64::MIN, -10, 0, 2_990, length / 2, length - 10, length, i64::MAX - 3_000] {
            if reader.values_into(&c.name, start, &mut whole).is_err() {
                return;
            }
            // Cut anywhere, a stretch that can be read has the same values.
            let cut = (start.unsigned_abs() % 2_999) as usize + 1;
            let (left, right) = pieces.split_at_mut(cut);
            reader.values_into(&c.name, start, left).unwrap();
            reader.values_into(&c.name, start + cut as i64, right).unwrap();
            assert!(whole.iter().zip(&pieces).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
    reader.reopened().unwrap();
});
