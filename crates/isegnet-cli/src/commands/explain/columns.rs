//! An explanation as numbers at sites: a column a track, and one for the base that is there.

use super::Explanation;
use super::baseline::DNA;
use isegnet_core::NO_BASE;
use isegnet_explain::{SiteValues, SummaryError};
use ndarray::ArrayViewMut2;

/// Something a position has one number of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// A track, a mask (`<track>.measured`), or `DNA`.
    pub name: String,
    /// Where it is among the columns of the input; none for DNA, which has four.
    pub input: Option<usize>,
}

impl Explanation {
    /// The columns of the input, and the DNA last.
    pub fn columns(&self) -> Vec<Column> {
        let shape = self.values.shape();
        let tracks = shape.tracks.iter().enumerate();
        let tracks = tracks.map(|(i, name)| Column { name: name.clone(), input: Some(i) });
        let dna = shape.dna.then(|| Column { name: DNA.to_owned(), input: None });
        tracks.chain(dna).collect()
    }

    /// Fills `out`, `(positions)`, with what an explained row's column was given; for DNA, with
    /// what the base that is there was given, 0 where there is none.
    pub fn column_into(&self, row: usize, column: &Column, out: &mut [f32]) {
        if let Some(input) = column.input {
            self.values.column_into(row, input, out);
            return;
        }
        let (mut codes, mut bases) = (vec![NO_BASE; out.len()], vec![0.0; 4 * out.len()]);
        self.view.dna_into(self.rows[row], &mut codes);
        self.values.dna_into(row, &mut bases);
        for ((out, code), bases) in out.iter_mut().zip(codes).zip(bases.chunks_exact(4)) {
            *out = bases.get(usize::from(code)).copied().unwrap_or(0.0);
        }
    }
}

impl SiteValues for Explanation {
    fn shape(&self) -> [usize; 3] {
        [self.rows.len(), self.view.positions(), self.columns().len()]
    }

    fn row_into(&self, row: usize, mut values: ArrayViewMut2<'_, f32>) -> Result<(), SummaryError> {
        let columns = self.columns();
        let (positions, got) = values.dim();
        if row >= self.rows.len() {
            return Err(SummaryError::NoRow { row, rows: self.rows.len() });
        }
        for (what, got, expected) in [
            ("columns to fill", got, columns.len()),
            ("positions to fill", positions, self.view.positions()),
        ] {
            if got != expected {
                return Err(SummaryError::Shape { what: what.to_owned(), got, expected });
            }
        }
        let mut column_values = vec![0.0; positions];
        for (column, mut values) in columns.iter().zip(values.columns_mut()) {
            self.column_into(row, column, &mut column_values);
            values.iter_mut().zip(&column_values).for_each(|(to, &from)| *to = from);
        }
        Ok(())
    }
}
