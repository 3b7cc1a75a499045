use crate::{Error, atomic};
use noodles::bgzf;
use std::io::{self, Write};
use std::path::Path;

const LINE_BASES: usize = 60;

/// Writes (name, bases) as FASTA with lines of 60 bases, whole or not at all;
/// bgzip where the path ends in `.gz`.
///
/// # Errors
/// A name is empty or holds a blank, bases are not letters, or the file cannot
/// be written.
pub fn write<N: AsRef<str>, B: AsRef<[u8]>>(
    path: impl AsRef<Path>,
    sequences: impl IntoIterator<Item = (N, B)>,
) -> Result<(), Error> {
    let path = path.as_ref();
    let compressed = path.extension().is_some_and(|e| e == "gz");
    atomic::write(path, |out| {
        if !compressed {
            return write_to(out, sequences);
        }
        let mut out = bgzf::io::Writer::new(out);
        write_to(&mut out, sequences)?;
        out.finish().map(|_| ())
    })
}

fn write_to<N: AsRef<str>, B: AsRef<[u8]>>(
    out: &mut dyn Write,
    sequences: impl IntoIterator<Item = (N, B)>,
) -> io::Result<()> {
    for (name, bases) in sequences {
        let (name, bases) = (name.as_ref(), bases.as_ref());
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(io::Error::other(format!("{name:?} is no name for a sequence")));
        }
        if let Some(wrong) = bases.iter().find(|b| !b.is_ascii_alphabetic()) {
            return Err(io::Error::other(format!(
                "sequence {name:?} has byte {wrong}, not a letter"
            )));
        }
        writeln!(out, ">{name}")?;
        for line in bases.chunks(LINE_BASES) {
            out.write_all(line)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}
