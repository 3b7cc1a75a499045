//! Means of tracks and base composition over bins of positions.

use isegnet_core::{Batch, InputShape};
use ndarray::{ArrayViewMut2, Axis, s};

/// Names in the order of [`fill`]: all tracks of the first bin, then of the
/// next; then the bases likewise.
pub(crate) fn names(shape: &InputShape, bin_bp: usize) -> Vec<String> {
    let bins = shape.positions.div_ceil(bin_bp);
    let tracks = shape.tracks.iter().map(String::as_str).collect::<Vec<_>>();
    let bases: &[&str] = if shape.dna { &["A", "C", "G", "T"] } else { &[] };
    let named = |names: &[&str]| -> Vec<String> {
        let at = |bin: usize| {
            let (start, end) = (bin * bin_bp, ((bin + 1) * bin_bp).min(shape.positions));
            names.iter().map(move |n| format!("{n} {start}-{end}")).collect::<Vec<_>>()
        };
        (0..bins).flat_map(at).collect()
    };
    named(&tracks).into_iter().chain(named(bases)).collect()
}

/// Fills the first columns of `out` with the bins of each row.
pub(crate) fn fill(batch: &Batch, bin_bp: usize, out: &mut ArrayViewMut2<'_, f64>) {
    let tracks = batch.tracks.dim().2;
    for (row, mut out) in out.axis_iter_mut(Axis(0)).enumerate() {
        let mut column = 0;
        for bin in batch.tracks.slice(s![row, .., ..]).axis_chunks_iter(Axis(0), bin_bp) {
            if tracks == 0 {
                break;
            }
            for track in bin.axis_iter(Axis(1)) {
                out[column] = track.iter().map(|&v| f64::from(v)).sum::<f64>() / track.len() as f64;
                column += 1;
            }
        }
        for bin in batch.dna.slice(s![row, ..]).axis_chunks_iter(Axis(0), bin_bp) {
            let mut counts = [0u32; 5];
            for &code in bin {
                counts[usize::from(code.min(4))] += 1;
            }
            for count in &counts[..4] {
                out[column] = f64::from(*count) / bin.len() as f64;
                column += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, Array3, array};

    #[test]
    fn bins_are_means_and_base_fractions_with_a_shorter_last_one() {
        let shape = InputShape { positions: 5, tracks: vec!["a".into(), "b".into()], dna: true };
        let mut batch = Batch::default();
        batch.reshape(&[0], &shape);
        batch.tracks = Array3::from_shape_fn((1, 5, 2), |(_, p, t)| (p + 10 * t) as f32);
        batch.dna = array![[0, 0, 3, 4, 2]];
        let names = names(&shape, 2);
        assert_eq!(names[..3], ["a 0-2", "b 0-2", "a 2-4"]);
        assert_eq!(names[names.len() - 4], "A 4-5");
        let mut out = Array2::zeros((1, names.len()));
        fill(&batch, 2, &mut out.view_mut());
        let tracks = [0.5, 10.5, 2.5, 12.5, 4.0, 14.0];
        let bases = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 1.0, 0.0];
        assert_eq!(out.row(0).to_vec(), [tracks.as_slice(), &bases].concat());
    }
}
