//! Reads bedGraph tracks, plain or gzip, into memory: 12 bytes a line.

use crate::Error;
use crate::intervals::{Collected, Value};
use crate::text::{self, Lines, Place, columns, is_remark, quote};
use isegnet_core::SignalSource;
use std::io::BufRead;
use std::path::Path;

/// Opens a bedGraph file as a track.
///
/// Lines are chromosome, start, end, value; they may stand in any order. A
/// value `NA`, `NaN` or `.` is no data.
///
/// # Errors
/// The file cannot be read or is of another kind, a line is not of this form,
/// or a base has two values.
pub fn open(path: impl AsRef<Path>) -> Result<Box<dyn SignalSource>, Error> {
    read(text::open(path.as_ref(), "a bedGraph file")?)
}

/// Reads a bedGraph track; `name` stands for its path in messages.
///
/// # Errors
/// As [`open`].
pub fn from_reader(
    input: impl BufRead,
    name: impl AsRef<Path>,
) -> Result<Box<dyn SignalSource>, Error> {
    read(Lines::new(input, name.as_ref()))
}

fn read(mut lines: Lines<impl BufRead>) -> Result<Box<dyn SignalSource>, Error> {
    let mut collected = Collected::default();
    while let Some((_, line)) = lines.next()? {
        if is_remark(line) {
            continue;
        }
        match parse(line) {
            Ok((chrom, Some(value))) => collected.push(chrom, value),
            Ok((_, None)) => {}
            Err(message) => return Err(lines.error(message)),
        }
    }
    Ok(Box::new(collected.finish(lines.path())?))
}

fn parse(line: &str) -> Result<(&str, Option<Value>), String> {
    if line.starts_with("fixedStep") || line.starts_with("variableStep") {
        return Err("this is a wiggle file; turn it into a bigWig (wigToBigWig)".into());
    }
    let mut fields = columns(line);
    let Place { chrom, start, end } = Place::take(&mut fields)?;
    let text = fields.next().ok_or("no value; bedGraph has four columns")?;
    if let Some(fifth) = fields.next() {
        return Err(format!("a fifth column {}; bedGraph has four", quote(fifth)));
    }
    let value = match text {
        "NA" | "NaN" | "nan" | "." => None,
        _ => Some(number(text)?),
    };
    Ok((chrom, value.map(|value| Value { start, end, value })))
}

fn number(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(format!("value {} is not finite; write NA for no data", quote(text))),
        Err(_) => Err(format!("value {} is no number; write NA for no data", quote(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        from_reader(text.as_bytes(), "a.bedGraph").err().unwrap().to_string()
    }

    #[test]
    fn remarks_blanks_and_missing_values_are_read() {
        let text =
            "track type=bedGraph\n#x\n\nchr1\t10\t20\t1.5\nchr1 20 30 -2\r\nchr2\t0\t5\tNA\n";
        let mut track = from_reader(text.as_bytes(), "a").unwrap();
        let mut out = [0.0; 3];
        track.values_into("chr1", 18, &mut out).unwrap();
        assert_eq!(out, [1.5, 1.5, -2.0]);
        assert_eq!(track.chromosomes().len(), 1);
    }

    #[test]
    fn wrong_lines_are_told_by_number() {
        assert!(message("chr1\t1\t2\t3\nchr1\t5\n").contains("line 2: no end"));
        assert!(message("chr1\t5\t5\t1\n").contains("start 5 is not below end 5"));
        assert!(message("chr1\t-5\t5\t1\n").contains("start \"-5\" is no position"));
        assert!(message("chr1\t1\t5\tx\n").contains("value \"x\" is no number"));
        assert!(message("chr1\t1\t5\tinf\n").contains("not finite"));
        assert!(message("chr1\t1\t5\t1\t+\n").contains("fifth column"));
        assert!(message("fixedStep chrom=chr1 start=1\n").contains("wiggle"));
        assert!(message("#only a remark\n").contains("has no value"));
    }
}
