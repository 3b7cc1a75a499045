//! Bins of the genome grid: bin i of a chromosome is bases `[i * bin_bp, (i + 1) * bin_bp)`.

use isegnet_core::bins::bin_means_into;
use isegnet_core::{SignalSource, SourceError};

/// Fills `out` with the means of consecutive bins of the genome grid, the first
/// one number `first_bin`.
///
/// A mean is over the covered bases of its bin; a bin without any, or off the
/// chromosome, is NaN. The last bin of a chromosome may be short.
///
/// ```
/// use isegnet_io::{bedgraph, grid};
///
/// let mut track = bedgraph::from_reader("chr1\t30\t50\t2\n".as_bytes(), "a.bedGraph")?;
/// let mut means = [0.0; 3];
/// grid::means_into(&mut *track, "chr1", 0, 20, &mut means)?;
/// assert!(means[0].is_nan());
/// assert_eq!(means[1..], [2.0, 2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The track cannot be read.
///
/// # Panics
/// `bin_bp` is 0.
pub fn means_into(
    track: &mut dyn SignalSource,
    chrom: &str,
    first_bin: i64,
    bin_bp: usize,
    out: &mut [f64],
) -> Result<(), SourceError> {
    let mut values = vec![0.0; out.len().saturating_mul(bin_bp)];
    track.values_into(chrom, first_bin.saturating_mul(bin_bp as i64), &mut values)?;
    bin_means_into(&values, bin_bp, out);
    Ok(())
}
