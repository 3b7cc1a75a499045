/// Why a measure has no value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Undefined {
    /// The two slices do not describe the same rows.
    #[error("{left} values on one side and {right} on the other; give one of each a row")]
    LengthsDiffer {
        /// Number of values of the first (measured) side.
        left: usize,
        /// Number of values of the second (predicted) side.
        right: usize,
    },
    /// There are too few rows.
    #[error("{found} values where at least {needed} are needed; evaluate more rows")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many the measure needs.
        needed: usize,
    },
    /// A value is NaN or infinite.
    #[error("{side} value {index} is {value}; drop the row or find where it comes from")]
    NotFinite {
        /// The side, such as `"measured"` or `"predicted"`.
        side: &'static str,
        /// Which row, from 0.
        index: usize,
        /// NaN or an infinity.
        value: f64,
    },
    /// All values are the same (or so close that their spread is 0 in `f64`).
    #[error("all {side} values are {value}; the measure needs them to vary")]
    Constant {
        /// The side, such as `"measured"` or `"predicted"`.
        side: &'static str,
        /// The one value.
        value: f64,
    },
    /// Every row has the same label.
    #[error("all labels are {label}; the measure needs both kinds")]
    OneClass {
        /// The one label.
        label: bool,
    },
    /// A number is no probability.
    #[error("{value} is no probability; give a number in [0, 1]")]
    NotProbability {
        /// What was given.
        value: f64,
    },
    /// A part of a population is larger than the population.
    #[error("{size} {part} of a population of {population}; give at most all of it")]
    LargerThanPopulation {
        /// Which part: marked items or draws.
        part: &'static str,
        /// Its size.
        size: u64,
        /// The size of the population.
        population: u64,
    },
    /// A row or column of a table holds no count.
    #[error("a {margin} of the table has no counts; the ratio would be 0 / 0")]
    EmptyMargin {
        /// `"row"` or `"column"`.
        margin: &'static str,
    },
    /// Values are equal where the exact distribution is of distinct ones.
    #[error("equal values have no exact distribution here; use the asymptotic method")]
    Ties,
    /// There are more values than the exact distribution can be counted for.
    #[error(
        "{found} values, and the exact distribution is counted for at most {limit}; use the asymptotic method"
    )]
    TooMany {
        /// How many there are.
        found: usize,
        /// How many can be counted.
        limit: usize,
    },
    /// Two samples can be arranged in more ways than `f64` counts.
    #[error(
        "{first} and {second} values can be arranged in more than 1e300 ways; use the asymptotic method"
    )]
    TooManyArrangements {
        /// Number of values of the first sample.
        first: usize,
        /// Number of values of the second sample.
        second: usize,
    },
    /// No permutation was asked for.
    #[error("0 permutations; ask for at least 1, and 1 / p for the smallest p of interest")]
    NoPermutation,
    /// The universe of an over-representation is smaller than what was found in it.
    #[error("{found} genes {place} in a universe of {universe}; give a universe that holds them")]
    UniverseTooSmall {
        /// Where they are: the list or a named set.
        place: String,
        /// How many genes there are.
        found: usize,
        /// The size of the universe.
        universe: u64,
    },
    /// The values are so large that the result is not finite.
    #[error("the sums exceed the range of f64; scale the values down")]
    Overflow,
}

/// Gives the values as `f64` if every one is finite.
pub(crate) fn finite<T: Copy + Into<f64>>(
    side: &'static str,
    values: &[T],
) -> Result<Vec<f64>, Undefined> {
    let values: Vec<f64> = values.iter().map(|&v| v.into()).collect();
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(Undefined::NotFinite { side, index, value: values[index] }),
        None => Ok(values),
    }
}

/// Checks that two slices describe the same rows, at least `needed` of them.
pub(crate) fn same_length(left: usize, right: usize, needed: usize) -> Result<(), Undefined> {
    if left != right {
        return Err(Undefined::LengthsDiffer { left, right });
    }
    if left < needed {
        return Err(Undefined::TooFew { found: left, needed });
    }
    Ok(())
}

/// Replaces values by their distances from the mean, divided by the largest
/// distance, and gives that divisor.
///
/// The division keeps squares inside the range of `f64`.
pub(crate) fn centre(side: &'static str, values: &mut [f64]) -> Result<f64, Undefined> {
    let first = values.first().copied().unwrap_or(0.0);
    let constant = Undefined::Constant { side, value: first };
    if values.iter().all(|&v| v == first) {
        return Err(constant);
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let largest = values.iter().fold(0.0_f64, |m, v| m.max((v - mean).abs()));
    if !largest.is_finite() {
        return Err(Undefined::Overflow);
    }
    if largest == 0.0 {
        return Err(constant);
    }
    for v in values {
        *v = (*v - mean) / largest;
    }
    Ok(largest)
}
