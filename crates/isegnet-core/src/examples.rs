use crate::SourceError;
use ndarray::{Array2, Array3};
use serde::{Deserialize, Serialize};

/// The code of a position with no base: N, an ambiguity letter, or off the chromosome.
pub const NO_BASE: u8 = 4;

/// Gives the code of a DNA letter: A 0, C 1, G 2, T 3, anything else [`NO_BASE`].
///
/// Lower case (soft-masked) counts as upper case.
pub fn base_code(letter: u8) -> u8 {
    match letter.to_ascii_uppercase() {
        b'A' => 0,
        b'C' => 1,
        b'G' => 2,
        b'T' => 3,
        _ => NO_BASE,
    }
}

/// The shape of one row of input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputShape {
    /// Positions along the concatenated windows.
    pub positions: usize,
    /// Names of the input columns, in order; empty when only DNA is used.
    pub tracks: Vec<String>,
    /// Whether the DNA sequence is part of the input.
    pub dna: bool,
}

/// Some rows, ready for a model.
///
/// A batch is refilled again and again, so that its memory is used again.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Which rows of the examples these are.
    pub rows: Vec<usize>,
    /// Track values, `(row, position, track)`, scaled, nothing missing.
    pub tracks: Array3<f32>,
    /// DNA codes 0..=4, `(row, position)`; `(row, 0)` when the input has no DNA.
    pub dna: Array2<u8>,
    /// What is to be predicted, one value a row.
    pub target: Vec<f32>,
}

impl Batch {
    /// Sets the batch to `rows` of the given shape; memory is kept where it fits.
    ///
    /// Contents are unspecified until they are filled.
    pub fn reshape(&mut self, rows: &[usize], shape: &InputShape) {
        let n = rows.len();
        self.rows.clear();
        self.rows.extend_from_slice(rows);
        let tracks = (n, shape.positions, shape.tracks.len());
        if self.tracks.dim() != tracks {
            self.tracks = Array3::zeros(tracks);
        }
        let dna = (n, if shape.dna { shape.positions } else { 0 });
        if self.dna.dim() != dna {
            self.dna = Array2::from_elem(dna, NO_BASE);
        }
        self.target.clear();
        self.target.resize(n, 0.0);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// How a row's windows are read elsewhere than where they lie, so that a training
/// does not see the same row twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// Bases by which all windows are moved downstream; negative is upstream.
    pub shift: i64,
    /// Whether each window is read from its other end, on the other strand.
    pub mirrored: bool,
}

/// Rows that a learner can be fitted on: a view of a data set, or anything else.
pub trait Examples: Sync {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Tells whether there is no row.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Shape of every row.
    fn shape(&self) -> &InputShape;

    /// Fills `batch` with the given rows, in that order.
    ///
    /// # Errors
    /// A row cannot be read.
    ///
    /// # Panics
    /// A row is not below [`len`](Self::len).
    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError>;

    /// Tells how far rows can be moved, in bases either way; `None` where they
    /// cannot be moved or mirrored at all.
    fn margin(&self) -> Option<usize> {
        None
    }

    /// Fills `batch` with the given rows, each moved; as [`fill`](Self::fill)
    /// where no row is.
    ///
    /// # Errors
    /// A row cannot be read, or not so far from its place.
    ///
    /// # Panics
    /// A row is not below [`len`](Self::len), or there is not one move a row.
    fn fill_moved(
        &self,
        rows: &[usize],
        moves: &[Move],
        batch: &mut Batch,
    ) -> Result<(), SourceError> {
        assert_eq!(rows.len(), moves.len(), "one move is needed for each row");
        if moves.iter().any(|m| *m != Move::default()) {
            let way = "these examples cannot be moved or mirrored; train without";
            return Err(SourceError::new("examples", "all rows", way));
        }
        self.fill(rows, batch)
    }

    /// Gives the target of every row.
    ///
    /// # Errors
    /// The targets cannot be read.
    fn targets(&self) -> Result<Vec<f32>, SourceError>;
}
