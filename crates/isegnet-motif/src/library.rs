use crate::meme::MemeFile;
use crate::{Error, Motif, jaspar, meme, text};
use std::path::Path;

/// Reads motifs as MEME text or JASPAR counts, told by content, plain or gzip.
///
/// Counts become [probabilities](Motif::probabilities).
///
/// # Errors
/// As [`meme::read`] and [`jaspar::read`].
pub fn read_motifs(path: impl AsRef<Path>) -> Result<MemeFile, Error> {
    let path = path.as_ref();
    if !is_jaspar(path)? {
        return meme::read(path);
    }
    let counts = jaspar::read(path)?;
    Ok(MemeFile { motifs: counts.iter().map(Motif::probabilities).collect(), background: None })
}

/// Tells whether the first line that says anything begins a motif of counts.
fn is_jaspar(path: &Path) -> Result<bool, Error> {
    let mut lines = text::open(path)?;
    while let Some((_, line)) = lines.next()? {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            return Ok(line.starts_with('>'));
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    #[test]
    fn content_tells_the_format_however_it_is_packed() {
        let folder = tempfile::tempdir().unwrap();
        let jaspar = ">M1 one\nA [ 3 ]\nC [ 1 ]\nG [ 0 ]\nT [ 0 ]\n";
        let meme = "MEME version 4\nMOTIF M1 one\nletter-probability matrix: w= 1 nsites= 4\n\
            0.75 0.25 0 0\n";
        let mut all = Vec::new();
        for text in [jaspar, meme] {
            let packed = |text: &[u8]| {
                let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
                packed.write_all(text).unwrap();
                packed.finish().unwrap()
            };
            // Remarks, another system's line ends and its byte order mark.
            let odd = format!("\u{feff}# mine\n\n{}", text.trim_end()).replace('\n', "\r\n");
            for bytes in [text.as_bytes().to_vec(), packed(text.as_bytes()), packed(odd.as_bytes())]
            {
                let path = folder.path().join("library");
                std::fs::write(&path, bytes).unwrap();
                all.push(read_motifs(&path).unwrap());
            }
        }
        assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
        let message = |bytes: &[u8]| {
            let path = folder.path().join("bad");
            std::fs::write(&path, bytes).unwrap();
            read_motifs(&path).unwrap_err().to_string()
        };
        assert!(message(b"\x1f\x8b\x08").contains("damaged, fetch or make it again"));
        assert!(message(b"").contains("bad has no motif"));
        assert!(message(b"PK\x03\x04\xff").contains("not UTF-8 text"));
        assert!(read_motifs(folder.path()).unwrap_err().to_string().contains("cannot"));
    }
}
