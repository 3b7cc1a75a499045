//! FASTA from beginning to end.
#![no_main]

use isegnet_io::fasta::Stream;
use libfuzzer_sys::fuzz_target;
use std::io::{BufReader, Cursor};

fuzz_target!(|data: &[u8]| {
    let [whole, cut] = [1 << 16, 3].map(|bytes| read(data, bytes));
    assert_eq!(whole, cut);
});

/// Names and letters, or nothing where it is refused; however small the buffer is.
fn read(data: &[u8], buffer: usize) -> Option<Vec<(String, Vec<u8>)>> {
    let input = BufReader::with_capacity(buffer, Cursor::new(data.to_vec()));
    let mut stream = Stream::from_reader(input, "fuzz.fa");
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    while let Some(piece) = stream.next().ok()? {
        if piece.start == 0 {
            all.push((piece.name.to_owned(), Vec::new()));
        }
        let (name, bases) = all.last_mut()?;
        assert_eq!((name.as_str(), bases.len() as u64), (piece.name, piece.start));
        bases.extend_from_slice(piece.bases);
    }
    Some(all)
}
