//! Percent methylated at the bases of CG, on both strands.

use crate::design::{Amounts, METHYLATION};
use crate::draw::Draw;
use crate::layout::{End, Layout};
use isegnet_core::Random;

/// The stretch around a TSS whose level is the gene's own.
pub(crate) const PROMOTER: (i64, i64) = (-400, 300);

/// Level elsewhere.
const ELSEWHERE: f64 = 0.85;

/// Gives the measured bases of a chromosome: start, end, percent.
pub(crate) fn sites(
    random: Random,
    chrom: usize,
    layout: &Layout,
    bases: &[u8],
    amounts: &[Amounts],
) -> Vec<(u32, u32, f32)> {
    let levels = levels(chrom, layout, amounts);
    let mut found = Vec::new();
    for (i, pair) in bases.windows(2).enumerate() {
        if !(pair[0].eq_ignore_ascii_case(&b'C') && pair[1].eq_ignore_ascii_case(&b'G')) {
            continue;
        }
        let mut draw = Draw::new(random.part(chrom as u64), i);
        if draw.chance(0.3) {
            continue;
        }
        let level = levels.get(i).copied().unwrap_or(f32::NAN);
        let level = if level.is_nan() { ELSEWHERE } else { f64::from(level) };
        for strand in 0..2u32 {
            found.push((i as u32 + strand, i as u32 + strand + 1, percent(level, &mut draw)));
        }
    }
    found
}

/// Reads a level through some reads, in percent.
fn percent(level: f64, draw: &mut Draw) -> f32 {
    let reads = draw.whole(6, 40) as f64;
    let spread = (level * (1.0 - level) / reads).sqrt();
    let methylated = ((level + spread * draw.normal()) * reads).round().clamp(0.0, reads);
    (100.0 * methylated / reads) as f32
}

/// Gives each base's level; NaN away from every promoter.
fn levels(chrom: usize, layout: &Layout, amounts: &[Amounts]) -> Vec<f32> {
    let mut levels = vec![f32::NAN; layout.lengths[chrom]];
    for (locus, amounts) in layout.loci.iter().zip(amounts).filter(|(l, _)| l.chrom == chrom) {
        let (start, end) = locus.stretch(End::Tss, PROMOTER.0, PROMOTER.1);
        let at = |v: i64| usize::try_from(v).unwrap_or(0).min(levels.len());
        let (start, end) = (at(start), at(end));
        levels[start..end].fill(amounts[METHYLATION] as f32);
    }
    levels
}
