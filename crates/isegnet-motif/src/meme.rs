//! Reads and writes motifs as MEME text (minimal MEME format, version 4 or later).

use crate::motif::Identifiers;
use crate::text::{self, Lines, number, quote};
use crate::{Background, Error, MAX_WIDTH, Motif, Probabilities};
use std::io::{self, BufRead, Write};
use std::path::Path;

/// What the MEME Suite takes for the number of sites where a file does not say, as 0 does not.
const DEFAULT_SITES: f64 = 20.0;

/// Motifs, and the background that the file names.
#[derive(Clone, Debug, PartialEq)]
pub struct MemeFile {
    /// Motifs in the order of the file; at least one.
    pub motifs: Vec<Motif>,
    /// Background letter frequencies, if the file has any.
    pub background: Option<Background>,
}

/// Reads a file, plain or gzip.
///
/// # Errors
/// The file cannot be read, is no MEME text of DNA, holds no motif, or a motif is
/// incomplete, double or no [matrix of probabilities](Probabilities::new).
pub fn read(path: impl AsRef<Path>) -> Result<MemeFile, Error> {
    from_lines(text::open(path.as_ref())?)
}

/// Reads from anywhere; `path` is for messages.
///
/// # Errors
/// As [`read`].
pub fn from_reader(input: impl BufRead, path: impl AsRef<Path>) -> Result<MemeFile, Error> {
    from_lines(Lines::new(input, path.as_ref()))
}

fn from_lines(mut lines: Lines<impl BufRead>) -> Result<MemeFile, Error> {
    let mut parser = Parser::default();
    while let Some((line, text)) = lines.next()? {
        let taken = parser.line(line, text.trim());
        taken.map_err(|(line, message)| Error::line(lines.path(), line, message))?;
    }
    parser.finish(lines.path())
}

/// Writes motifs, probabilities with all their digits, so that they are read again as they are.
///
/// # Errors
/// What `out` gives.
pub fn write(mut out: impl Write, motifs: &[Motif], background: &Background) -> io::Result<()> {
    let [a, c, g, t] = background.frequencies();
    write!(out, "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n")?;
    write!(out, "Background letter frequencies\nA {a} C {c} G {g} T {t}\n")?;
    for motif in motifs {
        let (width, sites) = (motif.matrix.width(), motif.matrix.sites());
        let name = motif.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        write!(out, "\nMOTIF {}{name}\n", motif.id)?;
        writeln!(out, "letter-probability matrix: alength= 4 w= {width} nsites= {sites} E= 0")?;
        for row in motif.matrix.rows() {
            writeln!(out, " {}", row.map(|p| p.to_string()).join("  "))?;
        }
    }
    out.flush()
}

/// What is wrong, and on which line.
type Wrong = (u64, String);

#[derive(Default)]
struct Parser {
    version: bool,
    expects_background: bool,
    background: Option<Background>,
    motifs: Vec<Motif>,
    identifiers: Identifiers,
    /// The motif whose matrix has not come yet, and its line.
    named: Option<(u64, String, Option<String>)>,
    matrix: Option<Matrix>,
}

/// A matrix that is being read.
struct Matrix {
    line: u64,
    /// Rows that the header promises; `None` where it does not say.
    width: Option<usize>,
    sites: f64,
    rows: Vec<[f64; 4]>,
}

impl Parser {
    fn line(&mut self, line: u64, text: &str) -> Result<(), Wrong> {
        let wrong = |message: String| (line, message);
        if !self.version {
            return self.first(text).map_err(wrong);
        }
        if self.matrix.is_some() && self.row(line, text)? {
            return Ok(());
        }
        if std::mem::take(&mut self.expects_background) {
            self.background = Some(background(text).map_err(wrong)?);
        } else if text.starts_with("Background letter frequencies") {
            self.expects_background = true;
        } else if let Some(alphabet) = text.strip_prefix("ALPHABET") {
            alphabet_is_dna(alphabet).map_err(wrong)?;
        } else if let Some(names) = text.strip_prefix("MOTIF") {
            self.motif(line, names)?;
        } else if let Some(header) = text.strip_prefix("letter-probability matrix:") {
            if self.named.is_none() {
                return Err(wrong("a matrix without a MOTIF line; name the motif above it".into()));
            }
            self.matrix = Some(Matrix::new(line, header).map_err(wrong)?);
        }
        // Everything else (strands, URL, log-odds, remarks) says nothing that is needed.
        Ok(())
    }

    fn first(&mut self, text: &str) -> Result<(), String> {
        self.version = text.starts_with("MEME version");
        if self.version || text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        let remedy =
            if text.starts_with('>') { "read it as a JASPAR PFM" } else { "give MEME text" };
        Err(format!("{} where 'MEME version 4' was expected; {remedy}", quote(text)))
    }

    fn motif(&mut self, line: u64, names: &str) -> Result<(), Wrong> {
        self.no_matrix()?;
        let mut names = names.split_whitespace();
        let Some(id) = names.next() else {
            return Err((line, "a motif without an identifier; write 'MOTIF id name'".into()));
        };
        self.identifiers.take(id, line).map_err(|message| (line, message))?;
        self.named = Some((line, id.to_owned(), names.next().map(str::to_owned)));
        Ok(())
    }

    fn no_matrix(&self) -> Result<(), Wrong> {
        match &self.named {
            Some((line, id, _)) => Err((
                *line,
                format!("motif {} has no letter-probability matrix; add it", quote(id)),
            )),
            None => Ok(()),
        }
    }

    /// Takes a row of the matrix; tells whether the line was one.
    fn row(&mut self, line: u64, text: &str) -> Result<bool, Wrong> {
        let Some(matrix) = &mut self.matrix else { return Ok(false) };
        let first = text.split_whitespace().next();
        let is_row = first.is_some_and(|field| field.parse::<f64>().is_ok());
        if is_row {
            matrix.push(text).map_err(|message| (line, message))?;
        } else if text.is_empty() && matrix.rows.is_empty() {
            return Ok(true);
        }
        if !is_row || matrix.width == Some(matrix.rows.len()) {
            self.end_of_matrix()?;
        }
        Ok(is_row)
    }

    fn end_of_matrix(&mut self) -> Result<(), Wrong> {
        let Some(matrix) = self.matrix.take() else { return Ok(()) };
        let Some((_, id, name)) = self.named.take() else { return Ok(()) };
        let (line, found) = (matrix.line, matrix.rows.len());
        if let Some(width) = matrix.width.filter(|&width| width != found) {
            let id = quote(&id);
            let message = format!(
                "w= {width}, and {found} rows of 4 numbers follow for motif {id}; correct one of them"
            );
            return Err((line, message));
        }
        let checked = Probabilities::new(matrix.rows, matrix.sites);
        let matrix = checked.map_err(|e| (line, format!("motif {}: {e}", quote(&id))))?;
        self.motifs.push(Motif { id, name, matrix });
        Ok(())
    }

    fn finish(mut self, path: &Path) -> Result<MemeFile, Error> {
        let done = self.end_of_matrix().and_then(|()| self.no_matrix());
        done.map_err(|(line, message)| Error::line(path, line, message))?;
        if self.motifs.is_empty() {
            let remedy = "give a library with at least one MOTIF and its letter-probability matrix";
            return Err(Error::Nothing { path: path.into(), what: "motif", remedy });
        }
        Ok(MemeFile { motifs: self.motifs, background: self.background })
    }
}

impl Matrix {
    /// Reads `alength= 4 w= 12 nsites= 20 E= 0`, each of which may be missing.
    fn new(line: u64, header: &str) -> Result<Self, String> {
        let mut matrix = Self { line, width: None, sites: DEFAULT_SITES, rows: Vec::new() };
        let header = header.replace('=', "= ");
        let mut fields = header.split_whitespace();
        while let Some(key) = fields.next() {
            let value = fields.next().unwrap_or_default();
            match key {
                "alength=" if value != "4" => {
                    return Err(format!(
                        "alength= {}; only DNA, of 4 letters, is read",
                        quote(value)
                    ));
                }
                "w=" => match value.parse() {
                    Ok(width) if (1..=MAX_WIDTH).contains(&width) => matrix.width = Some(width),
                    _ => {
                        return Err(format!(
                            "w= {}; 1 to {MAX_WIDTH} positions are taken",
                            quote(value)
                        ));
                    }
                },
                "nsites=" => {
                    let sites = number(value)?;
                    matrix.sites = if sites == 0.0 { DEFAULT_SITES } else { sites };
                }
                _ => {}
            }
        }
        Ok(matrix)
    }

    fn push(&mut self, text: &str) -> Result<(), String> {
        if self.rows.len() == MAX_WIDTH {
            return Err(format!("a row after {MAX_WIDTH} others; no wider motif is taken"));
        }
        let fields: Vec<&str> = text.split_whitespace().take(5).collect();
        let [a, c, g, t] = fields.as_slice() else {
            let found = fields.len();
            return Err(format!("{found} numbers or more in a row of A, C, G and T; give 4"));
        };
        self.rows.push([number(a)?, number(c)?, number(g)?, number(t)?]);
        Ok(())
    }
}

fn alphabet_is_dna(text: &str) -> Result<(), String> {
    let letters = text.trim_start_matches('=').trim();
    if letters.eq_ignore_ascii_case("ACGT") {
        return Ok(());
    }
    Err(format!(
        "the alphabet is {}; only motifs of DNA, 'ALPHABET= ACGT', are read",
        quote(letters)
    ))
}

/// Reads `A 0.25 C 0.25 G 0.25 T 0.25`.
fn background(text: &str) -> Result<Background, String> {
    let fields: Vec<&str> = text.split_whitespace().take(9).collect();
    let ["A", a, "C", c, "G", g, "T", t] = fields.as_slice() else {
        return Err(format!(
            "{} where 'A 0.25 C 0.25 G 0.25 T 0.25' was expected; write it so",
            quote(text)
        ));
    };
    let frequencies = [number(a)?, number(c)?, number(g)?, number(t)?];
    Background::new(frequencies).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "MEME version 4\nALPHABET= ACGT\n";

    fn read(body: &str) -> Result<MemeFile, String> {
        from_reader(format!("{HEAD}{body}").as_bytes(), "x.meme").map_err(|e| e.to_string())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = "Background letter frequencies\nA 0.3 C 0.2 G 0.2 T 0.3\n\nMOTIF M1 one\n\
            letter-probability matrix: alength= 4 w= 2 nsites= 7 E= 0\n1 0 0 0\n0.5 0.25 0.25 0\nURL x\n\
            MOTIF M2\nletter-probability matrix: alength=4 w=1 nsites=0\n1e-9 0.33333333333333331 0.1 0.567\n";
        let file = read(text).unwrap();
        assert_eq!(
            (file.motifs[0].name.as_deref(), file.motifs[0].matrix.sites()),
            (Some("one"), 7.0)
        );
        assert_eq!((file.motifs[1].name.as_deref(), file.motifs[1].matrix.sites()), (None, 20.0));
        let mut out = Vec::new();
        write(&mut out, &file.motifs, &file.background.unwrap()).unwrap();
        assert_eq!(from_reader(out.as_slice(), "y.meme").unwrap(), file);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (body, message) in [
            ("", "x.meme has no motif"),
            ("MOTIF a\nMOTIF b\n", "line 3: motif \"a\" has no letter-probability matrix"),
            ("MOTIF\n", "line 3: a motif without an identifier"),
            ("letter-probability matrix: w= 1\n", "line 3: a matrix without a MOTIF"),
            ("MOTIF a\nletter-probability matrix: w= 0\n", "line 4: w= \"0\"; 1 to 255"),
            ("MOTIF a\nletter-probability matrix: w= 99999999999\n", "1 to 255 positions"),
            ("MOTIF a\nletter-probability matrix: alength= 20 w= 1\n", "only DNA"),
            (
                "MOTIF a\nletter-probability matrix: w= 2\n0 0 0 1\nURL x\n",
                "line 4: w= 2, and 1 rows",
            ),
            ("MOTIF a\nletter-probability matrix: w= 2\n0 0 0 1\n", "line 4: w= 2, and 1 rows"),
            ("MOTIF a\nletter-probability matrix: w= 1\n1 1 1\n", "line 5: 3 numbers"),
            (
                "MOTIF a\nletter-probability matrix: w= 1\n4 1 3 0\n",
                "motif \"a\": the probabilities of row 1 sum to 8",
            ),
            ("MOTIF a\nletter-probability matrix: w= 1\n1 0 x 0\n", "\"x\" is no number"),
            ("MOTIF a\nletter-probability matrix: w= 1\n1 0 NaN 0\n", "NaN for G at position 1"),
            ("MOTIF a\nletter-probability matrix: w= 1 nsites= -3\n1 0 0 0\n", "-3 sites"),
            (
                "MOTIF a\nletter-probability matrix: w= 1\n1 0 0 0\nMOTIF a\n",
                "stands on line 3 already",
            ),
            ("ALPHABET= ACDEFGHIKLMNPQRSTVWY\n", "only motifs of DNA"),
            ("Background letter frequencies\nA 1 C 0 G 0 T 0\n", "each has to be above 0"),
            ("Background letter frequencies\nA 0.25\n", "line 4: \"A 0.25\" where"),
        ] {
            let error = read(body).unwrap_err();
            assert!(error.contains(message), "{body:?}: {error}");
        }
        let jaspar = from_reader(">MA1 x\n".as_bytes(), "j").unwrap_err().to_string();
        assert!(jaspar.contains("read it as a JASPAR PFM"), "{jaspar}");
        assert!(
            from_reader(b"\x1f\x8b".as_slice(), "gz").unwrap_err().to_string().contains("unpack")
        );
    }
}
