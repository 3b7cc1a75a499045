//! Reads bedMethyl, plain or gzip, as a track of percent methylated, 0 to 100.
//!
//! Both forms in use are read: ENCODE's (bed9+2) and modkit's (bed9+9), whose
//! coverage is column 10 and whose percentage is column 11. Of modkit's rows
//! those of 5-methylcytosine (code `m`) count.
//!
//! The two cytosines of a CpG are one measurement: a row of the reverse strand
//! at p and one of the forward strand at p - 1 are merged, weighted by
//! coverage, and both bases take the merged value. A cytosine without such a
//! partner keeps its own value where it stands. A coverage limit is asked of
//! the merged coverage.

use crate::Error;
use crate::intervals::{Collected, Track, Value};
use crate::text::{self, Lines, Place, is_remark, quote};
use isegnet_core::SignalSource;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

/// Opens a bedMethyl file as a track of percent methylated, 0 to 100.
///
/// Sites with less than `min_coverage` reads, both strands together, are no
/// data; so are sites with none.
///
/// # Errors
/// The file cannot be read or is of another kind, a line is not of this form,
/// or a site stands twice.
pub fn open(path: impl AsRef<Path>, min_coverage: u32) -> Result<Box<dyn SignalSource>, Error> {
    read(text::open(path.as_ref(), "a bedMethyl file")?, min_coverage)
}

/// Reads a bedMethyl track; `name` stands for its path in messages.
///
/// # Errors
/// As [`open`].
pub fn from_reader(
    input: impl BufRead,
    name: impl AsRef<Path>,
    min_coverage: u32,
) -> Result<Box<dyn SignalSource>, Error> {
    read(Lines::new(input, name.as_ref()), min_coverage)
}

/// One row: reads over a site and how many of a hundred are methylated.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Site {
    start: u32,
    end: u32,
    strand: u8,
    coverage: u32,
    percent: f32,
}

fn read(mut lines: Lines<impl BufRead>, min_coverage: u32) -> Result<Box<dyn SignalSource>, Error> {
    let mut chromosomes: BTreeMap<String, Vec<Site>> = BTreeMap::new();
    while let Some((_, line)) = lines.next()? {
        if is_remark(line) {
            continue;
        }
        match parse(line) {
            Ok((chrom, Some(site))) => match chromosomes.get_mut(chrom) {
                Some(sites) => sites.push(site),
                None => drop(chromosomes.insert(chrom.to_owned(), vec![site])),
            },
            Ok((_, None)) => {}
            Err(message) => return Err(lines.error(message)),
        }
    }
    Ok(Box::new(merged(chromosomes, min_coverage, lines.path())?))
}

fn merged(
    chromosomes: BTreeMap<String, Vec<Site>>,
    min_coverage: u32,
    path: &Path,
) -> Result<Track, Error> {
    let mut collected = Collected::default();
    for (chrom, mut sites) in chromosomes {
        sites.sort_by_key(|s| s.start);
        if let Some(w) = sites.windows(2).find(|w| w[0].start == w[1].start) {
            return Err(twice(path, &chrom, w[0].start));
        }
        merge_strands(&mut sites);
        for s in sites.iter().filter(|s| s.coverage >= min_coverage.max(1)) {
            collected.push(&chrom, Value { start: s.start, end: s.end, value: s.percent });
        }
    }
    match collected.is_empty() {
        false => collected.finish(path),
        true => Err(Error::Nothing {
            path: path.into(),
            what: "site with enough reads",
            remedy: "ask for less coverage, or check that the file was written to its end".into(),
        }),
    }
}

fn twice(path: &Path, chrom: &str, start: u32) -> Error {
    Error::Damaged {
        path: path.into(),
        place: format!("{chrom}:{start}"),
        message: "this site stands twice".into(),
    }
}

/// Gives both cytosines of a CpG their common value and coverage.
fn merge_strands(sites: &mut [Site]) {
    for i in 1..sites.len() {
        let (a, b) = (sites[i - 1], sites[i]);
        if (a.strand, b.strand) != (b'+', b'-') || a.start.checked_add(1) != Some(b.start) {
            continue;
        }
        let coverage = a.coverage.saturating_add(b.coverage);
        let methylated = f64::from(a.coverage) * f64::from(a.percent)
            + f64::from(b.coverage) * f64::from(b.percent);
        let percent = (methylated / f64::from(coverage.max(1))) as f32;
        for site in &mut sites[i - 1..=i] {
            (site.coverage, site.percent) = (coverage, percent);
        }
    }
}

/// Takes a row apart; `None` where it tells of another modification.
fn parse(line: &str) -> Result<(&str, Option<Site>), String> {
    let tabs: Vec<_> = line.split('\t').collect();
    // Some versions of modkit separate the columns after the tenth by blanks.
    let fields = if tabs.len() >= 11 { tabs } else { line.split_ascii_whitespace().collect() };
    let &[chrom, start, end, code, _, strand, _, _, _, coverage, percent, ..] = fields.as_slice()
    else {
        let n = fields.len();
        return Err(format!(
            "{n} columns; bedMethyl has at least 11, coverage the tenth and percentage the eleventh"
        ));
    };
    let place = Place::take(&mut [chrom, start, end].into_iter())?;
    let strand = match strand {
        "+" | "-" | "." => strand.as_bytes()[0],
        other => return Err(format!("strand {}; it is +, - or .", quote(other))),
    };
    let coverage = text::position(coverage, "coverage")?;
    let percent = match percent.parse::<f32>() {
        Ok(p) if (0.0..=100.0).contains(&p) => p,
        Ok(_) if coverage == 0 => 0.0,
        _ => {
            return Err(format!(
                "percentage {}; column 11 holds a number from 0 to 100",
                quote(percent)
            ));
        }
    };
    let other_code = fields.len() >= 18 && code.split(',').next() != Some("m");
    let site = Site { start: place.start, end: place.end, strand, coverage, percent };
    Ok((place.chrom, (!other_code).then_some(site)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(start: u32, strand: char, coverage: u32, percent: f32) -> String {
        format!(
            "chr1\t{start}\t{}\t.\t0\t{strand}\t0\t0\t0,0,0\t{coverage}\t{percent}\n",
            start + 1
        )
    }

    fn values(text: &str, min_coverage: u32, start: i64, n: usize) -> Vec<f32> {
        let mut out = vec![0.0; n];
        let mut track = from_reader(text.as_bytes(), "a.bed", min_coverage).unwrap();
        track.values_into("chr1", start, &mut out).unwrap();
        out
    }

    #[test]
    fn the_strands_of_a_cpg_are_merged_by_coverage() {
        let text = row(10, '+', 30, 100.0) + &row(11, '-', 10, 20.0) + &row(20, '-', 4, 50.0);
        let got = values(&text, 1, 10, 11);
        assert_eq!((got[0], got[1]), (80.0, 80.0));
        assert!(got[2].is_nan());
        assert_eq!(got[10], 50.0);
        let limited = values(&text, 35, 10, 11);
        assert_eq!(limited[0], 80.0);
        assert!(limited[10].is_nan());
    }

    #[test]
    fn neighbours_that_are_no_cpg_stay_apart() {
        let text = row(10, '-', 5, 10.0) + &row(11, '+', 5, 90.0) + &row(12, '+', 5, 30.0);
        assert_eq!(values(&text, 1, 10, 3), [10.0, 90.0, 30.0]);
        let none = from_reader(row(10, '+', 0, 0.0).as_bytes(), "a.bed", 0);
        assert!(none.err().unwrap().to_string().contains("ask for less coverage"));
    }

    #[test]
    fn modkit_rows_of_other_codes_are_passed_over() {
        let modkit = |code: &str, percent: f32| {
            format!("chr1\t10\t11\t{code}\t9\t+\t10\t11\t255,0,0\t9 {percent} 1 2 3 4 5 6 7\n")
        };
        let text = modkit("h", 11.0) + &modkit("m", 22.5);
        assert_eq!(values(&text, 1, 10, 1), [22.5]);
    }

    #[test]
    fn wrong_rows_are_told() {
        let message = |text: &str| from_reader(text.as_bytes(), "a", 1).err().unwrap().to_string();
        assert!(message("chr1\t1\t2\t0.5\n").contains("line 1: 4 columns"));
        assert!(message(&row(1, '+', 3, 101.0)).contains("percentage \"101\""));
        assert!(message(&row(1, '*', 3, 1.0)).contains("strand \"*\""));
        assert!(message(&(row(1, '+', 3, 1.0) + &row(1, '+', 3, 2.0))).contains("stands twice"));
    }
}
