//! Reads regions: BED (three columns or more), narrowPeak, broadPeak; plain or gzip.

use crate::Error;
use crate::text::{self, Lines, Place, columns, is_remark};
use isegnet_core::Interval;
use std::io::BufRead;
use std::path::Path;

/// Reads the regions of a file, in its order; they may overlap, and there may be none.
///
/// # Errors
/// The file cannot be read or is of another kind, or a line has no chromosome,
/// start and end.
pub fn read(path: impl AsRef<Path>) -> Result<Vec<Interval>, Error> {
    from_lines(text::open(path.as_ref(), "a BED file")?)
}

/// Reads regions; `name` stands for the path in messages.
///
/// # Errors
/// As [`read`].
pub fn from_reader(input: impl BufRead, name: impl AsRef<Path>) -> Result<Vec<Interval>, Error> {
    from_lines(Lines::new(input, name.as_ref()))
}

fn from_lines(mut lines: Lines<impl BufRead>) -> Result<Vec<Interval>, Error> {
    let mut regions = Vec::new();
    while let Some((_, line)) = lines.next()? {
        if is_remark(line) {
            continue;
        }
        let place = Place::take(&mut columns(line));
        match place {
            Ok(p) => regions.push(Interval::new(p.chrom, p.start.into(), p.end.into())),
            Err(message) => return Err(lines.error(message)),
        }
    }
    Ok(regions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bed_and_narrow_peak_give_their_regions() {
        let text = "track name=x\nchr1\t5\t9\nchr2\t0\t7\tpeak1\t100\t.\t3.2\t5\t4\t3\n";
        let regions = from_reader(text.as_bytes(), "a.bed").unwrap();
        assert_eq!(regions, [Interval::new("chr1", 5, 9), Interval::new("chr2", 0, 7)]);
        assert!(from_reader(&b""[..], "a.bed").unwrap().is_empty());
    }

    #[test]
    fn wrong_lines_are_told() {
        let message = |text: &str| from_reader(text.as_bytes(), "a.bed").unwrap_err().to_string();
        assert!(message("chr1\t5\n").contains("a.bed, line 1: no end"));
        assert!(message("chr1\t9\t5\n").contains("start 9 is not below end 5"));
        assert!(message("chr1\t1\t99999999999\n").contains("is no position"));
    }
}
