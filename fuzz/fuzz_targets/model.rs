//! The files of a model: description and weights.
#![no_main]

use isegnet_model::{check_description, parse_safetensors};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = check_description(data);
    if let Ok((tensors, _)) = parse_safetensors(data) {
        for (shape, values) in tensors.values() {
            assert_eq!(shape.iter().product::<usize>(), values.len());
        }
    }
});
