//! The table that says what caused what, where.

use crate::cause::Causes;
use crate::design::{Amounts, CAUSE_NAMES, Design, METHYLATION, Mark, Role};
use crate::expression::Expression;
use crate::layout::{End, Layout};
use crate::methylation::PROMOTER;
use crate::motif::CAUSAL;
use crate::sequence::Planted;
use crate::signal::Peak;
use std::io::{self, Write};

/// The columns of `truth.tsv`.
pub(crate) const COLUMNS: &str =
    "gene\tcause\tkind\tchrom\tstart\tend\tstrand\teffect\tcondition\tamount";

/// Everything that the table is made of.
pub(crate) struct Truth<'a> {
    pub(crate) design: &'a Design,
    pub(crate) layout: &'a Layout,
    pub(crate) causes: &'a Causes,
    pub(crate) expression: &'a Expression,
    pub(crate) planted: &'a [Planted],
    pub(crate) peaks: &'a [Vec<Peak>],
}

/// What all rows of one thing share.
struct Thing<'a> {
    gene: Option<usize>,
    cause: &'a str,
    kind: &'a str,
    chrom: usize,
    stretch: (i64, i64),
    strand: &'a str,
}

impl Truth<'_> {
    /// Writes the table.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{COLUMNS}")?;
        for planted in self.planted {
            self.motif(out, planted)?;
        }
        for (mark, peaks) in self.design.marks.iter().zip(self.peaks) {
            for peak in peaks {
                self.peak(out, mark, peak)?;
            }
        }
        for gene in 0..self.layout.loci.len() {
            self.methylation(out, gene)?;
        }
        Ok(())
    }

    fn motif(&self, out: &mut dyn Write, p: &Planted) -> io::Result<()> {
        let cause = CAUSAL.iter().position(|m| *m == p.motif);
        let kind = match (cause, p.gene) {
            (None, _) => "neutral-motif",
            (Some(_), None) => "outside-motif",
            (Some(_), Some(_)) => self.kind("causal-motif", "null-motif"),
        };
        let stretch = (p.start as i64, (p.start + p.motif.pattern.len()) as i64);
        let strand = p.strand.to_string();
        let thing = Thing {
            gene: p.gene,
            cause: p.motif.name,
            kind,
            chrom: p.chrom,
            stretch,
            strand: &strand,
        };
        let effect = match (cause, p.gene) {
            (Some(k), Some(_)) => self.expression.effects[k],
            _ => 0.0,
        };
        self.row(out, &thing, (effect, 1.0), "all")
    }

    fn peak(&self, out: &mut dyn Write, mark: &Mark, peak: &Peak) -> io::Result<()> {
        let (cause, kind) = match (mark.role, peak.gene) {
            (_, None) => (None, "outside-mark"),
            (Role::Cause(k), Some(_)) => (Some(k), self.kind("causal-mark", "null-mark")),
            (Role::Follows(_), Some(_)) => (None, "correlated-mark"),
            (Role::Unrelated, Some(_)) => (None, "unrelated-mark"),
        };
        let stretch = (peak.start, peak.end);
        let thing = Thing {
            gene: peak.gene,
            cause: mark.name,
            kind,
            chrom: peak.chrom,
            stretch,
            strand: ".",
        };
        let amount = |amounts: &[Amounts]| peak.height(amounts);
        self.rows(out, &thing, cause, &amount)
    }

    fn methylation(&self, out: &mut dyn Write, gene: usize) -> io::Result<()> {
        let locus = &self.layout.loci[gene];
        let thing = Thing {
            gene: Some(gene),
            cause: CAUSE_NAMES[METHYLATION],
            kind: self.kind("causal-methylation", "null-methylation"),
            chrom: locus.chrom,
            stretch: locus.stretch(End::Tss, PROMOTER.0, PROMOTER.1),
            strand: ".",
        };
        let amount = |amounts: &[Amounts]| amounts[gene][METHYLATION];
        self.rows(out, &thing, Some(METHYLATION), &amount)
    }

    fn kind(&self, acting: &'static str, idle: &'static str) -> &'static str {
        if self.design.acts { acting } else { idle }
    }

    /// Writes one row, or one a condition where the amount differs; none where
    /// there is nothing.
    fn rows(
        &self,
        out: &mut dyn Write,
        thing: &Thing<'_>,
        cause: Option<usize>,
        amount: &dyn Fn(&[Amounts]) -> f64,
    ) -> io::Result<()> {
        let amounts: Vec<f64> = self.causes.amounts.iter().map(|a| amount(a)).collect();
        let effect = cause.map_or(0.0, |k| self.expression.effects[k]);
        let same = amounts.iter().all(|a| *a == amounts[0]);
        for (condition, amount) in amounts.iter().enumerate().filter(|(_, a)| **a > 0.0) {
            match self.design.condition_name(condition).filter(|_| !same) {
                Some(name) => self.row(out, thing, (effect * amount, *amount), name)?,
                None => return self.row(out, thing, (effect * amount, *amount), "all"),
            }
        }
        Ok(())
    }

    fn row(
        &self,
        out: &mut dyn Write,
        thing: &Thing<'_>,
        (effect, amount): (f64, f64),
        condition: &str,
    ) -> io::Result<()> {
        let gene = thing.gene.map_or(".", |g| self.layout.loci[g].gene.id.as_str());
        let chrom = &self.layout.chromosomes[thing.chrom].name;
        let start = thing.stretch.0.max(0);
        let end = thing.stretch.1.min(self.layout.lengths[thing.chrom] as i64);
        let Thing { cause, kind, strand, .. } = thing;
        writeln!(
            out,
            "{gene}\t{cause}\t{kind}\t{chrom}\t{start}\t{end}\t{strand}\t{effect:.6}\t{condition}\t{amount:.6}"
        )
    }
}
