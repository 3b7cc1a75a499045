//! Inputs as they are, position after position.

use isegnet_core::{Batch, InputShape};
use ndarray::{ArrayViewMut2, Axis};

/// Names in the order of [`fill`]: all tracks of the first position, then of the
/// next; then the bases likewise.
pub(crate) fn names(shape: &InputShape) -> Vec<String> {
    let tracks = shape.tracks.iter().map(String::as_str).collect::<Vec<_>>();
    let bases: &[&str] = if shape.dna { &["A", "C", "G", "T"] } else { &[] };
    let named = |names: &[&str]| -> Vec<String> {
        let at = |p: usize| names.iter().map(move |n| format!("{n} {p}")).collect::<Vec<_>>();
        (0..shape.positions).flat_map(at).collect()
    };
    named(&tracks).into_iter().chain(named(bases)).collect()
}

pub(crate) fn fill(batch: &Batch, out: &mut ArrayViewMut2<'_, f64>) {
    for (row, mut out) in out.axis_iter_mut(Axis(0)).enumerate() {
        let tracks = batch.tracks.index_axis(Axis(0), row);
        let values = tracks.iter().map(|&v| f64::from(v));
        let codes = batch.dna.row(row);
        let bases = codes.iter().flat_map(|&c| (0..4).map(move |b| f64::from(u8::from(b == c))));
        out.iter_mut().zip(values.chain(bases)).for_each(|(to, value)| *to = value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn tracks_come_first_and_dna_is_one_hot() {
        let shape = InputShape { positions: 2, tracks: vec!["a".into(), "b".into()], dna: true };
        let mut batch = Batch::default();
        batch.reshape(&[0], &shape);
        batch.tracks = array![[[1.0, 2.0], [3.0, 4.0]]];
        batch.dna = array![[2, 4]];
        let names = names(&shape);
        assert_eq!(names.join(","), "a 0,b 0,a 1,b 1,A 0,C 0,G 0,T 0,A 1,C 1,G 1,T 1");
        let mut out = Array2::zeros((1, names.len()));
        fill(&batch, &mut out.view_mut());
        let expected = [1.0, 2.0, 3.0, 4.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(out.row(0).to_vec(), expected);
    }
}
