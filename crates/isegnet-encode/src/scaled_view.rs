use crate::scale::{FittedTrack, ScaleError, Scaler, check_rows};
use crate::view::RowPlace;
use crate::{Target, View};
use isegnet_core::{Batch, Examples, InputShape, Move, Random, SourceError};
use rayon::prelude::*;

/// Rows of a view, transformed and scaled as a batch is filled.
///
/// Row `i` here is row `rows()[i]` of the data set. Filling runs over rows in
/// parallel and uses the batch's memory again.
#[derive(Clone, Debug)]
pub struct ScaledView {
    view: View,
    scaler: Scaler,
    shape: InputShape,
    rows: Vec<usize>,
    targets: Vec<f32>,
}

impl ScaledView {
    /// Makes examples of `rows` of `view`.
    ///
    /// # Errors
    /// The view is not the scaler's, or a row is not in the data set.
    pub fn new(
        view: View,
        scaler: Scaler,
        target: &Target,
        rows: Vec<usize>,
    ) -> Result<Self, ScaleError> {
        scaler.check(&view)?;
        check_rows(&view, &rows)?;
        let expression = |&row: &usize| target.of(view.dataset().expression(row));
        let targets = rows.iter().map(expression).collect();
        let shape = scaler.shape();
        Ok(Self { view, scaler, shape, rows, targets })
    }

    /// The view.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The scaler.
    pub fn scaler(&self) -> &Scaler {
        &self.scaler
    }

    /// Rows of the data set, in order.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Length of the gene body of each row, in bases.
    pub fn body_bp(&self) -> Vec<usize> {
        self.rows.iter().map(|&row| self.view.dataset().body_bp(row)).collect()
    }

    /// Shuffles the targets among the rows: the control in which nothing can be learnt.
    pub fn shuffle_targets(&mut self, seed: u64) {
        Random::new(seed, "shuffled targets").shuffle(0, &mut self.targets);
    }

    /// Fills one row: track values `(position, column)` and DNA codes.
    fn fill_row(
        &self,
        (row, by): (usize, Move),
        tracks: &mut [f32],
        dna: &mut [u8],
        memory: &mut Memory,
    ) -> Result<(), SourceError> {
        let place = RowPlace::moved(&self.view, row, by);
        let mut column = 0;
        for (i, track) in self.scaler.tracks().iter().enumerate() {
            let into = Column { values: tracks, column, columns: self.shape.tracks.len() };
            self.fill_track(&place, i, into, memory)
                .map_err(|raw| self.undefined(row, track, raw))?;
            column += 1 + usize::from(track.missing.is_mask());
        }
        if self.shape.dna {
            self.view.dna_with(&place, dna);
        }
        Ok(())
    }

    /// Fills a track's column, and its mask; an error is a raw value without an image.
    fn fill_track(
        &self,
        place: &RowPlace,
        track: usize,
        mut into: Column<'_>,
        memory: &mut Memory,
    ) -> Result<(), f32> {
        let Some(fitted) = self.scaler.tracks().get(track) else { return Ok(()) };
        let fill = self.scaler.clamp(fitted.fill());
        let masked = fitted.missing.is_mask();
        let mut undefined = None;
        let mut put = |range: std::ops::Range<usize>, raw: f32| {
            let measured = !raw.is_nan();
            let value = if measured { self.scaler.clamp(fitted.image(raw)) } else { fill };
            if !value.is_finite() {
                undefined = Some(raw);
            }
            into.put(range.clone(), 0, value);
            if masked {
                into.put(range, 1, f32::from(u8::from(measured)));
            }
        };
        if self.view.bin_bp() > 1 {
            let values = &mut memory.values;
            values.resize(self.shape.positions, f32::NAN);
            self.view.values_with(place, track, values, &mut memory.bases);
            values.iter().enumerate().for_each(|(i, &raw)| put(i..i + 1, raw));
        } else {
            if self.view.is_sparse(track) || place.is_cut() {
                put(0..self.shape.positions, f32::NAN);
            }
            self.view.each_run(place, track, put);
        }
        undefined.map_or(Ok(()), Err)
    }

    fn undefined(&self, row: usize, track: &FittedTrack, raw: f32) -> SourceError {
        let dataset = self.view.dataset();
        let place = format!("gene {:?}", dataset.gene_of(row).id);
        let message = format!(
            "the value {raw} has no image under {}; choose another transform and train again",
            track.transform
        );
        SourceError::new(
            format!("track {:?} of {}", track.name, dataset.folder().display()),
            place,
            message,
        )
    }
}

/// Memory of one thread, used again for each row.
#[derive(Default)]
struct Memory {
    values: Vec<f32>,
    bases: Vec<f32>,
}

/// One column, and the one after it, of a row's `(position, column)` values.
struct Column<'a> {
    values: &'a mut [f32],
    column: usize,
    columns: usize,
}

impl Column<'_> {
    /// Sets the column `after` this one to `value` at some positions.
    fn put(&mut self, positions: std::ops::Range<usize>, after: usize, value: f32) {
        let start = positions.start * self.columns;
        let end = positions.end * self.columns;
        let rows = self.values.get_mut(start..end).unwrap_or_default();
        for cell in rows.iter_mut().skip(self.column + after).step_by(self.columns) {
            *cell = value;
        }
    }
}

impl Examples for ScaledView {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn shape(&self) -> &InputShape {
        &self.shape
    }

    fn fill(&self, rows: &[usize], batch: &mut Batch) -> Result<(), SourceError> {
        self.fill_at(rows, |_| Move::default(), batch)
    }

    fn margin(&self) -> Option<usize> {
        Some(self.view.margin())
    }

    fn fill_moved(
        &self,
        rows: &[usize],
        moves: &[Move],
        batch: &mut Batch,
    ) -> Result<(), SourceError> {
        assert_eq!(rows.len(), moves.len(), "one move is needed for each row");
        let margin = self.view.margin();
        if let Some(by) = moves.iter().find(|by| by.shift.unsigned_abs() > margin as u64) {
            return Err(SourceError::new(
                self.view.dataset().folder().display().to_string(),
                format!("windows {}", self.view.windows()),
                format!(
                    "they can be moved by {margin} bases inside the prepared ones, {}, and not by \
                     {}; prepare the data set with larger windows",
                    self.view.dataset().manifest().windows,
                    by.shift
                ),
            ));
        }
        self.fill_at(rows, |i| moves[i], batch)
    }

    fn targets(&self) -> Result<Vec<f32>, SourceError> {
        Ok(self.targets.clone())
    }
}

impl ScaledView {
    /// Fills a batch with rows, each moved.
    fn fill_at(
        &self,
        rows: &[usize],
        by: impl Fn(usize) -> Move + Sync,
        batch: &mut Batch,
    ) -> Result<(), SourceError> {
        batch.reshape(rows, &self.shape);
        for (target, &row) in batch.target.iter_mut().zip(rows) {
            *target = self.targets[row];
        }
        let tracks = row_slices(batch.tracks.as_slice_mut(), rows.len());
        let dna = row_slices(batch.dna.as_slice_mut(), rows.len());
        let mut work: Vec<_> = rows.iter().enumerate().zip(tracks).zip(dna).collect();
        work.par_iter_mut().try_for_each_init(
            Memory::default,
            |memory, (((i, row), tracks), dna)| {
                self.fill_row((self.rows[**row], by(*i)), tracks, dna, memory)
            },
        )
    }
}

/// Cuts an array into its rows, which may have no element.
fn row_slices<T>(array: Option<&mut [T]>, rows: usize) -> Vec<&mut [T]> {
    let mut rest = array.unwrap_or_default();
    let length = rest.len() / rows.max(1);
    let mut slices = Vec::with_capacity(rows);
    for _ in 0..rows {
        let (row, after) = rest.split_at_mut(length);
        slices.push(row);
        rest = after;
    }
    slices
}
