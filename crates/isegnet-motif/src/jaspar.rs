//! Reads and writes counts of motifs as JASPAR position frequency matrices.

use crate::matrix::BASES;
use crate::motif::Identifiers;
use crate::text::{self, Lines, number, quote};
use crate::{Counts, Error, MAX_WIDTH, Motif};
use isegnet_core::base_code;
use std::io::{self, BufRead, Write};
use std::path::Path;

/// Reads a file, plain or gzip: `>id name`, then a line of counts for each base, with the base and
/// brackets (`A [ 3 0 7 ]`) or bare in the order A, C, G, T.
///
/// # Errors
/// The file cannot be read, holds no motif, or a motif is incomplete, double or no
/// [matrix of counts](Counts::new).
pub fn read(path: impl AsRef<Path>) -> Result<Vec<Motif<Counts>>, Error> {
    from_lines(text::open(path.as_ref())?)
}

/// Reads from anywhere; `path` is for messages.
///
/// # Errors
/// As [`read`].
pub fn from_reader(
    input: impl BufRead,
    path: impl AsRef<Path>,
) -> Result<Vec<Motif<Counts>>, Error> {
    from_lines(Lines::new(input, path.as_ref()))
}

fn from_lines(mut lines: Lines<impl BufRead>) -> Result<Vec<Motif<Counts>>, Error> {
    let mut parser = Parser::default();
    while let Some((line, text)) = lines.next()? {
        let taken = parser.line(line, text.trim());
        taken.map_err(|(line, message)| Error::line(lines.path(), line, message))?;
    }
    let path = lines.path();
    parser.end_of_motif().map_err(|(line, message)| Error::line(path, line, message))?;
    if parser.motifs.is_empty() {
        let remedy = "give a library with at least one '>id name' and four lines of counts";
        return Err(Error::Nothing { path: path.into(), what: "motif", remedy });
    }
    Ok(parser.motifs)
}

/// Writes motifs with the base and brackets on each line.
///
/// # Errors
/// What `out` gives.
pub fn write(mut out: impl Write, motifs: &[Motif<Counts>]) -> io::Result<()> {
    for motif in motifs {
        let name = motif.name.as_ref().map(|name| format!("\t{name}")).unwrap_or_default();
        writeln!(out, ">{}{name}", motif.id)?;
        for (i, base) in BASES.iter().enumerate() {
            let counts: Vec<String> =
                motif.matrix.rows().iter().map(|row| row[i].to_string()).collect();
            writeln!(out, "{base}  [ {} ]", counts.join(" "))?;
        }
    }
    out.flush()
}

/// What is wrong, and on which line.
type Wrong = (u64, String);

#[derive(Default)]
struct Parser {
    motifs: Vec<Motif<Counts>>,
    identifiers: Identifiers,
    current: Option<Current>,
}

/// A motif that is being read.
struct Current {
    line: u64,
    id: String,
    name: Option<String>,
    /// Counts of A, C, G, T along the motif.
    counts: [Option<Vec<f64>>; 4],
}

impl Parser {
    fn line(&mut self, line: u64, text: &str) -> Result<(), Wrong> {
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        let Some(names) = text.strip_prefix('>') else {
            let Some(current) = &mut self.current else {
                let message = "counts before any '>id name'; give a JASPAR PFM";
                return Err((
                    line,
                    format!("{} where a motif was expected: {message}", quote(text)),
                ));
            };
            return current.counts(text).map_err(|message| (line, message));
        };
        self.end_of_motif()?;
        let mut names = names.split_whitespace();
        let Some(id) = names.next() else {
            return Err((line, "a motif without an identifier; write '>id name'".into()));
        };
        self.identifiers.take(id, line).map_err(|message| (line, message))?;
        let name = names.next().map(str::to_owned);
        self.current = Some(Current { line, id: id.to_owned(), name, counts: Default::default() });
        Ok(())
    }

    fn end_of_motif(&mut self) -> Result<(), Wrong> {
        let Some(Current { line, id, name, counts }) = self.current.take() else { return Ok(()) };
        let wrong = |message: String| (line, format!("motif {}: {message}", quote(&id)));
        let [Some(a), Some(c), Some(g), Some(t)] = counts else {
            return Err(wrong("counts are missing; give a line for each of A, C, G and T".into()));
        };
        let lengths = [a.len(), c.len(), g.len(), t.len()];
        if lengths.iter().any(|&n| n != a.len()) {
            return Err(wrong(format!(
                "{lengths:?} counts for A, C, G and T; give one of each for every position"
            )));
        }
        let rows = (0..a.len()).map(|i| [a[i], c[i], g[i], t[i]]).collect();
        let matrix = Counts::new(rows).map_err(|e| wrong(e.to_string()))?;
        self.motifs.push(Motif { id, name, matrix });
        Ok(())
    }
}

impl Current {
    fn counts(&mut self, text: &str) -> Result<(), String> {
        let mut fields = text.split(|c: char| c.is_whitespace() || "[]".contains(c));
        let mut fields = fields.by_ref().filter(|field| !field.is_empty()).peekable();
        let labelled = fields.next_if(|field| field.len() == 1 && field.parse::<f64>().is_err());
        let base = match labelled {
            Some(letter) => usize::from(base_code(letter.as_bytes()[0])),
            None => self.counts.iter().position(Option::is_none).unwrap_or(4),
        };
        let Some(place) = self.counts.get_mut(base) else {
            return Err(match labelled {
                Some(letter) => format!("{} is no base; write A, C, G or T", quote(letter)),
                None => format!("{} is a fifth line; a motif has four of counts", quote(text)),
            });
        };
        if fields.peek().is_some_and(|field| field.bytes().all(|b| b.is_ascii_alphabetic())) {
            return Err(format!(
                "{} where counts were expected; give a JASPAR PFM, not sequences",
                quote(text)
            ));
        }
        let mut counts = Vec::new();
        for field in fields {
            if counts.len() == MAX_WIDTH {
                return Err(format!("more than {MAX_WIDTH} counts; no wider motif is taken"));
            }
            counts.push(number(field)?);
        }
        match place.replace(counts) {
            None => Ok(()),
            Some(_) => Err(format!("a second line for {}; give one for each base", BASES[base])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Motif<Counts>>, String> {
        from_reader(text.as_bytes(), "x.pfm").map_err(|e| e.to_string())
    }

    #[test]
    fn labelled_and_bare_counts_are_the_same() {
        let labelled = ">M1\tone\nA [3 0]\nC [ 0 1.5 ]\nG  [0 1]\nT [1 1]\n";
        let bare = ">M1 one\n3 0\n0 1.5\n0 1\n1\t1\n";
        let motifs = read(labelled).unwrap();
        assert_eq!(motifs, read(bare).unwrap());
        assert_eq!(motifs[0].matrix.rows()[1], [0.0, 1.5, 1.0, 1.0]);
        let mut out = Vec::new();
        write(&mut out, &motifs).unwrap();
        assert_eq!(read(std::str::from_utf8(&out).unwrap()).unwrap(), motifs);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, message) in [
            ("", "x.pfm has no motif"),
            ("MEME version 4\n", "line 1: \"MEME version 4\" where a motif"),
            (">\n", "line 1: a motif without an identifier"),
            (">a\n1\n1\n1\n", "line 1: motif \"a\": counts are missing"),
            (">a\n1\n1\n1 2\n1\n", "[1, 1, 2, 1] counts"),
            (">a\n1\n1\n1\n1\n1\n", "line 6: \"1\" is a fifth line"),
            (">a\nA [1]\nA [1]\n", "line 3: a second line for A"),
            (">a\nX [1]\n", "line 2: \"X\" is no base"),
            (">a\nA [1 b]\n", "\"b\" is no number"),
            (">chr1\nACGTN\n", "line 2: \"ACGTN\" where counts were expected"),
            (">a\n0\n0\n0\n0\n", "counts of position 1 are all 0"),
            (">a\n-1\n0\n0\n5\n", "-1 for A at position 1 is no count"),
            (">a\n\n", "counts are missing"),
            (">a\nA\nC\nG\nT\n", "a motif of 0 positions"),
            (">a\n1\n1\n1\n1\n>a\n", "line 6: motif \"a\" stands on line 1 already"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(message), "{text:?}: {error}");
        }
        let wide = format!(">a\n{}\n", "1 ".repeat(300));
        assert!(read(&wide).unwrap_err().contains("more than 255 counts"));
    }
}
