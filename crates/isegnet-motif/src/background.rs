use crate::matrix::BASES;
use crate::text::{Lines, quote};
use crate::{Error, MatrixError};
use isegnet_core::base_code;
use std::io::BufRead;
use std::path::Path;

/// How frequent each base is where no motif is; the four sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Background([f64; 4]);

impl Background {
    /// Takes the frequencies or counts of A, C, G and T.
    ///
    /// # Errors
    /// One that is not above 0, also as a share of their sum, or an infinite sum.
    pub fn new(frequencies: [f64; 4]) -> Result<Self, MatrixError> {
        let sum: f64 = frequencies.iter().sum();
        // A share may be too small for a number where the count itself was not.
        if !(sum.is_finite() && frequencies.iter().all(|&f| f > 0.0 && f / sum > 0.0)) {
            return Err(MatrixError::Background { frequencies });
        }
        // Frequencies that sum to 1 up to rounding keep their digits.
        let sum = if (sum - 1.0).abs() < 1e-12 { 1.0 } else { sum };
        Ok(Self(frequencies.map(|f| f / sum)))
    }

    /// All bases alike.
    pub fn uniform() -> Self {
        Self([0.25; 4])
    }

    /// What FIMO takes unless told otherwise: the bases of a large non-redundant
    /// collection of sequences, not those at hand.
    pub fn fimo() -> Self {
        Self([0.281774, 0.222020, 0.228876, 0.267330])
    }

    /// Counts the bases of sequences, one more of each (AME's default).
    pub fn of_sequences<'a>(sequences: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut counts = [1_u64; 5];
        for letter in sequences.into_iter().flatten() {
            counts[usize::from(base_code(*letter))] += 1;
        }
        let [a, c, g, t, _] = counts.map(|count| count as f64);
        let sum = a + c + g + t;
        Self([a, c, g, t].map(|count| count / sum))
    }

    /// Reads a file of the MEME Suite: a letter and its frequency a line, `#` for
    /// remarks. Lines of longer words (a Markov model's) are passed over.
    ///
    /// # Errors
    /// The file cannot be read, or a base is missing, double, or has no frequency.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::from_lines(crate::text::open(path.as_ref())?)
    }

    /// Reads such a file from anywhere; `path` is for messages.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_reader(input: impl BufRead, path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::from_lines(Lines::new(input, path.as_ref()))
    }

    fn from_lines(mut lines: Lines<impl BufRead>) -> Result<Self, Error> {
        let mut found = [None; 4];
        while let Some((_, text)) = lines.next()? {
            let mut fields = text.split_whitespace();
            let Some(word) = fields.next().filter(|w| !w.starts_with('#') && w.len() == 1) else {
                continue;
            };
            let taken = take(word, fields.next(), &mut found);
            taken.map_err(|message| lines.error(message))?;
        }
        let [Some(a), Some(c), Some(g), Some(t)] = found else {
            return Err(Error::Nothing {
                path: lines.path().into(),
                what: "frequency for each of A, C, G and T",
                remedy: "write a line such as 'A 0.25' for each",
            });
        };
        Self::new([a, c, g, t]).map_err(|e| lines.error(e.to_string()))
    }

    /// A, C, G, T; they sum to 1.
    pub fn frequencies(&self) -> [f64; 4] {
        self.0
    }

    /// Gives the mean of both strands, where A is as frequent as T and C as G.
    pub fn of_both_strands(&self) -> Self {
        let [a, c, g, t] = self.0;
        let (weak, strong) = ((a + t) / 2.0, (c + g) / 2.0);
        Self([weak, strong, strong, weak])
    }
}

/// Takes one line of a file of frequencies.
fn take(word: &str, value: Option<&str>, found: &mut [Option<f64>; 4]) -> Result<(), String> {
    let code = usize::from(base_code(word.as_bytes().first().copied().unwrap_or(b'N')));
    let Some(place) = found.get_mut(code) else {
        return Err(format!("{} is no base; write A, C, G or T and a frequency", quote(word)));
    };
    let text = value.unwrap_or_default();
    let value = text.parse::<f64>().ok().filter(|v| v.is_finite() && *v > 0.0);
    let Some(value) = value else {
        let base = BASES[code];
        return Err(format!("{} for {base} is no frequency; give a number above 0", quote(text)));
    };
    match place.replace(value) {
        None => Ok(()),
        Some(first) => Err(format!(
            "{} has a frequency already, {first}, and {value} is another; keep one",
            BASES[code]
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Background, String> {
        Background::from_reader(text.as_bytes(), "bg.txt").map_err(|e| e.to_string())
    }

    #[test]
    fn a_file_has_each_base_once() {
        let ok = read("# order 0\nA 0.3\nC 0.2\nG 0.1\nT 0.4\nAA 0.1\n").unwrap();
        assert_eq!(ok.frequencies(), [0.3, 0.2, 0.1, 0.4]);
        let strands = ok.of_both_strands().frequencies();
        assert!(strands.iter().zip([0.35, 0.15, 0.15, 0.35]).all(|(a, b)| (a - b).abs() < 1e-15));
        assert!(read("A 0.3\nA 0.2\n").unwrap_err().contains("line 2: A has a frequency already"));
        assert!(read("A 0\n").unwrap_err().contains("\"0\" for A is no frequency"));
        assert!(read("X 1\n").unwrap_err().contains("\"X\" is no base"));
        assert!(read("A 1\nC 1\n").unwrap_err().contains("has no frequency for each"));
    }

    #[test]
    fn a_base_that_is_never_there_is_no_background() {
        for rare in [0.0, -1.0, f64::NAN, f64::INFINITY, 5e-324] {
            let frequencies = Background::new([rare, 1.0, 1.0, 1.0]);
            assert!(matches!(frequencies, Err(MatrixError::Background { .. })), "{rare}");
        }
    }

    #[test]
    fn sequences_are_counted_one_more_of_each() {
        let b = Background::of_sequences([b"ACgtN".as_slice(), b"AA"]);
        assert_eq!(b.frequencies(), [0.4, 0.2, 0.2, 0.2]);
        assert_eq!(Background::of_sequences([]), Background::uniform());
    }
}
