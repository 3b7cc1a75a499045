//! The files of a data set: manifest, gene table, header of an array file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|parts: (&[u8], &[u8], &[u8])| {
    let (manifest, genes, array) = parts;
    isegnet_encode::check_bytes(manifest, genes, array);
});
