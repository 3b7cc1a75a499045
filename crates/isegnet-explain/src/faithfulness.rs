use crate::evaluate::{Chunk, Row, check_attributions, references, values_of_copies};
use crate::{Baseline, Curves, ExplainError};
use isegnet_core::{Differentiable, Inputs, Random};

/// Whether attributions point at what the model uses: its value while the sites of largest
/// |attribution| become their baseline, and while they are put into the baseline, against
/// sites drawn at random (Petsiuk, Das & Saenko 2018).
///
/// A site is a position of a track, or a position of the DNA with all four columns. Only
/// sites at which the input differs from its baseline take part, since replacing another
/// does nothing and would make any ranking look better than chance.
#[derive(Clone, Debug, PartialEq)]
pub struct Faithfulness {
    /// Shares of a row's sites to replace, ascending from 0 to 1.
    pub shares: Vec<f64>,
    /// Random orders to compare with.
    pub draws: usize,
    /// A random order is a function of this, of the row's id and of its number.
    pub seed: u64,
}

impl Default for Faithfulness {
    fn default() -> Self {
        let shares = vec![0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0];
        Self { shares, draws: 5, seed: 1 }
    }
}

/// Curves of deletion and of insertion.
#[derive(Clone, Debug, PartialEq)]
pub struct FaithfulnessCurves {
    /// From the input to its baseline.
    pub deletion: Curves,
    /// From the baseline to the input.
    pub insertion: Curves,
}

/// A place in one row; the column after the last track is DNA.
#[derive(Clone, Copy)]
struct Site {
    position: usize,
    column: usize,
}

impl Faithfulness {
    /// Measures the `attributions` of some rows; with several references, the mean of their
    /// curves.
    ///
    /// # Errors
    /// The shares do not ascend from 0 to 1, there are no draws, input, ids, baseline or
    /// attributions do not fit the model, or it failed.
    pub fn curves(
        &self,
        model: &mut dyn Differentiable,
        inputs: &Inputs,
        ids: &[u64],
        baseline: &dyn Baseline,
        attributions: &Inputs,
    ) -> Result<FaithfulnessCurves, ExplainError> {
        self.check()?;
        let chunk = Chunk::new(model, inputs, ids)?;
        check_attributions(attributions, inputs.rows(), model.shape())?;
        let references = references(baseline)?;
        let none = Curves::zeros(inputs.rows(), self.draws, &self.shares);
        let mut curves = FaithfulnessCurves { deletion: none.clone(), insertion: none };
        for which in 0..references {
            let reference = chunk.reference(baseline, which)?;
            for (row, &id) in ids.iter().enumerate() {
                let step = (which * self.draws) as u64;
                let orders = self.orders(inputs, &reference, attributions, row, id, step);
                let ends = [(inputs, &reference), (&reference, inputs)];
                let curves = [&mut curves.deletion, &mut curves.insertion];
                for ((from, to), curves) in ends.into_iter().zip(curves) {
                    let values = self.walk(model, [from, to], row, &orders)?;
                    curves.add(row, &values, 1.0 / references as f64);
                }
            }
        }
        Ok(curves)
    }

    fn check(&self) -> Result<(), ExplainError> {
        let ascend = self.shares.windows(2).all(|pair| pair[0] < pair[1]);
        let ends = [self.shares.first(), self.shares.last()] == [Some(&0.0), Some(&1.0)];
        match (ascend && ends, self.draws) {
            (false, _) => Err(ExplainError::Shares(self.shares.clone())),
            (true, 0) => Err(ExplainError::NoDraws),
            (true, _) => Ok(()),
        }
    }

    /// The sites of a row: by |attribution|, largest first, and in random orders.
    fn orders(
        &self,
        inputs: &Inputs,
        reference: &Inputs,
        attributions: &Inputs,
        row: usize,
        id: u64,
        step: u64,
    ) -> Vec<Vec<Site>> {
        let mut ranked = sites(Row::of(inputs, row), Row::of(reference, row));
        let random = Random::new(self.seed, "faithfulness/sites").part(id);
        let mut orders = vec![ranked.clone(); self.draws];
        for (draw, order) in orders.iter_mut().enumerate() {
            random.shuffle(step + draw as u64, order);
        }
        let attributions = Row::of(attributions, row);
        ranked.sort_by(|a, b| b.magnitude(attributions).total_cmp(&a.magnitude(attributions)));
        orders.insert(0, ranked);
        orders
    }

    /// The model's values while the sites of `from` become those of `to`, in each order at
    /// each share, one order after the other.
    fn walk(
        &self,
        model: &mut dyn Differentiable,
        [from, to]: [&Inputs; 2],
        row: usize,
        orders: &[Vec<Site>],
    ) -> Result<Vec<f64>, ExplainError> {
        let (shares, to) = (self.shares.len(), Row::of(to, row));
        values_of_copies(model, from, row, orders.len() * shares, |copy, row| {
            let order = &orders[copy / shares];
            let count = (self.shares[copy % shares] * order.len() as f64).round() as usize;
            for &Site { position, column } in &order[..count] {
                match column < to.tracks.ncols() {
                    true => row.tracks[[position, column]] = to.tracks[[position, column]],
                    false => row.dna.row_mut(position).assign(&to.dna.row(position)),
                }
            }
        })
    }
}

impl Site {
    fn magnitude(self, attributions: Row<'_>) -> f64 {
        match attributions.tracks.get([self.position, self.column]) {
            Some(&value) => f64::from(value).abs(),
            None => attributions.dna.row(self.position).mapv(f64::from).sum().abs(),
        }
    }
}

/// Where a row differs from its reference, by position and column.
fn sites(row: Row<'_>, reference: Row<'_>) -> Vec<Site> {
    let tracks = row.tracks.indexed_iter().zip(&reference.tracks);
    let tracks = tracks.filter(|((_, value), reference)| value != reference);
    let dna = row.dna.outer_iter().zip(reference.dna.outer_iter()).enumerate();
    let dna = dna.filter(|(_, (bases, reference))| bases != reference);
    let column = row.tracks.ncols();
    tracks
        .map(|(((position, column), _), _)| Site { position, column })
        .chain(dna.map(|(position, _)| Site { position, column }))
        .collect()
}
