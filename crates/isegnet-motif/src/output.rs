//! Writes hits as tables.

use crate::digits::general;
use crate::{Hit, MotifHits, Scan};
use std::io::{self, Write};

/// Writes hits as FIMO's TSV: 1-based closed positions, the most significant hit first.
///
/// # Errors
/// What `out` gives.
pub fn write_tsv(mut out: impl Write, scan: &Scan) -> io::Result<()> {
    writeln!(
        out,
        "motif_id\tmotif_alt_id\tsequence_name\tstart\tstop\tstrand\tscore\tp-value\tq-value\tmatched_sequence"
    )?;
    for (motif, hit) in scan.by_p() {
        let (id, name) = (&motif.id, motif.name.as_deref().unwrap_or_default());
        let (start, end) = ends(motif, hit);
        let (score, p) = (general(hit.score, 6), general(hit.p, 3));
        let q = hit.q.map(|q| general(q, 3)).unwrap_or_default();
        let (sequence, strand, matched) = (named(scan, hit), hit.strand, motif.matched(hit));
        writeln!(
            out,
            "{id}\t{name}\t{sequence}\t{}\t{end}\t{strand}\t{score}\t{p}\t{q}\t{matched}",
            start + 1
        )?;
    }
    out.flush()
}

/// Writes hits as BED6, by sequence and position: 0-based half-open, the motif as name, and as
/// score -10 log10 p, at most 1000.
///
/// # Errors
/// What `out` gives.
pub fn write_bed(mut out: impl Write, scan: &Scan) -> io::Result<()> {
    let mut all = scan.by_p();
    all.sort_by_key(|(_, hit)| (hit.sequence, hit.start));
    for (motif, hit) in all {
        let (start, end) = ends(motif, hit);
        let (sequence, score) = (named(scan, hit), significance(hit).round());
        writeln!(out, "{sequence}\t{start}\t{end}\t{}\t{score}\t{}", motif.id, hit.strand)?;
    }
    out.flush()
}

/// Writes hits as GFF3 with FIMO's attributes, motif by motif, by sequence and p-value.
///
/// # Errors
/// What `out` gives.
pub fn write_gff(mut out: impl Write, scan: &Scan) -> io::Result<()> {
    writeln!(out, "##gff-version 3")?;
    for motif in &scan.motifs {
        let mut hits: Vec<&Hit> = motif.hits.iter().collect();
        hits.sort_by_key(|hit| hit.sequence);
        for group in hits.chunk_by(|a, b| a.sequence == b.sequence) {
            for (i, hit) in group.iter().enumerate() {
                feature(&mut out, scan, motif, hit, i + 1)?;
            }
        }
    }
    out.flush()
}

fn feature(
    out: &mut impl Write,
    scan: &Scan,
    motif: &MotifHits,
    hit: &Hit,
    number: usize,
) -> io::Result<()> {
    let (start, end) = ends(motif, hit);
    let (sequence, strand) = (escaped(named(scan, hit)), hit.strand);
    let (id, name) = (escaped(&motif.id), escaped(motif.name.as_deref().unwrap_or_default()));
    let score = general(significance(hit), 3);
    write!(
        out,
        "{sequence}\tisegnet\tnucleotide_motif\t{}\t{end}\t{score}\t{strand}\t.\t",
        start + 1
    )?;
    write!(out, "Name={id}_{sequence}{strand};Alias={name};ID={id}-{name}-{number}-{sequence};")?;
    write!(out, "pvalue={};", general(hit.p, 3))?;
    if let Some(q) = hit.q {
        write!(out, "qvalue={};", general(q, 3))?;
    }
    writeln!(out, "sequence={};", motif.matched(hit))
}

fn named<'a>(scan: &'a Scan, hit: &Hit) -> &'a str {
    scan.sequences.get(hit.sequence).map(String::as_str).unwrap_or_default()
}

/// Start and end, 0-based and half-open.
fn ends(motif: &MotifHits, hit: &Hit) -> (u64, u64) {
    (hit.start, hit.start + motif.width as u64)
}

/// -10 log10 p, from 0 to 1000 as genome browsers take it.
fn significance(hit: &Hit) -> f64 {
    (-10.0 * hit.p.log10()).clamp(0.0, 1000.0)
}

/// Replaces what has a meaning in a GFF3 column by its code.
fn escaped(text: &str) -> String {
    let special = |c: char| c.is_control() || matches!(c, ';' | '=' | '&' | ',' | '%');
    let code = |c: char| if special(c) { format!("%{:02X}", c as u32) } else { c.into() };
    text.chars().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_a_column() {
        assert_eq!(escaped("a;b=c\td"), "a%3Bb%3Dc%09d");
    }
}
