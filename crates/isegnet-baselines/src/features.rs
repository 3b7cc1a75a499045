use crate::{bins, flat, words};
use isegnet_core::{Batch, Cancel, Examples, InputShape, LearnError, SourceError};
use ndarray::{Array1, Array2, ArrayViewMut2, s};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// Rows read from examples at a time.
const ROWS_AT_A_TIME: usize = 64;
/// Bases of the longest words that are counted.
const MAX_WORD: usize = 8;

/// What a tabular model knows of a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeatureSet {
    parts: Vec<Part>,
}

/// Features of one kind, columns beside each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Part {
    Bins(usize),
    Words(usize),
    Gc,
    Flat,
    Length(#[serde(serialize_with = "write_lengths", deserialize_with = "read_lengths")] Lengths),
}

type Lengths = Arc<[f64]>;

fn write_lengths<S: Serializer>(lengths: &Lengths, to: S) -> Result<S::Ok, S::Error> {
    lengths.as_ref().serialize(to)
}

fn read_lengths<'de, D: Deserializer<'de>>(from: D) -> Result<Lengths, D::Error> {
    Ok(Vec::deserialize(from)?.into())
}

impl FeatureSet {
    /// Bin means: every track's mean over each `bin_bp` positions, and with DNA
    /// the fractions of A, C, G and T there. A last shorter bin is a bin too.
    ///
    /// # Panics
    /// `bin_bp` is 0.
    pub fn bins(bin_bp: usize) -> Self {
        assert!(bin_bp > 0, "a bin has at least one position");
        Self::of(Part::Bins(bin_bp))
    }

    /// How often each DNA word of `k` bases occurs in the row, overlapping ones
    /// counted, words with an unknown base not; nothing without DNA.
    ///
    /// # Panics
    /// `k` is 0 or above 8.
    pub fn words(k: usize) -> Self {
        assert!((1..=MAX_WORD).contains(&k), "words of 1 to 8 bases are counted");
        Self::of(Part::Words(k))
    }

    /// The share of G and C among the known bases; nothing without DNA.
    pub fn gc() -> Self {
        Self::of(Part::Gc)
    }

    /// The logarithm of the gene's length and nothing else.
    ///
    /// `lengths` are in bases, one for each row id that a [`Batch`] can have:
    /// training examples and those predicted later must number their rows
    /// alike, as [`Subset`](crate::Subset)s of one set of examples do.
    pub fn length(lengths: impl Into<Arc<[f64]>>) -> Self {
        Self::of(Part::Length(lengths.into()))
    }

    /// Every track at every position, and DNA as four columns of 0 and 1.
    pub(crate) fn flat() -> Self {
        Self::of(Part::Flat)
    }

    fn of(part: Part) -> Self {
        Self { parts: vec![part] }
    }

    /// Puts the features of another set after these.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// Adds the logarithm of the gene's length, as in [`length`](Self::length).
    #[must_use]
    pub fn with_length(self, lengths: impl Into<Arc<[f64]>>) -> Self {
        self.and(Self::length(lengths))
    }

    /// Gives the features' names, in order.
    pub fn names(&self, shape: &InputShape) -> Vec<String> {
        self.parts.iter().flat_map(|part| part.names(shape)).collect()
    }

    /// Number of features; `None` where there are more than can be counted.
    pub(crate) fn count(&self, shape: &InputShape) -> Option<usize> {
        self.parts.iter().try_fold(0usize, |sum, part| {
            let dna = if shape.dna { shape.positions } else { 0 };
            sum.checked_add(part.width(shape.positions, shape.tracks.len(), dna)?)
        })
    }

    /// Tells whether what came from a file can be computed.
    pub(crate) fn is_sound(&self) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Bins(bin_bp) => *bin_bp > 0,
            Part::Words(k) => (1..=MAX_WORD).contains(k),
            Part::Length(lengths) => lengths.iter().all(|l| l.is_finite()),
            Part::Gc | Part::Flat => true,
        })
    }

    /// Reads every row of `examples` and gives its features.
    ///
    /// # Errors
    /// A row cannot be read, has no length or a feature that is not finite, or the work was
    /// cancelled.
    pub fn extract(
        &self,
        examples: &dyn Examples,
        cancel: &Cancel,
    ) -> Result<Features, LearnError> {
        let names = self.names(examples.shape());
        let mut values = Array2::zeros((examples.len(), names.len()));
        let mut batch = Batch::default();
        let rows: Vec<usize> = (0..examples.len()).collect();
        for (i, rows) in rows.chunks(ROWS_AT_A_TIME).enumerate() {
            if cancel.is_cancelled() {
                return Err(LearnError::Cancelled);
            }
            examples.fill(rows, &mut batch)?;
            let start = i * ROWS_AT_A_TIME;
            let values = values.slice_mut(s![start..start + rows.len(), ..]);
            self.fill(&batch, examples.shape(), values)?;
        }
        Ok(Features { names, values })
    }

    /// Fills `out`, `(row, feature)`, from a batch of that shape.
    pub(crate) fn fill(
        &self,
        batch: &Batch,
        shape: &InputShape,
        mut out: ArrayViewMut2<'_, f64>,
    ) -> Result<(), LearnError> {
        let mut start = 0;
        for part in &self.parts {
            let ((_, positions, tracks), bases) = (batch.tracks.dim(), batch.dna.ncols());
            let width = part.width(positions, tracks, bases).unwrap_or(0);
            part.fill(batch, out.slice_mut(s![.., start..start + width]))?;
            start += width;
        }
        let Some(((i, feature), value)) = out.indexed_iter().find(|(_, v)| !v.is_finite()) else {
            return Ok(());
        };
        let (row, names) = (batch.rows[i], self.names(shape));
        let message = format!(
            "{:?} is {value}; leave the row out or set how missing values are filled",
            names[feature]
        );
        Err(SourceError::new("features", format!("row {row}"), message).into())
    }
}

impl Part {
    fn names(&self, shape: &InputShape) -> Vec<String> {
        match self {
            Self::Bins(bin_bp) => bins::names(shape, *bin_bp),
            Self::Words(k) if shape.dna => words::names(*k),
            Self::Gc if shape.dna => vec!["GC".into()],
            Self::Words(_) | Self::Gc => Vec::new(),
            Self::Flat => flat::names(shape),
            Self::Length(_) => vec!["ln length".into()],
        }
    }

    /// Number of columns, as many as there are names; `dna` is the number of bases.
    fn width(&self, positions: usize, tracks: usize, dna: usize) -> Option<usize> {
        let columns = |track: usize, base: usize| {
            tracks.checked_mul(track)?.checked_add(base.checked_mul(4)?)
        };
        match self {
            Self::Bins(bin_bp) => columns(positions.div_ceil(*bin_bp), dna.div_ceil(*bin_bp)),
            Self::Words(k) => Some(if dna > 0 { words::count(*k) } else { 0 }),
            Self::Gc => Some(usize::from(dna > 0)),
            Self::Flat => columns(positions, dna),
            Self::Length(_) => Some(1),
        }
    }

    fn fill(&self, batch: &Batch, mut out: ArrayViewMut2<'_, f64>) -> Result<(), LearnError> {
        match self {
            Self::Bins(bin_bp) => bins::fill(batch, *bin_bp, &mut out),
            Self::Words(k) => words::fill(batch, *k, &mut out),
            Self::Gc => words::fill_gc(batch, &mut out),
            Self::Flat => flat::fill(batch, &mut out),
            Self::Length(lengths) => return fill_length(batch, lengths, &mut out),
        }
        Ok(())
    }
}

fn fill_length(
    batch: &Batch,
    lengths: &[f64],
    out: &mut ArrayViewMut2<'_, f64>,
) -> Result<(), LearnError> {
    for (i, &row) in batch.rows.iter().enumerate() {
        let length = lengths.get(row).ok_or_else(|| LearnError::Unsuitable {
            learner: "gene length".into(),
            message: format!(
                "row {row} has no length, there are {}; give one for every row id",
                lengths.len()
            ),
        })?;
        out[(i, 0)] = if *length < 1.0 { 0.0 } else { length.ln() };
    }
    Ok(())
}

/// Numbers that describe rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// What each column is.
    pub names: Vec<String>,
    /// `(row, feature)`.
    pub values: Array2<f64>,
}

/// Gives the targets of examples in double precision.
pub(crate) fn targets(examples: &dyn Examples) -> Result<Array1<f64>, LearnError> {
    Ok(examples.targets()?.into_iter().map(f64::from).collect())
}
