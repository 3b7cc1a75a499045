use super::WindowName;
use super::bound::Bound;
use super::test::{Count, Measured, Tested};
use crate::commands::explain::cell;
use crate::explained::{Explained, Site};
use crate::numbers::p_value;
use isegnet_core::Interval;
use isegnet_io::atomic;
use isegnet_stats::PValue;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::path::Path;

/// What was found of a track in a sample.
pub struct Track<'a> {
    pub sample: &'a str,
    pub track: &'a str,
    pub measured: Measured,
    /// Rows whose highest site carries the motif, where one was named.
    pub carry: Option<HashSet<usize>>,
    pub sites: Vec<Site>,
}

impl Track<'_> {
    /// Bound bases in the peaks of a row.
    pub fn bound_bases(&self, row: usize) -> usize {
        let place = self.measured.rows.iter().position(|&own| own == row);
        place.map_or(0, |i| self.measured.peaks[i].iter().map(|peak| peak.1).sum())
    }
}

/// Writes a line a test.
pub fn write_tests(tested: &[Tested], path: &Path) -> anyhow::Result<()> {
    let counts = |out: &mut dyn Write, count: &Count| -> io::Result<()> {
        let [p, q] = [count.p, count.q].map(|p| p_value(PValue::new(p).unwrap_or(PValue::ONE)));
        let Count { observed, expected, .. } = count;
        write!(out, "\t{observed}\t{expected}\t{}\t{p}\t{q}", cell(count.fold()))
    };
    let write = |out: &mut dyn Write| {
        writeln!(
            out,
            "sample\ttrack\tgenes\tgenes_number\tinformative_genes\tthreshold\tattribution_peaks\tpeak_bases\t\
             bound_bases\texpected\tfold\tp\tq\t\
             meet_chip\texpected_peaks\tfold_peaks\tp_peaks\tq_peaks"
        )?;
        tested.iter().try_for_each(|t| {
            let Tested { sample, track, genes_are, genes, informative, threshold, peaks, .. } = t;
            write!(
                out,
                "{sample}\t{track}\t{genes_are}\t{genes}\t{informative}\t{threshold}\t{peaks}\t{}",
                t.peak_bases
            )?;
            counts(out, &t.bases)?;
            counts(out, &t.met)?;
            writeln!(out)
        })
    };
    Ok(atomic::write(path, write)?)
}

/// Writes a line a gene and track.
pub fn write_genes(
    explained: &Explained,
    tracks: &[Track<'_>],
    window: WindowName,
    bound: &mut Bound,
    path: &Path,
) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    let mut signal = Vec::new();
    for track in tracks {
        let sites: HashMap<usize, &Site> =
            track.sites.iter().map(|site| (site.row, site)).collect();
        for (&row, peaks) in track.measured.rows.iter().zip(&track.measured.peaks) {
            let (about, mut highest, mut bases) = (&explained.rows[row], 0.0_f32, 0);
            for place in window.places(explained, about) {
                bound.signal_into(&place, &mut signal)?;
                highest = signal.iter().copied().fold(highest, f32::max);
                bases += bound.bound_at(&place)?.into_iter().filter(|&bound| bound).count();
            }
            let site = sites.get(&row).map(|site| &site.place);
            let site_bound = match site {
                Some(place) => bound.bound_at(place)?.contains(&true).to_string(),
                None => "NA".to_owned(),
            };
            let carries = track.carry.as_ref().map(|rows| rows.contains(&row).to_string());
            let met = peaks.iter().filter(|peak| peak.1 > 0).count();
            let met_bases: usize = peaks.iter().map(|peak| peak.1).sum();
            lines.push(format!(
                "{}\t{}\t{}\t{}\t{}\t{site_bound}\t{}\t{}\t{met}\t{met_bases}\t{bases}\t{highest}",
                track.sample,
                about.gene.id,
                about.gene.name.as_deref().unwrap_or_default(),
                track.track,
                site.map_or_else(|| "NA".to_owned(), ToString::to_string),
                carries.unwrap_or_else(|| "NA".to_owned()),
                peaks.len(),
            ));
        }
    }
    let write = |out: &mut dyn Write| {
        writeln!(
            out,
            "sample\tgene_id\tgene_name\ttrack\tsite\tsite_bound\tsite_has_motif\t\
             attribution_peaks\tmeet_chip\tbound_bases\tchip_bases\tchip_highest"
        )?;
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    };
    Ok(atomic::write(path, write)?)
}

/// Writes all attribution peaks as BED6 and three columns more: track, the value at the summit
/// and bound bases. The score is the summit's magnitude, 1000 for the largest of the track.
pub fn write_peaks(
    explained: &Explained,
    tracks: &[Track<'_>],
    window: WindowName,
    path: &Path,
) -> anyhow::Result<()> {
    let write = |out: &mut dyn Write| {
        writeln!(out, "#chrom\tstart\tend\tname\tscore\tstrand\ttrack\tsummit_value\tbound_bases")?;
        for Track { sample, track, measured, .. } in tracks {
            let all = || measured.peaks.iter().flatten();
            let largest = all().map(|(r, _)| r.summit_value.abs()).fold(0.0, f32::max);
            for (&row, peaks) in measured.rows.iter().zip(&measured.peaks) {
                let row = &explained.rows[row];
                let places = window.places(explained, row);
                let name = match explained.samples.len() {
                    1 => row.gene.id.clone(),
                    _ => format!("{}/{sample}", row.gene.id),
                };
                let name = name.replace(char::is_whitespace, "_");
                for (region, bound) in peaks {
                    let Interval { chrom, start, end } = row.bases(&places, &region.positions);
                    let value = region.summit_value;
                    let score = (1000.0 * value.abs() / largest).round();
                    writeln!(
                        out,
                        "{chrom}\t{start}\t{end}\t{name}\t{score}\t{}\t{track}\t{value}\t{bound}",
                        row.gene.strand
                    )?;
                }
            }
        }
        Ok(())
    };
    Ok(atomic::write(path, write)?)
}
