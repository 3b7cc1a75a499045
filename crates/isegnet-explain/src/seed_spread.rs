use crate::site_values::{check_shape, read};
use crate::{SiteValues, SummaryError};
use ndarray::{Array2, Zip};

/// The fewest seeds of a condition from which their spread is told.
pub const FEWEST_SEEDS: usize = 3;

/// How much two conditions differ beside how much models of one condition differ by their
/// seeds alone, for conditions that were trained apart.
///
/// Each is a root mean square over rows, `(position, column)`, in the unit of the values.
#[derive(Clone, Debug, PartialEq)]
pub struct SeedSpread {
    /// Between the mean of the first condition's seeds and that of the second's.
    pub conditions: Array2<f64>,
    /// Between seeds of one condition: their standard deviation (n - 1), both conditions
    /// alike.
    pub seeds: Array2<f64>,
    /// What `conditions` is expected to be when only seeds differ:
    /// sqrt(s1^2 / n1 + s2^2 / n2) at each site.
    pub by_chance: Array2<f64>,
}

impl SeedSpread {
    /// Compares models of several seeds a condition; each gives the mean over replicates,
    /// if there are any ([`Mean`](crate::Mean)).
    ///
    /// A row without a value (NaN) at a site does not count there.
    ///
    /// # Errors
    /// A condition has fewer than [`FEWEST_SEEDS`], shapes differ, reading failed, or a
    /// value is infinite.
    pub fn of<T: SiteValues>(first: &[T], second: &[T]) -> Result<Self, SummaryError> {
        let shape = checked(first, "seeds of the first condition")?;
        check_shape(
            "of the second condition",
            checked(second, "seeds of the second condition")?,
            shape,
        )?;
        let [rows, positions, columns] = shape;
        let zeros = Array2::<f64>::zeros((positions, columns));
        let mut counted = zeros.clone();
        let mut spread = Self { conditions: zeros.clone(), seeds: zeros.clone(), by_chance: zeros };
        let seeds = [first.len() as f64, second.len() as f64];
        for row in 0..rows {
            let first = moments(first, row)?;
            let second = moments(second, row)?;
            Zip::indexed(&first).and(&second).for_each(|at, &(m1, v1), &(m2, v2)| {
                let difference = m1 - m2;
                if !difference.is_nan() {
                    counted[at] += 1.0;
                    spread.conditions[at] += difference * difference;
                    spread.seeds[at] += 0.5 * (v1 + v2);
                    spread.by_chance[at] += v1 / seeds[0] + v2 / seeds[1];
                }
            });
        }
        for squares in [&mut spread.conditions, &mut spread.seeds, &mut spread.by_chance] {
            squares.zip_mut_with(&counted, |sum, rows| *sum = (*sum / rows).sqrt());
        }
        Ok(spread)
    }

    /// How many times as much as by chance the conditions differ in a column, over all its
    /// positions: about 1 where only seeds differ; none where seeds do not differ at all.
    pub fn ratio(&self, column: usize) -> Option<f64> {
        let squares = |of: &Array2<f64>| {
            let there = of.column(column).into_iter().filter(|v| !v.is_nan());
            there.map(|v| v * v).sum::<f64>()
        };
        let by_chance = squares(&self.by_chance);
        (by_chance > 0.0).then(|| (squares(&self.conditions) / by_chance).sqrt())
    }
}

fn checked<T: SiteValues>(seeds: &[T], what: &'static str) -> Result<[usize; 3], SummaryError> {
    let got = seeds.len();
    if got < FEWEST_SEEDS {
        return Err(SummaryError::TooFew { what, got, needed: FEWEST_SEEDS });
    }
    let shape = seeds[0].shape();
    for (i, seed) in seeds.iter().enumerate() {
        check_shape(&format!("of seed {}", i + 1), seed.shape(), shape)?;
    }
    Ok(shape)
}

/// Mean and variance (n - 1) over seeds at the sites of a row.
fn moments<T: SiteValues>(seeds: &[T], row: usize) -> Result<Array2<(f64, f64)>, SummaryError> {
    let [_, positions, columns] = seeds[0].shape();
    let mut moments = Array2::from_elem((positions, columns), (0.0, 0.0));
    for (n, seed) in (1..).zip(seeds) {
        let values = read(seed, row)?;
        Zip::from(&mut moments).and(&values).for_each(|(mean, squares), &value| {
            let before = f64::from(value) - *mean;
            *mean += before / f64::from(n);
            *squares += before * (f64::from(value) - *mean);
        });
    }
    let n = seeds.len() as f64;
    Ok(moments.mapv_into(|(mean, squares)| (mean, squares / (n - 1.0))))
}
