//! Reads peaks with their scores: narrowPeak, BED; plain or gzip.

use crate::Error;
use crate::text::{self, Lines, Place, columns, is_remark, quote};
use isegnet_core::Interval;
use std::io::BufRead;
use std::path::Path;

/// A region that a peak caller found.
#[derive(Clone, Debug, PartialEq)]
pub struct Peak {
    /// Its bases.
    pub region: Interval,
    /// What it is called.
    pub name: Option<String>,
    /// The fifth column of BED, 0 to 1000 for a browser.
    pub score: Option<f64>,
    /// How strong it is, in the caller's unit; narrowPeak only.
    pub signal: Option<f64>,
    /// -log10 p; narrowPeak only.
    pub minus_log10_p: Option<f64>,
    /// -log10 q; narrowPeak only.
    pub minus_log10_q: Option<f64>,
    /// The position of its highest base, 0-based; narrowPeak only.
    pub summit: Option<i64>,
}

impl Peak {
    /// How significant it is: -log10 p, or what comes nearest to it, the signal or the score;
    /// 1 where the file has none of them.
    pub fn height(&self) -> f64 {
        self.minus_log10_p.or(self.signal).or(self.score).unwrap_or(1.0)
    }
}

/// Reads the peaks of a file, in its order; they may overlap.
///
/// Lines of ten columns are narrowPeak, others BED.
///
/// # Errors
/// The file cannot be read, is of another kind or has no peak; or a line has no chromosome,
/// start and end, not as many columns as the first, or something else for a number.
pub fn read(path: impl AsRef<Path>) -> Result<Vec<Peak>, Error> {
    from_lines(text::open(path.as_ref(), "a BED or narrowPeak file")?)
}

/// Reads peaks; `name` stands for the path in messages.
///
/// ```
/// use isegnet_io::peaks;
///
/// let line = "chr1\t904756\t904899\tpeak1\t23\t.\t2.55\t5.65\t2.31\t36\n";
/// let peaks = peaks::from_reader(line.as_bytes(), "MYC.narrowPeak")?;
/// assert_eq!((peaks[0].height(), peaks[0].summit), (5.65, Some(904_792)));
/// # Ok::<(), isegnet_io::Error>(())
/// ```
///
/// # Errors
/// As [`read`].
pub fn from_reader(input: impl BufRead, name: impl AsRef<Path>) -> Result<Vec<Peak>, Error> {
    from_lines(Lines::new(input, name.as_ref()))
}

fn from_lines(mut lines: Lines<impl BufRead>) -> Result<Vec<Peak>, Error> {
    let mut peaks = Vec::new();
    let mut width = None;
    while let Some((line, text)) = lines.next()? {
        if is_remark(text) {
            continue;
        }
        let fields: Vec<&str> = columns(text).collect();
        let (first, expected) = *width.get_or_insert((line, fields.len()));
        let peak = match fields.len() == expected {
            true => peak(&fields),
            false => Err(format!(
                "{} columns, and line {first} has {expected}; all lines need as many",
                fields.len()
            )),
        };
        peaks.push(peak.map_err(|message| lines.error(message))?);
    }
    match peaks.is_empty() {
        false => Ok(peaks),
        true => Err(Error::Nothing {
            path: lines.path().into(),
            what: "peak",
            remedy: "check that the file was written to its end".into(),
        }),
    }
}

fn peak(fields: &[&str]) -> Result<Peak, String> {
    let Place { chrom, start, end } = Place::take(&mut fields.iter().copied())?;
    let name = fields.get(3).filter(|name| !matches!(**name, "" | ".")).map(ToString::to_string);
    let score = fields.get(4).filter(|score| !matches!(**score, "" | "."));
    let mut peak = Peak {
        region: Interval::new(chrom, start.into(), end.into()),
        name,
        score: score.map(|score| number(score, "score")).transpose()?,
        signal: None,
        minus_log10_p: None,
        minus_log10_q: None,
        summit: None,
    };
    if let [.., signal, p, q, summit] = fields
        && fields.len() == 10
    {
        peak.signal = Some(number(signal, "signal")?);
        peak.minus_log10_p = logarithm(p, "p-value")?;
        peak.minus_log10_q = logarithm(q, "q-value")?;
        peak.summit = self::summit(summit, start, end)?;
    }
    Ok(peak)
}

fn number(text: &str, what: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value: &f64| value.is_finite());
    value.ok_or_else(|| format!("{what} {} is no number; correct the line", quote(text)))
}

/// A -log10; -1 says that there is none.
fn logarithm(text: &str, what: &str) -> Result<Option<f64>, String> {
    match number(text, what)? {
        value if value >= 0.0 => Ok(Some(value)),
        -1.0 => Ok(None),
        value => Err(format!("{what} {value} is no -log10; give 0 or more, or -1 for none")),
    }
}

/// A position from the peak's start on; -1 says that there is none.
fn summit(text: &str, start: u32, end: u32) -> Result<Option<i64>, String> {
    match text.parse::<i64>() {
        Ok(-1) => Ok(None),
        Ok(offset) if (0..i64::from(end - start)).contains(&offset) => {
            Ok(Some(i64::from(start) + offset))
        }
        _ => Err(format!(
            "summit {} is not in a peak of {} bases; it counts from the start, -1 is none",
            quote(text),
            end - start
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        from_reader(text.as_bytes(), "a.narrowPeak").unwrap_err().to_string()
    }

    #[test]
    fn narrow_peaks_have_all_their_numbers_and_bed_its_score() {
        let text =
            "track x\nchr1\t5\t9\tp\t10\t.\t3.5\t-1\t0.5\t-1\nchr2\t0\t7\t.\t0\t+\t2\t7\t6\t6\n";
        let peaks = from_reader(text.as_bytes(), "x").unwrap();
        let [a, b] = &peaks[..] else { panic!("{peaks:?}") };
        assert_eq!((a.minus_log10_p, a.minus_log10_q, a.summit), (None, Some(0.5), None));
        assert_eq!((a.height(), a.name.as_deref()), (3.5, Some("p")));
        assert_eq!((b.height(), b.name.as_deref(), b.summit), (7.0, None, Some(6)));
        let bed = from_reader(&b"chr1 1 4 x 500\n"[..], "x.bed").unwrap();
        assert_eq!((bed[0].score, bed[0].height()), (Some(500.0), 500.0));
        let plain = from_reader(&b"chr1\t1\t4\n"[..], "x.bed").unwrap();
        assert_eq!((plain[0].score, plain[0].height()), (None, 1.0));
    }

    #[test]
    fn wrong_lines_are_told() {
        assert!(message("chr1\t5\t9\tp\tten\n").contains("a.narrowPeak, line 1: score \"ten\""));
        let line = |tail: &str| format!("chr1\t5\t9\tp\t1\t.\t{tail}\n");
        assert!(message(&line("inf\t1\t1\t1")).contains("signal \"inf\" is no number"));
        assert!(message(&line("1\t-2\t1\t1")).contains("p-value -2 is no -log10"));
        assert!(message(&line("1\t1\t1\t4")).contains("summit \"4\" is not in a peak of 4 bases"));
        assert!(message("chr1\t5\t9\nchr1\t5\n").contains("line 2: 2 columns, and line 1 has 3"));
        assert!(message("# none\n").contains("has no peak"));
    }
}
