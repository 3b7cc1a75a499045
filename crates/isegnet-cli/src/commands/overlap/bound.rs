//! Where a factor was found by ChIP-seq.

use crate::explained::Explained;
use crate::failure::Refusal;
use isegnet_core::{Interval, SignalSource};
use isegnet_io::names::{self, Aliases, Names};
use isegnet_io::sniff::{self, Kind};
use isegnet_io::{bigwig, peaks};
use std::collections::HashMap;
use std::path::Path;

/// Peaks, or a signal that is bound where it reaches a value.
pub struct Bound {
    file: String,
    what: What,
}

enum What {
    /// Peaks of each chromosome by their starts, and the length of the longest.
    Peaks(HashMap<String, Vec<Peak>>, i64),
    Signal(Box<dyn SignalSource>, f32),
}

struct Peak {
    start: i64,
    end: i64,
    height: f32,
}

impl Bound {
    /// Opens narrowPeak, BED or bigWig, told by content.
    pub fn open(path: &Path, least: f32, aliases: Aliases) -> anyhow::Result<Self> {
        let file = path.display().to_string();
        if sniff::kind(path)? == Kind::BigWig {
            let source = names::signal(bigwig::open(path)?, aliases);
            return Ok(Self { file, what: What::Signal(source, least) });
        }
        let (mut of, mut longest) = (HashMap::<String, Vec<Peak>>::new(), 0);
        for peak in peaks::read(path)? {
            let chrom = aliases.apply(&peak.region.chrom).into_owned();
            longest = longest.max(peak.region.len() as i64);
            let Interval { start, end, .. } = peak.region;
            of.entry(chrom).or_default().push(Peak { start, end, height: peak.height() as f32 });
        }
        of.values_mut().for_each(|peaks| peaks.sort_by_key(|peak| (peak.start, peak.end)));
        Ok(Self { file, what: What::Peaks(of, longest) })
    }

    /// What its signal is.
    pub fn unit(&self) -> &'static str {
        match self.what {
            What::Peaks(..) => "height of ChIP-seq peaks",
            What::Signal(..) => "ChIP-seq signal",
        }
    }

    /// How many peaks there are; none of a signal.
    pub fn count(&self) -> Option<usize> {
        match &self.what {
            What::Peaks(peaks, _) => Some(peaks.values().map(Vec::len).sum()),
            What::Signal(..) => None,
        }
    }

    /// Checks that the genes' chromosomes are called alike.
    pub fn check(&self, explained: &Explained) -> anyhow::Result<()> {
        let genes: Vec<Interval> = explained.rows.iter().map(|row| row.gene.body.clone()).collect();
        let own = match &self.what {
            What::Peaks(peaks, _) => {
                let mut places: Vec<Interval> =
                    peaks.keys().map(|chrom| Interval::new(chrom.as_str(), 0, 1)).collect();
                places.sort();
                Names::of_regions(&self.file, &places)
            }
            What::Signal(source, _) => Names::new(&self.file, source.chromosomes()),
        };
        let table = explained.folder().join("genes.tsv").display().to_string();
        match names::compare(&[Names::of_regions(table, &genes), own]).first() {
            None => Ok(()),
            Some(problem) => Err(Refusal::input(format!("{problem} (here: --chrom-alias)")).into()),
        }
    }

    /// Fills `out` with the signal of a place, base by base, 0 where there is none: heights of
    /// peaks, the highest of those that overlap.
    pub fn signal_into(&mut self, place: &Interval, out: &mut Vec<f32>) -> anyhow::Result<()> {
        out.clear();
        out.resize(place.len(), 0.0);
        match &mut self.what {
            What::Signal(source, _) => {
                source.values_into(&place.chrom, place.start, out)?;
                out.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 0.0);
            }
            What::Peaks(peaks, longest) => {
                let none = Vec::new();
                let peaks = peaks.get(&place.chrom).unwrap_or(&none);
                let first = peaks.partition_point(|peak| peak.start + *longest <= place.start);
                for peak in peaks[first..].iter().take_while(|peak| peak.start < place.end) {
                    let from = (peak.start.max(place.start) - place.start) as usize;
                    let to = (peak.end.min(place.end).max(place.start) - place.start) as usize;
                    if from < to {
                        out[from..to].iter_mut().for_each(|value| *value = value.max(peak.height));
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells of each base of a place whether it is bound.
    pub fn bound_at(&mut self, place: &Interval) -> anyhow::Result<Vec<bool>> {
        if let What::Signal(_, least) = &self.what {
            let least = *least;
            let mut values = Vec::new();
            self.signal_into(place, &mut values)?;
            return Ok(values.into_iter().map(|value| value >= least).collect());
        }
        let mut bound = vec![false; place.len()];
        if let What::Peaks(peaks, longest) = &self.what
            && let Some(peaks) = peaks.get(&place.chrom)
        {
            let first = peaks.partition_point(|peak| peak.start + longest <= place.start);
            for peak in peaks[first..].iter().take_while(|peak| peak.start < place.end) {
                let from = (peak.start.max(place.start) - place.start) as usize;
                let to = (peak.end.min(place.end).max(place.start) - place.start) as usize;
                bound[from.min(to)..to].fill(true);
            }
        }
        Ok(bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_found_wherever_they_begin() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.bed");
        let text = "1\t10\t300\ta\t5\n1\t50\t60\tb\t9\n1\t70\t71\tc\t2\nX\t0\t5\td\t1\n";
        std::fs::write(&path, text).unwrap();
        let mut bound = Bound::open(&path, 2.0, Aliases::Ucsc).unwrap();
        assert_eq!(bound.count(), Some(4));
        let all = [(10, 300, 5.0), (50, 60, 9.0), (70, 71, 2.0)];
        for start in [-20, 0, 40, 55, 65, 290, 300, 400] {
            let place = Interval::new("chr1", start, start + 40);
            let slow = |at: i64| {
                let here = all.iter().filter(|(s, e, _)| (*s..*e).contains(&at));
                here.map(|peak| peak.2).fold(0.0, f32::max)
            };
            let mut signal = Vec::new();
            bound.signal_into(&place, &mut signal).unwrap();
            let expected: Vec<f32> = (start..start + 40).map(slow).collect();
            assert_eq!(signal, expected);
            let at: Vec<bool> = expected.iter().map(|&height| height > 0.0).collect();
            assert_eq!(bound.bound_at(&place).unwrap(), at);
        }
    }
}
