use crate::{Batch, InputShape};
use ndarray::{Array3, LinalgScalar};

/// Input of some rows as real numbers: what a gradient is taken with respect to, and the
/// gradient itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs<T = f32> {
    /// Track values, `(row, position, track)`; `(row, 0, 0)` when the input has no tracks.
    pub tracks: Array3<T>,
    /// DNA, `(row, position, 4)` in the order A, C, G, T; `(row, 0, 4)` when the input has
    /// no DNA.
    pub dna: Array3<T>,
}

impl<T: LinalgScalar> Inputs<T> {
    /// Makes `rows` rows that are 0 everywhere.
    pub fn zeros(rows: usize, shape: &InputShape) -> Self {
        let along = |there: bool| if there { shape.positions } else { 0 };
        let tracks = shape.tracks.len();
        Self {
            tracks: Array3::zeros((rows, along(tracks > 0), tracks)),
            dna: Array3::zeros((rows, along(shape.dna), 4)),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.tracks.dim().0
    }

    /// Takes some rows out, in that order.
    ///
    /// # Panics
    /// A row is not there.
    pub fn select(&self, rows: &[usize]) -> Self {
        let axis = ndarray::Axis(0);
        Self { tracks: self.tracks.select(axis, rows), dna: self.dna.select(axis, rows) }
    }

    /// Says what keeps it from being `rows` rows of `shape`: what differs, how many came,
    /// and how many belong there.
    pub fn misfit(&self, rows: usize, shape: &InputShape) -> Option<(&'static str, usize, usize)> {
        let along = |there: bool| if there { shape.positions } else { 0 };
        let (track_rows, track_positions, tracks) = self.tracks.dim();
        let (dna_rows, dna_positions, columns) = self.dna.dim();
        let checks = [
            ("rows", track_rows, rows),
            ("tracks", tracks, shape.tracks.len()),
            ("positions", track_positions, along(tracks > 0)),
            ("rows of DNA", dna_rows, rows),
            ("DNA positions", dna_positions, along(shape.dna)),
            ("columns of DNA", columns, 4),
        ];
        checks.into_iter().find(|(_, got, expected)| got != expected)
    }
}

impl From<&Batch> for Inputs {
    /// Takes codes apart into four columns: 1 for the base that is there, and 0 everywhere
    /// where there is none.
    fn from(batch: &Batch) -> Self {
        let (rows, positions) = batch.dna.dim();
        let mut dna = Array3::zeros((rows, positions, 4));
        for ((row, position), &code) in batch.dna.indexed_iter() {
            if code < 4 {
                dna[[row, position, usize::from(code)]] = 1.0;
            }
        }
        let tracks = match batch.tracks.dim() {
            (rows, _, 0) => Array3::zeros((rows, 0, 0)),
            _ => batch.tracks.clone(),
        };
        Self { tracks, dna }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NO_BASE;

    #[test]
    fn a_batch_becomes_columns_and_fits_its_shape() {
        let shape = InputShape { positions: 3, tracks: vec!["a".into(), "b".into()], dna: true };
        let mut batch = Batch::default();
        batch.reshape(&[7, 9], &shape);
        batch.tracks[[1, 2, 0]] = 0.5;
        batch.dna.row_mut(0).assign(&ndarray::arr1(&[2, NO_BASE, 0]));
        let inputs = Inputs::from(&batch);
        assert_eq!(inputs.misfit(2, &shape), None);
        assert_eq!(inputs.misfit(3, &shape), Some(("rows", 2, 3)));
        assert_eq!(inputs.tracks[[1, 2, 0]], 0.5);
        let bases: Vec<f32> = inputs.dna.index_axis(ndarray::Axis(0), 0).iter().copied().collect();
        assert_eq!(bases, [0., 0., 1., 0., 0., 0., 0., 0., 1., 0., 0., 0.]);
        assert_eq!(inputs.select(&[1]).tracks[[0, 2, 0]], 0.5);
    }

    #[test]
    fn what_is_absent_has_no_positions() {
        let shape = InputShape { positions: 3, tracks: Vec::new(), dna: false };
        let mut batch = Batch::default();
        batch.reshape(&[0], &shape);
        assert_eq!(Inputs::from(&batch), Inputs::zeros(1, &shape));
    }
}
