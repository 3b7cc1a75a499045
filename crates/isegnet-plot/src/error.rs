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
