/// Why a figure could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two series that belong together have different lengths.
    #[error("{left_name} has {left} values and {right_name} {right}; give one of each a point")]
    LengthsDiffer {
        /// What the first series is.
        left_name: String,
        /// Its length.
        left: usize,
        /// What the second series is.
        right_name: String,
        /// Its length.
        right: usize,
    },
    /// A chart without anything to draw.
    #[error("there are no {what} to draw; give at least one")]
    Empty {
        /// What is missing.
        what: String,
    },
    /// A chart that needs more than it got.
    #[error("{found} of the {what} is too few; at least {wanted} are needed")]
    TooFew {
        /// What there is too little of.
        what: String,
        /// How many there are.
        found: usize,
        /// How many are needed.
        wanted: usize,
    },
    /// No value of a series is a number.
    #[error("none of the {count} values of {what} is finite; leave it out of the picture")]
    NothingFinite {
        /// What the series is.
        what: String,
        /// How many values it has.
        count: usize,
    },
    /// A value is not a number where one is needed.
    #[error("{what}: value {index} (from 0) is {value}; give finite values only")]
    NotFinite {
        /// What the values are.
        what: String,
        /// Which value.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A position of a matrix holds no probabilities of four bases.
    #[error(
        "position {position} (from 0) has {column:?} for A, C, G, T; probabilities are at least 0 and sum to 1"
    )]
    NotProbabilities {
        /// Which position.
        position: usize,
        /// Its values.
        column: [f64; 4],
    },
    /// The picture would have no pixel, or too many.
    #[error(
        "a picture of {width} x {height} pixels cannot be drawn; choose between 1 and 20000 a side"
    )]
    Size {
        /// Pixels from left to right.
        width: f64,
        /// Pixels from top to bottom.
        height: f64,
    },
    /// The picture could not be drawn or packed as PNG.
    #[error("the picture could not be drawn: {message}; write it as SVG instead")]
    Raster {
        /// What the rasteriser says.
        message: String,
    },
}

/// Checks that two series have one length.
pub(crate) fn same_length(
    (left_name, left): (&str, usize),
    (right_name, right): (&str, usize),
) -> Result<(), Error> {
    if left == right {
        return Ok(());
    }
    Err(Error::LengthsDiffer {
        left_name: left_name.into(),
        left,
        right_name: right_name.into(),
        right,
    })
}

/// Checks that there is something.
pub(crate) fn found_some(what: &str, count: usize) -> Result<(), Error> {
    if count > 0 { Ok(()) } else { Err(Error::Empty { what: what.into() }) }
}

/// Checks that every value is a number.
pub(crate) fn all_finite(what: &str, values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::NotFinite { what: what.into(), index, value: values[index] }),
    }
}
