//! Control windows of an explanation: the same promoters, GC and distance, low attribution.

use crate::Session;
use crate::explained::{Explained, Row, Site};
use crate::failure::Refusal;
use isegnet_core::{Interval, LearnError, Progress, Random, SequenceSource, SignalSource, Strand};
use isegnet_encode::Window as Reach;
use isegnet_motif::{Matching, Sequence, Window, match_windows};
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// Bases between the middles of two candidates.
const STEP: i64 = 20;
/// More candidates make matches hardly better, and searching slow.
const CANDIDATES: usize = 200_000;

#[derive(clap::Args, Clone, Debug, Serialize)]
pub struct MatchArgs {
    /// Genome to read matched windows from [default: that of the explained data set]
    #[arg(long, value_name = "FASTA")]
    genome: Option<PathBuf>,
    /// Matched windows for each site
    #[arg(long, value_name = "N", default_value_t = 1)]
    each: usize,
    /// Take each site's matched windows from its own gene
    #[arg(long)]
    same_gene: bool,
    /// The greatest difference in the share of G and C
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    gc: f64,
    /// The greatest difference in the distance from the TSS or TTS, in bases
    #[arg(long, value_name = "BASES", default_value_t = 250.0)]
    distance: f64,
    /// Attribution is low in this share of a gene's windows, by the mean magnitude
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    low: f64,
}

impl MatchArgs {
    pub fn check(&self) -> anyhow::Result<()> {
        let problem = if !(self.low > 0.0 && self.low <= 1.0) {
            format!("--low {}: give a share above 0, up to 1", self.low)
        } else if self.each == 0 {
            "--each 0: give the number of windows for each site, from 1 on".to_owned()
        } else {
            return Ok(());
        };
        Err(Refusal::usage(problem).into())
    }
}

/// The sites of a sample's track.
pub struct Of<'a> {
    pub explained: &'a Explained,
    pub sample: &'a str,
    pub track: &'a str,
    pub sites: &'a [Site],
    /// What progress is called.
    pub task: &'a str,
}

/// How well windows match.
#[derive(Clone, Debug, Serialize)]
pub struct Match {
    pub sites: usize,
    /// Sites without enough matched windows, which are left out.
    pub unmatched: usize,
    pub candidates: usize,
    /// Of the sites, and of their controls.
    pub mean_gc: [f64; 2],
    pub mean_distance: [f64; 2],
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sites, unmatched, mean_gc: [gc, other_gc], mean_distance: [at, other], .. } =
            self;
        if unmatched == sites {
            return write!(
                f,
                "none of {sites} sites has a window like it where attribution is low"
            );
        }
        write!(
            f,
            "{} of {sites} sites matched (GC {gc:.3} and {other_gc:.3}, {at:.0} and {other:.0} bp \
             from the anchor)",
            sites - unmatched
        )?;
        match unmatched {
            0 => Ok(()),
            n => write!(f, "; {n} without a match are left out, see --gc and --distance"),
        }
    }
}

/// A window that may be a control.
struct Candidate {
    window: Window,
    sequence: Sequence,
}

impl Of<'_> {
    /// Gives the sites' bases that found controls, and these; none where none did.
    pub fn controls(
        &self,
        primary: Vec<Sequence>,
        args: &MatchArgs,
        session: &Session,
    ) -> anyhow::Result<(Vec<Sequence>, Vec<Sequence>, Match)> {
        let seed = session.seed.unwrap_or(1);
        let candidates = self.candidates(&primary, args, seed, session)?;
        let own: Vec<Window> = self
            .sites
            .iter()
            .zip(&primary)
            .map(|(site, sequence)| self.window(site, sequence, args))
            .collect();
        let theirs: Vec<Window> = candidates.iter().map(|c| c.window).collect();
        // Windows of the TSS are compared with windows of the TSS: the region says which.
        let matching = Matching {
            same_region: true,
            gc: args.gc,
            distance: args.distance,
            each: args.each,
            seed,
        };
        let found = match_windows(&own, &theirs, &matching)
            .map_err(|problem| Refusal::usage(problem.to_string()))?;
        let told = Match {
            sites: primary.len(),
            unmatched: found.unmatched,
            candidates: candidates.len(),
            mean_gc: found.mean_gc,
            mean_distance: found.mean_distance,
        };
        let enough = |places: &&Vec<usize>| places.len() == args.each;
        let controls = found.controls.iter().filter(enough).flatten();
        let controls: Vec<Sequence> =
            controls.map(|&place| candidates[place].sequence.clone()).collect();
        let kept = primary.into_iter().zip(&found.controls);
        let kept: Vec<Sequence> =
            kept.filter(|(_, places)| enough(places)).map(|(sequence, _)| sequence).collect();
        Ok((kept, controls, told))
    }

    fn region(row: usize, anchor: usize, args: &MatchArgs) -> u64 {
        (if args.same_gene { 2 * row } else { 0 } + anchor) as u64
    }

    fn window(&self, site: &Site, sequence: &Sequence, args: &MatchArgs) -> Window {
        let row = &self.explained.rows[site.row];
        let middle = (site.place.start + site.place.end - 1) / 2;
        let holds = |(which, reach): (usize, Reach)| {
            let place = row.place(which, reach);
            (place.start..place.end).contains(&middle)
        };
        let anchors = self.explained.windows().both().into_iter().enumerate();
        let anchor = anchors.clone().find(|&both| holds(both)).map_or(0, |(which, _)| which);
        Window {
            region: Self::region(site.row, anchor, args),
            gc: gc(&sequence.bases).unwrap_or(0.5),
            distance: row.offset(anchor, middle) as f64,
        }
    }

    /// Windows of low attribution on the promoters of all genes, away from every site.
    fn candidates(
        &self,
        primary: &[Sequence],
        args: &MatchArgs,
        seed: u64,
        session: &Session,
    ) -> anyhow::Result<Vec<Candidate>> {
        let width = primary.iter().map(|s| s.bases.len()).max().unwrap_or(1) as i64;
        let mut genome = self.explained.genome(args.genome.as_deref())?;
        let mut source = self.explained.attributions(self.sample, self.track)?;
        let mut sites: Vec<(&str, i64)> =
            self.sites.iter().map(|s| (s.place.chrom.as_str(), s.place.start)).collect();
        sites.sort_unstable();
        let rows = self.explained.rows_of(self.sample);
        let most = match args.same_gene {
            true => usize::MAX,
            false => (CANDIDATES / rows.len().max(1)).max(10),
        };
        let random = Random::new(seed, "motif/candidates");
        session.screen.start(self.task, rows.len() as u64);
        let mut candidates = Vec::new();
        for row in rows {
            if session.cancel.is_cancelled() {
                return Err(LearnError::Cancelled.into());
            }
            let here = Scanned { row: &self.explained.rows[row], number: row, width };
            let mut low = here.low(self.explained, source.as_mut(), &sites, args.low, &random)?;
            if low.len() > most {
                random.part(row as u64).shuffle(1, &mut low);
                low.truncate(most);
                low.sort_unstable_by_key(|&(anchor, start)| (anchor, start));
            }
            for (anchor, start) in low {
                candidates.extend(here.candidate(anchor, start, genome.as_mut(), args)?);
            }
            session.screen.advance(1);
        }
        session.screen.finish();
        Ok(candidates)
    }
}

/// A gene on whose windows candidates are looked for.
struct Scanned<'a> {
    row: &'a Row,
    number: usize,
    width: i64,
}

impl Scanned<'_> {
    /// Anchors and first bases of windows where attribution is low.
    fn low(
        &self,
        explained: &Explained,
        source: &mut dyn SignalSource,
        sites: &[(&str, i64)],
        share: f64,
        random: &Random,
    ) -> anyhow::Result<Vec<(usize, i64)>> {
        let phase = random.below(0, self.number as u64, STEP as u64) as i64;
        let mut means: Vec<(f64, usize, i64)> = Vec::new();
        let mut values = Vec::new();
        for (anchor, reach) in explained.windows().both().into_iter().enumerate() {
            let place = self.row.place(anchor, reach);
            values.resize(place.len(), f32::NAN);
            source.values_into(&place.chrom, place.start, &mut values)?;
            // Sums of magnitudes and numbers of missing values up to each base.
            let mut sums = vec![(0.0, 0_u32)];
            let (mut sum, mut missing) = (0.0, 0);
            for value in &values {
                match value.is_nan() {
                    true => missing += 1,
                    false => sum += f64::from(value.abs()),
                }
                sums.push((sum, missing));
            }
            let starts = (phase..place.len() as i64 - self.width + 1).step_by(STEP as usize);
            for start in starts {
                let (before, after) = (sums[start as usize], sums[(start + self.width) as usize]);
                let (total, whole) = (after.0 - before.0, after.1 == before.1);
                let on = Interval::new(
                    place.chrom.as_str(),
                    place.start + start,
                    place.start + start + self.width,
                );
                if whole && !touches(sites, &on, self.width) {
                    means.push((total, anchor, on.start));
                }
            }
        }
        means.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        means.truncate((share * means.len() as f64).ceil() as usize);
        let mut low: Vec<(usize, i64)> =
            means.into_iter().map(|(_, anchor, start)| (anchor, start)).collect();
        low.sort_unstable();
        Ok(low)
    }

    fn candidate(
        &self,
        anchor: usize,
        start: i64,
        genome: &mut dyn SequenceSource,
        args: &MatchArgs,
    ) -> anyhow::Result<Option<Candidate>> {
        let chrom = &self.row.gene.body.chrom;
        let mut bases = vec![b'.'; self.width as usize];
        genome.bases_into(chrom, start, &mut bases)?;
        let Some(gc) = gc(&bases).filter(|_| !bases.contains(&b'.')) else { return Ok(None) };
        bases.make_ascii_uppercase();
        if self.row.gene.strand == Strand::Reverse {
            bases.reverse();
            bases.iter_mut().for_each(|base| *base = complement(*base));
        }
        let end = start + self.width;
        let name = format!("{}/{chrom}:{}-{end}", self.row.gene.id, start + 1);
        Ok(Some(Candidate {
            window: Window {
                region: Of::region(self.number, anchor, args),
                gc,
                distance: self.row.offset(anchor, start + self.width / 2) as f64,
            },
            sequence: Sequence { name: name.replace(char::is_whitespace, "_"), bases },
        }))
    }
}

/// Tells whether the bases around any site reach into a window as wide.
fn touches(sites: &[(&str, i64)], window: &Interval, width: i64) -> bool {
    let from = sites.partition_point(|&site| site < (&window.chrom, window.start - width / 2));
    let next = sites.get(from);
    next.is_some_and(|&(chrom, at)| chrom == window.chrom && at < window.end + width / 2)
}

/// The share of G and C among bases; none where there is no base.
fn gc(bases: &[u8]) -> Option<f64> {
    let count = |of: &[u8]| bases.iter().filter(|base| of.contains(base)).count();
    let (strong, weak) = (count(b"GCgc"), count(b"ATat"));
    (strong + weak > 0).then(|| strong as f64 / (strong + weak) as f64)
}

/// The letter on the other strand; N for an ambiguous one.
fn complement(base: u8) -> u8 {
    match base {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        b'T' => b'A',
        _ => b'N',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_the_bases_around_a_site_reach_are_told() {
        let sites = [("a", 500), ("b", 100)];
        let at = |chrom: &str, start| Interval::new(chrom, start, start + 101);
        let slow = |window: &Interval| {
            sites.iter().any(|&(chrom, at)| {
                window.shared_bases(&Interval::new(chrom, at - 50, at + 51)) > 0
            })
        };
        for chrom in ["a", "b", "c"] {
            for start in 0..700 {
                let window = at(chrom, start);
                assert_eq!(touches(&sites, &window, 101), slow(&window), "{window}");
            }
        }
    }

    #[test]
    fn gc_is_of_bases_only() {
        assert_eq!(gc(b"GCgcATNN"), Some(4.0 / 6.0));
        assert_eq!(gc(b"NN."), None);
    }
}
