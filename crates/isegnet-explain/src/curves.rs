use ndarray::{Array1, Array2, Array3, ArrayView1, Axis};

/// The model's values of some rows while their sites go over to other values, those of
/// largest |attribution| first, or in random orders.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// Shares of the sites that have gone over, from 0 to 1.
    pub shares: Vec<f64>,
    /// The largest first, `(row, share)`.
    pub top: Array2<f64>,
    /// In random orders, `(row, draw, share)`.
    pub random: Array3<f64>,
}

impl Curves {
    /// Curves at 0.
    pub(crate) fn zeros(rows: usize, draws: usize, shares: &[f64]) -> Self {
        let top = Array2::zeros((rows, shares.len()));
        let random = Array3::zeros((rows, draws, shares.len()));
        Self { shares: shares.to_vec(), top, random }
    }

    /// Adds values of a row, the top curve's and then each draw's, `weight` times.
    pub(crate) fn add(&mut self, row: usize, values: &[f64], weight: f64) {
        let draws = self.random.index_axis_mut(Axis(0), row);
        let places = self.top.row_mut(row).into_iter().chain(draws);
        places.zip(values).for_each(|(place, value)| *place += weight * value);
    }

    /// Mean height of the top curve of each row.
    pub fn top_areas(&self) -> Array1<f64> {
        self.top.map_axis(Axis(1), |curve| self.area(curve))
    }

    /// Mean height of each random curve, `(row, draw)`.
    pub fn random_areas(&self) -> Array2<f64> {
        self.random.map_axis(Axis(2), |curve| self.area(curve))
    }

    /// How much sooner, in each row, the top sites bring the value to its other end than
    /// random sites do: the area between the curves over the difference of the ends, `None`
    /// where the ends are equal.
    ///
    /// Positive for attributions that point at what the model uses, 0 for random ones.
    pub fn gains(&self) -> Vec<Option<f64>> {
        let random = self.random_areas();
        let random = random.outer_iter().map(|draws| draws.sum() / draws.len() as f64);
        let areas = self.top_areas().into_iter().zip(random);
        let gain = |((top, random), curve): ((f64, f64), ArrayView1<'_, f64>)| {
            let way = curve.first()? - curve.last()?;
            (way != 0.0).then(|| (random - top) / way)
        };
        areas.zip(self.top.outer_iter()).map(gain).collect()
    }

    /// The area under a curve over the shares, by trapezoids.
    fn area(&self, curve: ArrayView1<'_, f64>) -> f64 {
        let pieces = self.shares.windows(2).zip(curve.windows(2));
        pieces.map(|(at, height)| (at[1] - at[0]) * (height[0] + height[1]) / 2.0).sum()
    }
}
