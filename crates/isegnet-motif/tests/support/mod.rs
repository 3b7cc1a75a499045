//! Reading the reference files of the MEME Suite.
#![allow(dead_code, clippy::unwrap_used)]

use isegnet_core::testdata::fixtures;
use std::io::Read;

/// The text of a reference file, kept plain or gzip; `None` where there are no fixtures.
pub fn text(name: &str) -> Option<String> {
    let folder = fixtures("motifs")?;
    if let Ok(plain) = std::fs::read_to_string(folder.join(name)) {
        return Some(plain);
    }
    let packed = folder.join(format!("{name}.gz"));
    let file = std::fs::File::open(&packed).unwrap_or_else(|e| panic!("{}: {e}", packed.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    Some(text)
}

/// The motifs of a reference file.
pub fn motifs(name: &str) -> Option<Vec<isegnet_motif::Motif>> {
    Some(isegnet_motif::meme::from_reader(text(name)?.as_bytes(), name).unwrap().motifs)
}

/// The sequences of a reference file: the first word of the name, the rest, the letters.
pub fn sequences(name: &str) -> Option<Vec<(String, String, Vec<u8>)>> {
    let text = text(name)?;
    let records = text.split('>').skip(1);
    let record = |record: &str| {
        let (header, bases) = record.split_once('\n').unwrap();
        let (name, rest) = header.split_once(' ').unwrap_or((header, ""));
        (
            name.to_owned(),
            rest.to_owned(),
            bases.bytes().filter(|b| !b.is_ascii_whitespace()).collect(),
        )
    };
    Some(records.map(record).collect())
}

/// The rows of a reference table, without its header and remarks.
pub fn rows(name: &str) -> Option<Vec<Vec<String>>> {
    let text = text(name)?;
    let lines = text.lines().skip(1).filter(|l| !l.is_empty() && !l.starts_with('#'));
    Some(lines.map(|l| l.split('\t').map(str::to_owned).collect()).collect())
}
